//! The order: every key in its turn, total, and nothing is ever left out.

use std::cmp::Ordering;

use clinical::duty::Step;
use clinical::worklist::{Row, Tier, arrange, order};
use clinical::{AlertNumber, Priority};
use jiff::Timestamp;
use proptest::prelude::*;

const NOW: i64 = 100 * 60;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// Soon, due in an hour, usual, opened at minute 50, of patient p.
fn row() -> Row {
    Row {
        patient: "p".parse().unwrap(),
        alert: AlertNumber(1),
        priority: Priority::Soon,
        respond_by: Some(at(160)),
        step: Step::Coordinator,
        tier: Tier::Usual,
        opened_at: at(50),
    }
}

fn first(a: &Row, b: &Row) {
    assert_eq!(order(a, b, now()), Ordering::Less, "{a:?}\n{b:?}");
    assert_eq!(order(b, a, now()), Ordering::Greater, "{a:?}\n{b:?}");
}

#[test]
fn each_key_decides_over_all_that_come_after_it() {
    let late_check = Row {
        priority: Priority::Check,
        respond_by: Some(at(99)),
        opened_at: at(99),
        ..row()
    };
    let urgent = Row {
        priority: Priority::Urgent,
        respond_by: Some(at(101)),
        tier: Tier::Closest,
        opened_at: at(1),
        ..row()
    };
    first(&late_check, &urgent);
    let soon_now = Row {
        respond_by: Some(at(101)),
        ..urgent.clone()
    };
    first(
        &Row {
            respond_by: None,
            tier: Tier::Usual,
            opened_at: at(99),
            ..urgent
        },
        &Row {
            priority: Priority::Soon,
            ..soon_now
        },
    );
    let due_first = Row {
        respond_by: Some(at(159)),
        opened_at: at(60),
        ..row()
    };
    let closest = Row {
        tier: Tier::Closest,
        opened_at: at(60),
        ..row()
    };
    first(&due_first, &closest);
    first(&closest, &row());
    let older = Row {
        opened_at: at(49),
        alert: AlertNumber(9),
        ..row()
    };
    first(&older, &row());
    let next_alert = Row {
        alert: AlertNumber(2),
        ..row()
    };
    first(&row(), &next_alert);
}

#[test]
fn what_has_no_time_to_act_by_comes_after_what_has_one() {
    let never = Row {
        respond_by: None,
        tier: Tier::Closest,
        opened_at: at(1),
        ..row()
    };
    first(&row(), &never);
    assert!(!never.is_overdue(now()));
}

#[test]
fn a_time_is_over_at_its_very_moment_and_stays_over_once_the_next_person_was_asked() {
    let due = |respond_by| Row {
        respond_by,
        ..row()
    };
    assert!(due(Some(now())).is_overdue(now()));
    assert!(!due(Some(at(101))).is_overdue(now()));
    let stepped_up = Row {
        step: Step::TeamLead,
        ..due(Some(at(160)))
    };
    assert!(stepped_up.is_overdue(now()));
}

prop_compose! {
    fn rows()(
        patient in 0..3_u8,
        alert in 1..4_u32,
        priority in prop::sample::select(Priority::ALL.to_vec()),
        respond_by in prop::option::of(95..105_i64),
        step in prop::sample::select(vec![Step::Coordinator, Step::TeamLead, Step::OnCall]),
        tier in prop::sample::select(Tier::ALL.to_vec()),
        opened_at in 0..3_i64,
    ) -> Row {
        Row {
            patient: format!("p{patient}").parse().unwrap(),
            alert: AlertNumber(alert),
            priority,
            respond_by: respond_by.map(at),
            step,
            tier,
            opened_at: at(opened_at),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_order_is_total(a in rows(), b in rows(), c in rows()) {
        let order = |a: &Row, b: &Row| order(a, b, now());
        prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
        prop_assert_eq!(order(&a, &b) == Ordering::Equal, a == b);
        if order(&a, &b).is_le() && order(&b, &c).is_le() {
            prop_assert!(order(&a, &c).is_le());
        }
    }

    #[test]
    fn every_row_is_still_there_wherever_it_was(
        (given, shuffled) in prop::collection::vec(rows(), 0..40)
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let (mut one, mut other) = (given.clone(), shuffled);
        arrange(&mut one, |it| it, now());
        arrange(&mut other, |it| it, now());
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(one.len(), given.len());
        for row in &given {
            let times = |list: &[Row]| list.iter().filter(|it| *it == row).count();
            prop_assert_eq!(times(&one), times(&given));
        }
    }

    #[test]
    fn nothing_that_is_due_is_ever_under_what_is_not(mut given in prop::collection::vec(rows(), 0..40)) {
        arrange(&mut given, |it| it, now());
        prop_assert!(given.is_sorted_by_key(|it| !it.is_overdue(now())));
    }
}
