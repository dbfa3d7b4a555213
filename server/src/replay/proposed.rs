//! The proposed plan: a TOML file of limits and care.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};
use clinical::plan::Care;
use clinical::{Limits, Plan, VitalSign};
use serde::Deserialize;

/// What a file proposes. What it leaves out stays as each patient's plan has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedPlan {
    /// The limits of each vital sign that is to be watched, all of them.
    limits: Option<BTreeMap<VitalSign, Limits>>,
    /// Everything else, all of it.
    care: Option<Care>,
}

impl ProposedPlan {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, has a key that is not known, or proposes nothing.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the proposed plan {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("the proposed plan {}", path.display()))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// When a key is not known, limits are out of order, or nothing is proposed.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let proposed: Self = toml::from_str(text)?;
        let says_something = proposed.limits.is_some() || proposed.care.is_some();
        ensure!(says_something, "proposes nothing: write [limits] or [care]");
        Ok(proposed)
    }

    /// Gives the plan that a patient would have.
    ///
    /// # Errors
    /// When it makes no sense; the error says what to change.
    pub fn of_patient(&self, in_force: &Plan) -> anyhow::Result<Plan> {
        let limits = self.limits.as_ref().unwrap_or(&in_force.limits);
        let care = self.care.as_ref().unwrap_or(&in_force.care);
        let plan = Plan {
            limits: limits.clone(),
            care: care.clone(),
            ..in_force.clone()
        };
        plan.check().context("the proposed plan makes no sense")?;
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_force() -> Plan {
        let text = r#"{"version":3,"limits":{"spo2":{"urgent_low":"90"}},"care":{"zone":"GMT0BST,M3.5.0/1,M10.5.0"},
            "set_by":"dr-bell","reason":"as agreed","in_force_from":"2026-01-01T00:00:00Z"}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_is_left_out_stays() {
        let limits = ProposedPlan::parse("[limits]\nsystolic = { soon_high = \"140\" }").unwrap();
        let plan = limits.of_patient(&in_force()).unwrap();
        let signs: Vec<_> = plan.limits.keys().copied().collect();
        assert_eq!(signs, [VitalSign::Systolic]);
        assert_eq!(plan.care, in_force().care);
        let text = "[care.clearing]\nreadings = 2\nsource = \"proposal\"";
        let clearing = ProposedPlan::parse(text).unwrap();
        let plan = clearing.of_patient(&in_force()).unwrap();
        assert_eq!(plan.limits, in_force().limits);
        assert!(plan.care.clearing.is_some());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, says) in [
            ("", "proposes nothing"),
            ("[limit]\n", "unknown field"),
            (
                "[limits]\nspo2 = { soon_low = \"90\", urgent_low = \"92\" }",
                "not under",
            ),
        ] {
            let error = format!("{:#}", ProposedPlan::parse(text).unwrap_err());
            assert!(error.contains(says), "{error}");
        }
        let error = ProposedPlan::load(Path::new("/no/such.toml")).unwrap_err();
        assert!(error.to_string().contains("/no/such.toml"), "{error}");
    }
}
