//! What the end of a task says.

use anyhow::{Context, anyhow};

pub(super) type Joined = Result<anyhow::Result<()>, tokio::task::JoinError>;

/// What a task that should have gone on says by having ended.
pub(super) fn died(task: &'static str, ended: Joined) -> anyhow::Error {
    match ended {
        Ok(Ok(())) => anyhow!("the {task} ended by itself"),
        Ok(Err(error)) => error.context(format!("the {task} failed")),
        Err(error) => anyhow!(error).context(format!("the {task} died")),
    }
}

/// What a task that was to end says by how it did.
pub(super) fn finished(task: &'static str, ended: Joined) -> anyhow::Result<()> {
    ended
        .with_context(|| format!("the {task} died"))?
        .with_context(|| format!("the {task} failed"))
}
