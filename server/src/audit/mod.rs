//! The audit trail: who looked at which patient's record, and what people changed; append-only, chained and signed.
//!
//! A page that shows a record calls [`Trail::seen`] and shows nothing unless that succeeds. A change calls
//! [`Trail::append`] as the last statement of its own transaction. Once a day the newest entry is signed by a key that is
//! not in the database, and the signature is written to a file beside the key: whoever can write to the database can
//! neither change what was signed nor put an older copy of the database in its place without [`verify()`] saying so. What
//! was appended since the last signature is protected by the database's own refusals alone.

pub mod action;
pub mod chain;
pub mod config;
pub mod daily;
pub mod entry;
pub mod export;
pub mod head;
pub mod heads_file;
pub mod key;
pub mod trail;
pub mod verify;
pub mod walk;

#[cfg(test)]
mod walk_tests;

pub use action::Action;
pub use chain::Recorded;
pub use entry::{Actor, Entry};
pub use trail::{NotRecorded, Recorder, Trail, append, record};
pub use verify::verify;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::clock::Clock;
use crate::lifecycle::Tasks;
use crate::store::Store;
use config::AuditConfig;
use daily::DailyHeads;

/// Starts the task that records what is looked at, and the one that signs each day's head. The first ends when no page
/// holds the trail any more.
///
/// # Errors
/// When the folder of the key cannot be used.
pub(crate) fn start(
    config: Option<&AuditConfig>,
    store: &Store,
    clock: &Clock,
    tasks: &mut Tasks,
    shutdown: &CancellationToken,
) -> anyhow::Result<Trail> {
    let (trail, recorder) = Trail::new(store, clock);
    match config {
        Some(config) => {
            let heads = DailyHeads::open(config, store, clock)?;
            let shutdown = shutdown.clone();
            tasks.spawn(async move { ("audit heads", heads.run(shutdown).await) });
        }
        None => warn!(
            "the audit trail is recorded and not signed: name a folder for its key in the table [audit]"
        ),
    }
    tasks.spawn(async { ("audit", recorder.run().await) });
    Ok(trail)
}
