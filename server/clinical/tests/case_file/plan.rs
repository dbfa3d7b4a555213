//! A case's plan: templates, then parts, then what the case itself says.

use std::path::Path;

use clinical::{Plan, PlanVersion};
use jiff::Timestamp;
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
        if let Some(name) = self.templates.first() {
            return Err(format!("template {name:?} is not known"));
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
        Ok(Plan {
            version: PlanVersion(version),
            limits,
            care: care_of(care)?,
            set_by: "dr-bell".parse().map_err(|_| "no person".to_owned())?,
            reason: "case".to_owned(),
            patient_view: None,
            in_force_from: Timestamp::UNIX_EPOCH,
        })
    }
}

/// Makes care of its JSON. A score names its table, which is in `config/scores`.
pub(crate) fn care_of(mut care: Value) -> Result<clinical::plan::Care, String> {
    if let Some(table) = care.pointer_mut("/score/table")
        && let Some(name) = table.as_str()
    {
        let file = in_repository(&format!("config/scores/{name}.toml"));
        *table = toml::from_str(&read_text(&file)?).map_err(|error| error.to_string())?;
    }
    serde_json::from_value(care).map_err(|error| format!("care: {error}"))
}

/// Lays one value over another: objects key by key, rules and windows besides those that are there, all else instead.
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
