//! Changes: after each commit, the pages that are open are told which patients to look at again.

use clinical::PatientId;
use tokio::sync::broadcast;

/// How many changes a slow page may fall behind before it is told to reload everything.
pub const CHANGES_BEHIND_MAX: usize = 256;

/// Announces committed changes to open pages of this process. Nothing depends on an announcement's arrival: pages also
/// compare what they show with the database at every tick.
#[derive(Debug, Clone)]
pub struct Changes(broadcast::Sender<PatientId>);

impl Changes {
    /// Makes the one channel of a process.
    pub fn new() -> Self {
        Self(broadcast::channel(CHANGES_BEHIND_MAX).0)
    }

    /// Tells open pages that something about a patient was committed.
    pub fn announce(&self, patient: PatientId) {
        // No page is open: nobody has to be told.
        let _ = self.0.send(patient);
    }

    /// Listens from now on. A listener that falls behind gets `Lagged` and reloads.
    pub fn subscribe(&self) -> broadcast::Receiver<PatientId> {
        self.0.subscribe()
    }
}

impl Default for Changes {
    fn default() -> Self {
        Self::new()
    }
}
