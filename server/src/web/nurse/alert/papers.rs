//! An alert's papers: the rule, its readings, the plan, who set it and why, and what would have stopped it.

use clinical::{AlertNumber, PatientId, sentence};
use jiff::Timestamp;

use crate::explain::{self, AlertName, Explained, Seen};
use crate::web::State;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::words;

/// The most readings since the alert was raised that the page lists: the newest.
const SINCE_MAX: usize = 30;

/// One reading that speaks for or against the alert.
pub(super) struct SeenView {
    /// The reading's page.
    pub(super) href: String,
    /// `systolic 186 mmHg, diastolic 112 mmHg`.
    pub(super) values: String,
    /// When it was measured.
    pub(super) measured: Shown,
    /// When the server stored it.
    pub(super) stored: Shown,
    /// Its doubts, in words.
    pub(super) doubts: String,
}

/// What stands behind an alert.
pub(super) struct PapersView {
    /// What the first breach was that waited for its repeat.
    pub(super) suspicion: Option<(Shown, String)>,
    /// What raised it, oldest first.
    pub(super) evidence: Vec<(Shown, String)>,
    /// The rules by name.
    pub(super) rules: String,
    /// What would have stopped it.
    pub(super) stopped_by: String,
    /// The readings that it rests on.
    pub(super) readings: Vec<SeenView>,
    /// Those that it gathered since.
    pub(super) since: Vec<SeenView>,
    /// Whether there were more since.
    pub(super) is_cut: bool,
    /// The plan's version.
    pub(super) plan: String,
    /// Who set it.
    pub(super) set_by: String,
    /// Since when it held.
    pub(super) in_force: Shown,
    /// Why it was set.
    pub(super) reason: String,
    /// What the patient said of it.
    pub(super) patient_view: String,
    /// What else the plan said of the reading.
    pub(super) others: Vec<(String, String)>,
    /// What happened to the alert, oldest first.
    pub(super) timeline: Vec<(Shown, String)>,
    /// Who answered from when.
    pub(super) who_answered: Vec<(Shown, String)>,
    /// Whether it was escalated, so that there is a text to read.
    pub(super) has_sbar: bool,
    /// Where it stands in the journal.
    pub(super) row: i64,
    /// By the rules of which version it was raised.
    pub(super) rule_set_version: i64,
}

/// Gathers what is known of an alert, times told as the pages tell them.
///
/// # Errors
/// When the journal cannot be read, or does not know the alert.
pub(super) async fn explained(
    state: &State,
    patient: &PatientId,
    number: u32,
    local: &LocalTime,
) -> anyhow::Result<Explained> {
    let name = AlertName {
        patient: patient.clone(),
        number: AlertNumber(number),
    };
    let clock = |at: Timestamp, _: Timestamp, _: &clinical::Zone| local.show(at).text;
    explain::gather(&state.store, &name, local.now(), &clock).await
}

impl PapersView {
    /// Puts an alert's papers into words.
    pub(super) fn new(explained: &Explained, patient: &PatientId, local: &LocalTime) -> Self {
        let story = &explained.story;
        let plan = &story.plan;
        let shown = |(at, text): (Timestamp, String)| (local.show(at), text);
        let seen = |it: &Seen| SeenView::new(it, patient, local);
        let skipped = story.readings_since.len().saturating_sub(SINCE_MAX);
        let evidence = story.evidence.iter();
        let evidence = evidence.map(|it| shown((it.measured_at, sentence::why(it))));
        let suspicion = story.suspicion.as_ref();
        let papers = story.papers.as_ref();
        Self {
            suspicion: suspicion.map(|it| shown((it.asked_at, sentence::why(&it.evidence)))),
            evidence: evidence.collect(),
            rules: papers.map_or_else(String::new, |it| it.rules.join("; ")),
            stopped_by: papers.map_or_else(String::new, |it| it.stopped_by.clone()),
            readings: story.readings.iter().map(seen).collect(),
            since: story
                .readings_since
                .iter()
                .skip(skipped)
                .map(seen)
                .collect(),
            is_cut: skipped > 0,
            plan: plan.version.to_string(),
            set_by: explained.name(&plan.set_by),
            in_force: local.show(plan.in_force_from),
            reason: plan.reason.clone(),
            patient_view: explain::patient_view(plan.patient_view.as_ref()),
            others: others(explained),
            timeline: explained.timeline().map(shown).collect(),
            who_answered: explained.who_answered().map(shown).collect(),
            has_sbar: story.escalated.is_some(),
            row: story.row,
            rule_set_version: story.rule_set_version,
        }
    }
}

fn others(explained: &Explained) -> Vec<(String, String)> {
    let others = explained.story.looked_at.iter();
    others
        .map(|it| (it.what.clone(), explain::said(&it.said)))
        .collect()
}

impl SeenView {
    fn new(seen: &Seen, patient: &PatientId, local: &LocalTime) -> Self {
        let reading = &seen.reading;
        let values = reading.values.iter().map(|(sign, value)| {
            let (name, unit) = (sign.name(), sign.unit());
            format!("{name} {}{unit}", value.plain())
        });
        Self {
            href: format!("/patients/{patient}/readings/{}", reading.id),
            values: values.collect::<Vec<_>>().join(", "),
            measured: local.show(reading.measured_at),
            stored: local.show(seen.stored_at),
            doubts: words::marks(&reading.quality),
        }
    }
}
