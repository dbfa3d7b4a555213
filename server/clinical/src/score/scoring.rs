//! Scoring: each parameter is looked up in the table, or is missing for a reason.

use jiff::Timestamp;
use vitals::Decimal;

use super::Score;
use super::band::{Bands, Points};
use super::input::{Input, Inputs, Parameter, Spo2Scale};
use super::news2::News2;
use super::part::{Part, PartValue};
use super::partial::{Missing, MissingReason, PartialScore};
use super::table::ScoreTable;

/// Scores what is known at `now`; an input older than `age_minutes_max` counts as missing.
pub(crate) fn score_within(
    table: &ScoreTable,
    scale: Spo2Scale,
    inputs: &Inputs,
    age_minutes_max: u32,
    now: Timestamp,
) -> Score {
    let scoring = Scoring {
        table,
        scale,
        inputs,
        age_minutes_max,
        now,
    };
    let mut parts = Vec::new();
    let mut missing = Vec::new();
    for parameter in Parameter::ALL {
        match scoring.part(parameter) {
            Ok(part) => parts.push(part),
            Err(reason) => missing.push(Missing { parameter, reason }),
        }
    }
    match <[Part; 7]>::try_from(parts) {
        Ok(all) => Score::Complete(News2::of(table, scale, all)),
        Err(parts) => Score::Partial(PartialScore::of(table, scale, parts, missing)),
    }
}

/// What the parts of one score are looked up with.
struct Scoring<'a> {
    table: &'a ScoreTable,
    scale: Spo2Scale,
    inputs: &'a Inputs,
    age_minutes_max: u32,
    now: Timestamp,
}

impl Scoring<'_> {
    fn part(&self, parameter: Parameter) -> Result<Part, MissingReason> {
        let (chart, inputs) = (self.table.chart(), self.inputs);
        match parameter {
            Parameter::RespiratoryRate => {
                self.number(parameter, &inputs.respiratory_rate, &chart.respiratory_rate)
            }
            Parameter::Spo2 => self.spo2(),
            Parameter::AirOrOxygen => {
                let input = self.current(&inputs.on_oxygen)?;
                let oxygen = input.value;
                let points = *chart.air_or_oxygen.get(oxygen);
                Ok(part(
                    parameter,
                    &input,
                    PartValue::Breathes { oxygen },
                    points,
                ))
            }
            Parameter::Systolic => self.number(parameter, &inputs.systolic, &chart.systolic),
            Parameter::Pulse => self.number(parameter, &inputs.pulse, &chart.pulse),
            Parameter::Consciousness => {
                let input = self.current(&inputs.consciousness)?;
                let level = input.value;
                let points = chart.consciousness.points(level);
                Ok(part(
                    parameter,
                    &input,
                    PartValue::Consciousness { level },
                    points,
                ))
            }
            Parameter::Temperature => {
                self.number(parameter, &inputs.temperature, &chart.temperature)
            }
        }
    }

    fn current<T: Copy>(&self, input: &Option<Input<T>>) -> Result<Input<T>, MissingReason> {
        let input = input.ok_or(MissingReason::NotMeasured)?;
        if input.is_current(self.age_minutes_max, self.now) {
            Ok(input)
        } else {
            Err(MissingReason::OutOfDate)
        }
    }

    fn number(
        &self,
        parameter: Parameter,
        input: &Option<Input<Decimal>>,
        bands: &Bands,
    ) -> Result<Part, MissingReason> {
        let input = self.current(input)?;
        let value = input.value;
        Ok(part(
            parameter,
            &input,
            PartValue::Number { value },
            bands.points(&value),
        ))
    }

    fn spo2(&self) -> Result<Part, MissingReason> {
        let input = self.current(&self.inputs.spo2)?;
        let value = input.value;
        let on_oxygen = self.current(&self.inputs.on_oxygen).ok().map(|it| it.value);
        let points = self
            .table
            .spo2_points(self.scale, &value, on_oxygen)
            .ok_or(MissingReason::AirOrOxygenNotKnown)?;
        Ok(part(
            Parameter::Spo2,
            &input,
            PartValue::Number { value },
            points,
        ))
    }
}

fn part<T>(parameter: Parameter, input: &Input<T>, value: PartValue, points: Points) -> Part {
    Part {
        parameter,
        value,
        points,
        measured_at: input.measured_at,
        reading: input.reading,
    }
}
