//! Weekly hours from a form: the days that were chosen, from a time to a time, over midnight too.

use clinical::Hours;

use crate::web::nurse::form::{Filled, Sheet};

/// The days of the week, as hours write them and as people read them.
pub(super) const DAYS: [(&str, &str); 7] = [
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
];

/// Reads the hours of the chosen days; `None` when something is wrong, which the form then says.
pub(super) fn read_hours(days: &[&str], filled: &Filled, sheet: &mut Sheet) -> Option<Hours> {
    let is_day = |day: &&str| DAYS.iter().any(|(code, _)| code == day);
    if days.is_empty() || !days.iter().all(is_day) {
        sheet.wrong("day", "Choose at least one day");
    }
    let (from, until) = (filled.time("from"), filled.time("until"));
    if from.is_none() {
        sheet.wrong(
            "from",
            "Write the time at which the shift begins, such as 09:00",
        );
    }
    if until.is_none() {
        sheet.wrong(
            "until",
            "Write the time at which the shift ends, such as 17:00",
        );
    }
    let clock = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
    let (from, until) = (clock(from?), clock(until?));
    if from == until {
        sheet.wrong(
            "until",
            "The shift ends when it begins: choose another time",
        );
        return None;
    }
    let mut spans = Vec::new();
    for (first, last) in runs(days) {
        if from < until {
            spans.push(format!("{first}-{last} {from}-{until}"));
            continue;
        }
        spans.push(format!("{first}-{last} {from}-24:00"));
        if until != "00:00" {
            let (first, last) = (day_after(first)?, day_after(last)?);
            spans.push(format!("{first}-{last} 00:00-{until}"));
        }
    }
    let spans: Result<Vec<_>, _> = spans.iter().map(|it| it.parse()).collect();
    let hours = Hours::new(spans.ok()?);
    (!days.is_empty()).then_some(hours)
}

/// Puts days that follow each other together.
fn runs<'a>(days: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let mut runs: Vec<(&str, &str)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, last)) if *last != "sun" && day_after(last) == Some(*day) => *last = day,
            _ => runs.push((day, day)),
        }
    }
    runs
}

fn day_after(day: &str) -> Option<&'static str> {
    let place = DAYS.iter().position(|(code, _)| *code == day)?;
    let (code, _) = DAYS.get((place + 1) % DAYS.len())?;
    Some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(pairs: &[(&str, &str)]) -> Option<String> {
        let filled = Filled::with(pairs);
        let days: Vec<&str> = filled.all("day").collect();
        let mut sheet = Sheet::default();
        read_hours(&days, &filled, &mut sheet).map(|it| it.to_string())
    }

    #[test]
    fn a_shift_over_midnight_ends_on_the_next_morning() {
        let night = hours(&[
            ("day", "sat"),
            ("day", "sun"),
            ("from", "20:00"),
            ("until", "08:00"),
        ]);
        let wanted = "sat-sun 20:00-24:00, sun-mon 00:00-08:00";
        assert_eq!(night.as_deref(), Some(wanted));
        let late = hours(&[("day", "fri"), ("from", "16:00"), ("until", "00:00")]);
        assert_eq!(late.as_deref(), Some("fri 16:00-24:00"));
        let days = ["mon", "tue", "thu"].map(|day| ("day", day));
        let three = hours(&[&days[..], &[("from", "09:00"), ("until", "17:00")]].concat());
        assert_eq!(
            three.as_deref(),
            Some("mon-tue 09:00-17:00, thu 09:00-17:00")
        );
        for wrong in [
            &[("day", "mon"), ("from", "09:00"), ("until", "09:00")][..],
            &[("day", "noday"), ("from", "09:00"), ("until", "17:00")],
            &[("from", "09:00"), ("until", "17:00")],
        ] {
            assert_eq!(hours(wrong), None, "{wrong:?}");
        }
    }
}
