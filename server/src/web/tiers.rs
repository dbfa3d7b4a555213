//! Tiers: how close an eye is kept on the patients of the list, worked out from their cases and remembered for a while.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use clinical::PatientId;
use clinical::worklist::{Tier, TierRules, tier};
use jiff::{SignedDuration, Timestamp};
use sqlx::AnyPool;

use crate::store::cases;
use crate::store::worklist::AlertRow;

/// How long a tier is remembered while nothing happens to the patient: days without data count, and overrides end.
const REMEMBERED_MAX: SignedDuration = SignedDuration::from_mins(5);

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
        let mut known = BTreeMap::new();
        for row in rows {
            if known.contains_key(&row.patient) {
                continue;
            }
            let fresh = before.get(&row.patient).filter(|it| {
                it.journal_len == row.journal_len && now.duration_since(it.at) < REMEMBERED_MAX
            });
            let one = match fresh {
                Some(fresh) => *fresh,
                None => Known {
                    tier: self.work_out(readers, &row.patient, now).await,
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
