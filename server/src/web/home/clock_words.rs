//! Times as a patient says them: `8:42am`, `midday`, `tomorrow`, `Monday 3 March`.

use jiff::{Timestamp, ToSpan, Zoned};

use crate::web::local_time::LocalTime;

/// Says a time of day: `8am`, `8:42am`, `midday`, `midnight`.
pub(crate) fn time(at: &Zoned) -> String {
    let (hour, minute) = (at.hour(), at.minute());
    match (hour, minute) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "midday".to_owned(),
        _ => {
            let half = if hour < 12 { "am" } else { "pm" };
            let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
            match minute {
                0 => format!("{hour}{half}"),
                minute => format!("{hour}:{minute:02}{half}"),
            }
        }
    }
}

/// Says a day as seen from now: `today`, `yesterday`, `tomorrow`, `on Monday 3 March`.
pub(crate) fn day(at: Timestamp, local: &LocalTime) -> String {
    let (date, today) = (local.zoned(at).date(), local.today());
    if date == today {
        "today".to_owned()
    } else if date == today.saturating_add(1.day()) {
        "tomorrow".to_owned()
    } else if date == today.saturating_sub(1.day()) {
        "yesterday".to_owned()
    } else {
        local.zoned(at).strftime("on %A %-d %B").to_string()
    }
}

/// Says a date: `today`, `tomorrow`, `Monday 3 March`.
pub(crate) fn date(at: Timestamp, local: &LocalTime) -> String {
    let day = day(at, local);
    day.strip_prefix("on ").map(str::to_owned).unwrap_or(day)
}

/// Says a moment: `8:42am today`.
pub(crate) fn moment(at: Timestamp, local: &LocalTime) -> String {
    format!("{} {}", time(&local.zoned(at)), day(at, local))
}

/// Says the end of a stretch: `midnight today` for the first moment of tomorrow.
pub(crate) fn end(at: Timestamp, local: &LocalTime) -> String {
    let zoned = local.zoned(at);
    let just_before = at - jiff::SignedDuration::from_secs(1);
    if time(&zoned) == "midnight" {
        format!("midnight {}", day(just_before, local))
    } else {
        moment(at, local)
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn times_and_days_are_said_as_people_say_them() {
        let local = LocalTime::new(
            TimeZone::get("Europe/London").unwrap(),
            "2026-07-01T13:00:00Z".parse().unwrap(),
        );
        for (at, said) in [
            ("2026-07-01T07:42:10Z", "8:42am today"),
            ("2026-07-01T07:00:00Z", "8am today"),
            ("2026-07-01T11:00:00Z", "midday today"),
            ("2026-07-01T11:05:00Z", "12:05pm today"),
            ("2026-06-30T23:10:00Z", "12:10am today"),
            ("2026-07-02T19:30:00Z", "8:30pm tomorrow"),
            ("2026-06-30T19:30:00Z", "8:30pm yesterday"),
            ("2026-06-28T10:00:00Z", "11am on Sunday 28 June"),
        ] {
            assert_eq!(moment(at.parse().unwrap(), &local), said);
        }
        assert_eq!(
            end("2026-07-01T23:00:00Z".parse().unwrap(), &local),
            "midnight today"
        );
        assert_eq!(
            end("2026-07-01T16:00:00Z".parse().unwrap(), &local),
            "5pm today"
        );
    }
}
