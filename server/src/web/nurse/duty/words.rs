//! Words about duty: hours, days and refusals as people read them, with names.

use clinical::duty::{DutyRefusal, Gaps, RotaError, Shift};
use clinical::{Hours, PersonId, Zone};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// How many gaps a refusal names.
const GAPS_NAMED_MAX: usize = 5;

/// Says why a change was refused, with what to do first.
pub(crate) fn refusal(refusal: &DutyRefusal, name: impl Fn(&PersonId) -> String) -> String {
    match refusal {
        DutyRefusal::Gaps(gaps) => format!(
            "{}. Add a shift, or name a cover for that time, first.",
            gap_sentences(gaps).join(". ")
        ),
        DutyRefusal::Unfit(error) => unfit(error, name),
        DutyRefusal::TooManyEdits => refusal.to_string(),
        DutyRefusal::NoSuchShift(person) => format!(
            "This shift of {} is no longer in the rota. Go back and look at it as it is now.",
            name(person)
        ),
        DutyRefusal::NoSuchLeave(person) => format!(
            "This leave of {} is no longer in the rota. Go back and look at it as it is now.",
            name(person)
        ),
        DutyRefusal::NotInPost(person) => format!(
            "{} is not in the team at that time. Choose somebody who is.",
            name(person)
        ),
        DutyRefusal::StillCovers { person, absent } => format!(
            "{} covers for {} after that day. Name another cover first.",
            name(person),
            name(absent)
        ),
        DutyRefusal::StillCoordinates {
            person, others_len, ..
        } => {
            let patients = match others_len {
                0 => "1 patient".to_owned(),
                len => format!("{} patients", len + 1),
            };
            format!(
                "{} is the care coordinator of {patients} after that day. Give each of them another care coordinator first.",
                name(person)
            )
        }
    }
}

/// Says each gap in a sentence, the first few of them.
pub(super) fn gap_sentences(gaps: &Gaps) -> Vec<String> {
    let named = gaps.iter().take(GAPS_NAMED_MAX);
    let mut said: Vec<String> = named
        .map(|gap| gap.sentence(&gaps.team, &gaps.zone))
        .collect();
    match (gaps.more.len() + 1).saturating_sub(GAPS_NAMED_MAX) {
        0 => {}
        1 => said.push("There is 1 more gap".to_owned()),
        more => said.push(format!("There are {more} more gaps")),
    }
    said
}

fn unfit(error: &RotaError, name: impl Fn(&PersonId) -> String) -> String {
    match error {
        RotaError::Name | RotaError::TooMany { .. } => error.to_string(),
        RotaError::EndsBeforeItBegins { what, person } => format!(
            "The {what} of {} ends before it begins. Correct its dates.",
            name(person)
        ),
        RotaError::Overlap { what, person } => format!(
            "{} has two {what} at the same time. End one before the other begins.",
            name(person)
        ),
        RotaError::ShiftOfNoMember { person, team } => format!(
            "{0} has a shift at a time when {0} is not in the {team}. Change the dates of the shift.",
            name(person)
        ),
        RotaError::CoversSelf { person } => {
            format!(
                "{0} cannot cover for {0}. Name somebody else.",
                name(person)
            )
        }
        RotaError::RoleLeaves { person, role, team } => format!(
            "{} is {role} of the {team}. Name another {role} first.",
            name(person)
        ),
    }
}

/// Writes weekly hours: `Mon–Thu 09:00–17:00`.
pub(super) fn hours(hours: &Hours) -> String {
    let spans = hours.spans().iter();
    let texts: Vec<String> = spans.map(|it| title(&it.to_string())).collect();
    texts.join(", ")
}

/// Capitalises the days: `mon-fri 09:00-17:00` is `Mon–Fri 09:00–17:00`.
fn title(span: &str) -> String {
    let mut text = String::with_capacity(span.len());
    let mut starts = true;
    for letter in span.chars() {
        match letter {
            '-' => text.push('–'),
            _ if starts => text.extend(letter.to_uppercase()),
            _ => text.push(letter),
        }
        starts = !letter.is_alphanumeric();
    }
    text
}

/// Writes a date: `Tue 24 Nov 2026`.
pub(super) fn day(date: Date) -> String {
    date.strftime("%a %-d %b %Y").to_string()
}

/// Writes the last day before a moment.
pub(super) fn last_day(until: Timestamp, zone: &Zone) -> Date {
    let local = zone.local(until);
    if local.time() == jiff::civil::Time::midnight() {
        local.date().saturating_sub(1.day())
    } else {
        local.date()
    }
}

/// Writes from when to when a row holds: `from Mon 2 Nov 2026`, `Mon 2 Nov 2026 to Fri 27 Nov 2026`, `until further notice`.
pub(super) fn dates(
    from: Timestamp,
    until: Option<Timestamp>,
    zone: &Zone,
    now: Timestamp,
) -> String {
    let first = day(zone.date(from));
    match until.map(|until| day(last_day(until, zone))) {
        Some(last) if last == first => format!("{first} only"),
        Some(last) if from <= now => format!("until {last}"),
        Some(last) => format!("{first} to {last}"),
        None if from <= now => "until further notice".to_owned(),
        None => format!("from {first}"),
    }
}

/// Writes a shift in a sentence: `Mon–Fri 09:00–17:00, until further notice`.
pub(super) fn shift(shift: &Shift, zone: &Zone, now: Timestamp) -> String {
    let dates = dates(shift.from, shift.until, zone, now);
    format!("{}, {dates}", hours(&shift.hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_written_as_people_read_them() {
        let two =
            Hours::new(["mon-fri 09:00-17:00", "sun 10:00-24:00"].map(|it| it.parse().unwrap()));
        assert_eq!(hours(&two), "Mon–Fri 09:00–17:00, Sun 10:00–24:00");
    }

    #[test]
    fn a_refusal_says_names_and_not_ids() {
        let name = |person: &PersonId| format!("Nurse {}", person.as_str().to_uppercase());
        let ada: PersonId = "ada".parse().unwrap();
        let said = refusal(&DutyRefusal::NotInPost(ada.clone()), name);
        assert_eq!(
            said,
            "Nurse ADA is not in the team at that time. Choose somebody who is."
        );
        let coordinates = DutyRefusal::StillCoordinates {
            person: ada.clone(),
            first: "patient-1".parse().unwrap(),
            others_len: 2,
        };
        let said = refusal(&coordinates, name);
        assert!(
            said.contains("Nurse ADA is the care coordinator of 3 patients"),
            "{said}"
        );
        assert!(!said.contains("patient-1"), "{said}");
        let covers = RotaError::CoversSelf { person: ada };
        let said = refusal(&DutyRefusal::Unfit(covers), name);
        assert_eq!(
            said,
            "Nurse ADA cannot cover for Nurse ADA. Name somebody else."
        );
    }
}
