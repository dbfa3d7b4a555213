//! Waiting for something to become true, with a bound, and never by guessing how long it takes.

use std::time::Duration;

use anyhow::Context;

/// How long a test waits for anything before it fails. Generous, since machines are noisy.
pub const WAIT_MAX: Duration = Duration::from_secs(60);

/// How often a condition that nobody announces is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Asks again and again until there is an answer, and gives it.
///
/// # Errors
/// After [`WAIT_MAX`], naming what was waited for.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> anyhow::Result<T> {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(WAIT_MAX, asking)
        .await
        .with_context(|| format!("waited {WAIT_MAX:?} in vain until {what}"))
}
