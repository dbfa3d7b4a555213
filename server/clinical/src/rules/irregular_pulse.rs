//! Irregular pulse: a cuff's irregular-pulse mark that comes back session after session.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::check::{Wrong, between};
use super::judgement::{Counted, Facts, Found, Held, Lack};
use super::view::{View, evidence};
use super::words;
use crate::history::{Point, WINDOW_DAYS_MAX};
use crate::sign::VitalSign;

/// The most sessions that a rule may look at.
const SESSIONS_MAX: u8 = 56;
/// The longest gap that may be asked for between sessions, in minutes.
const GAP_MINUTES_MAX: u16 = 12 * 60;

/// Holds when at least so many of the last sessions of blood pressure carry the irregular-pulse mark. It needs that many
/// sessions.
///
/// One mark is common and says little; a mark that comes back is a reason to look for atrial fibrillation (NICE NG136 1.1:
/// automated devices may be wrong when the pulse is irregular, so it is felt and measured by hand).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IrregularPulse {
    /// How many sessions must carry the mark, in one reading or more.
    pub sessions_with_min: u8,
    /// Of how many, the newest.
    pub of_sessions: u8,
    /// How old a session may be beside the newest, in days of 24 hours.
    pub within_days: u8,
    /// A reading that comes more than this after the one before begins a new session, in minutes.
    pub session_gap_minutes: u16,
}

impl IrregularPulse {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        between("of_sessions", self.of_sessions, 1, SESSIONS_MAX)?;
        let with = self.sessions_with_min;
        between("sessions_with_min", with, 1, self.of_sessions)?;
        between("within_days", self.within_days, 1, WINDOW_DAYS_MAX)?;
        let gap = self.session_gap_minutes;
        between("session_gap_minutes", gap, 1, GAP_MINUTES_MAX)
    }

    pub(super) fn judge(&self, view: &View<'_>) -> Found {
        let Some((newest, _)) = view.latest(VitalSign::Systolic) else {
            return Err(Lack::new(0_u8, self.sessions_with_min, Counted::Sessions));
        };
        let (mut of, mut with, mut is_marked) = (0, 0, false);
        for (session, point) in self.looked_at(view) {
            if session > of {
                (of, is_marked) = (session, false);
            }
            with += u8::from(point.is_irregular() && !is_marked);
            is_marked |= point.is_irregular();
        }
        if with >= self.sessions_with_min {
            let marked = self.looked_at(view).map(|(_, point)| point);
            return Ok(Some(Held {
                facts: Facts::IrregularPulse(IrregularPulseFacts {
                    rule: *self,
                    with,
                    of,
                }),
                newest_at: newest.at(),
                readings: evidence(marked.filter(|it| it.is_irregular())),
                priority: None,
            }));
        }
        if of < self.sessions_with_min {
            Err(Lack::new(of, self.sessions_with_min, Counted::Sessions))
        } else {
            Ok(None)
        }
    }

    /// Gives the readings of the sessions that count, newest first, each with its session's number: 1 for the newest.
    fn looked_at<'a>(&self, view: &View<'a>) -> impl Iterator<Item = (u8, &'a Point)> + use<'a> {
        let gap = SignedDuration::from_mins(i64::from(self.session_gap_minutes));
        let of_sessions = self.of_sessions;
        let mut session = 1_u8;
        let mut later: Option<&Point> = None;
        view.recent(VitalSign::Systolic, self.within_days)
            .map(move |point| {
                let is_apart =
                    later.is_some_and(|later| later.at().duration_since(point.at()) > gap);
                session = session.saturating_add(u8::from(is_apart));
                later = Some(point);
                (session, point)
            })
            .take_while(move |(session, _)| *session <= of_sessions)
    }
}

/// How many sessions carried the mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IrregularPulseFacts {
    /// The rule.
    pub rule: IrregularPulse,
    /// How many sessions carried the mark.
    pub with: u8,
    /// Of how many.
    pub of: u8,
}

impl IrregularPulseFacts {
    pub(super) fn for_nurse(&self) -> String {
        let IrregularPulse {
            sessions_with_min,
            of_sessions,
            within_days,
            ..
        } = self.rule;
        format!(
            "Irregular pulse marked in {} of the last {} (rule: {sessions_with_min} of {of_sessions} within {}). \
             Feel the pulse; check for atrial fibrillation",
            self.with,
            words::count(self.of, "session"),
            words::count(within_days, "day"),
        )
    }

    pub(super) fn for_patient(&self) -> String {
        let of = words::count(self.of, "time");
        format!(
            "Your monitor noticed an uneven pulse in {} of the last {of} that you measured.",
            self.with
        )
    }

    pub(super) fn would_have_stopped(&self) -> String {
        let IrregularPulse {
            sessions_with_min,
            of_sessions,
            ..
        } = self.rule;
        format!(
            "the mark in fewer than {sessions_with_min} of the last {}",
            words::count(of_sessions, "session")
        )
    }
}
