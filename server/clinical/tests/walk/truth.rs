//! What the walk itself knows of a patient, apart from the case: which readings are to be believed, and what is owed.

use std::collections::{BTreeMap, BTreeSet};

use clinical::plan::{Plan, Quality};
use clinical::verdict::Standing;
use clinical::{Case, Level, Measured, Priority, Problem, ReadingStored, VitalSign};
use jiff::{SignedDuration, Timestamp};
use vitals::{Decimal, ReadingId};

use super::{Lawful, must};

/// The longest that an urgent breach waits by any plan of a walk.
const WAIT_MINUTES_MAX: i64 = 200;

/// How far a reading can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belief {
    Current,
    Late,
    /// The device doubts it, and it may be so.
    Marked,
    /// It jumped as no body does, and it may be so.
    Jumped,
    /// One of its values is impossible; the others may be so.
    Impossible,
    /// Another person's; or in doubt, and late besides.
    Not,
    Drill,
}

/// An urgent breach that must lead to an urgent alert.
#[derive(Debug, Clone)]
struct Owed {
    problem: Problem,
    reading: ReadingId,
    measured_at: Timestamp,
    /// Until when it may wait for a repeat; `None` when it may not wait.
    until: Option<Timestamp>,
}

/// When it was measured, by which reading, in thousandths.
type Value = (Timestamp, ReadingId, i64);

/// What was believed of a reading that was struck out.
#[derive(Debug, Clone, Default)]
struct Struck {
    values: Vec<(VitalSign, Value)>,
    measured: Vec<(Measured, Timestamp)>,
}

/// The most that is remembered of each sign: more than a history holds, and what may be struck out of it.
const BELIEVED_LEN_MAX: usize = 400;

/// What the walk knows of one patient.
#[derive(Debug, Clone, Default)]
pub(crate) struct Truth {
    /// The values of each sign that were believed, by time.
    believed: BTreeMap<VitalSign, BTreeSet<Value>>,
    /// The value that jumped.
    jumped: BTreeMap<VitalSign, (ReadingId, i64)>,
    /// When each kind was measured, believed.
    measured: BTreeMap<Measured, BTreeSet<(Timestamp, ReadingId)>>,
    /// What was believed of readings that were struck out since.
    struck: BTreeMap<ReadingId, Struck>,
    /// When the newest current reading was measured that was not urgent.
    calm: BTreeMap<Problem, Timestamp>,
    owed: Vec<Owed>,
}

impl Truth {
    /// Hears of a reading before it is judged, and tells how far it can be believed.
    pub(crate) fn hear(&mut self, plan: &Plan, reading: &ReadingStored, now: Timestamp) -> Belief {
        // Nothing was measured after it was stored, whatever a clock says.
        let reading = &ReadingStored {
            measured_at: reading.measured_at.min(now),
            ..reading.clone()
        };
        let belief = self.belief(plan, reading, now);
        match belief {
            Belief::Current | Belief::Late => self.believe(reading),
            Belief::Not | Belief::Marked | Belief::Jumped | Belief::Impossible | Belief::Drill => {}
        }
        if matches!(
            belief,
            Belief::Current | Belief::Marked | Belief::Jumped | Belief::Impossible
        ) {
            self.owe(plan, reading, now, belief);
        }
        belief
    }

    fn belief(&mut self, plan: &Plan, reading: &ReadingStored, now: Timestamp) -> Belief {
        let late_minutes = plan.care.lateness.as_ref().map(|it| it.late_minutes);
        let is_late = late_minutes.is_some_and(|minutes| {
            now.duration_since(reading.measured_at) > SignedDuration::from_mins(i64::from(minutes))
        });
        if reading.drill {
            return Belief::Drill;
        }
        if reading.user.is_some() && reading.user != reading.registered_user {
            return Belief::Not;
        }
        if let Some(quality) = &plan.care.quality {
            if is_impossible(quality, reading) {
                return if is_late {
                    Belief::Not
                } else {
                    Belief::Impossible
                };
            }
            let mut marks = reading.quality.iter();
            if marks.any(|it| quality.doubtful.contains(it)) {
                return if is_late { Belief::Not } else { Belief::Marked };
            }
            if self.jumps(quality, reading) {
                return if is_late { Belief::Not } else { Belief::Jumped };
            }
        }
        if is_late {
            Belief::Late
        } else {
            Belief::Current
        }
    }

    /// Finds the first sign that jumps, and remembers its value: a repeat like it is believed.
    fn jumps(&mut self, quality: &Quality, reading: &ReadingStored) -> bool {
        for (sign, value) in &reading.values {
            let newest = self.believed.get(sign).and_then(BTreeSet::last);
            let (Some(jump), Some((at, _, before))) = (quality.jumps.get(sign), newest) else {
                continue;
            };
            let value = value.thousandths();
            let far =
                |other: i64| value.abs_diff(other) > jump.more_than.thousandths().unsigned_abs();
            let hours = i64::from(jump.within_hours);
            let is_soon_after =
                reading.measured_at.duration_since(*at).abs() <= SignedDuration::from_hours(hours);
            let agrees = self.jumped.get(sign).is_some_and(|(_, it)| !far(*it));
            if is_soon_after && far(*before) && !agrees {
                self.jumped.insert(*sign, (reading.id, value));
                return true;
            }
        }
        false
    }

    fn believe(&mut self, reading: &ReadingStored) {
        for (sign, value) in &reading.values {
            let point = (reading.measured_at, reading.id, value.thousandths());
            let all = self.believed.entry(*sign).or_default();
            all.insert(point);
            if all.len() > BELIEVED_LEN_MAX {
                all.pop_first();
            }
            self.jumped.remove(sign);
        }
        if let Some(what) = Measured::of_values(&reading.values) {
            let all = self.measured.entry(what).or_default();
            all.insert((reading.measured_at, reading.id));
            if all.len() > BELIEVED_LEN_MAX {
                all.pop_first();
            }
        }
    }

    /// Hears that a reading was wrong: nothing is owed for it.
    pub(crate) fn strike(&mut self, reading: ReadingId) {
        let mut struck = Struck::default();
        for (sign, all) in &mut self.believed {
            let found = all.iter().find(|(_, id, _)| *id == reading).copied();
            struck.values.extend(found.map(|it| (*sign, it)));
            all.retain(|(_, id, _)| *id != reading);
        }
        for (what, all) in &mut self.measured {
            let found = all.iter().find(|(_, id)| *id == reading);
            struck.measured.extend(found.map(|(at, _)| (*what, *at)));
            all.retain(|(_, id)| *id != reading);
        }
        self.jumped.retain(|_, (id, _)| *id != reading);
        self.owed.retain(|it| it.reading != reading);
        self.struck.insert(reading, struck);
    }

    /// Hears that a reading was right after all.
    pub(crate) fn take_back(&mut self, reading: ReadingId) {
        let struck = self.struck.remove(&reading).unwrap_or_default();
        for (sign, value) in struck.values {
            self.believed.entry(sign).or_default().insert(value);
        }
        for (what, at) in struck.measured {
            self.measured.entry(what).or_default().insert((at, reading));
        }
    }

    fn owe(&mut self, plan: &Plan, reading: &ReadingStored, now: Timestamp, belief: Belief) {
        let mut problems: BTreeMap<Problem, Option<i64>> = BTreeMap::new();
        for (sign, value) in &reading.values {
            let wait = problems.entry(sign.problem()).or_default();
            if let Some(minutes) = urgent_wait(plan, *sign, value, belief) {
                *wait = Some(wait.map_or(minutes, |it| it.min(minutes)));
            }
        }
        let measured_at = reading.measured_at;
        for (problem, wait) in problems {
            if wait.is_some() && self.calm.get(&problem) > Some(&measured_at) {
                continue;
            }
            if let Some(minutes) = wait {
                let until = now + SignedDuration::from_mins(minutes);
                self.owed.push(Owed {
                    problem,
                    reading: reading.id,
                    measured_at,
                    until: (minutes > 0).then_some(until),
                });
            } else if belief == Belief::Current {
                self.owed
                    .retain(|it| it.problem != problem || it.measured_at > measured_at);
                let calm = self.calm.entry(problem).or_insert(measured_at);
                *calm = measured_at.max(*calm);
            }
        }
    }

    /// An urgent breach in a reading that is current and valid, or that the device alone doubts, leads within its wait
    /// to an open alert at urgent, unless a newer valid reading is not urgent: it never vanishes. A breach that does not
    /// wait leads there at once; the others are looked at when everything that was due has fired.
    pub(crate) fn no_urgent_breach_vanishes(
        &mut self,
        case: &Case,
        all_fired: bool,
        now: Timestamp,
    ) -> Lawful {
        let is_urgent = |problem: Problem| {
            case.alert_of(problem)
                .is_some_and(|it| it.priority == Priority::Urgent)
        };
        self.owed.retain(|it| !is_urgent(it.problem));
        let is_over = |it: &&Owed| it.until.is_none_or(|until| all_fired && until <= now);
        match self.owed.iter().find(is_over) {
            None => Ok(()),
            Some(lost) => Err(format!(
                "no urgent breach vanishes: {:?} of reading {} was to be raised {}",
                lost.problem,
                lost.reading,
                lost.until
                    .map_or("at once".to_owned(), |it| format!("by {it}"))
            )),
        }
    }

    /// The case believes what is to be believed, and nothing else.
    pub(crate) fn is_believed_alike(&self, belief: Belief, standing: Standing) -> Lawful {
        let alike = match standing {
            Standing::Current => belief == Belief::Current,
            Standing::Late => belief == Belief::Late,
            Standing::Doubtful { .. } => {
                matches!(
                    belief,
                    Belief::Marked | Belief::Jumped | Belief::Impossible | Belief::Not
                )
            }
            Standing::Drill => belief == Belief::Drill,
        };
        must(alike, || {
            format!("believed alike: {belief:?} was judged as {standing:?}")
        })
    }

    /// Tells whether a believed reading of a kind was measured in a time.
    pub(crate) fn has(&self, what: Measured, from: Timestamp, until: Timestamp) -> bool {
        let all = self.measured.get(&what);
        all.is_some_and(|all| all.iter().any(|(at, _)| from <= *at && *at < until))
    }
}

/// Gives how many minutes an urgent value may wait for its repeat; `None` when it is not urgent, or is a jump for which
/// the plan names no wait.
fn urgent_wait(plan: &Plan, sign: VitalSign, value: &Decimal, belief: Belief) -> Option<i64> {
    let quality = plan.care.quality.as_ref();
    let range = quality.and_then(|it| it.plausible.get(&sign));
    let at = value.thousandths();
    if range.is_some_and(|it| at < it.min.thousandths() || at > it.max.thousandths()) {
        return None;
    }
    let breach = plan.limits.get(&sign)?.breach(value)?;
    if breach.level != Level::Urgent {
        return None;
    }
    let confirmation = plan.care.confirmation.get(&sign);
    let minutes = confirmation.and_then(|it| match belief {
        Belief::Current => it.wait_minutes(value, Level::Urgent, breach.side),
        _ => it.urgent_minutes,
    });
    match (belief, minutes.map(i64::from)) {
        (Belief::Jumped, None) => None,
        (_, None) => Some(0),
        (Belief::Current, Some(minutes)) => Some(minutes),
        // What is doubtful waits with a breach that waits already.
        (_, Some(minutes)) => Some(minutes.max(WAIT_MINUTES_MAX)),
    }
}

fn is_impossible(quality: &Quality, reading: &ReadingStored) -> bool {
    let value = |wanted: VitalSign| {
        let found = reading.values.iter().find(|(sign, _)| *sign == wanted);
        found.map(|(_, value)| value.thousandths())
    };
    let outside = quality.plausible.iter().any(|(sign, range)| {
        let value = value(*sign);
        value.is_some_and(|it| it < range.min.thousandths() || it > range.max.thousandths())
    });
    let pressures = value(VitalSign::Systolic).zip(value(VitalSign::Diastolic));
    let least = quality.pulse_pressure_min.map(|it| it.thousandths());
    outside
        || pressures
            .zip(least)
            .is_some_and(|((high, low), least)| high - low < least)
}
