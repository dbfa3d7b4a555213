//! Readings, attempts and answers of a walk, of every badness and lateness.

use clinical::history::Answers;
use clinical::score::Acvpu;
use clinical::{AttemptStored, Measured, ReadingStored, VitalSign};
use jiff::{SignedDuration, Timestamp};
use vitals::{AttemptReason, Decimal, QualityMark};

/// Minutes between measuring and storing: mostly none, then minutes to weeks, and clocks that are ahead.
const LATE_MINUTES: [i64; 20] = [
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    3,
    10,
    30,
    60,
    119,
    180,
    24 * 60,
    7 * 24 * 60,
    21 * 24 * 60,
    -1,
    -10,
];

fn measured_at(choice: u32, last: Timestamp, now: Timestamp) -> Timestamp {
    match choice % 16 {
        // The same instant as the reading before: a device's minutes, or two devices.
        15 => return last,
        // Just before it, and out of order.
        14 => return last - SignedDuration::from_secs(40),
        _ => {}
    }
    let minutes = LATE_MINUTES[choice as usize % LATE_MINUTES.len()];
    now - SignedDuration::from_mins(minutes)
}

pub(crate) fn reading(
    [what, badness, when, flags]: [u32; 4],
    number: u64,
    last: Timestamp,
    now: Timestamp,
) -> ReadingStored {
    let mut quality = Vec::new();
    match flags % 16 {
        13 => quality.push(QualityMark::BodyMovement),
        14 => quality.push(QualityMark::PoorSignal),
        15 | 12 => quality.push(QualityMark::IrregularPulse),
        _ => {}
    }
    let of_another = flags / 16 % 16 == 15;
    ReadingStored {
        id: format!("{number:032x}").parse().unwrap(),
        values: values(what, badness),
        quality,
        measured_at: measured_at(when, last, now),
        received_at: now,
        device: None,
        user: (of_another || flags % 2 == 1).then_some(if of_another { 2 } else { 1 }),
        registered_user: Some(1),
        clock: None,
        drill: flags / 256 % 16 == 15,
    }
}

/// Values: inside, near a limit, soon, urgent and at once on both sides, impossible, and jumps.
fn values(what: u32, badness: u32) -> Vec<(VitalSign, Decimal)> {
    let pick = |all: [i32; 12]| Decimal::whole(all[badness as usize % 12]);
    let pulse = |number: u32| {
        let all = [70, 72, 80, 75, 70, 112, 71, 132, 69, 45, 40, 150];
        (VitalSign::Pulse, Decimal::whole(all[number as usize % 12]))
    };
    match what % 4 {
        0 => vec![
            (
                VitalSign::Systolic,
                pick([120, 125, 148, 152, 182, 185, 215, 98, 88, 130, 301, 30]),
            ),
            (
                VitalSign::Diastolic,
                pick([75, 78, 80, 97, 100, 122, 125, 60, 50, 125, 150, 25]),
            ),
            pulse(badness / 12),
        ],
        1 => vec![
            (
                VitalSign::Spo2,
                pick([97, 96, 95, 93, 92, 91, 90, 89, 86, 84, 40, 100]),
            ),
            pulse(badness / 12),
        ],
        2 => vec![(
            VitalSign::Weight,
            pick([80, 81, 82, 83, 86, 90, 95, 101, 70, 60, 10, 79]),
        )],
        _ => vec![(
            VitalSign::Temperature,
            pick([36, 37, 36, 37, 38, 39, 40, 35, 34, 36, 37, 41]),
        )],
    }
}

pub(crate) fn attempt([what, why, ..]: [u32; 4], number: u64, now: Timestamp) -> AttemptStored {
    let reasons = [
        AttemptReason::NoValue,
        AttemptReason::DeclaredInvalid,
        AttemptReason::Undecodable,
    ];
    AttemptStored {
        id: format!("{number:032x}").parse().unwrap(),
        reason: reasons[why as usize % 3],
        quality: Vec::new(),
        measured_at: now,
        device: None,
        user: None,
        what: Measured::ALL.get(what as usize % 5).copied(),
    }
}

pub(crate) fn answers([what, rate, when, asked]: [u32; 4], now: Timestamp) -> Answers {
    let minutes = LATE_MINUTES[when as usize % LATE_MINUTES.len()];
    let mut answers = Answers::at(now - SignedDuration::from_mins(minutes));
    let symptom = "breathless".parse().unwrap();
    if asked & 1 == 0 {
        answers.symptoms.insert(symptom, what % 3 == 1);
    }
    let rates = [14, 16, 22, 26, 8];
    answers.respiratory_rate =
        (asked & 2 != 0).then(|| Decimal::whole(rates[rate as usize % rates.len()]));
    answers.on_oxygen = (asked & 4 != 0).then_some(what % 4 == 3);
    answers.consciousness = (asked & 8 != 0).then_some(if what % 7 == 6 {
        Acvpu::Voice
    } else {
        Acvpu::Alert
    });
    answers
}
