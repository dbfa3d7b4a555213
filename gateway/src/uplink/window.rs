//! The window: which records are on their way, counted by receipts, and what may be sent next.
//!
//! A pure state machine of one connection. A record leaves it when the server's receipt names it, never earlier.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use vitals::Sequence;
use vitals::wire::{ENTRIES_LEN_MAX, Entry, Receipt, SequenceRange};

/// The most messages that may be on their way without a receipt.
pub const IN_FLIGHT_LEN_MAX: usize = 50;
/// The most messages on their way until the server has answered once, where it did not answer before.
pub const IN_FLIGHT_LEN_PROBING: usize = 1;
/// The largest sum of records in one message, in bytes: well under the message's own bound.
pub const BATCH_LEN_MAX: usize = 48 * 1024;

/// What one entry adds to a message beside its record: numbers, hash and punctuation.
const ENTRY_OVERHEAD_LEN: usize = 128;

/// The records of one connection that are on their way.
#[derive(Debug)]
pub struct Window {
    messages: BTreeMap<u64, InFlight>,
    message_of: BTreeMap<Sequence, u64>,
    message_next: u64,
    looked_at: Option<Sequence>,
    len_max: usize,
    answered_at: Option<Instant>,
}

#[derive(Debug)]
struct InFlight {
    unanswered: usize,
    sent_at: Instant,
}

impl Window {
    /// Makes an empty window; `probing` after a connection on which the server never answered.
    pub fn new(probing: bool) -> Self {
        Self {
            messages: BTreeMap::new(),
            message_of: BTreeMap::new(),
            message_next: 0,
            looked_at: None,
            len_max: if probing {
                IN_FLIGHT_LEN_PROBING
            } else {
                IN_FLIGHT_LEN_MAX
            },
            answered_at: None,
        }
    }

    /// Tells whether one more message may be sent.
    pub fn has_room(&self) -> bool {
        self.messages.len() < self.len_max
    }

    /// Tells whether nothing is on its way.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Gives the number after which records are to be looked for.
    pub fn looked_at(&self) -> Option<Sequence> {
        self.looked_at
    }

    /// Chooses the next message from waiting records in order: those not on their way, as many as fit. They count as
    /// looked at; an empty choice means that all of them were on their way.
    pub fn choose(&mut self, waiting: Vec<Entry>) -> Vec<Entry> {
        let mut chosen: Vec<Entry> = Vec::new();
        let mut len = 0;
        for entry in waiting {
            let on_its_way = self.message_of.contains_key(&entry.sequence);
            if !on_its_way {
                len += entry.record.len() + ENTRY_OVERHEAD_LEN;
                let full = len > BATCH_LEN_MAX || chosen.len() == ENTRIES_LEN_MAX;
                if full && !chosen.is_empty() {
                    break;
                }
            }
            self.looked_at = Some(entry.sequence);
            if !on_its_way {
                chosen.push(entry);
            }
        }
        chosen
    }

    /// Notes that a message with these records was sent.
    pub fn sent(&mut self, entries: &[Entry], now: Instant) {
        let message = self.message_next;
        self.message_next += 1;
        for entry in entries {
            self.message_of.insert(entry.sequence, message);
        }
        let in_flight = InFlight {
            unanswered: entries.len(),
            sent_at: now,
        };
        if !entries.is_empty() {
            self.messages.insert(message, in_flight);
        }
    }

    /// Notes a receipt; messages whose records are all answered make room. Records that the server misses are looked
    /// for again.
    pub fn answered(&mut self, receipt: &Receipt, now: Instant) {
        self.answered_at = Some(now);
        self.len_max = IN_FLIGHT_LEN_MAX;
        for range in &receipt.stored {
            self.answer(range);
        }
        for refused in &receipt.refused {
            if let Some(range) = SequenceRange::new(refused.sequence, refused.sequence) {
                self.answer(&range);
            }
        }
        let first_missing = receipt.missing.iter().map(SequenceRange::first).min();
        if let Some(missing) = first_missing
            && self.looked_at.is_some_and(|looked_at| looked_at >= missing)
        {
            self.looked_at = Sequence::new(missing.get() - 1).ok();
        }
    }

    /// Takes back everything that is on its way: it is sent again, one message at a time until the server answers.
    pub fn start_over(&mut self) {
        self.messages.clear();
        self.message_of.clear();
        self.looked_at = None;
        self.len_max = IN_FLIGHT_LEN_PROBING;
    }

    /// Tells when the wait for receipts is over and the records must be sent again on another connection.
    pub fn deadline(&self, receipt_timeout: Duration) -> Option<Instant> {
        let oldest = self.messages.values().map(|it| it.sent_at).min()?;
        let progress = self
            .answered_at
            .map_or(oldest, |answered_at| answered_at.max(oldest));
        Some(progress + receipt_timeout)
    }

    /// Tells whether the server has answered on this connection.
    pub fn was_answered(&self) -> bool {
        self.answered_at.is_some()
    }

    fn answer(&mut self, range: &SequenceRange) {
        let named: Vec<(Sequence, u64)> = self
            .message_of
            .range(range.first()..=range.last())
            .map(|(sequence, message)| (*sequence, *message))
            .collect();
        for (sequence, message) in named {
            self.message_of.remove(&sequence);
            if let Some(in_flight) = self.messages.get_mut(&message) {
                in_flight.unanswered -= 1;
                if in_flight.unanswered == 0 {
                    self.messages.remove(&message);
                }
            }
        }
    }
}
