//! Answers to questions, and what a nurse observed: rules that ask for them are judged at once.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::score_inputs::score_inputs;
use super::standing;
use super::work::Work;
use crate::alert::{Evidence, Grounds, Priority, Problem};
use crate::decision::Decision;
use crate::history::Answers;
use crate::rules::Judgement;

impl Work {
    /// Judges by everything that is known now, whichever of answers and readings came first. Answers that come late say how
    /// the patient was: an urgent rule that held then makes one item.
    pub(super) fn answered(&mut self, answers: &Answers) {
        let answers = Answers {
            at: answers.at.min(self.now),
            ..answers.clone()
        };
        let answered_at = answers.at;
        self.follow(Decision::NoteAnswers(answers));
        let is_late = standing::is_late(&self.case, answered_at, self.now);
        let at = if is_late { answered_at } else { self.now };
        for (problem, mut evidence) in self.said_by_answers(at) {
            evidence.measured_at = answered_at;
            if is_late {
                evidence.late = true;
                evidence.grounds = self.late_urgent(&evidence);
            }
            self.raise(problem, vec![evidence]);
        }
    }

    fn late_urgent(&self, evidence: &Evidence) -> Option<Grounds> {
        let lateness = self.plan().care.lateness.as_ref()?;
        let priority = lateness.urgent_becomes;
        let rules = evidence.holdings.iter().map(|it| it.priority);
        let score = evidence.score.iter().filter_map(|it| it.priority());
        let was_urgent = rules.chain(score).any(|it| it == Priority::Urgent);
        was_urgent.then_some(Grounds::LateUrgent { priority })
    }

    fn said_by_answers(&self, at: Timestamp) -> BTreeMap<Problem, Evidence> {
        let mut by_problem: BTreeMap<Problem, Evidence> = BTreeMap::new();
        for rule in &self.plan().care.rules {
            if !rule.looks_at_answers() {
                continue;
            }
            if let Judgement::Holds(holding) = rule.evaluate(self.case.history(), at) {
                let evidence = by_problem.entry(rule.problem());
                let evidence = evidence.or_insert_with(|| Evidence::at(at));
                evidence.holdings.push(*holding);
            }
        }
        if let Some(rule) = &self.plan().care.score {
            let finding = rule.evaluate(&score_inputs(self.case.history(), at), at);
            if finding.reached.is_some() {
                let evidence = by_problem.entry(Problem::Deterioration);
                evidence.or_insert_with(|| Evidence::at(at)).score = Some(Box::new(finding));
            }
        }
        by_problem
    }
}
