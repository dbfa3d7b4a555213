//! Deadlines: what is due in a case by itself happens in time, with no new data.
//!
//! Deadlines are parts of the cases, so none is lost when a server stops, and the case's lock lets each fire once,
//! however many servers look.

mod back;
mod fire;
mod incidents;
mod look;
mod quiet;
mod rotas;
mod run;
mod signs;

use clinical::silence::SilenceLimits;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::changes::Changes;
use crate::clock::Clock;
use crate::store::Store;

pub use run::run;

/// The most cases that are read as due at once. A round goes on until there are no more.
pub const DUE_LEN_MAX: i64 = 500;
/// The most cases that fire in one transaction, so that one wait for the disk serves them all.
pub const CASES_PER_WRITE_MAX: usize = 20;
/// The most deadlines of one case that fire in a round. What is due still is left for the next round.
pub const FIRED_PER_CASE_MAX: usize = 8;
/// How long the task sleeps at most: what another server or command has written is seen then.
pub const POLL_MAX: SignedDuration = SignedDuration::from_secs(5);
/// How long after a round that failed, or left something due, the next one comes.
pub const RETRY_DELAY: SignedDuration = SignedDuration::from_secs(5);
/// How often all homes are looked at, and the heartbeat beats.
pub const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// How often all rotas are looked at for gaps that time has brought into view.
pub const ROTA_LOOK_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// The most gaps of one team that are kept: the earliest. As they pass, the later ones take their place.
pub const GAPS_OF_TEAM_MAX: usize = 200;
/// How old a look at all homes may be when a deadline fires.
pub const LOOK_AGE_MAX: SignedDuration = SignedDuration::from_secs(10);
/// A gap in the heartbeat this long is an outage: three beats are missing.
pub const OUTAGE_MIN: SignedDuration = SignedDuration::from_mins(3);

/// What the task works with.
#[derive(Debug)]
pub struct Deadlines {
    /// Where the cases are.
    pub store: Store,
    /// Tells when something changed, and is told.
    pub changes: Changes,
    /// The time.
    pub clock: Clock,
    /// From when a sign of a home counts.
    pub limits: SilenceLimits,
    /// The stop.
    pub shutdown: CancellationToken,
}
