//! A case's plan: templates, then parts, then what the case itself says.

use std::collections::BTreeMap;
use std::path::Path;

use clinical::plan::{Content, ServiceFile, Template, TemplateFile, Wishes, merge};
use clinical::{Plan, PlanVersion};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{in_repository, read_json, read_text};

/// Arrays that grow when one plan is laid over another; all other values are replaced.
const GROWING: [&str; 2] = ["rules", "expected"];

/// A plan as a case writes it.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Draft {
    pub(crate) templates: Vec<String>,
    pub(crate) parts: Vec<String>,
    pub(crate) wishes: Value,
    pub(crate) in_force_from: Option<Date>,
    pub(crate) plan: Value,
    pub(crate) care: Value,
}

/// A part of a plan that several cases share.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[expect(dead_code, reason = "for whoever reads the part")]
    title: String,
    source: String,
    #[serde(default)]
    plan: Value,
    #[serde(default)]
    care: Value,
}

impl Draft {
    /// Makes the plan.
    pub(crate) fn plan(&self, version: u32) -> Result<Plan, String> {
        let mut limits = json!({});
        let mut care = json!({});
        let mut review_after_days = None;
        if !self.templates.is_empty() {
            let content = merged(&self.templates, &self.wishes)?;
            review_after_days = content.review_after_days;
            limits = serde_json::to_value(&content.limits).map_err(|it| it.to_string())?;
            care = serde_json::to_value(&content.care).map_err(|it| it.to_string())?;
        }
        for name in &self.parts {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/parts");
            let part: Part = read_json(&folder.join(format!("{name}.json")))?;
            if part.source.trim().is_empty() {
                return Err(format!("part {name:?} needs a source"));
            }
            lay_over(&mut limits, &part.plan);
            lay_over(&mut care, &part.care);
        }
        lay_over(&mut limits, &self.plan);
        lay_over(&mut care, &self.care);
        let limits = serde_json::from_value(limits).map_err(|error| format!("plan: {error}"))?;
        let content = Content {
            limits,
            care: care_of(care)?,
            review_after_days,
        };
        let from = self.in_force_from.unwrap_or(Date::constant(2026, 11, 1));
        let set_by = "dr-bell".parse().map_err(|_| "no person".to_owned())?;
        let (version, reason) = (PlanVersion(version), "case".to_owned());
        let at = content.care.zone.midnight(from);
        Ok(content.into_plan(version, set_by, reason, None, at))
    }
}

/// Merges templates of `config/templates` as a clinician would who wishes this.
fn merged(names: &[String], wishes: &Value) -> Result<Content, String> {
    let service: ServiceFile = read_toml("config/service.toml")?;
    let tables = BTreeMap::from([("news2".to_owned(), read_toml("config/scores/news2.toml")?)]);
    let mut templates: Vec<Template> = Vec::new();
    for name in names {
        let file: TemplateFile = read_toml(&format!("config/templates/{name}.toml"))?;
        let template = file.resolve(&service, &tables);
        templates.push(template.map_err(|error| error.to_string())?);
    }
    let wishes = match wishes {
        Value::Null => Wishes::default(),
        given => serde_json::from_value(given.clone()).map_err(|it| format!("wishes: {it}"))?,
    };
    let templates: Vec<&Template> = templates.iter().collect();
    merge(&templates, &wishes).map_err(|error| error.to_string())
}

fn read_toml<T: serde::de::DeserializeOwned>(path: &str) -> Result<T, String> {
    let text = read_text(&in_repository(path))?;
    toml::from_str(&text).map_err(|error| format!("{path}: {error}"))
}

/// Makes care of its JSON. A score names its table, which is in `config/scores`.
pub(crate) fn care_of(mut care: Value) -> Result<clinical::plan::Care, String> {
    if let Some(table) = care.pointer_mut("/score/table")
        && let Some(name) = table.as_str()
    {
        *table = read_toml(&format!("config/scores/{name}.toml"))?;
    }
    serde_json::from_value(care).map_err(|error| format!("care: {error}"))
}

/// Lays one value over another: objects key by key, rules and windows besides those that are there, all else instead; null
/// takes away.
pub(crate) fn lay_over(under: &mut Value, over: &Value) {
    let Some(over) = over.as_object() else {
        return;
    };
    if !under.is_object() {
        *under = Value::Object(Map::new());
    }
    let Some(under) = under.as_object_mut() else {
        return;
    };
    for (key, value) in over {
        match under.get_mut(key) {
            _ if value.is_null() => {
                under.remove(key);
            }
            Some(known) if known.is_object() && value.is_object() => lay_over(known, value),
            Some(Value::Array(known)) if GROWING.contains(&key.as_str()) => {
                known.extend(value.as_array().into_iter().flatten().cloned());
            }
            _ => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}
