//! Running a case: its steps in the order of time, with the deadlines that are due in between.

use clinical::telling::{short_time, tell};
use clinical::{Case, Deadline, Decision, Event, Judgement, PersonId, Plan, RuleId, Step, step};
use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};
use vitals::ReadingId;

use super::event;
use super::step::{CaseStep, Daily};

/// The most deadlines that fire before one step: more is a plan gone wrong.
const FIRED_LEN_MAX: usize = 10_000;

/// What one step did.
pub(crate) struct StepRun {
    /// When, by the home's clock.
    pub(crate) at: String,
    /// What happened, as it is written.
    pub(crate) what: String,
    /// What followed, in words.
    pub(crate) lines: Vec<String>,
    /// What followed.
    pub(crate) decisions: Vec<Decision>,
    /// What must have followed, in words.
    pub(crate) expect: Vec<String>,
}

/// Runs all steps.
pub(crate) fn run(
    coordinator: PersonId,
    plan: &Plan,
    steps: &[(CaseStep, String)],
) -> Result<Vec<StepRun>, String> {
    let (first, _) = steps.first().ok_or("a case needs a step")?;
    let mut runner = Runner {
        case: Case::new(coordinator.clone(), plan.clone()),
        now: Timestamp::MIN,
        readings: 0,
        lines: Vec::new(),
        decisions: Vec::new(),
    };
    let begins = runner.time_of(first)?;
    let start = Event::MonitoringStarted {
        coordinator,
        plan: Box::new(plan.clone()),
    };
    let started = step(None, &start, begins).map_err(|it| it.to_string())?;
    (runner.case, runner.now) = (started.case, begins);
    let mut runs = Vec::new();
    for (number, (case_step, what)) in steps.iter().enumerate() {
        let run = runner.run(case_step, what);
        runs.push(run.map_err(|error| format!("step {}: {error}", number + 1))?);
    }
    Ok(runs)
}

/// A case on its way through its steps.
pub(crate) struct Runner {
    pub(crate) case: Case,
    pub(crate) now: Timestamp,
    readings: u32,
    lines: Vec<String>,
    decisions: Vec<Decision>,
}

impl Runner {
    fn run(&mut self, case_step: &CaseStep, what: &str) -> Result<StepRun, String> {
        case_step.check()?;
        let begins = self.time_of(case_step)?;
        if begins < self.now {
            return Err("it is before the step before it".to_owned());
        }
        let last = match &case_step.daily {
            None => begins,
            Some(daily) => self.local_time(&format!("{} 23:59", daily.last_day()))?,
        };
        if let Some(daily) = &case_step.daily {
            self.measure_daily(daily, last)?;
        } else {
            self.pass_until(begins, begins, case_step)?;
            self.happen(case_step)?;
        }
        let zone = &self.case.plan().care.zone;
        Ok(StepRun {
            at: zone
                .local(begins)
                .strftime("%a %-d %b %Y %H:%M")
                .to_string(),
            what: what.to_owned(),
            lines: std::mem::take(&mut self.lines),
            decisions: std::mem::take(&mut self.decisions),
            expect: case_step.expect.clone(),
        })
    }

    fn happen(&mut self, case_step: &CaseStep) -> Result<(), String> {
        if let Some(rule) = &case_step.asks_rule {
            let said = self.ask_rule(rule)?;
            self.lines.push(said);
        } else if !case_step.nothing {
            let event = event::of(case_step, self)?;
            self.decide(&event, None);
        }
        Ok(())
    }

    /// Fires what is due until then. A window whose cause a step tells is closed by that step.
    fn pass_until(
        &mut self,
        until: Timestamp,
        told_at: Timestamp,
        case_step: &CaseStep,
    ) -> Result<(), String> {
        for _ in 0..FIRED_LEN_MAX {
            let closed = case_step.window_closed.as_ref();
            let is_told = |deadline: &Deadline| {
                closed.is_some_and(|it| *deadline == Deadline::WindowCloses { what: it.what })
            };
            let due = self.case.deadlines().filter(|(_, it)| !is_told(it)).min();
            let Some((due_at, what)) = due.filter(|(due_at, _)| *due_at <= until) else {
                self.now = until;
                return Ok(());
            };
            self.now = due_at;
            let time = short_time(due_at, told_at, &self.case.plan().care.zone);
            self.decide(&Event::DeadlinePassed { what, due_at }, Some(&time));
        }
        Err("deadlines do not come to an end".to_owned())
    }

    /// Lets an event happen now. `time` stands before each line.
    fn decide(&mut self, event: &Event, time: Option<&str>) {
        let said = match step(Some(self.case.clone()), event, self.now) {
            Err(refusal) => vec![format!("refused: {refusal}")],
            Ok(Step { decisions, case }) => {
                let said = decisions.iter();
                let said = said
                    .filter_map(|it| tell(it, &self.case, self.now))
                    .collect();
                self.decisions.extend(decisions);
                self.case = case;
                said
            }
        };
        let before = time.map_or_else(String::new, |time| format!("{time} "));
        let said = said.into_iter().map(|line| format!("{before}{line}"));
        self.lines.extend(said);
    }

    fn measure_daily(&mut self, daily: &Daily, told_at: Timestamp) -> Result<(), String> {
        let nothing = CaseStep::nothing();
        let mut turn = 0;
        for day in 0..daily.days {
            let date = daily.day(day)?;
            for time in &daily.times {
                let at = self.local_time(&format!("{date} {time}"))?;
                let values = daily.values(turn);
                turn += 1;
                if values.is_empty() {
                    continue;
                }
                self.pass_until(at, told_at, &nothing)?;
                let event = event::reading(self, values, at, &daily.marks)?;
                let time = short_time(at, told_at, &self.case.plan().care.zone);
                self.decide(&Event::ReadingStored(event), Some(&time));
            }
        }
        Ok(())
    }

    fn ask_rule(&self, wanted: &RuleId) -> Result<String, String> {
        let rules = &self.case.plan().care.rules;
        let rule = rules.iter().find(|it| it.id() == wanted);
        let rule = rule.ok_or_else(|| format!("the plan has no rule {wanted}"))?;
        Ok(match rule.evaluate(self.case.history(), self.now) {
            Judgement::Holds(holding) => holding.for_nurse(),
            Judgement::DoesNotHold => "It does not hold".to_owned(),
            Judgement::NotEnoughYet(lack) => lack.to_string(),
        })
    }

    fn time_of(&self, case_step: &CaseStep) -> Result<Timestamp, String> {
        match (&case_step.at, &case_step.daily) {
            (Some(at), None) => self.time(at),
            (None, Some(daily)) => {
                let time = daily.times.first().ok_or("daily needs times")?;
                self.local_time(&format!("{} {time}", daily.from))
            }
            _ => Err("a step has a time, and daily has its own".to_owned()),
        }
    }

    /// Reads a time as cases write it.
    pub(crate) fn time(&self, text: &str) -> Result<Timestamp, String> {
        if text.ends_with('Z') {
            return text.parse().map_err(|_| format!("{text:?} is no time"));
        }
        if text.len() == 5 {
            let today = self.case.plan().care.zone.date(self.now);
            return self.local_time(&format!("{today} {text}"));
        }
        self.local_time(text)
    }

    fn local_time(&self, text: &str) -> Result<Timestamp, String> {
        let local = DateTime::strptime("%Y-%m-%d %H:%M", text);
        let local = local.map_err(|_| format!("{text:?} is no time like 2026-11-21 08:00"))?;
        Ok(self.case.plan().care.zone.moment(local))
    }

    /// Gives the next reading a number of its own.
    pub(crate) fn next_reading(&mut self) -> Result<ReadingId, String> {
        self.readings += 1;
        reading(self.readings)
    }
}

/// Gives the id of a reading by its number in the case.
pub(crate) fn reading(number: u32) -> Result<ReadingId, String> {
    format!("{number:032x}")
        .parse()
        .map_err(|_| "no reading id".to_owned())
}

impl Daily {
    fn day(&self, number: u16) -> Result<jiff::civil::Date, String> {
        self.from
            .checked_add(i64::from(number).days())
            .map_err(|error| error.to_string())
    }

    fn last_day(&self) -> jiff::civil::Date {
        self.from
            .saturating_add(i64::from(self.days.saturating_sub(1)).days())
    }

    fn values(&self, turn: usize) -> super::step::Values {
        let of = |values: &Vec<Option<vitals::Decimal>>| {
            let len = values.len().max(1);
            values.get(turn % len).copied().flatten()
        };
        let values = self.measured.iter();
        values
            .filter_map(|(sign, values)| Some((*sign, of(values)?)))
            .collect()
    }
}
