//! Back-testing the plan in force changes nothing, whatever the history was.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use clinical::backtest::{Row, backtest};
use clinical::{
    AlertNumber, Case, Decision, Event, Outcome, Pause, PauseReason, Plan, ReadingStored, Timeline,
    VitalSign,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use vitals::{Decimal, QualityMark};

/// A plan with every kind of rule, confirmation, schedule and escalation in it.
fn plan() -> Plan {
    serde_json::from_str(include_str!("../benches/year/plan.json")).unwrap()
}

#[derive(Debug, Clone)]
enum Happens {
    Pressure {
        systolic: i32,
        moved: bool,
        late: bool,
    },
    Oxygen {
        percent: i32,
    },
    Weight {
        kg: i32,
    },
    Take {
        newest: bool,
    },
    Close {
        newest: bool,
        outcome: u8,
    },
    Snooze,
    Reopen {
        back: u32,
    },
    Pause,
}

fn happens() -> impl Strategy<Value = (i64, Happens)> {
    let what = prop_oneof![
        6 => (80..200, any::<bool>(), any::<bool>())
            .prop_map(|(systolic, moved, late)| Happens::Pressure { systolic, moved, late }),
        3 => (82..99).prop_map(|percent| Happens::Oxygen { percent }),
        3 => (78..92).prop_map(|kg| Happens::Weight { kg }),
        3 => any::<bool>().prop_map(|newest| Happens::Take { newest }),
        3 => (any::<bool>(), 0..7_u8).prop_map(|(newest, outcome)| Happens::Close { newest, outcome }),
        1 => Just(Happens::Snooze),
        1 => (0..3_u32).prop_map(|back| Happens::Reopen { back }),
        1 => Just(Happens::Pause),
    ];
    (1..1_500_i64, what)
}

struct Live {
    timeline: Timeline,
    now: Timestamp,
    journal: Vec<(Timestamp, Event, Vec<Decision>)>,
}

impl Live {
    fn happen(&mut self, event: &Event) {
        let journal = &mut self.journal;
        let mut write = |at, event: &Event, decisions: &[Decision], _: &Case| {
            journal.push((at, event.clone(), decisions.to_vec()));
        };
        // What is refused is not written down.
        let _refused = self.timeline.happen(event, self.now, &mut write);
    }

    fn reading(
        &self,
        values: Vec<(VitalSign, Decimal)>,
        marks: Vec<QualityMark>,
        late: bool,
    ) -> Event {
        let minutes_ago = if late { 300 } else { 2 };
        Event::ReadingStored(ReadingStored {
            id: format!("{:032x}", self.journal.len()).parse().unwrap(),
            values,
            quality: marks,
            measured_at: self.now - SignedDuration::from_mins(minutes_ago),
            received_at: self.now,
            device: None,
            user: None,
            registered_user: None,
            clock: None,
            drill: false,
        })
    }

    fn an_open_alert(&self, newest: bool) -> AlertNumber {
        let numbers = self
            .timeline
            .case()
            .unwrap()
            .open_alerts()
            .map(|it| it.number);
        let number = if newest { numbers.max() } else { numbers.min() };
        number.unwrap_or(AlertNumber::FIRST)
    }

    fn event(&self, happens: &Happens) -> Event {
        let by = "nurse-ann".parse().unwrap();
        let one = |sign, value| vec![(sign, Decimal::whole(value))];
        match happens {
            Happens::Pressure {
                systolic,
                moved,
                late,
            } => {
                let marks = if *moved {
                    vec![QualityMark::BodyMovement]
                } else {
                    Vec::new()
                };
                self.reading(one(VitalSign::Systolic, *systolic), marks, *late)
            }
            Happens::Oxygen { percent } => {
                self.reading(one(VitalSign::Spo2, *percent), Vec::new(), false)
            }
            Happens::Weight { kg } => self.reading(one(VitalSign::Weight, *kg), Vec::new(), false),
            Happens::Take { newest } => Event::AlertTaken {
                alert: self.an_open_alert(*newest),
                by,
                instead_of: None,
            },
            Happens::Close { newest, outcome } => Event::AlertClosed {
                alert: self.an_open_alert(*newest),
                by,
                outcome: Outcome::ALL[usize::from(*outcome)],
                note: String::new(),
                duplicate_of: None,
            },
            Happens::Snooze => Event::AlertSnoozed {
                alert: self.an_open_alert(true),
                by,
                until: self.now + SignedDuration::from_mins(20),
                until_reading: false,
                reason: "a bath".to_owned(),
            },
            Happens::Reopen { back } => Event::AlertReopened {
                alert: AlertNumber(
                    self.timeline
                        .case()
                        .unwrap()
                        .next_alert()
                        .0
                        .saturating_sub(1 + back),
                ),
                by,
                reason: "not over".to_owned(),
            },
            Happens::Pause => Event::Paused {
                pause: Pause {
                    from: self.now,
                    until: self.now + SignedDuration::from_hours(60),
                    reason: PauseReason::Holiday,
                },
                by,
            },
        }
    }
}

fn lived(history: &[(i64, Happens)]) -> Live {
    let plan = plan();
    let mut live = Live {
        timeline: Timeline::new(None),
        now: plan.in_force_from,
        journal: Vec::new(),
    };
    live.happen(&Event::MonitoringStarted {
        coordinator: "nurse-ann".parse().unwrap(),
        plan: Box::new(plan),
    });
    for (minutes, happens) in history {
        live.now += SignedDuration::from_mins(*minutes);
        let event = live.event(happens);
        live.happen(&event);
    }
    live
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_plan_in_force_gives_what_was_live(
        history in proptest::collection::vec(happens(), 1..250),
        days in 0..60_i64,
    ) {
        let live = lived(&history);
        let rows = || live.journal.iter().map(|(at, event, decisions)| Row { at: *at, event, decisions });
        let from = plan().in_force_from + SignedDuration::from_hours(24 * days);
        let to = live.now.max(from) + SignedDuration::from_mins(1);
        let test = backtest(rows(), &plan(), from, to);
        let live_len = live.journal.iter().filter(|(at, ..)| *at >= from).flat_map(|(_, _, decisions)| decisions);
        let live_len = live_len.filter(|it| matches!(it, Decision::OpenAlert { .. })).count();
        prop_assert_eq!(test.live.len(), live_len);
        prop_assert_eq!(&test.in_force, &test.live);
        prop_assert_eq!(&test.proposed, &test.live);
        prop_assert_eq!(test.load_in_force, test.load_proposed);
        prop_assert!(test.missed.is_empty() && test.new.is_empty() && test.later.is_empty());
    }

    /// A plan without limits or rules raises nothing, and everything that people acted on is missed.
    #[test]
    fn a_plan_that_watches_nothing_misses_everything(history in proptest::collection::vec(happens(), 1..120)) {
        let live = lived(&history);
        let rows = live.journal.iter().map(|(at, event, decisions)| Row { at: *at, event, decisions });
        let nothing = Plan {
            limits: Default::default(),
            care: Default::default(),
            ..plan()
        };
        let test = backtest(rows, &nothing, plan().in_force_from, live.now);
        prop_assert_eq!(test.load_proposed.alerts, 0);
        prop_assert_eq!(test.missed.len(), test.acted_on_len());
        prop_assert!(test.new.is_empty());
    }
}
