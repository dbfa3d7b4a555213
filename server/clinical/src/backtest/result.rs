//! The result of a back-test, and its sentence.

use jiff::Timestamp;
use vitals::Decimal;

use super::load::Load;
use super::raised::{Raised, Watch};
use crate::alert::{Outcome, Priority};

/// The most alerts that a sentence names.
pub const NAMED_LEN_MAX: usize = 5;

const WEEK_SECONDS: i64 = 7 * 24 * 60 * 60;

/// What a proposed plan would have raised, beside what the plans in force raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackTest {
    /// From when alerts count.
    pub from: Timestamp,
    /// Before when alerts count.
    pub to: Timestamp,
    /// What was raised live, oldest first.
    pub live: Vec<Raised>,
    /// What today's rules raise by the plans that were in force, oldest first.
    pub in_force: Vec<Raised>,
    /// What they would have raised by the proposed plan, oldest first.
    pub proposed: Vec<Raised>,
    /// How much work the plans in force make by today's rules.
    pub load_in_force: Load,
    /// How much work the proposed plan would have made.
    pub load_proposed: Load,
    /// The live alerts on which people acted and which the proposed plan would not have raised, oldest first.
    pub missed: Vec<Raised>,
    /// The live alerts on which people acted and which it would have raised later, or as less urgent, oldest first.
    pub later: Vec<Later>,
    /// What only the proposed plan would have raised, oldest first.
    pub new: Vec<Raised>,
}

/// An alert that a proposed plan would have raised later, or as less urgent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// The live alert.
    pub live: Raised,
    /// When it would have been raised.
    pub opened_at: Timestamp,
    /// The worst that it would have become.
    pub priority: Priority,
}

impl BackTest {
    pub(super) fn of(
        from: Timestamp,
        to: Timestamp,
        live: &Watch,
        in_force: &Watch,
        proposed: &Watch,
    ) -> Self {
        let acted_on = || live.counted().filter(|it| it.was_acted_on());
        let first_met = |it: &Raised| proposed.all().iter().find(|other| other.meets(it));
        let missed = acted_on().filter(|it| first_met(it).is_none());
        let later = acted_on().filter_map(|it| {
            let met = first_met(it)?;
            let is_less = met.opened_at > it.opened_at || met.priority < it.priority;
            is_less.then(|| Later {
                live: it.clone(),
                opened_at: met.opened_at,
                priority: met.priority,
            })
        });
        let is_new = |it: &&Raised| !in_force.all().iter().any(|other| other.meets(it));
        Self {
            from,
            to,
            missed: missed.cloned().collect(),
            later: later.collect(),
            new: proposed.counted().filter(is_new).cloned().collect(),
            load_in_force: Load::of(in_force.counted(), in_force.repeats()),
            load_proposed: Load::of(proposed.counted(), proposed.repeats()),
            live: live.counted().cloned().collect(),
            in_force: in_force.counted().cloned().collect(),
            proposed: proposed.counted().cloned().collect(),
        }
    }

    /// Gives how many live alerts people acted on.
    pub fn acted_on_len(&self) -> usize {
        self.live.iter().filter(|it| it.was_acted_on()).count()
    }

    /// Tells whether today's rules and the plans in force raise what was raised live. They do not where the rules have
    /// changed since.
    pub fn is_as_live(&self) -> bool {
        self.live == self.in_force
    }

    /// Says it in a sentence: `3 alerts instead of 41; would have missed these 2: …`.
    pub fn sentence(&self) -> String {
        let missed: Vec<String> = self.missed.iter().take(NAMED_LEN_MAX).map(named).collect();
        sentence(
            self.load_proposed.alerts,
            self.load_in_force.alerts,
            self.acted_on_len(),
            self.missed.len(),
            &missed,
        )
    }
}

/// Gives a count by the week, to a tenth; `None` for no time at all.
pub fn per_week(count: u32, from: Timestamp, to: Timestamp) -> Option<Decimal> {
    let seconds = to.duration_since(from).as_secs();
    let tenths = i64::from(count).checked_mul(10 * WEEK_SECONDS)?;
    let rounded = tenths.checked_add(seconds / 2)?.checked_div(seconds)?;
    Decimal::new(rounded, -1).ok().filter(|_| seconds > 0)
}

pub(super) fn sentence(
    proposed: u32,
    in_force: u32,
    acted_on: usize,
    missed: usize,
    named: &[String],
) -> String {
    let alerts = if proposed == 1 { "alert" } else { "alerts" };
    let count = format!("{proposed} {alerts} instead of {in_force}");
    let rest = missed.saturating_sub(named.len());
    let more = if rest == 0 {
        String::new()
    } else {
        format!("; and {rest} more")
    };
    let which = named.join("; ");
    match (acted_on, missed) {
        (0, _) => format!("{count}; nobody acted on an alert in this time."),
        (1, 0) => format!("{count}; would not have missed the one that people acted on."),
        (_, 0) => {
            format!("{count}; would have missed none of the {acted_on} that people acted on.")
        }
        (_, 1) => format!("{count}; would have missed this one: {which}."),
        _ => format!("{count}; would have missed these {missed}: {which}{more}."),
    }
}

/// Names an alert: `oxygen on 2026-11-03 (urgent; Referred to GP, 111 or 999)`.
pub(super) fn named(raised: &Raised) -> String {
    let (problem, priority) = (raised.problem.name(), raised.priority.name());
    let day = raised.day;
    let outcome = raised.outcome.map_or("still open", Outcome::label);
    format!("{problem} on {day} ({priority}; {outcome})")
}
