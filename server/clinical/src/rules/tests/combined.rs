//! Combined rules: parts, their ages and their answers.

use super::*;
use crate::alert::Problem;
use crate::history::Answers;

fn wet_and_breathless() -> Rule {
    rule(
        "rule='combined'\nwithin_hours=24\nall=[\
         {part='change',sign='weight',direction='rise',at_least='1.5',within_days=3,days_min=1},\
         {part='limit',sign='spo2',side='low',limit='94'},\
         {part='symptom',symptom='breathless-lying-down'}]",
    )
}

fn patient(weights_kg: &str, oxygen: &str, answers: &[(&str, bool)]) -> History {
    let mut history = weights(weights_kg);
    for reading in oxygen.split(',').filter(|it| !it.is_empty()) {
        let (time, value) = reading.trim().split_once(' ').unwrap();
        put(&mut history, VitalSign::Spo2, time, value, false);
    }
    for (time, is_yes) in answers {
        let mut answers = Answers::at(at(time));
        answers
            .symptoms
            .insert("breathless-lying-down".parse().unwrap(), *is_yes);
        history.insert_answers(answers);
    }
    history
}

/// Judges at the time of what is known last, as when it has just been stored.
fn judge(rule: &Rule, history: &History) -> Judgement {
    let points = VitalSign::ALL.iter().filter_map(|it| history.latest(*it));
    let answers = history.answers().iter().map(|it| it.at);
    let newest = points.map(Point::at).chain(answers).max().unwrap();
    rule.evaluate(history, newest)
}

const GAIN: &str = "01T07:00 81, 03T07:00 82.5";

#[test]
fn every_part_within_a_day_holds() {
    let history = patient(GAIN, "04T07:00 94", &[("03T20:00", true)]);
    let found = holding(judge(&wet_and_breathless(), &history));
    assert_eq!(
        found.for_nurse(),
        "Weight up 1.5 kg in 2 days (81 to 82.5 kg; rule: 1.5 kg in 3 days), oxygen 94% (rule: 94% or under) \
         and breathless lying down (answered yes), together within 24 hours"
    );
    assert_eq!(
        found.for_patient(),
        "These came together: your weight has gone up by 1.5 kg in 2 days, your oxygen level is 94% \
         and you said yes to “breathless lying down”."
    );
    assert_eq!(
        found.would_have_stopped(),
        "a weight change under 1.5 kg in 3 days, oxygen over 94% or no to “breathless lying down”"
    );
    assert_eq!(found.problem, Problem::Deterioration);
    assert_eq!(found.newest_at, at("04T07:00"));
    assert_eq!(
        found.readings,
        [id("01T07:00"), id("03T07:00"), id("04T07:00")]
    );
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Holding>(&text).unwrap(), found);
}

#[test]
fn one_part_that_is_not_so_stops_it() {
    let judged = |weights: &str, oxygen: &str, is_yes| {
        judge(
            &wet_and_breathless(),
            &patient(weights, oxygen, &[("03T20:00", is_yes)]),
        )
    };
    let no = Judgement::DoesNotHold;
    assert_eq!(
        judged("01T07:00 81, 03T07:00 82.49", "03T07:00 93", true),
        no
    );
    assert_eq!(judged(GAIN, "03T07:00 94.1", true), no);
    assert_eq!(judged(GAIN, "03T07:00 93", false), no);
    assert_eq!(
        judged(GAIN, "03T07:00 93, 03T09:00 97", true),
        no,
        "the newest counts"
    );
    assert_eq!(judged("03T07:00 82.5", "", false), no, "known enough");
}

#[test]
fn a_part_that_is_old_or_missing_is_not_known() {
    let judged = |oxygen: &str, answers: &[(&str, bool)]| {
        judge(&wet_and_breathless(), &patient(GAIN, oxygen, answers))
    };
    let two = "Not enough data yet: 2 of 3 recent values";
    assert_eq!(lack(&judged("03T07:00 93", &[])), two);
    assert_eq!(lack(&judged("", &[("03T20:00", true)])), two);
    assert_eq!(
        lack(&judged("03T07:00 93", &[("02T06:59", true)])),
        two,
        "the answer is a day old"
    );
    holding(judged("03T07:00 93", &[("02T07:00", true)]));
    let first_weight = patient("03T07:00 82.5", "03T07:00 93", &[("03T07:00", true)]);
    assert_eq!(
        lack(&judge(&wet_and_breathless(), &first_weight)),
        two,
        "no change can be told"
    );
}

#[test]
fn what_is_old_by_now_is_not_known_however_close_together_it_came() {
    let history = patient(GAIN, "03T07:00 93", &[("03T07:00", true)]);
    let later = |time| wet_and_breathless().evaluate(&history, at(time));
    holding(later("04T07:00"));
    assert_eq!(
        lack(&later("04T07:01")),
        "Not enough data yet: 0 of 3 recent values"
    );
}

#[test]
fn the_newest_answer_counts_and_a_question_not_asked_again_keeps_its_answer() {
    let mut history = patient(GAIN, "03T07:00 93", &[("03T08:00", true)]);
    history.insert_answers(Answers::at(at("03T09:00")));
    holding(judge(&wet_and_breathless(), &history));
    let better = patient(
        GAIN,
        "03T07:00 93",
        &[("03T08:00", true), ("03T09:00", false)],
    );
    assert_eq!(
        judge(&wet_and_breathless(), &better),
        Judgement::DoesNotHold
    );
    let then = wet_and_breathless().evaluate(&better, at("03T08:30"));
    holding(then);
}

#[test]
fn a_reading_that_two_parts_rest_on_is_named_once() {
    let shock = rule(
        "rule='combined'\nwithin_hours=1\nall=[\
         {part='limit',sign='systolic',side='low',limit='100'},{part='limit',sign='pulse',side='high',limit='111'}]",
    );
    let mut history = history(VitalSign::Systolic, "01T07:00 98");
    put(&mut history, VitalSign::Pulse, "01T07:00", "112", false);
    let found = holding(judge(&shock, &history));
    assert_eq!(found.readings, [id("01T07:00")]);
    assert_eq!(
        found.for_nurse(),
        "Systolic 98 mmHg (rule: 100 mmHg or under) and pulse 112 a minute (rule: 111 a minute or over), \
         together within 1 hour"
    );
    put(&mut history, VitalSign::Pulse, "01T08:01", "115", false);
    assert_eq!(
        lack(&judge(&shock, &history)),
        "Not enough data yet: 1 of 2 recent values"
    );
}
