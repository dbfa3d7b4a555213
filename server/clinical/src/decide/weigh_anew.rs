//! Weighing anew: what is left of an open alert when a reading is struck out, or counts again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use vitals::ReadingId;

use super::score_inputs::score_inputs;
use super::work::Work;
use crate::alert::{Alert, AlertNumber, Condition, Evidence, Problem};
use crate::decision::Decision;
use crate::history::{DAYS_KEPT, Point, WINDOW_DAYS_MAX};
use crate::rules::Judgement;
use crate::sign::VitalSign;
use crate::verdict::Finding;

/// What the readings that are left say of an alert.
struct Left {
    condition: Condition,
    newest_at: Option<Timestamp>,
    inside_in_a_row: u8,
}

/// When the newest reading was measured that speaks for each open alert.
pub(super) type Supports = BTreeMap<AlertNumber, Option<Timestamp>>;

impl Work {
    /// Gives what speaks for each open alert.
    pub(super) fn supports(&self) -> Supports {
        let alerts = self.case.open_alerts();
        alerts
            .map(|it| (it.number, self.newest_support(it)))
            .collect()
    }

    /// Weighs every open alert anew that a reading speaks for or against. `before` is what spoke for each with the reading,
    /// or without it when it counts again.
    pub(super) fn weigh_all_anew(
        &mut self,
        reading: ReadingId,
        measured_at: Option<Timestamp>,
        signs: &BTreeSet<VitalSign>,
        before: &Supports,
    ) {
        let bears = |alert: &&Alert| {
            let of_problem = signs.iter().any(|it| it.problem() == alert.problem);
            let supported = before.get(&alert.number).copied().flatten();
            alert.support.has(reading)
                || of_problem
                || !alert.rests_on.is_disjoint(signs)
                || self.newest_support(alert) != supported
        };
        let bearing = self.case.open_alerts().filter(bears);
        let numbers: Vec<AlertNumber> = bearing.map(|it| it.number).collect();
        for number in numbers {
            let supported = before.get(&number).copied().flatten();
            if let Some(left) = self.left_of(number, measured_at, supported) {
                self.follow_what_is_left(number, &left);
            }
        }
    }

    /// Settles an alert that was reopened: what spoke for it may have been struck out while it was closed, or count again.
    pub(super) fn settle_reopened(&mut self, alert: AlertNumber) {
        let Some(open) = self.case.alert(alert) else {
            return;
        };
        let stands = open.support.has_others() || open.support.has_one_unstruck();
        let is_struck = matches!(open.condition, Condition::Struck { .. });
        let condition = match (stands, is_struck) {
            (false, false) => Condition::Struck { at: self.now },
            (true, true) => Condition::Active,
            _ => return,
        };
        self.follow(Decision::SetCondition { alert, condition });
    }

    /// Says what is left of an alert; `None` when nothing changes for it.
    fn left_of(
        &self,
        number: AlertNumber,
        measured_at: Option<Timestamp>,
        before: Option<Timestamp>,
    ) -> Option<Left> {
        let alert = self.case.alert(number)?;
        let was_struck = matches!(alert.condition, Condition::Struck { .. });
        let newest = self.newest_support(alert);
        if let Some(since) = newest {
            let is_since = measured_at.is_some_and(|at| at > since);
            let changes = newest != before || is_since || was_struck;
            return changes.then(|| self.left_since(alert, since));
        }
        if alert.support.has_others() {
            return was_struck.then_some(Left {
                condition: Condition::Active,
                newest_at: None,
                inside_in_a_row: 0,
            });
        }
        // What no plan looks for any more was no less so before.
        let changes = before.is_some() || !alert.support.has_one_unstruck();
        changes.then(|| Left {
            condition: Condition::Struck { at: self.now },
            newest_at: self.newest_reading_of(alert),
            inside_in_a_row: 0,
        })
    }

    fn follow_what_is_left(&mut self, number: AlertNumber, left: &Left) {
        let Some(alert) = self.case.alert(number) else {
            return;
        };
        let newest_measured_at = left.newest_at.unwrap_or(alert.newest_measured_at);
        let before = (alert.newest_measured_at, alert.inside_in_a_row);
        let is_same_kind =
            std::mem::discriminant(&left.condition) == std::mem::discriminant(&alert.condition);
        if before != (newest_measured_at, left.inside_in_a_row) {
            self.follow(Decision::WeighAnew {
                alert: number,
                newest_measured_at,
                inside_in_a_row: left.inside_in_a_row,
            });
        }
        if !is_same_kind {
            self.follow(Decision::SetCondition {
                alert: number,
                condition: left.condition,
            });
        }
    }

    /// Gives when the newest reading was measured that still speaks for an alert.
    fn newest_support(&self, alert: &Alert) -> Option<Timestamp> {
        let mut newest_first = alert.support.unstruck().rev();
        let found = newest_first.find(|it| it.by_itself || self.still_holds(alert.problem, it.at));
        found.map(|it| it.at)
    }

    /// Tells whether a rule or the score held at a time by what is left. What is older than a whole window of what is
    /// remembered stays as it was found then.
    fn still_holds(&self, problem: Problem, at: Timestamp) -> bool {
        let days = i64::from(DAYS_KEPT - WINDOW_DAYS_MAX);
        if self.now.duration_since(at) > SignedDuration::from_hours(24 * days) {
            return true;
        }
        let history = self.case.history();
        let care = &self.plan().care;
        let mut rules = care.rules.iter().filter(|it| it.problem() == problem);
        let by_rule = rules.any(|it| matches!(it.evaluate(history, at), Judgement::Holds(_)));
        let score = care
            .score
            .as_ref()
            .filter(|_| problem == Problem::Deterioration);
        let by_score = score.is_some_and(|it| {
            it.evaluate(&score_inputs(history, at), at)
                .reached
                .is_some()
        });
        by_rule || by_score
    }

    /// Follows the readings after the newest that speaks for an alert, as they would have been followed when they came.
    fn left_since(&self, alert: &Alert, since: Timestamp) -> Left {
        let clearing = self.plan().care.clearing.as_ref();
        let enough = clearing.map_or(1, |it| it.readings).max(1);
        let mut left = Left {
            condition: Condition::Active,
            newest_at: Some(since),
            inside_in_a_row: 0,
        };
        for (at, reading) in self.readings_since(alert, since) {
            let evidence = self.inside_evidence(alert, at, reading);
            left.newest_at = Some(at);
            if self.is_well_inside(alert.problem, &evidence) {
                left.inside_in_a_row = left.inside_in_a_row.saturating_add(1);
            } else {
                left.inside_in_a_row = 0;
            }
            if left.condition == Condition::Active && left.inside_in_a_row >= enough {
                left.condition = Condition::Cleared { at };
            }
        }
        left
    }

    /// Gives a reading that speaks for nothing as evidence against an alert.
    fn inside_evidence(&self, alert: &Alert, at: Timestamp, reading: ReadingId) -> Evidence {
        let points = self.case.history().of_reading(reading);
        let of_problem = points.filter(|(sign, _)| sign.problem() == alert.problem);
        let findings = of_problem.map(|(sign, it)| Finding::of(sign, *it.value(), self.plan()));
        Evidence {
            reading: Some(reading),
            findings: findings.collect(),
            ..Evidence::at(at)
        }
    }

    fn readings_since(&self, alert: &Alert, since: Timestamp) -> BTreeSet<(Timestamp, ReadingId)> {
        let points = self.points_of(alert);
        points
            .map(|it| (it.at(), it.reading()))
            .filter(|(at, _)| *at > since)
            .collect()
    }

    fn newest_reading_of(&self, alert: &Alert) -> Option<Timestamp> {
        self.points_of(alert).map(Point::at).max()
    }

    fn points_of(&self, alert: &Alert) -> impl Iterator<Item = &Point> {
        let signs = VitalSign::ALL.into_iter();
        let of_alert =
            signs.filter(|it| it.problem() == alert.problem || alert.rests_on.contains(it));
        of_alert.flat_map(|sign| self.case.history().points_until(sign, Timestamp::MAX))
    }
}
