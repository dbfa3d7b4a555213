//! Orphans made on purpose: the laws of who answers can fail, and say why.

use clinical::duty::{Answer, Leave, Path, Rota};
use clinical::{AlertNumber, Case, Event, Ownership, PlanVersion, ReadingStored, VitalSign, step};
use jiff::{SignedDuration, Timestamp};
use vitals::Decimal;

use super::plans;
use super::team::{Staff, may_act, person};

fn at(minutes: i64) -> Timestamp {
    let nine: Timestamp = "2026-06-01T09:00:00Z".parse().unwrap();
    nine + SignedDuration::from_mins(minutes)
}

/// An urgent alert that its first nurse has taken.
fn taken() -> Case {
    let plan = Box::new(plans::plan(PlanVersion(1), [0; 4], at(0)));
    let start = Event::MonitoringStarted {
        coordinator: person(0),
        plan,
    };
    let mut case = step(None, &start, at(0)).unwrap().case;
    for (number, minute) in [(1, 1), (2, 3)] {
        let reading = Event::ReadingStored(ReadingStored {
            id: format!("{number:032x}").parse().unwrap(),
            values: vec![
                (VitalSign::Systolic, Decimal::whole(190)),
                (VitalSign::Diastolic, Decimal::whole(80)),
            ],
            quality: Vec::new(),
            measured_at: at(minute),
            received_at: at(minute),
            device: None,
            user: None,
            registered_user: None,
            clock: None,
            drill: false,
        });
        case = step(Some(case), &reading, at(minute)).unwrap().case;
    }
    let taken = Event::AlertTaken {
        alert: AlertNumber::FIRST,
        by: person(0),
        instead_of: None,
    };
    step(Some(case), &taken, at(4)).unwrap().case
}

/// The team of a walk, with people on leave for a week and nobody to cover.
fn staff(away: &[u32]) -> Staff {
    let mut staff = Staff::new(["pat-1".parse().unwrap()].into_iter(), at(0));
    let leaves = away.iter().map(|number| Leave {
        person: person(*number),
        from: at(0),
        until: at(7 * 24 * 60),
        cover: None,
    });
    let (team, shifts) = (staff.rota.team().clone(), staff.rota.shifts().to_vec());
    staff.rota = Rota::new(team, shifts, leaves.collect()).unwrap();
    staff
}

#[test]
fn an_alert_that_nobody_can_answer_breaks_a_law() {
    let (patient, case) = ("pat-1".parse().unwrap(), taken());
    let night = at(13 * 60);
    let said = |away: &[u32]| staff(away).somebody_answers(&patient, &case, night);
    assert_eq!(said(&[]), Ok(()));
    assert_eq!(said(&[5]), Ok(()), "the lead answers");
    let broken = said(&[5, 1]).unwrap_err();
    assert!(broken.ends_with("nobody can"), "{broken}");
}

#[test]
fn an_answer_by_somebody_who_is_not_there_breaks_a_law() {
    let broken = |number: u32, path: Path| {
        let answer = Answer {
            person: person(number),
            path,
            passed_over: Vec::new(),
            until: at(60),
        };
        staff(&[5]).is_there(&answer, at(5))
    };
    let on_leave = broken(5, Path::OnCallOutOfHours).unwrap_err();
    assert!(on_leave.ends_with("is on leave"), "{on_leave}");
    let stranger = broken(4, Path::OnShift).unwrap_err();
    assert!(stranger.ends_with("is not in post"), "{stranger}");
    assert_eq!(broken(4, Path::WasEscalatedTo), Ok(()));
}

#[test]
fn an_answer_by_somebody_who_may_not_act_breaks_a_law() {
    let case = taken();
    let alert = case.alert(AlertNumber::FIRST).unwrap();
    let answer = Answer {
        person: person(5),
        path: Path::OnCallOutOfHours,
        passed_over: Vec::new(),
        until: at(60),
    };
    assert_eq!(may_act(&case, alert, &answer, at(5)), Ok(()));
    let mut other = alert.clone();
    other.ownership = Ownership::Taken {
        by: person(2),
        at: at(4),
        offered_to: None,
    };
    let broken = may_act(&case, &other, &answer, at(5)).unwrap_err();
    assert!(broken.contains("answers and may not act"), "{broken}");
}
