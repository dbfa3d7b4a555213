//! Putting an alert aside: while one waits for the patient, or for a reason. It comes back by itself.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use clinical::{Case, Priority};

use super::wrong::Wrong;

pub(super) use super::aside_form::{get_snooze, get_wait, post_snooze, post_wait};

/// The longest that an alert sleeps, in minutes.
pub(super) const SNOOZE_MINUTES_MAX: u32 = 24 * 60;
/// The longest that an urgent alert sleeps, in minutes, whatever a plan says.
pub(super) const URGENT_SNOOZE_MINUTES_MAX: u32 = 30;
/// The longest wait for the patient where the plan names no bound, in minutes: two weeks, as the case has it.
const WAIT_MINUTES_MAX: u32 = 14 * 24 * 60;
/// What chooses a time of one's own.
pub(super) const OWN_TIME: &str = "time";
/// What chooses the next reading, and the longest time where none comes.
pub(super) const NEXT_READING: &str = "reading";

/// Why an alert is put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The patient is to measure again or to call back.
    Wait,
    /// For a reason that the nurse gives.
    Snooze,
}

impl Kind {
    /// Gives the last part of the form's address.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Snooze => "snooze",
        }
    }

    /// Gives the spans that are offered, in minutes, as far as they are allowed; the longest allowed if none is.
    pub(super) fn spans(self, longest: u32) -> Vec<u32> {
        let offered: &[u32] = match self {
            Self::Wait => &[15, 30, 60, 120, 240],
            Self::Snooze => &[15, 30, 60],
        };
        let mut spans: Vec<u32> = offered
            .iter()
            .copied()
            .filter(|it| *it <= longest)
            .collect();
        if spans.is_empty() {
            spans.push(longest);
        }
        spans
    }

    /// Gives the longest that an alert of a priority may be put aside, in minutes, by the patient's plan and by what holds
    /// for everybody.
    pub(super) fn longest(self, priority: Priority, case: Option<&Case>) -> u32 {
        let response = case.and_then(|case| case.plan().care.escalation.of(priority));
        let by_plan = response.map(|it| it.snooze_minutes_max);
        let by_rule = match (self, priority) {
            (Self::Wait, _) => WAIT_MINUTES_MAX,
            (Self::Snooze, Priority::Urgent) => URGENT_SNOOZE_MINUTES_MAX,
            (Self::Snooze, _) => SNOOZE_MINUTES_MAX,
        };
        by_plan.map_or(by_rule, |it| it.min(by_rule))
    }
}

/// Writes a length of time as people say it: `15 minutes`, `1 hour`.
pub(super) fn span_words(minutes: u32) -> String {
    let (count, one) = match minutes {
        days if days > 24 * 60 && days % (24 * 60) == 0 => (days / (24 * 60), "day"),
        hours if hours > 0 && hours % 60 == 0 => (hours / 60, "hour"),
        minutes => (minutes, "minute"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// Works out until when, from what was chosen: a span in minutes, or a time of one's own by the clock on the wall.
pub(super) fn until(
    (choice, own): (&str, &str),
    longest: u32,
    (now, zone): (Timestamp, &TimeZone),
    wrong: &mut Wrong,
) -> Option<Timestamp> {
    let span = |minutes: u32| {
        now.checked_add(SignedDuration::from_mins(i64::from(minutes)))
            .ok()
    };
    let latest = span(longest)?;
    if choice == NEXT_READING {
        return Some(latest);
    }
    if choice == OWN_TIME {
        let Ok(time) = own.trim().parse::<DateTime>() else {
            wrong.add("until", "Enter a day and a time");
            return None;
        };
        // A year that no clock reaches is too far away as well.
        let zoned = time.to_zoned(zone.clone());
        let at = zoned.map_or(Timestamp::MAX, |it| it.timestamp());
        if at <= now {
            wrong.add("until", "That time has passed: enter a later one");
        } else if at > latest {
            let most = span_words(longest);
            wrong.add(
                "until",
                format!("Enter an earlier time: {most} from now at most"),
            );
        }
        return Some(at);
    }
    let chosen = choice.parse().ok().filter(|it| *it <= longest && *it > 0);
    if chosen.is_none() {
        wrong.add("span-0", "Choose until when");
    }
    span(chosen?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONDON: &str = "Europe/London";

    fn found(choice: &str, own: &str, longest: u32) -> Result<String, String> {
        let zone = TimeZone::get(LONDON).unwrap();
        let now: Timestamp = "2026-07-01T12:00:00Z".parse().unwrap();
        let mut wrong = Wrong::default();
        let until = until((choice, own), longest, (now, &zone), &mut wrong);
        match wrong.list() {
            [] => Ok(until.unwrap().to_string()),
            [(field, text), ..] => Err(format!("{field}: {text}")),
        }
    }

    #[test]
    fn a_span_or_a_time_by_the_clock_on_the_wall_is_chosen() {
        assert_eq!(found("15", "", 30).unwrap(), "2026-07-01T12:15:00Z");
        assert_eq!(found("30", "", 30).unwrap(), "2026-07-01T12:30:00Z");
        let own = found(OWN_TIME, "2026-07-01T13:20", 30).unwrap();
        assert_eq!(own, "2026-07-01T12:20:00Z");
        assert_eq!(found(NEXT_READING, "", 30).unwrap(), "2026-07-01T12:30:00Z");
    }

    #[test]
    fn what_is_no_time_or_too_far_away_is_refused_in_words() {
        for (choice, own, says) in [
            ("", "", "span-0: Choose until when"),
            ("60", "", "span-0: Choose until when"),
            ("0", "", "span-0: Choose until when"),
            ("-15", "", "span-0: Choose until when"),
            (OWN_TIME, "", "until: Enter a day and a time"),
            (
                OWN_TIME,
                "2026-07-01T13:00",
                "until: That time has passed: enter a later one",
            ),
            (
                OWN_TIME,
                "2026-07-01T13:31",
                "until: Enter an earlier time: 30 minutes from now at most",
            ),
            (
                OWN_TIME,
                "9999-12-31T23:59",
                "until: Enter an earlier time: 30 minutes from now at most",
            ),
        ] {
            assert_eq!(found(choice, own, 30).unwrap_err(), says, "{choice} {own}");
        }
    }

    #[test]
    fn urgent_sleeps_for_thirty_minutes_at_most_even_where_a_plan_names_no_bound() {
        assert_eq!(Kind::Snooze.longest(Priority::Urgent, None), 30);
        assert_eq!(Kind::Snooze.longest(Priority::Soon, None), 24 * 60);
        assert_eq!(Kind::Snooze.spans(30), [15, 30]);
        assert_eq!(Kind::Snooze.spans(1440), [15, 30, 60]);
        assert_eq!(Kind::Wait.spans(30), [15, 30]);
        assert_eq!(Kind::Wait.spans(10), [10]);
        assert_eq!(span_words(90), "90 minutes");
        assert_eq!(span_words(14 * 24 * 60), "14 days");
    }
}
