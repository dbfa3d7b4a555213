//! What the broker refused or lost, counted for the operator.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the start of the program. None of them is a lost reading: what is not acknowledged is sent again.
#[derive(Debug, Default)]
pub struct Counts {
    foreign: AtomicU64,
    too_long: AtomicU64,
    unsettled: AtomicU64,
    receipts_lost: AtomicU64,
}

impl Counts {
    /// Messages on topics that are not an uplink of ours, acknowledged and dropped.
    pub fn foreign(&self) -> u64 {
        self.foreign.load(Ordering::Relaxed)
    }

    /// Messages longer than the wire contract allows, acknowledged and dropped.
    pub fn too_long(&self) -> u64 {
        self.too_long.load(Ordering::Relaxed)
    }

    /// Messages that could not be stored in time and were left unacknowledged, to be sent again.
    pub fn unsettled(&self) -> u64 {
        self.unsettled.load(Ordering::Relaxed)
    }

    /// Receipts that could not be handed to a gateway, which will send its readings again.
    pub fn receipts_lost(&self) -> u64 {
        self.receipts_lost.load(Ordering::Relaxed)
    }

    pub(super) fn count_foreign(&self) {
        self.foreign.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_too_long(&self) {
        self.too_long.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_unsettled(&self) {
        self.unsettled.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_receipt_lost(&self) {
        self.receipts_lost.fetch_add(1, Ordering::Relaxed);
    }
}
