//! A patient's plan in the seed file: templates, choices between them, and the patient's own numbers on top.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, anyhow, ensure};
use clinical::plan::{
    Answer, Care, Choice, Content, Crossed, Crossing, HardStops, Matter, PatientView, TemplateName,
    Wishes, merge,
};
use clinical::{Limits, PersonId, Plan, PlanVersion, VitalSign};
use jiff::Timestamp;
use serde::Deserialize;

use crate::templates::Templates;

/// A plan as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPlan {
    set_by: PersonId,
    reason: String,
    #[serde(default)]
    templates: Vec<TemplateName>,
    #[serde(default)]
    answers: BTreeMap<String, Answer>,
    #[serde(default)]
    choices: BTreeMap<Matter, Choice>,
    #[serde(default)]
    limits: BTreeMap<VitalSign, Limits>,
    #[serde(default)]
    care: Care,
    patient_view: Option<PatientView>,
    crossing: Option<Crossing>,
}

/// A plan as a clinician set it, before it has a version and a time.
#[derive(Debug, Clone)]
pub struct PlanFile {
    /// The clinician.
    pub set_by: PersonId,
    /// Why, with the source of the numbers.
    pub reason: String,
    /// What it says: its templates put together, and the patient's own numbers.
    pub content: Content,
    /// What the patient said to it.
    pub patient_view: Option<PatientView>,
}

impl PlanFile {
    /// Puts the plan in force.
    pub fn in_force(self, version: PlanVersion, from: Timestamp) -> Plan {
        let Self {
            set_by,
            reason,
            content,
            patient_view,
        } = self;
        content.into_plan(version, set_by, reason, patient_view, from)
    }

    /// Gives the plan that follows the one in force, if the file says anything else than it. What a template says now
    /// counts: one that was changed makes the next version of its patients' plans.
    pub fn next_after(&self, current: &Plan, now: Timestamp) -> Option<Plan> {
        let as_it_is = self
            .clone()
            .in_force(current.version, current.in_force_from);
        let version = PlanVersion(current.version.0.saturating_add(1));
        (as_it_is != *current).then(|| self.clone().in_force(version, now))
    }

    /// Checks that a prescriber has let the plan go beyond the hard stops, where it does.
    ///
    /// # Errors
    /// Names the hard stops and what to write.
    pub fn check_hard_stops(
        &self,
        plan: &Plan,
        stops: &HardStops,
        prescribers: &BTreeSet<PersonId>,
    ) -> anyhow::Result<()> {
        let crossed = stops.crossed(None, plan);
        if crossed.is_empty() {
            return Ok(());
        }
        let sentences: Vec<String> = crossed.iter().map(Crossed::sentence).collect();
        let crossing = self.content.care.crossing.as_ref().with_context(|| {
            format!(
                "{} A prescriber must allow this: write crossing = {{ prescriber = \"…\", reason = \"…\" }} in the plan",
                sentences.join(" ")
            )
        })?;
        ensure!(
            prescribers.contains(&crossing.prescriber),
            "{} is not a prescriber: write prescriber = true below the [[person]], or name another",
            crossing.prescriber
        );
        ensure!(
            !crossing.reason.trim().is_empty(),
            "crossing.reason is empty: the prescriber says why the plan may go beyond the hard stops"
        );
        Ok(())
    }
}

impl RawPlan {
    /// Puts the plan's templates and own numbers together.
    ///
    /// # Errors
    /// Everything that stands in the way, in sentences that say what to write.
    pub(super) fn resolve(self, templates: &Templates) -> anyhow::Result<PlanFile> {
        ensure!(
            self.care.templates.is_empty() && self.care.crossing.is_none(),
            "plan.care: write templates and crossing in the plan itself"
        );
        let picked = templates.pick(&self.templates)?;
        let mut care = self.care;
        care.crossing = self.crossing;
        let wishes = Wishes {
            answers: self.answers,
            choices: self.choices,
            limits: self.limits,
            care,
        };
        let content = merge(&picked, &wishes).map_err(|error| anyhow!("plan: {error}"))?;
        let file = PlanFile {
            set_by: self.set_by,
            reason: self.reason,
            content,
            patient_view: self.patient_view,
        };
        // The version and the time say nothing about whether a plan makes sense.
        let plan = file.clone().in_force(PlanVersion(1), Timestamp::UNIX_EPOCH);
        plan.check().map_err(|error| anyhow!("plan: {error}"))?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::super::SeedFile;
    use super::*;

    const SAMPLE: &str = include_str!("../../../config/seed.toml");

    fn plan_of(text: &str, patient: usize) -> PlanFile {
        SeedFile::parse(text).unwrap().patients[patient]
            .plan
            .clone()
    }

    fn refusal(from: &str, to: &str) -> String {
        assert!(SAMPLE.contains(from), "{from} is not in the sample");
        let text = SAMPLE.replacen(from, to, 1);
        format!("{:#}", SeedFile::parse(&text).unwrap_err())
    }

    fn now() -> Timestamp {
        "2026-11-21T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn templates_become_one_plan_with_the_patients_own_numbers_on_top() {
        let plan = plan_of(SAMPLE, 0).in_force(PlanVersion(1), now());
        assert_eq!(plan.care.templates, ["heart-failure", "hypertension"]);
        let lines = plan.limits[&VitalSign::Pulse].lines();
        let pulse: Vec<String> = lines.iter().map(|it| it.limit.plain()).collect();
        assert_eq!(pulse, ["40", "45", "111", "131"]);
        let rules: Vec<&str> = plan.care.rules.iter().map(|it| it.id().as_str()).collect();
        assert!(rules.contains(&"over-dry-weight") && rules.contains(&"home-average"));
        assert_eq!(plan.patient_view, Some(PatientView::Agreed));
        let review = plan.care.term.unwrap().review_by.unwrap().to_string();
        assert_eq!(review, "2027-02-19", "90 days on");
    }

    #[test]
    fn what_stands_in_the_way_is_said_with_what_to_write() {
        for (from, to, said) in [
            (
                "dry_weight_kg = \"81\"\n",
                "",
                "patient patient-1: plan: heart-failure asks: What is",
            ),
            (
                "dry_weight_kg = \"81\"",
                "dry_weight_kg = \"8.1\"",
                "must be 30 to 250, found 8.1",
            ),
            (
                "\"schedule.blood_pressure\" = \"hypertension\"\n",
                "",
                "Choose: \"schedule.blood_pressure\"",
            ),
            (
                "\"schedule.blood_pressure\"",
                "\"schedule.pressure\"",
                "names nothing that a plan says",
            ),
            (
                "\"hypertension\", \"heart-failure\"",
                "\"gout\"",
                "there is no template gout; there are: copd-88-92",
            ),
            (
                "reason = \"High blood",
                "reason = \"\" # ",
                "Say why this plan",
            ),
            (
                "[patient.plan.limits]",
                "[patient.plan.care]\ntemplates = [\"general\"]\n[patient.plan.limits]",
                "write templates and crossing in the plan itself",
            ),
        ] {
            let refusal = refusal(from, to);
            assert!(refusal.contains(said), "{said}: {refusal}");
        }
    }

    #[test]
    fn the_same_file_is_no_new_plan_however_late_and_another_word_is() {
        let file = plan_of(SAMPLE, 0);
        let current = file.clone().in_force(PlanVersion(3), now());
        let later = "2027-01-05T08:00:00Z".parse().unwrap();
        assert_eq!(file.next_after(&current, later), None);
        for (from, to) in [
            ("soon_low = \"45\"", "soon_low = \"46\""),
            ("dry_weight_kg = \"81\"", "dry_weight_kg = \"not known\""),
            ("patient_view = { is = \"agreed\" }\n", ""),
        ] {
            let next = plan_of(&SAMPLE.replacen(from, to, 1), 0).next_after(&current, later);
            let next = next.unwrap();
            assert_eq!((next.version, next.in_force_from), (PlanVersion(4), later));
        }
    }

    #[test]
    fn beyond_the_hard_stops_a_prescriber_says_why() {
        let check = |text: &str| {
            let file = SeedFile::parse(text).unwrap();
            let plan = &file.patients[2].plan;
            let first = plan.clone().in_force(PlanVersion(1), now());
            plan.check_hard_stops(&first, &file.hard_stops, &file.prescribers)
                .map_err(|error| error.to_string())
        };
        assert_eq!(check(SAMPLE), Ok(()));
        let unsaid = check(&SAMPLE.replacen("crossing = {", "# crossing = {", 1)).unwrap_err();
        assert!(unsaid.contains("scale 2 only by a prescriber"), "{unsaid}");
        assert!(unsaid.contains("write crossing = {"), "{unsaid}");
        let nurse = check(&SAMPLE.replacen("prescriber = true", "prescriber = false", 1));
        assert!(
            nurse
                .unwrap_err()
                .contains("dr-baptiste is not a prescriber")
        );
        let silent = check(&SAMPLE.replacen("Retained carbon", "\" } #", 1));
        assert!(silent.unwrap_err().contains("crossing.reason is empty"));
    }
}
