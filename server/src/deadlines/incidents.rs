//! Incidents that are known, and those that are found: which are the same, and which are new.

use clinical::silence::{HomeQuiet, Incident, SilenceLimits};
use jiff::{SignedDuration, Timestamp};

use crate::store::incidents::KnownIncident;

/// What one look at all homes changes about incidents.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reconciled {
    /// Known ones that are not as they were.
    pub(super) changed: Vec<KnownIncident>,
    /// New ones, which last.
    pub(super) new: Vec<Incident>,
}

/// Tells whether an incident is over and its homes had the time to deliver what they hold.
pub(super) fn is_past(incident: &Incident, limits: &SilenceLimits, now: Timestamp) -> bool {
    let settle = SignedDuration::from_mins(limits.settle_minutes.into());
    incident
        .ended_at
        .is_some_and(|at| now >= at.checked_add(settle).unwrap_or(Timestamp::MAX))
}

/// Tells whether a home is silent still from an incident that is past: it is looked at alone.
pub(super) fn is_left_over(home: &HomeQuiet, past: &[&KnownIncident]) -> bool {
    past.iter().any(|known| {
        let incident = &known.incident;
        incident.homes.contains(&home.patient)
            && incident.ended_at.is_some_and(|at| home.since <= at)
    })
}

/// Finds which of the incidents that were found are known already. Only what lasts is new: what is over when it is found
/// needs nobody. A known one that is found no more is over.
pub(super) fn reconcile(
    known: &[KnownIncident],
    found: Vec<Incident>,
    now: Timestamp,
) -> Reconciled {
    let mut reconciled = Reconciled::default();
    let mut found: Vec<Option<Incident>> = found.into_iter().map(Some).collect();
    for before in known {
        let same = found
            .iter_mut()
            .find(|it| it.as_ref().is_some_and(|it| is_same(&before.incident, it)));
        let mut after = before.clone();
        match same.and_then(Option::take) {
            Some(mut incident) => {
                incident.began_at = before.incident.began_at;
                incident.homes.extend(before.incident.homes.iter().cloned());
                after.incident = incident;
            }
            None => after.incident.ended_at = before.incident.ended_at.or(Some(now)),
        }
        if after != *before {
            reconciled.changed.push(after);
        }
    }
    let rest = found.into_iter().flatten();
    reconciled.new = rest.filter(|it| it.ended_at.is_none()).collect();
    reconciled
}

/// No home is in two incidents at the same time.
fn is_same(one: &Incident, other: &Incident) -> bool {
    let end = |it: &Incident| it.ended_at.unwrap_or(Timestamp::MAX);
    !one.homes.is_disjoint(&other.homes) && one.began_at <= end(other) && other.began_at <= end(one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinical::silence::Scope;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-22T{text}:00Z").parse().unwrap()
    }

    fn incident(homes: &[&str], began: &str, ended: Option<&str>) -> Incident {
        Incident {
            scope: Scope::Everywhere,
            began_at: at(began),
            ended_at: ended.map(at),
            homes: homes.iter().map(|it| it.parse().unwrap()).collect(),
        }
    }

    fn known(incident: Incident) -> KnownIncident {
        let number = 1;
        KnownIncident { number, incident }
    }

    #[test]
    fn what_is_found_again_is_the_same_incident_and_keeps_its_homes() {
        let before = [known(incident(&["a", "b"], "10:00", None))];
        let found = vec![incident(&["b", "c"], "10:01", None)];
        let changed = known(incident(&["a", "b", "c"], "10:00", None));
        let reconciled = reconcile(&before, found, at("10:20"));
        assert_eq!(reconciled.changed, std::slice::from_ref(&changed));
        assert_eq!(reconciled.new, []);
        let again = vec![incident(&["a", "b", "c"], "10:00", None)];
        assert_eq!(
            reconcile(&[changed], again, at("10:21")),
            Reconciled::default()
        );
    }

    #[test]
    fn it_ends_when_its_homes_are_back_or_when_it_is_found_no_more() {
        let before = [known(incident(&["a", "b"], "10:00", None))];
        let ended = vec![incident(&["a", "b"], "10:00", Some("11:00"))];
        let over = known(incident(&["a", "b"], "10:00", Some("11:00")));
        assert_eq!(reconcile(&before, ended, at("11:05")).changed, [over]);
        let gone = known(incident(&["a", "b"], "10:00", Some("11:05")));
        assert_eq!(reconcile(&before, Vec::new(), at("11:05")).changed, [gone]);
    }

    #[test]
    fn the_next_cut_of_the_same_homes_is_another_incident() {
        let before = [known(incident(&["a", "b"], "10:00", Some("10:30")))];
        let next = incident(&["a", "b"], "10:50", None);
        let over_when_found = incident(&["c", "d"], "10:40", Some("10:50"));
        let found = vec![next.clone(), over_when_found];
        let reconciled = reconcile(&before, found, at("10:55"));
        assert_eq!(
            (reconciled.changed, reconciled.new),
            (Vec::new(), vec![next])
        );
    }

    #[test]
    fn who_is_silent_still_after_an_incident_is_looked_at_alone() {
        let past = known(incident(&["a", "b"], "10:00", Some("10:30")));
        let home = |patient: &str, since: &str| HomeQuiet {
            patient: patient.parse().unwrap(),
            team: "north".parse().unwrap(),
            since: at(since),
            back_at: None,
        };
        assert!(is_left_over(&home("a", "10:00"), &[&past]));
        assert!(!is_left_over(&home("c", "10:00"), &[&past]));
        assert!(!is_left_over(&home("a", "10:45"), &[&past]));
    }
}
