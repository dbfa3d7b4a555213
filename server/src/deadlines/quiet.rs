//! Quiet homes: which homes are not heard, or were not until lately, and whether it is we who were not there.

use std::collections::BTreeMap;

use clinical::silence::{Fleet, HomeQuiet, LastWord, Outage, SilenceLimits, Stretch};
use clinical::{PatientId, TeamId};
use jiff::{SignedDuration, Timestamp};
use vitals::GatewayId;

use crate::store::homes::HomeRow;

/// What tells our own absence from a home's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hearing<'a> {
    pub(super) outages: &'a [Outage],
    pub(super) limits: &'a SilenceLimits,
    pub(super) now: Timestamp,
}

/// The gateways of one patient.
struct Home<'a> {
    team: &'a TeamId,
    gateways: Vec<&'a HomeRow>,
}

/// Sorts the homes that were ever heard: how many each team has, and which are quiet. Of those that are not quiet now,
/// the ones that were by `lately` are given with the time at which they were back.
pub(super) fn sort(
    rows: &[HomeRow],
    lately: &[(GatewayId, Stretch)],
    hearing: Hearing<'_>,
) -> (Fleet, Vec<HomeQuiet>) {
    let mut homes: BTreeMap<&PatientId, Home<'_>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.heard_at.is_some()) {
        let team = &row.team;
        let home = homes.entry(&row.patient).or_insert_with(|| Home {
            team,
            gateways: Vec::new(),
        });
        home.gateways.push(row);
    }
    let mut last: BTreeMap<&GatewayId, &Stretch> = BTreeMap::new();
    for (gateway, stretch) in lately.iter().filter(|(_, it)| !hearing.is_ours(it)) {
        last.insert(gateway, stretch);
    }
    let mut fleet = Fleet::default();
    let mut quiet = Vec::new();
    for (patient, home) in homes {
        let count = fleet.by_team.entry(home.team.clone()).or_default();
        *count = count.saturating_add(1);
        quiet.extend(home.quiet(patient, &last, hearing));
    }
    (fleet, quiet)
}

impl Home<'_> {
    fn quiet(
        &self,
        patient: &PatientId,
        last: &BTreeMap<&GatewayId, &Stretch>,
        hearing: Hearing<'_>,
    ) -> Option<HomeQuiet> {
        let (since, back_at) = if self.gateways.iter().all(|row| hearing.is_quiet(row)) {
            (
                self.gateways.iter().filter_map(|row| row.heard_at).max()?,
                None,
            )
        } else {
            let over = self
                .gateways
                .iter()
                .filter_map(|row| last.get(&row.gateway));
            let over = over.max_by_key(|stretch| stretch.from)?;
            (over.from, over.until)
        };
        Some(HomeQuiet {
            patient: patient.clone(),
            team: self.team.clone(),
            since,
            back_at,
        })
    }
}

impl Hearing<'_> {
    /// Tells whether a gateway that was heard once is not heard now, and could be.
    fn is_quiet(self, row: &HomeRow) -> bool {
        let Some(heard_at) = row.heard_at else {
            return false;
        };
        if matches!(row.last_word, Some(LastWord::LastWill | LastWord::Stopped)) {
            return true;
        }
        self.now.duration_since(heard_at) >= self.quiet_min() && !self.may_be_on_its_way(heard_at)
    }

    /// Tells whether a silence is explained by an outage of ours: it began when we stopped and ended when we were back.
    pub(super) fn is_ours(self, stretch: &Stretch) -> bool {
        let Some(until) = stretch.until else {
            return false;
        };
        self.outages.iter().any(|outage| {
            let Some(back_at) = outage.until else {
                return false;
            };
            let heard_to_the_end = stretch.from.saturating_add(self.quiet_min());
            heard_to_the_end.unwrap_or(Timestamp::MAX) >= outage.from
                && stretch.from < back_at
                && until <= self.settled_at(back_at)
        })
    }

    /// Tells whether we are back from an outage so lately that a home which was heard until then need not be back yet.
    fn may_be_on_its_way(self, heard_at: Timestamp) -> bool {
        self.outages.iter().any(|outage| {
            let Some(back_at) = outage.until else {
                return false;
            };
            let heard_to_the_end = heard_at.saturating_add(self.quiet_min());
            heard_to_the_end.unwrap_or(Timestamp::MAX) >= outage.from
                && heard_at < back_at
                && self.now < self.settled_at(back_at)
        })
    }

    fn settled_at(self, at: Timestamp) -> Timestamp {
        let settle = SignedDuration::from_mins(self.limits.settle_minutes.into());
        at.checked_add(settle).unwrap_or(Timestamp::MAX)
    }

    fn quiet_min(self) -> SignedDuration {
        SignedDuration::from_mins(self.limits.gateway_quiet_minutes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-22T{text}:00Z").parse().unwrap()
    }

    fn limits() -> SilenceLimits {
        toml::from_str(include_str!("../../../config/silence.toml")).unwrap()
    }

    fn stretch(from: &str, until: &str) -> Stretch {
        Stretch {
            from: at(from),
            until: Some(at(until)),
        }
    }

    fn row(patient: &str, gateway: &str, heard: Option<&str>, last_word: LastWord) -> HomeRow {
        HomeRow {
            patient: patient.parse().unwrap(),
            team: "north".parse().unwrap(),
            gateway: gateway.parse().unwrap(),
            heard_at: heard.map(at),
            last_word: Some(last_word),
        }
    }

    #[test]
    fn a_silence_is_ours_when_it_began_and_ended_with_our_outage() {
        let (limits, outages) = (limits(), [stretch("10:00", "12:00")]);
        let hearing = Hearing {
            outages: &outages,
            limits: &limits,
            now: at("15:00"),
        };
        assert!(hearing.is_ours(&stretch("09:59", "12:01")));
        assert!(hearing.is_ours(&stretch("09:45", "12:30")));
        assert!(!hearing.is_ours(&stretch("09:44", "12:01")), "quiet before");
        assert!(!hearing.is_ours(&stretch("09:59", "12:31")), "quiet after");
        assert!(!hearing.is_ours(&stretch("12:01", "12:20")), "quiet since");
    }

    #[test]
    fn a_home_is_quiet_when_none_of_its_gateways_is_heard() {
        let limits = limits();
        let hearing = Hearing {
            outages: &[],
            limits: &limits,
            now: at("10:20"),
        };
        let rows = [
            row("a", "a-1", Some("10:00"), LastWord::Online),
            row("a", "a-2", Some("10:04"), LastWord::Online),
            row("b", "b-1", Some("09:00"), LastWord::Online),
            row("b", "b-2", Some("10:06"), LastWord::Online),
            row("c", "c-1", Some("10:19"), LastWord::LastWill),
            row("d", "d-1", None, LastWord::Online),
            row("e", "e-1", Some("10:19"), LastWord::Online),
        ];
        let back = "e-1".parse().unwrap();
        let (fleet, quiet) = sort(&rows, &[(back, stretch("09:30", "10:10"))], hearing);
        let found: Vec<_> = quiet
            .iter()
            .map(|it| (it.patient.as_str(), it.since, it.back_at))
            .collect();
        assert_eq!(
            found,
            [
                ("a", at("10:04"), None),
                ("c", at("10:19"), None),
                ("e", at("09:30"), Some(at("10:10"))),
            ]
        );
        let homes: Vec<u32> = fleet.by_team.into_values().collect();
        assert_eq!(homes, [4], "who was never heard is not expected yet");
    }
}
