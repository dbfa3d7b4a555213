//! Attempts: measurements without a value. They are kept, never judged, and asked for again.

use super::work::Work;
use crate::decision::Decision;
use crate::event::AttemptStored;
use crate::verdict::Doubt;

impl Work {
    pub(super) fn attempt(&mut self, attempt: &AttemptStored) {
        let reason = attempt.reason;
        self.follow(Decision::AskForRepeat {
            attempt: attempt.id,
            reason,
        });
        if let Some(what) = attempt.what {
            self.count_unusable(what, Doubt::NoReading { reason });
        }
    }
}
