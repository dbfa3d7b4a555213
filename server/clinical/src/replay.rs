//! Replay: a case is what its journal says, so the same events give the same decisions again.

use jiff::Timestamp;

use crate::case::Case;
use crate::decide::decide;
use crate::decision::Decision;
use crate::event::Event;
use crate::refusal::Refusal;

/// What one event did: the decisions that followed, and the case after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// In the order in which they were applied.
    pub decisions: Vec<Decision>,
    /// The case afterwards.
    pub case: Case,
}

/// Decides on one event and applies what follows. Live work and replay both go through here.
///
/// `case` is `None` before monitoring has started.
///
/// # Errors
/// A [`Refusal`]; the case is then as it was.
pub fn step(case: Option<Case>, event: &Event, now: Timestamp) -> Result<Step, Refusal> {
    let Some(case) = case else {
        let Event::MonitoringStarted { coordinator, plan } = event else {
            return Err(Refusal::NotMonitored);
        };
        return Ok(Step {
            decisions: Vec::new(),
            case: Case::new(coordinator.clone(), plan.clone()),
        });
    };
    let decisions = decide(&case, event, now)?;
    let case = decisions
        .iter()
        .fold(case, |case, decision| case.apply(decision, now));
    Ok(Step { decisions, case })
}
