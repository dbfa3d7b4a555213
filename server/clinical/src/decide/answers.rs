//! Answers to questions, and what a nurse observed: rules that ask for them are judged at once.

use std::collections::BTreeMap;

use super::score_inputs::score_inputs;
use super::work::Work;
use crate::alert::{Evidence, Problem};
use crate::decision::Decision;
use crate::history::Answers;
use crate::rules::Judgement;

impl Work {
    pub(super) fn answered(&mut self, answers: &Answers) {
        self.follow(Decision::NoteAnswers(answers.clone()));
        let at = answers.at;
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
        for (problem, evidence) in by_problem {
            self.raise(problem, vec![evidence]);
        }
    }
}
