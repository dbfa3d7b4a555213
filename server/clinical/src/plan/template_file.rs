//! Template files: how templates and what holds for the service are written, and how they are put together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vitals::Decimal;

use super::ask::Ask;
use super::particulars::Particulars;
use super::template::{Review, Template, TemplateError, TemplateName, TemplateWrong, is_text};
use super::{Care, Matter, Setting};
use crate::limits::{Limits, LimitsError};
use crate::score::{ScoreRule, ScoreSettings, ScoreTable, Spo2Scale, Thresholds};
use crate::sign::VitalSign;

/// A template as its file says it. It names its score's table, and leaves out what the service does for everybody.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateFile {
    name: TemplateName,
    title: String,
    for_whom: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    review: Option<Review>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<VitalSign, SourcedLimits>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hours_source: Option<String>,
    #[serde(default)]
    care: Care,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<ScoreOrder>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    without: BTreeMap<Matter, String>,
    #[serde(default, rename = "ask", skip_serializing_if = "Vec::is_empty")]
    asks: Vec<Ask>,
}

/// What holds for every patient of the service, as its file says it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceFile {
    review: Review,
    hours_source: String,
    care: Care,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourcedLimits {
    urgent_low: Option<Decimal>,
    soon_low: Option<Decimal>,
    soon_high: Option<Decimal>,
    urgent_high: Option<Decimal>,
    source: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScoreOrder {
    table: String,
    scale: Spo2Scale,
    complete: Thresholds,
    partial: Thresholds,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inputs_age_minutes_max: Option<u32>,
    source: String,
}

impl TemplateFile {
    /// Gives the name that the file says.
    pub fn name(&self) -> &TemplateName {
        &self.name
    }

    /// Puts the template together: its score table by value, and what the service does wherever it says nothing itself.
    ///
    /// # Errors
    /// Names what is wrong. `tables` are by the names that templates call them.
    pub fn resolve(
        self,
        service: &ServiceFile,
        tables: &BTreeMap<String, ScoreTable>,
    ) -> Result<Template, TemplateError> {
        let of = self.name.to_string();
        let error = |wrong| TemplateError {
            of: of.clone(),
            wrong,
        };
        let mut particulars = service.particulars()?;
        let own = self.own(tables).map_err(error)?;
        if let Some(matter) = self.without.keys().find(|it| own.get(it).is_some()) {
            return Err(error(TemplateWrong::SaidAndWithout(matter.clone())));
        }
        particulars.overlay(own);
        particulars.remove(self.without.keys());
        let template = Template {
            name: self.name,
            title: self.title,
            for_whom: self.for_whom,
            asks: self.asks,
            without: self.without,
            particulars,
        };
        template.check().map_err(error)?;
        Ok(template)
    }

    fn own(&self, tables: &BTreeMap<String, ScoreTable>) -> Result<Particulars, TemplateWrong> {
        check_text("title", &self.title)?;
        check_text("for_whom", &self.for_whom)?;
        let mut care = self.care.clone();
        if care.score.is_some() {
            return Err(TemplateWrong::NotATemplates("score"));
        }
        care.score = match &self.score {
            None => None,
            Some(order) => Some(order.rule(tables)?),
        };
        let mut limits = BTreeMap::new();
        for (sign, sourced) in &self.limits {
            let checked = sourced.limits();
            let checked = checked.map_err(|error| TemplateWrong::Limits { sign: *sign, error })?;
            limits.insert(*sign, checked);
            care.limits_from.insert(*sign, sourced.source.clone());
        }
        own_particulars(
            &limits,
            &care,
            self.hours_source.as_deref(),
            self.review.as_ref(),
        )
    }
}

impl ServiceFile {
    /// Gives when a plan is looked at again, unless its template says otherwise.
    pub fn review(&self) -> &Review {
        &self.review
    }

    fn particulars(&self) -> Result<Particulars, TemplateError> {
        let of_service = |wrong| TemplateError {
            of: "service".to_owned(),
            wrong,
        };
        let hours_source = Some(self.hours_source.as_str());
        own_particulars(
            &BTreeMap::new(),
            &self.care,
            hours_source,
            Some(&self.review),
        )
        .map_err(of_service)
    }
}

fn own_particulars(
    limits: &BTreeMap<VitalSign, Limits>,
    care: &Care,
    hours_source: Option<&str>,
    review: Option<&Review>,
) -> Result<Particulars, TemplateWrong> {
    let patients = [
        ("templates", !care.templates.is_empty()),
        ("term", care.term.is_some()),
        ("crossing", care.crossing.is_some()),
    ];
    if let Some((key, _)) = patients.into_iter().find(|(_, is_there)| *is_there) {
        return Err(TemplateWrong::NotATemplates(key));
    }
    let mut particulars = Particulars::of(limits, care);
    if let Some(Setting::Hours { source, .. }) = particulars.get_mut(&Matter::Hours) {
        *source = hours_source.unwrap_or_default().to_owned();
    }
    if let Some(review) = review {
        if review.after_days == 0 {
            return Err(TemplateWrong::Review);
        }
        particulars.put(Matter::Review, Setting::Review(review.clone()));
    }
    Ok(particulars)
}

impl SourcedLimits {
    fn limits(&self) -> Result<Limits, LimitsError> {
        Limits::new(
            self.urgent_low,
            self.soon_low,
            self.soon_high,
            self.urgent_high,
        )
    }
}

impl ScoreOrder {
    fn rule(&self, tables: &BTreeMap<String, ScoreTable>) -> Result<ScoreRule, TemplateWrong> {
        let table = tables.get(&self.table);
        let table = table.ok_or_else(|| TemplateWrong::NoTable(self.table.clone()))?;
        let settings = ScoreSettings {
            table: table.clone(),
            scale: self.scale,
            complete: self.complete.clone(),
            partial: self.partial.clone(),
            inputs_age_minutes_max: self.inputs_age_minutes_max,
            source: self.source.clone(),
        };
        Ok(ScoreRule::try_from(settings)?)
    }
}

fn check_text(name: &'static str, text: &str) -> Result<(), TemplateWrong> {
    is_text(text).then_some(()).ok_or(TemplateWrong::Text(name))
}
