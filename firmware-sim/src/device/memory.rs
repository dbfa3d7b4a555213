//! A device's memory of measurements that no collector has confirmed yet.

use std::collections::VecDeque;

use serde::Deserialize;

/// In which order stored measurements are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DumpOrder {
    /// The way most devices do.
    #[default]
    OldestFirst,
    /// Some cuffs.
    NewestFirst,
}

/// What a device does with what it has measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MemoryConfig {
    /// The device forgets nothing and sends everything in each session.
    pub keeps: bool,
    /// The device sends its memory only when the collector asks for it over the Record Access Control Point.
    pub by_request: bool,
    /// Order of the dump.
    pub order: DumpOrder,
    /// How many measurements fit; the oldest is then overwritten, as in real devices.
    pub records_max: usize,
}

impl Default for MemoryConfig {
    fn default() -> Self {
        Self {
            keeps: false,
            by_request: false,
            order: DumpOrder::OldestFirst,
            records_max: 250,
        }
    }
}

/// One stored measurement, encoded when it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Number within the device, in the order of measuring.
    pub(super) number: u64,
    /// The bytes to send.
    pub(super) value: Vec<u8>,
    sent_this_session: bool,
}

/// The stored measurements, oldest first.
#[derive(Debug)]
pub(super) struct Memory {
    config: MemoryConfig,
    records: VecDeque<Record>,
    next_number: u64,
    overwritten: u64,
}

impl Memory {
    /// Makes an empty memory.
    pub(super) fn new(config: MemoryConfig) -> Self {
        Self {
            config,
            records: VecDeque::new(),
            next_number: 0,
            overwritten: 0,
        }
    }

    /// Stores a measurement, over the oldest one when the memory is full.
    pub(super) fn store(&mut self, value: Vec<u8>) {
        if self.records.len() >= self.config.records_max {
            self.records.pop_front();
            self.overwritten += 1;
        }
        self.records.push_back(Record {
            number: self.next_number,
            value,
            sent_this_session: false,
        });
        self.next_number += 1;
    }

    /// Returns the next measurement to send in this session.
    pub(super) fn next(&self) -> Option<&Record> {
        let mut unsent = self
            .records
            .iter()
            .filter(|record| !record.sent_this_session);
        match self.config.order {
            DumpOrder::OldestFirst => unsent.next(),
            DumpOrder::NewestFirst => unsent.next_back(),
        }
    }

    /// Notes that the collector confirmed a measurement, which is then forgotten unless the device keeps everything.
    pub(super) fn confirmed(&mut self, number: u64) {
        if self.config.keeps {
            self.records
                .iter_mut()
                .filter(|record| record.number == number)
                .for_each(|record| record.sent_this_session = true);
        } else {
            self.records.retain(|record| record.number != number);
        }
    }

    /// Starts a session anew: what was sent before counts only if it was forgotten.
    pub(super) fn new_session(&mut self) {
        self.records
            .iter_mut()
            .for_each(|record| record.sent_this_session = false);
    }

    /// Forgets everything, as a collector may ask.
    pub(super) fn clear(&mut self) {
        self.records.clear();
    }

    /// Returns how many measurements are stored.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Returns the number of the last record as a counter of 16 bits from 1; 0 while there was none.
    pub(super) fn last_number(&self) -> u16 {
        u16::try_from(self.next_number & 0xFFFF).unwrap_or_default()
    }

    /// Returns how many measurements were overwritten before any collector saw them.
    pub(super) fn overwritten(&self) -> u64 {
        self.overwritten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(config: MemoryConfig, values: &[u8]) -> Memory {
        let mut memory = Memory::new(config);
        values.iter().for_each(|value| memory.store(vec![*value]));
        memory
    }

    #[test]
    fn forgets_only_what_was_confirmed() {
        let mut memory = stored(MemoryConfig::default(), &[1, 2, 3]);
        let first = memory.next().unwrap().clone();
        assert_eq!(first.value, [1]);
        memory.confirmed(first.number);
        memory.new_session();
        assert_eq!((memory.len(), &memory.next().unwrap().value), (2, &vec![2]));
    }

    #[test]
    fn a_keeping_device_sends_everything_again_in_the_next_session() {
        let mut memory = stored(
            MemoryConfig {
                keeps: true,
                ..MemoryConfig::default()
            },
            &[1, 2],
        );
        while let Some(number) = memory.next().map(|record| record.number) {
            memory.confirmed(number);
        }
        memory.new_session();
        assert_eq!(memory.next().unwrap().value, [1]);
    }

    #[test]
    fn newest_first_is_possible() {
        let memory = stored(
            MemoryConfig {
                order: DumpOrder::NewestFirst,
                ..MemoryConfig::default()
            },
            &[1, 2],
        );
        assert_eq!(memory.next().unwrap().value, [2]);
    }

    #[test]
    fn a_full_memory_overwrites_the_oldest() {
        let memory = stored(
            MemoryConfig {
                records_max: 2,
                ..MemoryConfig::default()
            },
            &[1, 2, 3],
        );
        assert_eq!(
            (
                memory.len(),
                memory.overwritten(),
                memory.next().unwrap().value[0]
            ),
            (2, 1, 2)
        );
    }
}
