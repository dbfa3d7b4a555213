//! Ahead: who answers now and for the next two weeks, for the patients of each care coordinator of a team.

use std::collections::BTreeMap;

use clinical::duty::{Assignment, Assignments, Held, Path, who_answers};
use clinical::{PatientId, PersonId};
use jiff::{SignedDuration, Timestamp};

use super::Opened;

/// How many days ahead are shown.
const DAYS_AHEAD: i64 = 14;
/// The most stretches that are shown for one care coordinator; what comes after them is left out, and said.
const STRETCHES_MAX: usize = 100;
/// The most care coordinators of a team that are shown.
const COORDINATORS_MAX: usize = 40;

/// Who answers for the patients of one care coordinator.
pub(super) struct Ahead {
    pub(super) coordinator: String,
    /// `3 patients`.
    pub(super) patients: String,
    /// `Ada Okafor is the care coordinator.`
    pub(super) now: String,
    pub(super) now_until: String,
    pub(super) somebody_can: bool,
    pub(super) stretches: Vec<Stretch>,
    pub(super) is_cut: bool,
}

/// A time for which one person answers.
pub(super) struct Stretch {
    pub(super) from: String,
    pub(super) until: String,
    pub(super) who: String,
    pub(super) why: String,
}

/// Works out who answers, by the rota as it is known now.
pub(super) fn ahead(
    opened: &Opened,
    assignments: &BTreeMap<PatientId, Assignments>,
    now: Timestamp,
) -> Vec<Ahead> {
    let mut patients_len: BTreeMap<&PersonId, i64> = BTreeMap::new();
    for assignments in assignments.values() {
        *patients_len
            .entry(assignments.coordinator_at(now))
            .or_default() += 1;
    }
    let coordinators = patients_len.into_iter().take(COORDINATORS_MAX);
    let mut all: Vec<Ahead> = coordinators
        .map(|(coordinator, len)| of(opened, coordinator, len, now))
        .collect();
    all.sort_by(|a, b| a.coordinator.cmp(&b.coordinator));
    all
}

fn of(opened: &Opened, coordinator: &PersonId, patients_len: i64, now: Timestamp) -> Ahead {
    let zone = &opened.rota.team().zone;
    let clock = |at: Timestamp| zone.local(at).strftime("%a %-d %b %H:%M").to_string();
    let name = |person: &PersonId| opened.name(person);
    let horizon = now
        .checked_add(SignedDuration::from_hours(DAYS_AHEAD * 24))
        .unwrap_or(Timestamp::MAX);
    let assignments = Assignments::new(Assignment {
        coordinator: coordinator.clone(),
        from: Timestamp::UNIX_EPOCH,
    });
    let mut answers = Vec::new();
    let mut at = now;
    while at < horizon && answers.len() <= STRETCHES_MAX {
        let answer = who_answers(&opened.rota, &assignments, &Held::default(), at);
        let until = answer.until;
        answers.push((at, answer));
        at = until;
    }
    let first = answers.first().map(|(_, answer)| answer);
    let row = |(from, answer): &(Timestamp, clinical::duty::Answer)| Stretch {
        from: clock(*from),
        until: clock(answer.until.min(horizon)),
        who: match answer.path {
            Path::NobodyCan => "Nobody".to_owned(),
            _ => opened.name(&answer.person),
        },
        why: answer.why(name, zone),
    };
    Ahead {
        coordinator: opened.name(coordinator),
        patients: crate::web::words::count(patients_len, "patient", "patients"),
        now: first.map_or_else(String::new, |it| it.why(name, zone)),
        now_until: first.map_or_else(String::new, |it| clock(it.until)),
        somebody_can: first.is_none_or(clinical::duty::Answer::somebody_can),
        is_cut: answers.len() > STRETCHES_MAX,
        stretches: answers.iter().take(STRETCHES_MAX).map(row).collect(),
    }
}
