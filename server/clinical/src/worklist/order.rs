//! The order of the worklist: total, so that two servers and two pages list alike.

use std::cmp::{Ordering, Reverse};

use jiff::Timestamp;

use super::Tier;
use crate::alert::{AlertNumber, Priority};
use crate::duty::Step;
use crate::id::PatientId;

/// What the order of an open alert depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub patient: PatientId,
    /// Which alert of the patient.
    pub alert: AlertNumber,
    /// How bad it is.
    pub priority: Priority,
    /// When somebody must have acted.
    pub respond_by: Option<Timestamp>,
    /// How far up the chain it has gone because nobody acted.
    pub step: Step,
    /// How close an eye is kept on the patient.
    pub tier: Tier,
    /// When it was opened.
    pub opened_at: Timestamp,
}

impl Row {
    /// Tells whether somebody should have acted already: the time is over, or it was and the next person was asked.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.step != Step::default() || self.respond_by.is_some_and(|by| by <= now)
    }
}

/// Compares two rows: overdue first, then the worse, then the one that is due first, then the one whose patient is kept a
/// closer eye on, then the oldest. What has no time to act by comes after what has one.
///
/// Patient and alert decide at the end, so no two alerts are alike.
pub fn order(a: &Row, b: &Row, now: Timestamp) -> Ordering {
    let key = |row: &Row| {
        (
            Reverse(row.is_overdue(now)),
            Reverse(row.priority),
            (row.respond_by.is_none(), row.respond_by),
            Reverse(row.tier),
            row.opened_at,
            Reverse(row.step),
        )
    };
    key(a)
        .cmp(&key(b))
        .then_with(|| (&a.patient, a.alert).cmp(&(&b.patient, b.alert)))
}

/// Puts whatever has rows in order. It moves them and does nothing else: every one that was there still is.
pub fn arrange<T>(list: &mut [T], row: impl Fn(&T) -> &Row, now: Timestamp) {
    list.sort_by(|a, b| order(row(a), row(b), now));
}
