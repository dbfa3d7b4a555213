//! Tiers: how close an eye is kept on the patients of the list, worked out from their cases and remembered for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use clinical::worklist::{Tier, TierRules, WorkedOut, tier};
use clinical::{Case, PatientId};
use jiff::{SignedDuration, Timestamp};
use sqlx::AnyPool;

use crate::store::cases;
use crate::store::worklist::AlertRow;

/// How long a tier is remembered while nothing happens to the patient: days without data count, and overrides end.
const REMEMBERED_MAX: SignedDuration = SignedDuration::from_mins(5);

/// How many cases are read one by one; more are read at once, with those of everybody who has an open alert.
const ONE_BY_ONE_MAX: usize = 8;

/// The rules of tiers, and the tiers of the patients who are on some list now.
#[derive(Debug, Clone)]
pub struct Tiers {
    rules: Arc<TierRules>,
    known: Arc<Mutex<BTreeMap<String, Known>>>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    tier: Tier,
    journal_len: Option<i64>,
    at: Timestamp,
}

impl Tiers {
    /// Starts with nothing known.
    pub fn new(rules: TierRules) -> Self {
        Self {
            rules: Arc::new(rules),
            known: Arc::default(),
        }
    }

    /// Works out one patient's tier, with everything that it is from.
    pub(super) fn worked_out(&self, case: &Case, now: Timestamp) -> WorkedOut {
        tier(case, &self.rules, now)
    }

    /// Gives the tier of each patient of a list. What has not been asked for lately is forgotten.
    ///
    /// A case that cannot be read orders its patient as usual: the list is shown all the same.
    pub(super) async fn of(
        &self,
        readers: &AnyPool,
        rows: &[AlertRow],
        now: Timestamp,
    ) -> BTreeMap<String, Tier> {
        let before = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let is_fresh = |row: &AlertRow, it: &&Known| {
            it.journal_len == row.journal_len && now.duration_since(it.at) < REMEMBERED_MAX
        };
        let stale = rows.iter().filter(|row| {
            !before
                .get(&row.patient)
                .is_some_and(|it| is_fresh(row, &it))
        });
        let stale: BTreeMap<&str, &AlertRow> =
            stale.map(|row| (row.patient.as_str(), row)).collect();
        let at_once = self.at_once(readers, &stale, now).await;
        let mut known = BTreeMap::new();
        for row in rows {
            if known.contains_key(&row.patient) {
                continue;
            }
            let one = match before.get(&row.patient).filter(|it| is_fresh(row, it)) {
                Some(fresh) => *fresh,
                None => Known {
                    tier: match at_once.get(&row.patient) {
                        Some(tier) => *tier,
                        None => self.work_out(readers, &row.patient, now).await,
                    },
                    journal_len: row.journal_len,
                    at: now,
                },
            };
            known.insert(row.patient.clone(), one);
        }
        let tiers = known.iter().map(|(patient, it)| (patient.clone(), it.tier));
        let tiers = tiers.collect();
        let mut remembered = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.retain(|_, it| now.duration_since(it.at) < REMEMBERED_MAX);
        remembered.extend(known);
        tiers
    }

    /// Works out the tiers of many patients from one reading of the database; of few, none: those are read one by one.
    async fn at_once(
        &self,
        readers: &AnyPool,
        stale: &BTreeMap<&str, &AlertRow>,
        now: Timestamp,
    ) -> BTreeMap<String, Tier> {
        let mut tiers = BTreeMap::new();
        if stale.len() <= ONE_BY_ONE_MAX {
            return tiers;
        }
        let teams: BTreeSet<&str> = stale.values().map(|row| row.team.as_str()).collect();
        for team in teams {
            let cases = match team.parse() {
                Ok(team) => cases::of_open(readers, &team).await.unwrap_or_default(),
                Err(_) => Vec::new(),
            };
            let cases = cases.into_iter();
            let wanted = cases.filter(|(patient, _)| stale.contains_key(patient.as_str()));
            tiers.extend(wanted.filter_map(|(patient, case)| {
                let tier = tier(&case?, &self.rules, now).tier;
                Some((patient.to_string(), tier))
            }));
        }
        tiers
    }

    async fn work_out(&self, readers: &AnyPool, patient: &str, now: Timestamp) -> Tier {
        let case = match patient.parse::<PatientId>() {
            Ok(patient) => cases::read(readers, &patient).await,
            Err(error) => Err(error.into()),
        };
        match case {
            Ok(case) => case.map_or(Tier::Usual, |case| tier(&case, &self.rules, now).tier),
            Err(error) => {
                let chain = format!("{error:#}");
                tracing::warn!(error.chain = chain, "a tier cannot be worked out");
                Tier::Usual
            }
        }
    }
}
