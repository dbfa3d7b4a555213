//! Telling: a decision in one line, for cases that clinicians read, for `explain` and for timelines.

use crate::alert::{Condition, Ownership};
use crate::case::Case;
use crate::decision::Decision;
use crate::sentence::{self, why};
use crate::verdict::{Standing, Verdict};

/// Tells a decision in one line. `before` is the case as it was. `None` for what goes without saying: that a reading was
/// judged, and when the next window is.
pub fn tell(decision: &Decision, before: &Case) -> Option<String> {
    match decision {
        Decision::Judge(verdict) => standing(verdict),
        Decision::Expect { .. }
        | Decision::CountUnusable { .. }
        | Decision::ForgetUnusable { .. } => None,
        Decision::OpenAlert { .. }
        | Decision::AddEvidence { .. }
        | Decision::Worsen { .. }
        | Decision::SetCondition { .. }
        | Decision::EndByItself { .. } => Some(of_alert(decision, before)),
        Decision::Take { .. }
        | Decision::Close { .. }
        | Decision::SetOwnership { .. }
        | Decision::StepUp { .. }
        | Decision::Reopen { .. } => Some(of_people(decision, before)),
        _ => Some(of_case(decision)),
    }
}

fn standing(verdict: &Verdict) -> Option<String> {
    match verdict.standing {
        Standing::Current => None,
        Standing::Late => Some("judged as late".to_owned()),
        Standing::Doubtful { doubt } => Some(format!("not believed: {}", sentence::doubt(&doubt))),
        Standing::Drill => Some("a drill: not judged".to_owned()),
    }
}

fn of_alert(decision: &Decision, before: &Case) -> String {
    match decision {
        Decision::OpenAlert {
            alert,
            problem,
            priority,
            evidence,
            condition,
            respond_by,
            ..
        } => {
            let over = match condition {
                Condition::Active => "",
                Condition::Cleared { .. } => " (over since)",
            };
            let by = respond_by.map_or_else(String::new, |by| format!(" by {by}"));
            let coordinator = before.coordinator();
            format!(
                "open alert {alert}, {priority:?}, {problem:?}{over}: {}; {coordinator} answers{by}",
                why(evidence)
            )
        }
        Decision::AddEvidence { alert, evidence } => {
            format!("add to alert {alert}: {}", why(evidence))
        }
        Decision::Worsen { alert, to, .. } => format!("alert {alert} becomes {to:?}"),
        Decision::SetCondition {
            alert,
            condition: Condition::Active,
        } => format!("alert {alert} is active again"),
        Decision::SetCondition { alert, .. } => format!("alert {alert} has cleared"),
        Decision::EndByItself { alert } => format!("alert {alert} ends by itself"),
        _ => String::new(),
    }
}

fn of_people(decision: &Decision, before: &Case) -> String {
    match decision {
        Decision::Take { alert, by, .. } => {
            let holder = before.alert(*alert).map(|open| before.who_answers(open));
            let holder = holder.map_or_else(String::new, ToString::to_string);
            format!("alert {alert} passes from {holder} to {by}")
        }
        Decision::Close {
            alert, by, outcome, ..
        } => format!("{by} closes alert {alert}: {}", outcome.label()),
        Decision::SetOwnership {
            alert, ownership, ..
        } => format!("alert {alert} {}", handling(ownership)),
        Decision::StepUp {
            alert,
            step,
            respond_by,
        } => {
            let by = respond_by.map_or_else(String::new, |by| format!(" by {by}"));
            format!(
                "nobody acted on alert {alert}: {} is asked{by}",
                step.name()
            )
        }
        Decision::Reopen { alert, by, .. } => format!("{by} reopens alert {alert}"),
        _ => String::new(),
    }
}

fn handling(ownership: &Ownership) -> String {
    match ownership {
        Ownership::New => "comes back: nobody holds it".to_owned(),
        Ownership::Taken {
            by,
            offered_to: Some(to),
            ..
        } => format!("is {by}'s, and on offer to {to}"),
        Ownership::Taken { by, .. } => format!("is {by}'s"),
        Ownership::Waiting { by, until, .. } => {
            format!("waits for the patient until {until}; {by} answers")
        }
        Ownership::Escalated { by, to, .. } => format!("goes from {by} to {to}"),
        Ownership::Snoozed {
            by, until, reason, ..
        } => format!("is put aside until {until} ({reason}); {by} answers"),
    }
}

fn of_case(decision: &Decision) -> String {
    match decision {
        Decision::AskForRepeat { reason, .. } => format!("ask for a repeat: {reason:?}"),
        Decision::WantRepeat { what, doubt, .. } => match doubt {
            Some(doubt) => format!(
                "ask for a repeat of {}: {}",
                what.name(),
                sentence::doubt(doubt)
            ),
            None => format!("ask for a repeat of {}", what.name()),
        },
        Decision::Suspect(it) => {
            let (priority, problem) = (it.priority, it.problem.name());
            format!("suspect {priority:?} {problem}, until {}", it.until)
        }
        Decision::EndSuspicion { problem, confirmed } => {
            let how = if *confirmed { "stands" } else { "is over" };
            format!("the suspicion of {} {how}", problem.name())
        }
        Decision::AdoptPlan { plan } => format!("plan {} is in force", plan.version),
        Decision::AssignCoordinator { coordinator } => {
            format!("{coordinator} answers for the patient")
        }
        Decision::ExpectNothing { what } => format!("no {} is expected any more", what.name()),
        Decision::WindowMet { what } => format!("{} came in its window", what.name()),
        Decision::WindowMissed {
            what,
            missed,
            finding,
        } => format!(
            "no {} ({missed} in a row): {}",
            what.name(),
            finding.cause.words()
        ),
        Decision::NudgePatient { what } => format!("remind the patient: {}", what.name()),
        Decision::NoteAnswers(_) => "answers noted".to_owned(),
        Decision::Pause { pause } => {
            format!(
                "readings pause until {}: {}",
                pause.until,
                pause.reason.words()
            )
        }
        Decision::Resume => "readings are expected again".to_owned(),
        Decision::NoteTerm { .. } => "the plan's term has passed".to_owned(),
        Decision::SetTier { tier: Some(it) } => format!("{} sets the tier {:?}", it.by, it.tier),
        Decision::SetTier { tier: None } => "the tier is worked out again".to_owned(),
        _ => String::new(),
    }
}
