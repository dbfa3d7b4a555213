//! Tests of a session's order.

use super::*;

/// Answers every action by what `outcome` says of it and its position, and gives the actions in order.
fn run(outcome: impl FnMut(Action, usize) -> Outcome) -> Vec<Action> {
    run_from(Session::begin(Pairs::Connected), outcome)
}

fn run_from(
    mut session: Session,
    mut outcome: impl FnMut(Action, usize) -> Outcome,
) -> Vec<Action> {
    let mut actions = Vec::new();
    loop {
        let action = session.action();
        actions.push(action);
        if matches!(action, Action::End(_)) {
            return actions;
        }
        assert!(
            actions.len() < 3 * usize::from(REST_LEN_MAX),
            "a session must end"
        );
        session = session.after(outcome(action, actions.len()));
    }
}

/// A device that answers everything, sends `values` values and falls silent.
fn good_device(values: usize) -> impl FnMut(Action, usize) -> Outcome {
    let mut left = values;
    move |action, _| match action {
        Action::AwaitValue if left > 0 => {
            left -= 1;
            Outcome::Value
        }
        Action::AwaitValue | Action::TakeArrived => Outcome::Idle,
        _ => Outcome::Done,
    }
}

fn position(actions: &[Action], wanted: Action) -> usize {
    let found = actions.iter().position(|action| *action == wanted);
    found.unwrap_or_else(|| panic!("{wanted:?} is not in {actions:?}"))
}

#[test]
fn a_good_session_keeps_the_order_that_loses_nothing() {
    assert_eq!(
        run(good_device(2)),
        [
            Action::StopScan,
            Action::OpenStream,
            Action::Connect,
            Action::Pair,
            Action::Discover,
            Action::Settle,
            Action::ReadClock,
            Action::ReadBattery,
            Action::Subscribe,
            Action::Consent,
            Action::AskForRecords,
            Action::AwaitValue,
            Action::Commit,
            Action::AwaitValue,
            Action::Commit,
            Action::AwaitValue,
            Action::SetClock,
            Action::Unsubscribe,
            Action::TakeArrived,
            Action::Disconnect,
            Action::End(Ending::Drained),
        ]
    );
}

#[test]
fn a_lost_link_is_unsubscribed_all_the_same_and_what_arrived_is_committed() {
    let mut arrived = 2;
    let actions = run(|action, _| match action {
        Action::AwaitValue => Outcome::LinkLost,
        Action::Unsubscribe | Action::Disconnect => Outcome::Failed,
        Action::TakeArrived if arrived > 0 => {
            arrived -= 1;
            Outcome::Value
        }
        Action::TakeArrived => Outcome::Idle,
        _ => Outcome::Done,
    });
    let rest = &actions[position(&actions, Action::Unsubscribe)..];
    assert_eq!(
        rest,
        [
            Action::Unsubscribe,
            Action::TakeArrived,
            Action::Commit,
            Action::TakeArrived,
            Action::Commit,
            Action::TakeArrived,
            Action::Disconnect,
            Action::End(Ending::LinkLost),
        ]
    );
}

#[test]
fn an_aborted_connection_is_tried_again_at_once_and_not_for_ever() {
    let mut aborts = 2;
    let actions = run(|action, at| match action {
        Action::Connect if aborts > 0 => {
            aborts -= 1;
            Outcome::ConnectAborted
        }
        other => good_device(0)(other, at),
    });
    let count = |actions: &[Action]| actions.iter().filter(|it| **it == Action::Connect).count();
    assert_eq!(count(&actions), 3);
    assert_eq!(actions.last(), Some(&Action::End(Ending::Drained)));

    let actions = run(|action, _| match action {
        Action::Connect => Outcome::ConnectAborted,
        _ => Outcome::Done,
    });
    assert_eq!(count(&actions), 1 + usize::from(CONNECT_RETRY_COUNT_MAX));
    assert_eq!(
        actions[actions.len() - 2..],
        [Action::Disconnect, Action::End(Ending::Failed)]
    );
}

#[test]
fn a_refused_value_ends_the_session_as_refused_but_what_arrived_is_still_tried() {
    let mut arrived = 1;
    let actions = run(|action, _| match action {
        Action::AwaitValue => Outcome::Value,
        Action::Commit => Outcome::Failed,
        Action::TakeArrived if arrived > 0 => {
            arrived -= 1;
            Outcome::Value
        }
        Action::TakeArrived => Outcome::Idle,
        _ => Outcome::Done,
    });
    let commits = actions.iter().filter(|it| **it == Action::Commit).count();
    assert_eq!(commits, 2);
    assert_eq!(actions.last(), Some(&Action::End(Ending::Refused)));
    assert!(position(&actions, Action::Unsubscribe) < position(&actions, Action::Disconnect));
}

#[test]
fn whatever_fails_a_device_that_was_connected_is_let_go() {
    for failing in [
        Action::OpenStream,
        Action::Connect,
        Action::Discover,
        Action::Subscribe,
    ] {
        let actions = run(|action, at| {
            if action == failing {
                Outcome::Failed
            } else {
                good_device(0)(action, at)
            }
        });
        assert_eq!(
            actions.last(),
            Some(&Action::End(Ending::Failed)),
            "{failing:?}"
        );
        assert_eq!(
            actions.contains(&Action::Disconnect),
            failing != Action::OpenStream,
            "{failing:?}"
        );
        assert_eq!(
            actions.contains(&Action::Unsubscribe),
            failing == Action::Subscribe,
            "{failing:?}"
        );
    }
}

#[test]
fn what_a_device_may_lack_does_not_stop_its_session() {
    for lacking in [Action::StopScan, Action::ReadClock, Action::ReadBattery] {
        let mut device = good_device(1);
        let actions = run(|action, at| {
            if action == lacking {
                Outcome::Failed
            } else {
                device(action, at)
            }
        });
        assert_eq!(
            actions.last(),
            Some(&Action::End(Ending::Drained)),
            "{lacking:?}"
        );
        assert!(actions.contains(&Action::Commit), "{lacking:?}");
    }
}

#[test]
fn stopping_lets_the_device_go_from_wherever_the_session_stands() {
    for at in [
        Action::Connect,
        Action::Pair,
        Action::Discover,
        Action::Settle,
        Action::ReadClock,
        Action::AwaitValue,
    ] {
        let actions = run(|action, position| {
            if action == at {
                Outcome::Stopping
            } else {
                good_device(0)(action, position)
            }
        });
        assert_eq!(
            actions[actions.len() - 2..],
            [Action::Disconnect, Action::End(Ending::Stopped)],
            "{at:?}"
        );
    }
    let actions = run(|_, _| Outcome::Stopping);
    assert_eq!(actions, [Action::StopScan, Action::End(Ending::Stopped)]);
}

#[test]
fn a_device_that_never_falls_silent_is_left_after_a_bound() {
    let actions = run(|action, _| match action {
        Action::AwaitValue => Outcome::Idle,
        Action::TakeArrived => Outcome::Value,
        _ => Outcome::Done,
    });
    let commits = actions.iter().filter(|it| **it == Action::Commit).count();
    assert_eq!(commits, usize::from(REST_LEN_MAX));
}

#[test]
fn a_device_that_declines_to_pair_is_met_again_at_once_without() {
    let mut device = good_device(1);
    let actions = run(|action, at| match action {
        Action::Pair => Outcome::Declined,
        other => device(other, at),
    });
    assert_eq!(
        actions[2..7],
        [
            Action::Connect,
            Action::Pair,
            Action::Disconnect,
            Action::Connect,
            Action::Discover,
        ]
    );
    assert_eq!(actions.last(), Some(&Action::End(Ending::Drained)));
}

#[test]
fn a_device_that_wants_to_be_paired_and_was_not_is_left() {
    for outcome in [Outcome::Failed, Outcome::LinkLost] {
        let actions = run(|action, at| match action {
            Action::Pair => outcome,
            other => good_device(1)(other, at),
        });
        assert_eq!(
            actions[3..],
            [
                Action::Pair,
                Action::Disconnect,
                Action::End(Ending::NotPaired)
            ]
        );
    }
}

#[test]
fn a_device_known_to_decline_is_not_asked() {
    let mut session = Session::begin(Pairs::Never);
    let mut device = good_device(0);
    for at in 0..40 {
        assert_ne!(session.action(), Action::Pair);
        session = session.after(device(session.action(), at));
    }
    assert_eq!(session.action(), Action::End(Ending::Drained));
}

#[test]
fn nothing_more_is_asked_over_a_link_that_is_gone() {
    for at in [
        Action::ReadClock,
        Action::ReadBattery,
        Action::Subscribe,
        Action::Consent,
        Action::AskForRecords,
    ] {
        let actions = run(|action, position| {
            if action == at {
                Outcome::LinkLost
            } else {
                good_device(0)(action, position)
            }
        });
        assert_eq!(
            actions[position(&actions, at) + 1..],
            [
                Action::Unsubscribe,
                Action::TakeArrived,
                Action::Disconnect,
                Action::End(Ending::LinkLost)
            ],
            "{at:?}"
        );
    }
}

#[test]
fn a_refused_consent_ends_the_session_and_what_arrived_all_the_same_is_committed() {
    let mut arrived = 1;
    let actions = run(|action, _| match action {
        Action::Consent => Outcome::ConsentRefused,
        Action::TakeArrived if arrived > 0 => {
            arrived -= 1;
            Outcome::Value
        }
        Action::TakeArrived => Outcome::Idle,
        _ => Outcome::Done,
    });
    assert_eq!(
        actions[position(&actions, Action::Consent) + 1..],
        [
            Action::Unsubscribe,
            Action::TakeArrived,
            Action::Commit,
            Action::TakeArrived,
            Action::Disconnect,
            Action::End(Ending::NotConsented)
        ]
    );
}

#[test]
fn a_clock_is_set_when_nothing_is_left_that_it_has_dated() {
    // Never set: nothing is dated by it, and what is measured from now on is.
    let mut device = good_device(1);
    let actions = run(|action, at| match action {
        Action::ReadClock => Outcome::ClockUnset,
        other => device(other, at),
    });
    let first = position(&actions, Action::SetClock);
    assert_eq!(actions[first - 1], Action::ReadClock);
    assert!(first < position(&actions, Action::Subscribe));

    // Lost before the end: the device may keep something that the old clock has dated.
    let actions = run(|action, at| match action {
        Action::AwaitValue => Outcome::LinkLost,
        other => good_device(0)(other, at),
    });
    assert!(!actions.contains(&Action::SetClock));
}

#[test]
fn a_device_that_wants_it_is_paired_before_it_is_connected_to() {
    let actions = run_from(Session::begin(Pairs::First), good_device(1));
    assert_eq!(
        actions[1..5],
        [
            Action::OpenStream,
            Action::Pair,
            Action::Connect,
            Action::Discover
        ]
    );
    assert_eq!(actions.last(), Some(&Action::End(Ending::Drained)));
}

#[test]
fn a_device_that_takes_a_pairing_for_done_when_it_is_let_go_is_let_go() {
    let actions = run(|action, at| match action {
        Action::Pair => Outcome::PairedToLetGo,
        other => good_device(1)(other, at),
    });
    assert_eq!(
        actions[3..],
        [
            Action::Pair,
            Action::Disconnect,
            Action::End(Ending::Paired)
        ]
    );
}
