//! Attempts: measurements without a value. They are kept, never judged, and asked for again.

use super::standing;
use super::work::Work;
use crate::decision::Decision;
use crate::event::AttemptStored;
use crate::verdict::Doubt;

impl Work {
    pub(super) fn attempt(&mut self, attempt: &AttemptStored) {
        // What failed then cannot be repeated now: the journal keeps it, and nobody is asked.
        if standing::is_late(&self.case, attempt.measured_at, self.now) {
            return;
        }
        let reason = attempt.reason;
        self.follow(Decision::AskForRepeat {
            attempt: attempt.id,
            reason,
        });
        if let Some(what) = attempt.what {
            self.count_unusable(what, Doubt::NoReading { reason }, attempt.measured_at);
        }
    }
}
