//! Found: what each episode's first alert was, how late, and how often there is one without any episode.

use std::collections::BTreeMap;

use crate::arms::Heard;
use crate::stream::clock::{DAY, Minute};
use crate::stream::{Episode, EpisodeKind, Patient};
use clinical::Priority;

/// What was made of one episode.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// From when it could be seen to the first alert that told of it; `None` when there was none.
    pub(crate) delay: Option<Minute>,
    /// The same for the first urgent one.
    pub(crate) urgent: Option<Minute>,
    /// Whether a patient of the same kind had such an alert in the same days without an episode; `None` when there is no
    /// such patient.
    pub(crate) by_chance: Option<bool>,
}

/// Looks for every episode's alerts.
pub(crate) fn found(patients: &[Patient], heard: &[Heard]) -> BTreeMap<EpisodeKind, Vec<Found>> {
    let mut all: BTreeMap<EpisodeKind, Vec<Found>> = BTreeMap::new();
    for (place, (patient, of_patient)) in patients.iter().zip(heard).enumerate() {
        for episode in &patient.episodes {
            let first = |least: Priority| {
                let signals = of_patient.signals.iter();
                let mut signals = signals.filter(|it| it.priority >= least);
                let first = signals.find(|it| episode.is_told_by(it.problem, it.at))?;
                Some(first.at - episode.detectable)
            };
            all.entry(episode.kind).or_default().push(Found {
                delay: first(Priority::Technical),
                urgent: first(Priority::Urgent),
                by_chance: by_chance(patients, heard, place, episode),
            });
        }
    }
    all
}

/// Looks at the next patient of the same kind who had no episode in those days.
fn by_chance(
    patients: &[Patient],
    heard: &[Heard],
    place: usize,
    episode: &Episode,
) -> Option<bool> {
    let own = patients.get(place)?;
    let (from, until) = (episode.starts, episode.ends + DAY);
    let is_quiet = |it: &Patient| {
        let mut episodes = it.episodes.iter();
        it.person.kind == own.person.kind
            && !episodes.any(|it| it.starts < until && from < it.ends + DAY)
    };
    let both = || patients.iter().zip(heard);
    let after = both().skip(place + 1);
    let (_, control) = after.chain(both()).find(|(it, _)| is_quiet(it))?;
    Some(
        control
            .signals
            .iter()
            .any(|it| episode.is_told_by(it.problem, it.at)),
    )
}
