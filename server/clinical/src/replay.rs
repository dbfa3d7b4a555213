//! Replay: a case is what its journal says, so the same events give the same decisions again.

use jiff::Timestamp;

use crate::case::Case;
use crate::decide::{decide_on, start};
use crate::decision::Decision;
use crate::event::Event;
use crate::plan::Plan;
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
    let (decisions, case) = match case {
        Some(case) => decide_on(case, event, now)?,
        None => {
            let Event::MonitoringStarted { coordinator, plan } = event else {
                return Err(Refusal::NotMonitored);
            };
            start(Case::new(coordinator.clone(), Plan::clone(plan)), now)
        }
    };
    Ok(Step { decisions, case })
}
