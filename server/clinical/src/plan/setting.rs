//! Settings: what a plan says of one matter, with its source.

use vitals::Decimal;

use super::template::Review;
use super::{Clock, Confirmation, Jump, Lateness, Plausible, Response, Term};
use crate::hours::Hours;
use crate::rules::Rule;
use crate::schedule::Expected;
use crate::score::{ScoreRule, Spo2Scale};
use crate::zone::Zone;

/// What a plan says of one [`super::Matter`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// A limit.
    Limit {
        /// Its value, in the sign's unit.
        at: Decimal,
        /// Where it is from.
        source: String,
    },
    /// A rule.
    Rule(Box<Rule>),
    /// A score.
    Score(Box<ScoreRule>),
    /// A confirmation.
    Confirmation(Confirmation),
    /// How many readings.
    ClearingReadings {
        /// The number.
        readings: u8,
        /// Where it is from.
        source: String,
    },
    /// How far inside.
    ClearingMargin {
        /// The margin, in the sign's unit.
        margin: Decimal,
        /// Where it is from.
        source: String,
    },
    /// The mark makes a reading doubtful.
    Doubtful {
        /// Where that is from.
        source: String,
    },
    /// The values that can be.
    Plausible {
        /// The range.
        range: Plausible,
        /// Where it is from.
        source: String,
    },
    /// The least pulse pressure.
    PulsePressure {
        /// In mmHg.
        least: Decimal,
        /// Where it is from.
        source: String,
    },
    /// A jump.
    Jump {
        /// The jump.
        jump: Jump,
        /// Where it is from.
        source: String,
    },
    /// Unusable measurements in a row.
    Unusable {
        /// How many.
        in_a_row: u8,
        /// Within how many minutes of the one before; any when `None`.
        within_minutes: Option<u32>,
        /// Where the numbers are from.
        source: String,
    },
    /// When a reading is late.
    Lateness(Lateness),
    /// When a kind of reading is expected.
    Expected(Expected),
    /// How soon somebody must act.
    Response(Response),
    /// When somebody watches.
    Hours {
        /// The hours.
        hours: Hours,
        /// Where they are from; empty in a plan, which does not keep it.
        source: String,
    },
    /// The home's time zone.
    Zone(Zone),
    /// When a plan is looked at again.
    Review(Review),
    /// From when to when the plan is meant.
    Term(Term),
}

impl Setting {
    /// Gives where the numbers are from; `None` where there is nothing to be from anywhere.
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Limit { source, .. }
            | Self::ClearingReadings { source, .. }
            | Self::ClearingMargin { source, .. }
            | Self::Doubtful { source }
            | Self::Plausible { source, .. }
            | Self::PulsePressure { source, .. }
            | Self::Jump { source, .. }
            | Self::Unusable { source, .. }
            | Self::Hours { source, .. } => Some(source),
            Self::Rule(rule) => Some(rule.source()),
            Self::Score(score) => Some(&score.settings().source),
            Self::Confirmation(it) => Some(&it.source),
            Self::Lateness(it) => Some(&it.source),
            Self::Expected(it) => Some(&it.source),
            Self::Response(it) => Some(&it.source),
            Self::Review(it) => Some(&it.source),
            Self::Zone(_) | Self::Term(_) => None,
        }
    }

    /// Tells whether two say the same, wherever they are from.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Limit { at: one, .. }, Self::Limit { at: two, .. })
            | (
                Self::ClearingMargin { margin: one, .. },
                Self::ClearingMargin { margin: two, .. },
            )
            | (Self::PulsePressure { least: one, .. }, Self::PulsePressure { least: two, .. }) => {
                one.compare(two).is_eq()
            }
            (Self::Rule(one), Self::Rule(two)) => {
                (one.id(), one.priority(), one.kind()) == (two.id(), two.priority(), two.kind())
            }
            (Self::Score(one), Self::Score(two)) => {
                let unsourced = |it: &ScoreRule| {
                    let mut settings = it.settings().clone();
                    settings.source.clear();
                    settings
                };
                unsourced(one) == unsourced(two)
            }
            (one, two) => one.unsourced() == two.unsourced(),
        }
    }

    fn unsourced(&self) -> Self {
        let mut it = self.clone();
        match &mut it {
            Self::ClearingReadings { source, .. }
            | Self::Doubtful { source }
            | Self::Plausible { source, .. }
            | Self::Jump { source, .. }
            | Self::Unusable { source, .. }
            | Self::Hours { source, .. }
            | Self::Limit { source, .. }
            | Self::ClearingMargin { source, .. }
            | Self::PulsePressure { source, .. } => source.clear(),
            Self::Confirmation(it) => it.source.clear(),
            Self::Lateness(it) => it.source.clear(),
            Self::Expected(it) => it.source.clear(),
            Self::Response(it) => it.source.clear(),
            Self::Review(it) => it.source.clear(),
            Self::Rule(_) | Self::Score(_) | Self::Zone(_) | Self::Term(_) => {}
        }
        it
    }

    /// Says it in a few words: `160`, `90 days`.
    pub fn words(&self) -> String {
        match self {
            Self::Limit { at, .. } => at.plain(),
            Self::Rule(rule) => format!("{}, {}", rule.priority().name(), rule.kind().words()),
            Self::Score(score) => match score.settings().scale {
                Spo2Scale::One => "with oxygen on scale 1".to_owned(),
                Spo2Scale::Two => "with oxygen on scale 2".to_owned(),
            },
            Self::Confirmation(it) => confirmation_words(it),
            Self::ClearingReadings { readings, .. } => readings.to_string(),
            Self::ClearingMargin { margin, .. } => margin.plain(),
            Self::Doubtful { .. } => "are repeated".to_owned(),
            Self::Plausible { range, .. } => {
                format!("{} to {}", range.min.plain(), range.max.plain())
            }
            Self::PulsePressure { least, .. } => least.plain(),
            Self::Jump { jump, .. } => {
                let (by, hours) = (jump.more_than.plain(), jump.within_hours);
                format!("more than {by} within {hours} h")
            }
            Self::Unusable { in_a_row, .. } => in_a_row.to_string(),
            Self::Lateness(it) => {
                let (minutes, becomes) = (it.late_minutes, it.urgent_becomes.name());
                format!("after {minutes} min, urgent becomes {becomes}")
            }
            Self::Expected(it) => expected_words(it),
            Self::Response(it) => response_words(it),
            Self::Hours { hours, .. } => hours.to_string(),
            Self::Zone(zone) => zone.to_string(),
            Self::Review(it) => format!("after {} days", it.after_days),
            Self::Term(it) => term_words(it),
        }
    }
}

fn confirmation_words(it: &Confirmation) -> String {
    let wait = |minutes: Option<u32>| {
        minutes.map_or("at once".to_owned(), |it| {
            format!("after a repeat within {it} min")
        })
    };
    let mut words = format!(
        "urgent {}, soon {}",
        wait(it.urgent_minutes),
        wait(it.soon_minutes)
    );
    for (at, side) in [(it.at_once_low, "under"), (it.at_once_high, "over")] {
        if let Some(at) = at {
            words.push_str(&format!(", at once at {} or {side}", at.plain()));
        }
    }
    words
}

fn expected_words(it: &Expected) -> String {
    let windows: Vec<String> = it.windows.iter().map(ToString::to_string).collect();
    format!(
        "{} {}, {} min of grace, nudge after {}, check after {} missed",
        it.every,
        windows.join(" and "),
        it.grace_minutes,
        it.nudge_after,
        it.check_after
    )
}

fn response_words(it: &Response) -> String {
    let clock = match it.clock {
        Clock::Always => "",
        Clock::Monitored => " of monitored time",
    };
    format!(
        "take within {} min, act within {} min{clock}, next step after {} min, aside for {} min at most{}{}{}",
        it.take_minutes,
        it.act_minutes,
        it.step_minutes,
        it.snooze_minutes_max,
        if it.ends_by_itself {
            ", ends by itself"
        } else {
            ""
        },
        it.rest_days
            .map_or(String::new(), |days| format!(", rests {days} days")),
        it.unanswered_max.map_or(String::new(), |tries| format!(
            ", {tries} tries without an answer"
        ))
    )
}

fn term_words(it: &Term) -> String {
    let day = |day: Option<jiff::civil::Date>| day.map_or("open".to_owned(), |it| it.to_string());
    format!(
        "starts {}, review {}, ends {}",
        day(it.starts_on),
        day(it.review_by),
        day(it.ends_on)
    )
}
