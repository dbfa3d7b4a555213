//! Gaps and how they are said. The cases look from noon on Monday 23 November 2026.

use super::{at, leave, person, rota, shift, team};
use crate::duty::{Rota, Shift};

const MONDAY_NOON: &str = "2026-11-23T12:00";

fn said(rota: &Rota) -> String {
    let gaps = rota.gaps(at(MONDAY_NOON));
    gaps.map_or_else(|| "none".to_owned(), |gaps| gaps.to_string())
}

fn all_week() -> Vec<Shift> {
    vec![
        shift("ada", &["mon-fri 08:00-14:00"]),
        shift("bob", &["mon-fri 14:00-20:00"]),
    ]
}

#[test]
fn shifts_that_meet_leave_no_gap() {
    assert_eq!(said(&rota(&all_week(), &[])), "none");
}

#[test]
fn a_gap_of_every_week_is_said_once_and_without_a_date() {
    let mut shifts = all_week();
    shifts[0] = shift(
        "ada",
        &["mon-wed 08:00-14:00", "fri 08:00-14:00", "thu 08:00-12:00"],
    );
    shifts.push(shift("cyd", &["thu 13:00-14:00"]));
    assert_eq!(
        said(&rota(&shifts, &[])),
        "Thursday 12:00-13:00 nobody covers the North team."
    );
}

#[test]
fn a_gap_on_one_day_has_its_date_and_the_others_are_counted() {
    let away = leave("ada", "2026-12-03", "2026-12-04", None);
    assert_eq!(
        said(&rota(&all_week(), &[away])),
        "Thursday 3 December 08:00-14:00 nobody covers the North team, and there is 1 more gap."
    );
    let covered = leave("ada", "2026-12-03", "2026-12-04", Some("cyd"));
    assert_eq!(said(&rota(&all_week(), &[covered])), "none");
}

#[test]
fn a_gap_that_has_begun_begins_now() {
    let mut shifts = all_week();
    shifts[0].until = Some(at("2026-11-23T11:00"));
    let gaps = rota(&shifts, &[]).gaps(at(MONDAY_NOON)).unwrap();
    assert_eq!(gaps.first.from, at(MONDAY_NOON));
    assert_eq!(gaps.first.until, at("2026-11-23T14:00"));
    // Today from noon, and then each weekday's morning every week.
    assert_eq!(
        gaps.to_string(),
        "Monday 23 November 12:00-14:00 nobody covers the North team, and there are 5 more gaps."
    );
}

#[test]
fn a_gap_that_starts_later_is_not_of_every_week() {
    let mut shifts = all_week();
    shifts[0].until = Some(at("2027-01-15T00:00"));
    assert_eq!(
        said(&rota(&shifts, &[])),
        "Friday 15 January 08:00-14:00 nobody covers the North team, and there are 5 more gaps."
    );
    shifts[0].until = Some(at("2027-01-16T00:00"));
    assert_eq!(
        said(&rota(&shifts, &[])),
        "Monday 18 January 08:00-14:00 nobody covers the North team, and there are 4 more gaps."
    );
}

#[test]
fn a_team_without_shifts_is_covered_while_a_member_is_there() {
    let away = |id, cover| leave(id, "2026-12-03", "2026-12-03", cover);
    let two = [away("ada", None), away("bob", None)];
    assert_eq!(said(&rota(&[], &two)), "none");
    let three = [two.to_vec(), vec![away("cyd", None)]].concat();
    assert_eq!(
        said(&rota(&[], &three)),
        "Thursday 3 December 08:00-20:00 nobody covers the North team."
    );
    let led = [two.to_vec(), vec![away("cyd", Some("lee"))]].concat();
    assert_eq!(said(&rota(&[], &led)), "none");
}

#[test]
fn a_night_ends_at_24_00() {
    let mut team = team();
    team.staffed = super::hours(&["mon-sun 00:00-24:00"]);
    let shifts = vec![shift("ada", &["mon-sun 00:00-22:00"])];
    let rota = Rota::new(team, shifts, Vec::new()).unwrap();
    let gaps = rota.gaps(at(MONDAY_NOON)).unwrap();
    assert_eq!(gaps.first.when(&gaps.zone), "Monday 22:00-24:00");
    assert_eq!(gaps.more.len(), 6);
}

#[test]
fn hours_that_nobody_must_staff_have_no_gap() {
    let mut team = team();
    team.staffed = super::hours(&[]);
    team.members.retain(|it| it.person == person("ada"));
    let rota = Rota::new(team, Vec::new(), Vec::new()).unwrap();
    assert_eq!(said(&rota), "none");
}

#[test]
fn what_is_dated_beyond_the_bound_is_found_when_time_has_brought_it_near() {
    let far = leave("ada", "2029-11-22", "2029-11-22", None);
    let rota = rota(&all_week(), &[far]);
    assert_eq!(said(&rota), "none");
    let near = at(MONDAY_NOON) + jiff::SignedDuration::from_hours(24 * 7 * 53);
    assert_eq!(
        rota.gaps(near).unwrap().to_string(),
        "Thursday 22 November 08:00-14:00 nobody covers the North team."
    );
}

#[test]
fn nobody_on_call_is_a_gap_day_by_day() {
    let away = leave("ona", "2026-11-28", "2026-11-29", None);
    assert_eq!(
        said(&rota(&all_week(), &[away])),
        "Saturday 28 November 00:00-24:00 nobody is on call for the North team, and there is 1 more gap."
    );
}
