//! One patient of a walk: the live case, its journal, and a second case that carries recorded decisions out.

use clinical::{Case, Decision, Event, PatientId, Step, decide, step};
use jiff::Timestamp;
use vitals::ReadingId;

use super::claims::a_decision_says_what_is_so;
use super::laws::{self, Seen};
use super::ledger::Ledger;
use super::truth::{Belief, Truth};
use super::{Lawful, must};

/// One line of the journal, as text.
#[derive(Debug, Clone)]
struct Line {
    at: Timestamp,
    event: String,
    decisions: String,
}

/// One patient.
#[derive(Debug, Clone)]
pub(crate) struct Patient {
    pub(crate) id: PatientId,
    pub(crate) case: Case,
    /// The live case's twin, which decides nothing: it only carries decisions out.
    carried: Option<Case>,
    ledger: Ledger,
    pub(crate) truth: Truth,
    /// The case as it was stored last, and what has happened since.
    stored: String,
    journal: Vec<Line>,
    pub(crate) last_measured_at: Timestamp,
    /// The readings that were stored last.
    pub(crate) readings: Vec<ReadingId>,
}

/// The most readings that a walk remembers of a patient.
const READINGS_LEN_MAX: usize = 32;

/// What became of an event.
#[derive(Debug)]
pub(crate) enum Became {
    Decided(Vec<Decision>),
    Refused(String),
}

impl Patient {
    pub(crate) fn new(id: PatientId, start: &Event, now: Timestamp) -> Self {
        let case = step(None, start, now).unwrap().case;
        Self {
            id,
            carried: Some(case.clone()),
            ledger: Ledger::opened(&case),
            stored: text(&case),
            case,
            truth: Truth::default(),
            journal: Vec::new(),
            last_measured_at: now,
            readings: Vec::new(),
        }
    }

    /// Lets an event happen, and checks every law that is about it.
    pub(crate) fn happen(&mut self, event: &Event, now: Timestamp) -> Result<Became, String> {
        let Step { decisions, case } = match step(Some(self.case.clone()), event, now) {
            Ok(done) => done,
            Err(refusal) => {
                laws::only_people_are_refused(event, &refusal.to_string())?;
                return Ok(Became::Refused(refusal.to_string()));
            }
        };
        let belief = self.hear(event, now);
        self.carry_out(&decisions, &case, now)?;
        let seen = Seen {
            before: &self.case,
            event,
            decisions: &decisions,
            after: &case,
            now,
        };
        laws::hold(seen, belief, &self.truth)?;
        self.truth.no_urgent_breach_vanishes(&case, false, now)?;
        self.journal.push(Line {
            at: now,
            event: text(event),
            decisions: text(&decisions),
        });
        self.case = case;
        Ok(Became::Decided(decisions))
    }

    /// Lets the walk itself hear of what was measured, or was wrong.
    fn hear(&mut self, event: &Event, now: Timestamp) -> Option<Belief> {
        match event {
            Event::ReadingStored(reading) => {
                self.last_measured_at = reading.measured_at;
                self.readings.push(reading.id);
                if self.readings.len() > READINGS_LEN_MAX {
                    self.readings.remove(0);
                }
                let is_judged = self.case.discharged().is_none();
                return is_judged.then(|| self.truth.hear(self.case.plan(), reading, now));
            }
            Event::ReadingStruck(strike) => self.truth.strike(strike.reading),
            Event::StrikeTakenBack(back) => self.truth.take_back(back.reading),
            _ => {}
        }
        None
    }

    /// Carrying recorded decisions out gives the case that deciding gave.
    fn carry_out(&mut self, decisions: &[Decision], after: &Case, now: Timestamp) -> Lawful {
        let Some(mut carried) = self.carried.take() else {
            return Err("the twin is gone".to_owned());
        };
        for decision in decisions {
            a_decision_says_what_is_so(&carried, decision, now)?;
            carried = carried.apply(decision, now);
            self.ledger.enter(decision, &carried);
        }
        must(carried == *after, || {
            format!("decisions carried out give the same case: {decisions:?}")
        })?;
        self.carried = Some(carried);
        self.ledger.is_the_cases(after)
    }

    /// The live case is dropped, and comes back from what was stored: by its JSON, by its recorded decisions, and by its
    /// journal decided again, which gives the same decisions byte for byte.
    pub(crate) fn crash(&mut self) -> Lawful {
        let json = text(&self.case);
        laws::a_case_stays_small(&self.case, &json)?;
        let restored: Case = serde_json::from_str(&json).unwrap();
        must(restored == self.case && text(&restored) == json, || {
            "a case comes back from its JSON: another came".to_owned()
        })?;
        let mut replayed: Case = serde_json::from_str(&self.stored).unwrap();
        let mut carried = replayed.clone();
        for line in &self.journal {
            let event: Event = serde_json::from_str(&line.event).unwrap();
            let recorded: Vec<Decision> = serde_json::from_str(&line.decisions).unwrap();
            carried = recorded
                .iter()
                .fold(carried, |case, decision| case.apply(decision, line.at));
            let done = step(Some(replayed), &event, line.at).unwrap();
            let again = text(&done.decisions);
            must(again == line.decisions, || {
                format!(
                    "replay gives the same decisions: {again}\nrecorded: {}",
                    line.decisions
                )
            })?;
            replayed = done.case;
        }
        must(replayed == self.case, || {
            "replay gives the same case: another came".to_owned()
        })?;
        must(carried == self.case, || {
            "recorded decisions give the same case: another came".to_owned()
        })?;
        self.case = replayed;
        self.carried = Some(restored);
        self.stored = json;
        self.journal.clear();
        Ok(())
    }

    /// An event that says nothing new changes nothing.
    pub(crate) fn nothing_follows(&self, event: &Event, now: Timestamp) -> Lawful {
        let decisions = decide(&self.case, event, now).unwrap();
        must(decisions.is_empty(), || {
            format!("what is stale changes nothing: {event:?} gave {decisions:?}")
        })
    }
}

fn text<T: serde::Serialize>(it: &T) -> String {
    serde_json::to_string(it).unwrap()
}
