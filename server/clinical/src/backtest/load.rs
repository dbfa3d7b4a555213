//! Load: how much work alerts make.

use std::iter::Sum;

use super::raised::Raised;
use crate::alert::Priority;

/// How many alerts of each priority, and how many requests to measure again. An alert counts once, by the worst that it
/// became.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Alerts of all priorities.
    pub alerts: u32,
    /// Those to look at now.
    pub urgent: u32,
    /// Those to look at today.
    pub soon: u32,
    /// Those for the next working day.
    pub check: u32,
    /// Those about the kit.
    pub technical: u32,
    /// Requests to the patient to measure again.
    pub repeats: u32,
}

impl Load {
    pub(super) fn of<'a>(raised: impl Iterator<Item = &'a Raised>, repeats: u32) -> Self {
        let mut load = Self {
            repeats,
            ..Self::default()
        };
        for it in raised {
            let of_priority = match it.priority {
                Priority::Urgent => &mut load.urgent,
                Priority::Soon => &mut load.soon,
                Priority::Check => &mut load.check,
                Priority::Technical => &mut load.technical,
            };
            *of_priority = of_priority.saturating_add(1);
            load.alerts = load.alerts.saturating_add(1);
        }
        load
    }

    /// Lists the counts with their names, in the order that a nurse reads them.
    pub fn lines(&self) -> [(&'static str, u32); 6] {
        [
            ("alerts", self.alerts),
            ("urgent", self.urgent),
            ("soon", self.soon),
            ("check", self.check),
            ("technical", self.technical),
            ("requests for a repeat", self.repeats),
        ]
    }
}

impl Sum for Load {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, it| Self {
            alerts: sum.alerts.saturating_add(it.alerts),
            urgent: sum.urgent.saturating_add(it.urgent),
            soon: sum.soon.saturating_add(it.soon),
            check: sum.check.saturating_add(it.check),
            technical: sum.technical.saturating_add(it.technical),
            repeats: sum.repeats.saturating_add(it.repeats),
        })
    }
}
