//! Every state in words: short sentences that a child can read, and no more than receipts said.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vitals::{
    Attempt, AttemptReason, Characteristic, Pressure, QualityMark, RawBytes, Reading, Record,
    TimeBasis, Times, Vital,
};

use super::contact::tests::contact;
use super::state::{Kept, Shown, State, Trouble, Unsaved};
use super::words::{Light, Notice, SENTENCE_WORDS_MAX, Words, light, words};

const TROUBLES: [Trouble; 8] = [
    Trouble::Unsaved(Unsaved::Full),
    Trouble::Unsaved(Unsaved::ReadOnly),
    Trouble::Unsaved(Unsaved::Fault),
    Trouble::Deaf,
    Trouble::Timeless,
    Trouble::Unsent,
    Trouble::SetAside,
    Trouble::Worn,
];

fn now() -> Timestamp {
    "2026-11-21T08:50:00Z".parse().unwrap()
}

fn times() -> Times {
    let at = "2026-11-21T08:42:00Z".parse().unwrap();
    Times {
        device_time: None,
        measured_at: at,
        received_at: at,
        basis: TimeBasis::Arrival,
    }
}

fn reading() -> Record {
    let mmhg = |text: &str| Pressure::from_mmhg(text.parse().unwrap()).unwrap();
    let (device, raw, times) = ("cuff".parse().unwrap(), raw(), times());
    let characteristic = Characteristic(0x2A35);
    Record::Reading(Reading {
        id: vitals::ReadingId::derive(&device, characteristic, &raw, &times),
        device,
        characteristic,
        vital: Vital::BloodPressure {
            systolic: mmhg("128"),
            diastolic: mmhg("76"),
            mean: None,
            pulse: None,
        },
        quality: Vec::new(),
        raw,
        times,
        user: None,
        test: false,
    })
}

fn attempt(characteristic: u16, reason: AttemptReason, quality: Vec<QualityMark>) -> Record {
    let (device, raw, times) = ("cuff".parse().unwrap(), raw(), times());
    let characteristic = Characteristic(characteristic);
    Record::Attempt(Attempt {
        id: vitals::ReadingId::derive(&device, characteristic, &raw, &times),
        device,
        characteristic,
        reason,
        quality,
        raw,
        times,
        user: None,
        test: false,
    })
}

fn raw() -> RawBytes {
    RawBytes::try_from(vec![1]).unwrap()
}

fn shown(record: Record, kept: Kept) -> Shown {
    Shown {
        record,
        kept,
        time_is_known: true,
    }
}

fn state(shown: Vec<Shown>) -> State {
    State {
        now: Some(now()),
        waiting_len: shown.iter().filter(|it| it.kept == Kept::Here).count() as u64,
        shown,
        connected: true,
        trouble: None,
    }
}

fn said(state: &State) -> Words {
    words(state, &TimeZone::get("Europe/London").unwrap(), &contact())
}

/// Every state that differs in words.
fn every_state() -> Vec<State> {
    let mut records = vec![reading()];
    for characteristic in [0x2A35, 0x2A5E, 0x2A9D, 0x2A1C, 0x2A18] {
        records.push(attempt(characteristic, AttemptReason::NoValue, Vec::new()));
    }
    for mark in [QualityMark::BodyMovement, QualityMark::ImproperPosition] {
        records.push(attempt(0x2A35, AttemptReason::NoValue, vec![mark]));
    }
    for reason in [AttemptReason::NotAPatient, AttemptReason::Undecodable] {
        records.push(attempt(0x2A35, reason, Vec::new()));
    }
    let mut states = vec![state(Vec::new())];
    for record in records {
        for kept in [Kept::Here, Kept::AtServer, Kept::SetAside] {
            let newest = shown(record.clone(), kept);
            let before = shown(record.clone(), Kept::Here);
            states.push(state(vec![newest.clone()]));
            states.push(State {
                connected: false,
                now: None,
                ..state(vec![newest, before])
            });
        }
    }
    let troubled = TROUBLES.map(|trouble| State {
        trouble: Some(trouble),
        ..state(vec![shown(reading(), Kept::AtServer)])
    });
    states.extend(troubled);
    states
}

fn sentences(words: &Words) -> Vec<String> {
    let notices = [
        words.alarm.as_ref(),
        words.kept.as_ref().map(|(_, notice)| notice),
        words.next.as_ref(),
    ];
    let of = |it: &Notice| it.sentences.clone();
    notices.into_iter().flatten().flat_map(of).collect()
}

#[test]
fn every_sentence_is_whole_and_short() {
    let safety = contact().safety();
    let mut all: BTreeSet<String> = safety.not_watched.into_iter().collect();
    let listed = safety.emergency.iter().chain(&safety.urgent);
    all.extend(listed.map(|it| format!("Call 999 if {it}.")));
    for state in every_state() {
        all.extend(sentences(&said(&state)));
    }
    assert!(all.len() > 30, "{all:#?}");
    for sentence in &all {
        let words = sentence.split_whitespace().count();
        assert!(words <= SENTENCE_WORDS_MAX, "{words} words: {sentence}");
        assert!(sentence.ends_with('.'), "{sentence}");
        assert_eq!(sentence.matches('.').count(), 1, "one each: {sentence}");
    }
    assert!(
        reading_grade(&all) < 6.0,
        "an eleven-year-old reads grade 6: {}",
        reading_grade(&all)
    );
}

/// The Automated Readability Index (Senter and Smith, 1967): the school year that can read a text.
fn reading_grade(sentences: &BTreeSet<String>) -> f64 {
    let count = |of: &dyn Fn(&String) -> usize| {
        let sum: usize = sentences.iter().map(of).sum();
        f64::from(u32::try_from(sum).unwrap())
    };
    let letters = count(&|it| it.chars().filter(|it| it.is_alphanumeric()).count());
    let words = count(&|it| it.split_whitespace().count());
    4.71 * letters / words + 0.5 * words / count(&|_| 1) - 21.43
}

#[test]
fn only_a_receipt_makes_the_box_say_that_the_team_has_a_reading() {
    for state in every_state() {
        let words = said(&state);
        let text = format!("{:?} {:?}", words.kept, words.alarm);
        let claims = text.contains("system has it");
        let newest = state.shown.first();
        let is_receipted = newest
            .is_some_and(|it| it.kept == Kept::AtServer && matches!(it.record, Record::Reading(_)));
        assert_eq!(claims, is_receipted, "{state:?}: {text}");
    }
}

#[test]
fn a_failed_attempt_is_no_value_and_says_what_to_try() {
    let loose = attempt(0x2A35, AttemptReason::NoValue, vec![]);
    let words = said(&state(vec![shown(loose, Kept::AtServer)]));
    let newest = words.newest.unwrap();
    assert_eq!(newest.value, "We did not get a reading");
    assert_eq!(newest.what, "Blood pressure");
    assert_eq!(words.kept, None);
    let next = words.next.unwrap();
    assert_eq!(next.heading, "Try again");
    assert_eq!(next.sentences[0], "The cuff may be loose.");
}

#[test]
fn an_alarm_says_whom_to_call_and_nobody_is_sent_to_measure_in_vain() {
    for trouble in TROUBLES {
        let words = said(&State {
            trouble: Some(trouble),
            ..state(vec![shown(reading(), Kept::Here)])
        });
        let alarm = words.alarm.unwrap();
        let last = alarm.sentences.last().unwrap();
        assert_eq!(
            last,
            "Please call the North team on 020\u{A0}7946\u{A0}0123."
        );
        let cannot_measure = matches!(trouble, Trouble::Unsaved(_) | Trouble::Deaf);
        assert_eq!(words.next.is_none(), cannot_measure);
        assert_eq!(words.light, Light::Call);
    }
}

#[test]
fn the_light_is_amber_only_while_something_is_not_sent() {
    assert_eq!(light(&state(Vec::new())), Light::Ok);
    let sent = state(vec![shown(reading(), Kept::AtServer)]);
    assert_eq!(light(&sent), Light::Ok);
    let waiting = state(vec![shown(reading(), Kept::Here)]);
    assert_eq!(light(&waiting), Light::Waiting);
}

#[test]
fn a_time_that_the_box_did_not_know_is_not_shown() {
    let undated = Shown {
        time_is_known: false,
        ..shown(reading(), Kept::Here)
    };
    let when = |state: &State| said(state).newest.unwrap().when;
    assert_eq!(
        when(&state(vec![undated])),
        "The box did not know the time then"
    );
    let dated = state(vec![shown(reading(), Kept::Here)]);
    assert_eq!(when(&dated), "Today at 8:42am");
}
