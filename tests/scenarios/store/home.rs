//! A home as the wire shows it: a gateway that numbers, chains, tags and signs what its devices measured.

use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::Value;
use vitals::topic::{Kind, Topic};
use vitals::wire::{self, Entry, Envelope, Readings, Receipt, head, record, seal};
use vitals::{
    Attempt, AttemptReason, ChainHash, ChainHead, Characteristic, Decimal, Epoch, GatewayId,
    Pressure, PulseRate, RawBytes, Reading, ReadingId, Record, Sequence, Spo2, TagKey, TimeBasis,
    Times, Vital,
};

pub(crate) struct Home {
    pub(crate) id: GatewayId,
    pub(crate) epoch: Epoch,
    seed: u8,
    signing: Ed25519KeyPair,
    next: Sequence,
    last: ChainHash,
}

impl Home {
    pub(crate) fn new(id: &str, seed: u8) -> Self {
        let id: GatewayId = id.parse().unwrap();
        let epoch = Epoch(u64::from(seed));
        Self {
            last: epoch.genesis(&id),
            id,
            epoch,
            seed,
            signing: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap(),
            next: Sequence::FIRST,
        }
    }

    pub(crate) fn tag_key_bytes(&self) -> [u8; 32] {
        [self.seed; 32]
    }

    pub(crate) fn tag_key(&self) -> TagKey {
        TagKey::new(&self.tag_key_bytes())
    }

    pub(crate) fn public_key(&self) -> String {
        hex::encode(self.signing.public_key().as_ref())
    }

    /// Numbers and chains a record.
    pub(crate) fn entry(&mut self, record: &Record) -> Entry {
        self.entry_of_text(record::write(record).unwrap())
    }

    pub(crate) fn entry_of_text(&mut self, record: String) -> Entry {
        let entry = Entry {
            sequence: self.next,
            previous: self.last,
            record,
        };
        self.last = entry.hash(self.epoch);
        self.next = self.next.next();
        entry
    }

    /// Seals entries into one message.
    pub(crate) fn message(&self, entries: &[Entry]) -> (Topic, Vec<u8>) {
        let readings = Readings {
            epoch: self.epoch,
            entries: entries.to_vec(),
        };
        self.sealed(Kind::Readings, &readings.to_body().unwrap())
    }

    pub(crate) fn sealed(&self, kind: Kind, body: &impl serde::Serialize) -> (Topic, Vec<u8>) {
        let topic = Topic::new(self.id.clone(), kind);
        let payload = seal(&topic, &self.tag_key(), body).unwrap();
        (topic, payload)
    }

    /// Numbers, chains and seals records.
    pub(crate) fn send(&mut self, records: &[Record]) -> (Topic, Vec<u8>) {
        let entries: Vec<Entry> = records.iter().map(|record| self.entry(record)).collect();
        self.message(&entries)
    }

    /// Signs where the chain stands.
    pub(crate) fn head(&self, signed_at: Timestamp) -> (Topic, Vec<u8>) {
        let last = Sequence::new(self.next.get() - 1).unwrap();
        let signed = ChainHead::signed_bytes(&self.id, self.epoch, last, self.last, signed_at);
        let mut signature = [0; 64];
        signature.copy_from_slice(self.signing.sign(&signed).as_ref());
        let head = ChainHead {
            epoch: self.epoch,
            sequence: last,
            hash: self.last,
            signed_at,
            signature,
        };
        self.sealed(Kind::Head, &head::to_body(&head))
    }

    /// Opens the one receipt that a batch gave this home.
    pub(crate) fn receipt(&self, receipts: &[(Topic, Vec<u8>)]) -> Said {
        let mine: Vec<_> = receipts
            .iter()
            .filter(|(topic, _)| topic.gateway == self.id)
            .collect();
        assert_eq!(mine.len(), 1, "one receipt for {}", self.id);
        let (topic, payload) = mine[0];
        let envelope = Envelope::read(topic, payload).unwrap();
        let receipt = Receipt::from_body(envelope.open(&self.tag_key()).unwrap()).unwrap();
        assert_eq!(receipt.epoch, self.epoch);
        Said::from(receipt)
    }
}

/// A receipt in numbers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) stored: Vec<(u64, u64)>,
    pub(crate) refused: Vec<(u64, String)>,
    pub(crate) missing: Vec<(u64, u64)>,
}

impl From<Receipt> for Said {
    fn from(receipt: Receipt) -> Self {
        let pairs = |ranges: &[wire::SequenceRange]| {
            ranges
                .iter()
                .map(|range| (range.first().get(), range.last().get()))
                .collect()
        };
        let reason = |reason| match serde_json::to_value(reason).unwrap() {
            Value::String(reason) => reason,
            other => panic!("a reason is a text, found {other}"),
        };
        Self {
            stored: pairs(&receipt.stored),
            refused: receipt
                .refused
                .iter()
                .map(|it| (it.sequence.get(), reason(it.reason)))
                .collect(),
            missing: pairs(&receipt.missing),
        }
    }
}

/// A time of day, on 21 November 2026, or a date and a time: `2026-11-22T07:00`.
fn times(measured_at: &str) -> Times {
    let day = if measured_at.contains('T') {
        ""
    } else {
        "2026-11-21T"
    };
    let at: Timestamp = format!("{day}{measured_at}:00Z").parse().unwrap();
    Times {
        device_time: None,
        measured_at: at,
        received_at: at,
        basis: TimeBasis::Arrival,
    }
}

/// A cuff's reading, measured on 21 November 2026 at the given time.
pub(crate) fn pressure(device: &str, time: &str, systolic: i32, diastolic: i32) -> Record {
    let vital = Vital::BloodPressure {
        systolic: Pressure::from_mmhg(Decimal::whole(systolic)).unwrap(),
        diastolic: Pressure::from_mmhg(Decimal::whole(diastolic)).unwrap(),
        mean: None,
        pulse: Some(PulseRate::per_minute(Decimal::whole(70)).unwrap()),
    };
    reading(device, Characteristic(0x2A35), time, vital)
}

/// An oximeter's reading.
pub(crate) fn oxygen(device: &str, time: &str, percent: i32) -> Record {
    let vital = Vital::Oximetry {
        spo2: Spo2::percent(Decimal::whole(percent)).unwrap(),
        pulse: None,
    };
    reading(device, Characteristic(0x2A5E), time, vital)
}

fn reading(device: &str, characteristic: Characteristic, time: &str, vital: Vital) -> Record {
    let times = times(time);
    let raw = RawBytes::try_from(format!("{vital:?}").into_bytes()).unwrap();
    let device = device.parse().unwrap();
    Record::Reading(Reading {
        id: ReadingId::derive(&device, characteristic, &raw, &times),
        device,
        characteristic,
        vital,
        quality: Vec::new(),
        raw,
        times,
        user: None,
        test: false,
    })
}

/// The same record from a shared device that says who used it.
pub(crate) fn used_by(user: u8, mut record: Record) -> Record {
    match &mut record {
        Record::Reading(reading) => reading.user = Some(user),
        Record::Attempt(attempt) => attempt.user = Some(user),
    }
    record
}

/// A cuff's failed attempt.
pub(crate) fn attempt(device: &str, time: &str) -> Record {
    let times = times(time);
    let characteristic = Characteristic(0x2A35);
    let raw: RawBytes = "16FF07FF07FF07".parse().unwrap();
    let device = device.parse().unwrap();
    Record::Attempt(Attempt {
        id: ReadingId::derive(&device, characteristic, &raw, &times),
        device,
        characteristic,
        reason: AttemptReason::NoValue,
        quality: Vec::new(),
        raw,
        times,
        user: None,
        test: false,
    })
}
