//! Edits: what they do, and what they are refused for. Now is Monday 23 November 2026, noon.

use std::collections::BTreeMap;

use super::{at, coordinated_by, leave, person, rota, shift};
use crate::duty::{Assignment, DutyRefusal, Rota, RotaEdit, amend, apply};

fn two_shifts() -> Rota {
    let early = shift("ada", &["mon-fri 08:00-14:00"]);
    let late = shift("bob", &["mon-fri 14:00-20:00"]);
    rota(&[early, late], &[])
}

fn edited(rota: &Rota, edits: &[RotaEdit]) -> Result<Rota, DutyRefusal> {
    apply(rota, &BTreeMap::new(), edits, at("2026-11-23T12:00"))
}

fn refused(rota: &Rota, edits: &[RotaEdit]) -> String {
    edited(rota, edits).unwrap_err().to_string()
}

fn leaves(id: &str, when: &str) -> RotaEdit {
    RotaEdit::MemberLeaves {
        person: person(id),
        at: at(when),
    }
}

fn end_of(rota: &Rota, place: usize, when: &str) -> RotaEdit {
    RotaEdit::EndShift {
        shift: rota.shifts()[place].clone(),
        at: at(when),
    }
}

#[test]
fn an_edit_that_leaves_a_gap_is_refused_and_the_gap_named() {
    let rota = two_shifts();
    let away = RotaEdit::AddLeave {
        leave: leave("ada", "2026-11-26", "2026-11-26", None),
    };
    assert_eq!(
        refused(&rota, &[away]),
        "Thursday 26 November 08:00-14:00 nobody covers the North team. \
         Add a shift or name a cover, and save it together with this change."
    );
    let covered = RotaEdit::AddLeave {
        leave: leave("ada", "2026-11-26", "2026-11-26", Some("lee")),
    };
    assert_eq!(edited(&rota, &[covered]).unwrap().leaves().len(), 1);
}

#[test]
fn a_swap_is_saved_together() {
    let rota = two_shifts();
    let end = end_of(&rota, 0, "2026-12-01T00:00");
    assert!(edited(&rota, std::slice::from_ref(&end)).is_err());
    let mut instead = shift("cyd", &["mon-fri 08:00-14:00"]);
    instead.from = at("2026-12-01T00:00");
    let add = RotaEdit::AddShift { shift: instead };
    let swapped = edited(&rota, &[end.clone(), add]).unwrap();
    assert_eq!(swapped.shifts().len(), 3);
    assert_eq!(swapped.shifts()[0].until, Some(at("2026-12-01T00:00")));
    assert_eq!(
        refused(&swapped, &[end]),
        "This shift of ada is no longer in the rota. Reload the page."
    );
}

#[test]
fn a_leave_ends_early_or_never_begins() {
    let away = leave("cyd", "2026-11-25", "2026-11-27", None);
    let rota = rota(two_shifts().shifts(), std::slice::from_ref(&away));
    let end = |when| RotaEdit::EndLeave {
        person: person("cyd"),
        from: away.from,
        at: at(when),
    };
    let early = edited(&rota, &[end("2026-11-26T13:00")]).unwrap();
    assert_eq!(early.leaves()[0].until, at("2026-11-26T13:00"));
    let never = edited(&rota, &[end("2026-11-24T00:00")]).unwrap();
    assert!(never.leaves().is_empty());
    assert_eq!(
        refused(&never, &[end("2026-11-24T00:00")]),
        "This leave of cyd is no longer in the rota. Reload the page."
    );
}

#[test]
fn who_leaves_takes_their_shifts_along() {
    let rota = two_shifts();
    assert!(refused(&rota, &[leaves("ada", "2026-12-01T00:00")]).starts_with("Tuesday 1 December"));
    let joins = RotaEdit::MemberJoins {
        person: person("dee"),
        from: at("2026-11-30T00:00"),
    };
    let mut instead = shift("dee", &["mon-fri 08:00-14:00"]);
    instead.from = at("2026-12-01T00:00");
    let add = RotaEdit::AddShift { shift: instead };
    let after = edited(&rota, &[leaves("ada", "2026-12-01T00:00"), joins, add]).unwrap();
    assert!(!after.in_post(&person("ada"), at("2026-12-01T00:00")));
    assert_eq!(after.shifts()[0].until, Some(at("2026-12-01T00:00")));
}

#[test]
fn the_lead_a_cover_and_a_coordinator_cannot_just_leave() {
    let away = leave("ada", "2026-12-03", "2026-12-04", Some("cyd"));
    let rota = rota(two_shifts().shifts(), &[away]);
    let lead = RotaEdit::ChangeLead {
        lead: person("cyd"),
    };
    let led = edited(&rota, &[lead]).unwrap();
    let gone = leaves("cyd", "2026-12-01T00:00");
    assert_eq!(
        refused(&led, std::slice::from_ref(&gone)),
        "cyd is lead of the North team and leaves it. Name another lead first."
    );
    assert_eq!(
        refused(&rota, std::slice::from_ref(&gone)),
        "cyd covers for ada after leaving. Name another cover first."
    );
    let plain = two_shifts();
    let now = at("2026-11-23T12:00");
    let mut patients = BTreeMap::from([
        ("pat-1".parse().unwrap(), coordinated_by("cyd")),
        ("pat-2".parse().unwrap(), coordinated_by("cyd")),
    ]);
    let refusal = apply(&plain, &patients, std::slice::from_ref(&gone), now).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "cyd is still the care coordinator of pat-1 and 1 other patient. \
         Name another coordinator from then on first."
    );
    for assignments in patients.values_mut() {
        *assignments = assignments.clone().with(Assignment {
            coordinator: person("ada"),
            from: at("2026-12-01T00:00"),
        });
    }
    assert!(apply(&plain, &patients, &[gone], now).is_ok());
}

#[test]
fn strangers_get_no_shift_and_cover_nobody() {
    let rota = two_shifts();
    let stranger = RotaEdit::AddShift {
        shift: shift("eve", &["mon 08:00-12:00"]),
    };
    assert_eq!(
        refused(&rota, &[stranger]),
        "eve has a shift at a time when eve is not in the North team. Change the dates of the shift."
    );
    let cover = RotaEdit::AddLeave {
        leave: leave("ada", "2026-11-26", "2026-11-26", Some("eve")),
    };
    assert_eq!(
        refused(&rota, &[cover]),
        "eve is not in the team at that time. Choose somebody who is."
    );
    assert_eq!(
        refused(&rota, &[leaves("eve", "2026-12-01T00:00")]),
        "eve is not in the team at that time. Choose somebody who is."
    );
    assert_eq!(
        refused(&rota, &vec![leaves("eve", "2026-12-01T00:00"); 101]),
        "More than 100 edits at once. Save some of them first."
    );
}

#[test]
fn longer_hours_need_somebody_and_an_on_call_is_changed_at_once() {
    let rota = two_shifts();
    let longer = RotaEdit::ChangeStaffedHours {
        staffed: super::hours(&["mon-sat 08:00-20:00"]),
    };
    assert!(refused(&rota, &[longer]).starts_with("Saturday 08:00-20:00 nobody covers"));
    let on_call = RotaEdit::ChangeOnCall {
        on_call: person("cyd"),
    };
    let changed = edited(&rota, &[on_call]).unwrap();
    assert_eq!(changed.team().on_call, person("cyd"));
}

#[test]
fn what_ended_long_ago_is_dropped_but_never_a_persons_last_shift() {
    let ended = |id, when| {
        let mut row = shift(id, &["mon 08:00-09:00"]);
        row.until = Some(at(when));
        row
    };
    let old = [
        ended("ada", "2026-02-01T00:00"),
        ended("cyd", "2026-02-01T00:00"),
        ended("cyd", "2026-03-01T00:00"),
    ];
    let shifts = [two_shifts().shifts(), &old[..]].concat();
    let gone = leave("cyd", "2026-02-10", "2026-02-11", None);
    let before = rota(&shifts, &[gone]);
    let after = edited(&before, &[]).unwrap();
    assert_eq!(before.shifts().len(), 5);
    assert_eq!(after.shifts().len(), 3);
    assert!(after.has_shifts(&person("cyd")));
    assert!(after.leaves().is_empty());
}

#[test]
fn an_edit_is_stored_by_its_name() {
    let edit = leaves("ada", "2026-12-01T00:00");
    let text = serde_json::to_string(&edit).unwrap();
    assert_eq!(
        text,
        r#"{"is":"member_leaves","person":"ada","at":"2026-12-01T00:00:00Z"}"#
    );
    assert_eq!(serde_json::from_str::<RotaEdit>(&text).unwrap(), edit);
}

#[test]
fn a_leave_of_the_person_on_call_needs_a_cover_who_is_there() {
    let rota = two_shifts();
    let away = |id, cover| RotaEdit::AddLeave {
        leave: leave(id, "2026-11-26", "2026-11-26", cover),
    };
    let said = "Thursday 26 November 00:00-24:00 nobody is on call for the North team. \
                Add a shift or name a cover, and save it together with this change.";
    assert_eq!(refused(&rota, &[away("ona", None)]), said);
    let both = [away("cyd", None), away("ona", Some("cyd"))];
    assert_eq!(refused(&rota, &both), said, "a cover who cannot");
    let covered = [away("cyd", Some("lee")), away("ona", Some("cyd"))];
    assert!(edited(&rota, &covered).is_ok());
}

#[test]
fn somebody_who_comes_later_is_not_on_call_before() {
    let joins = RotaEdit::MemberJoins {
        person: person("dee"),
        from: at("2026-11-30T00:00"),
    };
    let on_call = RotaEdit::ChangeOnCall {
        on_call: person("dee"),
    };
    assert_eq!(
        refused(&two_shifts(), &[joins, on_call]),
        "Monday 23 November 12:00-24:00 nobody is on call for the North team, and there are 6 more gaps. \
         Add a shift or name a cover, and save it together with this change."
    );
}

#[test]
fn a_leave_is_looked_at_however_far_ahead_it_is() {
    let rota = two_shifts();
    for (first, said) in [
        ("2027-02-04", "Thursday 4 February 08:00-14:00 nobody"),
        ("2028-10-05", "Thursday 5 October 08:00-14:00 nobody"),
    ] {
        let away = RotaEdit::AddLeave {
            leave: leave("ada", first, first, None),
        };
        let refusal = refused(&rota, &[away]);
        assert!(refusal.starts_with(said), "{refusal}");
    }
}

#[test]
fn gaps_that_are_there_already_can_be_filled_one_by_one_and_no_new_one_is_made() {
    // Nobody works on Tuesday and Wednesday mornings.
    let early = shift("ada", &["mon 08:00-14:00", "thu-fri 08:00-14:00"]);
    let late = shift("bob", &["mon-fri 14:00-20:00"]);
    let rota = rota(&[early, late], &[]);
    let add = |spans: &[&str]| RotaEdit::AddShift {
        shift: shift("cyd", spans),
    };
    let amended =
        |edits: &[RotaEdit]| amend(&rota, &BTreeMap::new(), edits, at("2026-11-23T12:00"));
    let half = [add(&["tue 08:00-12:00"])];
    assert!(edited(&rota, &half).is_err(), "other gaps stay");
    let now = amended(&half).unwrap();
    let left: Vec<String> = now
        .gaps(at("2026-11-23T12:00"))
        .unwrap()
        .iter()
        .map(|it| it.when(&now.team().zone))
        .collect();
    assert_eq!(left, ["Tuesday 12:00-14:00", "Wednesday 08:00-14:00"]);

    let end = end_of(&rota, 1, "2026-11-23T12:00");
    let refusal = amended(&[add(&["tue 08:00-14:00"]), end]).unwrap_err();
    let said = "Monday 14:00-20:00 nobody covers the North team, and there are 4 more gaps.";
    assert!(refusal.to_string().starts_with(said), "{refusal}");
}
