//! Score inputs: the latest of each parameter that a case knows.

use jiff::Timestamp;
use vitals::Decimal;

use crate::history::{Answers, History};
use crate::score::{Input, Inputs};
use crate::sign::VitalSign;

/// Gathers the latest of each parameter that was measured or observed until a time. How old one may be is the score's
/// to say.
pub(crate) fn score_inputs(history: &History, at: Timestamp) -> Inputs {
    let measured = |sign: VitalSign| -> Option<Input<Decimal>> {
        let point = history.points_until(sign, at).last()?;
        Some(Input {
            value: *point.value(),
            measured_at: point.at(),
            reading: Some(point.reading()),
        })
    };
    Inputs {
        respiratory_rate: said(history, at, |it| it.respiratory_rate),
        spo2: measured(VitalSign::Spo2),
        on_oxygen: said(history, at, |it| it.on_oxygen),
        systolic: measured(VitalSign::Systolic),
        pulse: measured(VitalSign::Pulse),
        consciousness: said(history, at, |it| it.consciousness),
        temperature: measured(VitalSign::Temperature),
    }
}

fn said<T>(
    history: &History,
    at: Timestamp,
    of: impl Fn(&Answers) -> Option<T>,
) -> Option<Input<T>> {
    let answers = history.answers().iter().rev();
    let known = answers.filter(|it| it.at <= at);
    let (value, measured_at) = known.filter_map(|it| Some((of(it)?, it.at))).next()?;
    Some(Input {
        value,
        measured_at,
        reading: None,
    })
}
