//! Receipts of real journals: what each event lets a patient be told; and that no journal, cut anywhere, is told too much.

use clinical::{AlertNumber, Case, Event, PersonId, ReadingStored, VitalSign, step};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use vitals::{Decimal, ReadingId};

use super::{Became, Receipt, Row, read};

const START: &str = "2026-03-14T08:00:00Z";
/// Blood pressure is confirmed by a repeat, oxygen is not; whoever does not act is followed by the next.
const PLAN: &str = include_str!("../../clinical/benches/year/plan.json");

/// A journal as it grows, with the case that it makes.
struct Journal {
    case: Case,
    rows: Vec<(Timestamp, Event, Vec<clinical::Decision>, Case)>,
    now: Timestamp,
    readings_len: u8,
}

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

fn id(number: u8) -> ReadingId {
    format!("{number:032x}").parse().unwrap()
}

impl Journal {
    fn new() -> Self {
        let now: Timestamp = START.parse().unwrap();
        let mut plan: Box<clinical::Plan> = serde_json::from_str(PLAN).unwrap();
        // Windows close with what is known of a home, of which there is none here.
        plan.care.schedule = clinical::Schedule::default();
        let event = Event::MonitoringStarted {
            coordinator: person("nurse-ann"),
            plan,
        };
        let begun = step(None, &event, now).unwrap();
        let rows = vec![(now, event, begun.decisions, begun.case.clone())];
        Self {
            case: begun.case,
            rows,
            now,
            readings_len: 0,
        }
    }

    fn wait(&mut self, minutes: i64) {
        let until = self.now + SignedDuration::from_mins(minutes);
        while let Some((due_at, what)) = self.case.next_deadline().filter(|it| it.0 <= until) {
            self.now = self.now.max(due_at);
            self.happen(Event::DeadlinePassed { what, due_at });
        }
        self.now = until;
    }

    /// Refusals change nothing.
    fn happen(&mut self, event: Event) {
        if let Ok(step) = step(Some(self.case.clone()), &event, self.now) {
            self.case = step.case;
            let row = (self.now, event, step.decisions, self.case.clone());
            self.rows.push(row);
        }
    }

    fn reading(&mut self, sign: VitalSign, value: i32) -> ReadingId {
        self.readings_len += 1;
        let id = id(self.readings_len);
        self.happen(Event::ReadingStored(ReadingStored {
            id,
            values: vec![(sign, Decimal::whole(value))],
            quality: Vec::new(),
            measured_at: self.now,
            received_at: self.now,
            device: None,
            user: None,
            registered_user: None,
            clock: None,
            drill: false,
        }));
        id
    }

    fn take(&mut self, alert: u32, by: &str) {
        self.happen(Event::AlertTaken {
            alert: AlertNumber(alert),
            by: person(by),
            instead_of: None,
        });
    }

    fn close(&mut self, alert: u32, by: &str) {
        self.happen(Event::AlertClosed {
            alert: AlertNumber(alert),
            by: person(by),
            outcome: clinical::Outcome::AdviceGiven,
            note: String::new(),
            duplicate_of: None,
        });
    }

    fn told(&self, reading: ReadingId, rows_len: usize) -> Receipt {
        let rows = self.rows.iter().take(rows_len);
        read(
            reading,
            rows.map(|(at, event, decisions, _)| Row {
                at: *at,
                event,
                decisions,
            }),
        )
    }

    fn became(&self, reading: ReadingId) -> Became {
        self.told(reading, self.rows.len()).became
    }
}

#[test]
fn what_is_inside_the_limits_is_checked_and_asks_nothing() {
    let mut journal = Journal::new();
    let reading = journal.reading(VitalSign::Spo2, 96);
    assert_eq!(journal.told(reading, 1).became, Became::NotChecked);
    let told = journal.told(reading, 2);
    assert_eq!(told.became, Became::Fine);
    assert_eq!(told.checked_at, Some(journal.now));
}

#[test]
fn an_urgent_reading_is_on_the_list_in_hand_and_looked_at_in_this_order() {
    let mut journal = Journal::new();
    let reading = journal.reading(VitalSign::Spo2, 84);
    let alert = journal.case.open_alerts().next().unwrap().clone();
    let on_list = |is_late| Became::OnList {
        by: alert.respond_by,
        is_late,
    };
    assert_eq!(journal.became(reading), on_list(false));
    journal.wait(1);
    let taken_at = journal.now;
    journal.take(alert.number.0, "nurse-bo");
    let by = person("nurse-bo");
    let in_hand = Became::InHand {
        by: by.clone(),
        at: taken_at,
    };
    assert_eq!(journal.became(reading), in_hand);
    journal.wait(1);
    let later = journal.reading(VitalSign::Spo2, 83);
    assert_eq!(journal.became(later), in_hand_of_another(&by));
    journal.close(alert.number.0, "nurse-ann");
    assert_eq!(
        journal.became(reading),
        in_hand,
        "only who holds it closes it"
    );
    journal.wait(1);
    journal.close(alert.number.0, "nurse-bo");
    let looked_at = Became::LookedAt {
        by,
        at: journal.now,
        outcome: clinical::Outcome::AdviceGiven,
    };
    assert_eq!(journal.became(reading), looked_at);
    assert_eq!(journal.became(later), looked_at);
}

fn in_hand_of_another(by: &PersonId) -> Became {
    Became::Added { to: by.clone() }
}

#[test]
fn a_first_high_value_waits_for_another_and_is_told_when_none_comes() {
    let mut journal = Journal::new();
    let first = journal.reading(VitalSign::Systolic, 186);
    let Became::Again { until: Some(until) } = journal.became(first) else {
        panic!("{:?}", journal.became(first));
    };
    assert!(until > journal.now);
    journal.wait(5);
    let second = journal.reading(VitalSign::Systolic, 124);
    assert_eq!(journal.became(first), Became::Repeated);
    assert_eq!(journal.became(second), Became::Fine);

    journal.wait(60);
    let third = journal.reading(VitalSign::Systolic, 188);
    journal.wait(16);
    assert!(matches!(journal.became(third), Became::OnList { .. }));
    assert_eq!(
        journal.became(first),
        Became::Repeated,
        "it is another matter"
    );
}

#[test]
fn what_nobody_took_in_time_is_said_to_be_late() {
    let mut journal = Journal::new();
    let reading = journal.reading(VitalSign::Spo2, 84);
    journal.wait(24 * 60);
    let Became::OnList { is_late, .. } = journal.became(reading) else {
        panic!("{:?}", journal.became(reading));
    };
    assert!(is_late);
}

#[test]
fn a_reading_that_was_struck_out_counts_for_nothing_and_may_count_again() {
    let mut journal = Journal::new();
    let reading = journal.reading(VitalSign::Spo2, 96);
    let by = person("nurse-ann");
    journal.happen(Event::ReadingStruck(clinical::Strike {
        reading,
        by: by.clone(),
        reason: clinical::StrikeReason::AnotherPerson,
        note: String::new(),
    }));
    let at = journal.now;
    let struck = Became::Struck { by: by.clone(), at };
    assert_eq!(journal.became(reading), struck);
    journal.happen(Event::StrikeTakenBack(clinical::StrikeBack {
        reading,
        by,
        note: "It was hers.".to_owned(),
    }));
    assert_eq!(journal.became(reading), Became::Fine);
}

/// One thing that happens, in small numbers.
#[derive(Debug, Clone)]
enum Act {
    Reading(usize, i32),
    Wait(i64),
    Take(u32, usize),
    Close(u32, usize),
    Reopen(u32, usize),
    Aside(u32, usize, bool),
    Escalate(u32, usize),
    Contact(Option<u32>, usize),
    Strike(u8, usize),
}

const PEOPLE: [&str; 3] = ["nurse-ann", "nurse-bo", "dr-bell"];

fn act() -> impl Strategy<Value = Act> {
    let (alert, who) = (1_u32..5, 0_usize..3);
    let about = (alert.clone(), who.clone());
    prop_oneof![
        6 => (0_usize..4, -3_i32..4).prop_map(|(sign, step)| Act::Reading(sign, step)),
        4 => (1_i64..600).prop_map(Act::Wait),
        4 => about.clone().prop_map(|(alert, who)| Act::Take(alert, who)),
        3 => about.clone().prop_map(|(alert, who)| Act::Close(alert, who)),
        1 => about.clone().prop_map(|(alert, who)| Act::Reopen(alert, who)),
        1 => (about.clone(), any::<bool>()).prop_map(|((alert, who), waits)| Act::Aside(alert, who, waits)),
        1 => about.prop_map(|(alert, who)| Act::Escalate(alert, who)),
        1 => (proptest::option::of(alert), who.clone()).prop_map(|(alert, who)| Act::Contact(alert, who)),
        1 => (1_u8..6, who).prop_map(|(reading, who)| Act::Strike(reading, who)),
    ]
}

impl Journal {
    fn act(&mut self, act: &Act) {
        let until = self.now + SignedDuration::from_mins(30);
        let by = |who: usize| person(PEOPLE[who]);
        match *act {
            Act::Reading(sign, step) => {
                let (sign, middle, width) = [
                    (VitalSign::Systolic, 135, 22),
                    (VitalSign::Spo2, 93, 3),
                    (VitalSign::Pulse, 85, 20),
                    (VitalSign::Weight, 80, 1),
                ][sign];
                self.reading(sign, middle + step * width);
            }
            Act::Wait(minutes) => self.wait(minutes),
            Act::Take(alert, who) => self.take(alert, PEOPLE[who]),
            Act::Close(alert, who) => self.close(alert, PEOPLE[who]),
            Act::Reopen(alert, who) => self.happen(Event::AlertReopened {
                alert: AlertNumber(alert),
                by: by(who),
                reason: "Look again.".to_owned(),
            }),
            Act::Aside(alert, who, true) => self.happen(Event::AlertWaits {
                alert: AlertNumber(alert),
                by: by(who),
                until,
            }),
            Act::Aside(alert, who, false) => self.happen(Event::AlertSnoozed {
                alert: AlertNumber(alert),
                by: by(who),
                until,
                reason: "Lunch.".to_owned(),
                until_reading: false,
            }),
            Act::Escalate(alert, who) => self.happen(Event::AlertEscalated {
                alert: AlertNumber(alert),
                by: by(who),
                to: by((who + 1) % PEOPLE.len()),
                note: "Look, please.".to_owned(),
            }),
            Act::Contact(alert, who) => self.happen(Event::Contacted(clinical::Contact {
                alert: alert.map(AlertNumber),
                by: by(who),
                how: clinical::ContactHow::Phone,
                result: clinical::ContactResult::SpokeWithPatient,
                note: String::new(),
                retry_at: None,
            })),
            Act::Strike(reading, who) => self.happen(Event::ReadingStruck(clinical::Strike {
                reading: id(reading),
                by: by(who),
                reason: clinical::StrikeReason::DeviceFault,
                note: String::new(),
            })),
        }
    }

    /// Holds a receipt of the first rows against the case that those rows made, and against the rows themselves.
    fn claims_no_more_than_is_so(&self, reading: ReadingId, rows_len: usize) {
        let rows = &self.rows[..rows_len];
        let (_, _, _, case) = rows.last().unwrap();
        let told = self.told(reading, rows_len);
        let is_stored =
            |event: &Event| matches!(event, Event::ReadingStored(it) if it.id == reading);
        let stored = rows.iter().find(|row| is_stored(&row.1));
        assert_eq!(told.checked_at, stored.map(|row| row.0));
        let speaks = |decision: &clinical::Decision, number: &AlertNumber| match decision {
            clinical::Decision::OpenAlert {
                alert, evidence, ..
            }
            | clinical::Decision::AddEvidence { alert, evidence } => {
                alert == number
                    && evidence.reading == Some(reading)
                    && evidence.priority().is_some()
            }
            _ => false,
        };
        let about: Vec<&clinical::Alert> = case
            .open_alerts()
            .filter(|alert| {
                let mut all = rows.iter().flat_map(|row| &row.2);
                all.any(|decision| speaks(decision, &alert.number))
            })
            .collect();
        let is_struck = case.struck_reading(reading).is_some();
        match &told.became {
            Became::NotChecked => assert!(stored.is_none()),
            Became::Fine | Became::Repeated | Became::EndedByItself => {
                assert!(about.is_empty(), "somebody is to look: {about:?}");
            }
            Became::Again { .. } => assert!(about.is_empty()),
            Became::OnList { by, is_late } => {
                let fits = |alert: &clinical::Alert| {
                    by.is_none_or(|by| alert.respond_by == Some(by))
                        && (!is_late || alert.is_overdue())
                };
                assert!(case.open_alerts().any(fits), "{told:?} {about:?}");
            }
            Became::InHand { by, at } => {
                let holds = |alert: &clinical::Alert| alert.ownership.holder() == Some(by);
                assert!(case.open_alerts().any(holds), "{told:?}");
                assert!(rows.iter().any(|row| row.0 == *at));
                assert!(about.iter().all(|alert| alert.ownership.holder().is_some()));
            }
            Became::Added { to } => {
                let holds = |alert: &clinical::Alert| alert.ownership.holder() == Some(to);
                assert!(case.open_alerts().any(holds), "{told:?}");
            }
            Became::LookedAt { by, at, outcome } => {
                assert!(about.is_empty(), "it is open: {about:?}");
                let closed = |row: &&(Timestamp, Event, Vec<clinical::Decision>, Case)| {
                    matches!(&row.1, Event::AlertClosed { by: who, outcome: how, .. } if who == by && how == outcome)
                        && row.0 == *at
                };
                assert!(rows.iter().find(closed).is_some());
            }
            Became::Struck { by, .. } => {
                assert!(is_struck);
                assert_eq!(&case.struck_reading(reading).unwrap().by, by);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_receipt_is_ahead_of_the_journal_wherever_it_is_cut(acts in proptest::collection::vec(act(), 1..40)) {
        let mut journal = Journal::new();
        for act in &acts {
            journal.act(act);
        }
        for reading in 1..=journal.readings_len {
            for rows_len in 1..=journal.rows.len() {
                journal.claims_no_more_than_is_so(id(reading), rows_len);
            }
        }
    }

    #[test]
    fn whatever_rows_come_in_whatever_order_each_claim_is_in_one_of_them(
        acts in proptest::collection::vec(act(), 1..30),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let mut journal = Journal::new();
        for act in &acts {
            journal.act(act);
        }
        let rows: Vec<_> = order.iter().map(|place| &journal.rows[place.index(journal.rows.len())]).collect();
        for reading in 1..=journal.readings_len {
            let rows_in = rows.iter().map(|(at, event, decisions, _)| Row { at: *at, event, decisions });
            let told = read(id(reading), rows_in);
            let has = |found: &dyn Fn(&Event) -> bool| rows.iter().any(|row| found(&row.1));
            match told.became {
                Became::NotChecked => {}
                Became::LookedAt { by, at, .. } => {
                    let closed = |row: &&&(Timestamp, Event, Vec<clinical::Decision>, Case)| {
                        matches!(&row.1, Event::AlertClosed { by: who, .. } if *who == by) && row.0 == at
                    };
                    prop_assert!(rows.iter().find(closed).is_some());
                }
                Became::Struck { by, .. } => {
                    prop_assert!(has(&|event| matches!(event, Event::ReadingStruck(it) if it.by == by)));
                }
                _ => prop_assert!(has(&|event| matches!(event, Event::ReadingStored(it) if it.id == id(reading)))),
            }
        }
    }
}
