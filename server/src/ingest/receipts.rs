//! Receipts: what the server says of each gateway's records once the batch is committed.

use std::collections::BTreeMap;

use anyhow::Context;
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::topic::{Kind, Topic};
use vitals::wire::receipt::{Receipt, RefusalReason, Refused, SequenceRange};
use vitals::wire::{RECEIPT_RANGES_LEN_MAX, seal};
use vitals::{Epoch, GatewayId, Sequence};

use crate::store::entries::Place;
use crate::store::epochs;
use crate::store::gateways::Gateway;

/// The most gaps that one batch asks a gateway to fill; the next batch asks for more.
pub const MISSING_RANGES_LEN_MAX: usize = 32;

/// What is said of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Stored and judged, now or earlier.
    Stored,
    /// Kept as evidence, never counted.
    Refused(RefusalReason),
}

/// What is to be said of the records of a batch.
#[derive(Debug, Default)]
pub(super) struct Tally {
    answers: BTreeMap<(GatewayId, Epoch), Vec<(Sequence, Answer)>>,
}

impl Tally {
    pub(super) fn note(&mut self, place: &Place, answer: Answer) {
        let key = (place.gateway.clone(), place.epoch);
        let answers = self.answers.entry(key).or_default();
        answers.push((place.sequence, answer));
    }
}

/// Writes the receipts of a batch: one for each epoch, more only where one would be too long.
pub(super) async fn write(
    connection: &mut AnyConnection,
    tally: &Tally,
    gateways: &BTreeMap<GatewayId, Option<Gateway>>,
    now: Timestamp,
) -> anyhow::Result<Vec<(Topic, Vec<u8>)>> {
    let mut sealed = Vec::new();
    for ((id, epoch), answers) in &tally.answers {
        let missing = find_missing(connection, id, *epoch, now).await?;
        let gateway = gateways
            .get(id)
            .and_then(Option::as_ref)
            .context("records were taken from a gateway that is not registered")?;
        let topic = Topic::new(id.clone(), Kind::Receipt);
        for receipt in receipts(*epoch, answers, missing, now) {
            let payload = seal(&topic, &gateway.tag_key, &receipt.to_body())?;
            sealed.push((topic.clone(), payload));
        }
    }
    Ok(sealed)
}

async fn find_missing(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    epoch: Epoch,
    now: Timestamp,
) -> anyhow::Result<Vec<SequenceRange>> {
    let contiguous_upto = epochs::lock(connection, gateway, epoch, now).await?;
    let len_max = i64::try_from(MISSING_RANGES_LEN_MAX)?;
    let gaps = epochs::gaps(connection, gateway, epoch, contiguous_upto, len_max).await?;
    epochs::advance(connection, gateway, epoch, gaps.first().copied()).await?;
    Ok(gaps)
}

/// One range or refusal: what a receipt is long by.
enum Line {
    Stored(SequenceRange),
    Refused(Refused),
    Missing(SequenceRange),
}

fn receipts(
    epoch: Epoch,
    answers: &[(Sequence, Answer)],
    missing: Vec<SequenceRange>,
    now: Timestamp,
) -> Vec<Receipt> {
    let mut lines: Vec<Line> = lines(answers);
    lines.extend(missing.into_iter().map(Line::Missing));
    lines
        .chunks(RECEIPT_RANGES_LEN_MAX)
        .map(|lines| receipt(epoch, lines, now))
        .collect()
}

fn lines(answers: &[(Sequence, Answer)]) -> Vec<Line> {
    let mut stored = Vec::new();
    let mut refused = BTreeMap::new();
    for (sequence, answer) in answers {
        match answer {
            Answer::Stored => stored.push(*sequence),
            Answer::Refused(reason) => {
                refused.insert(*sequence, *reason);
            }
        }
    }
    let refused = refused
        .into_iter()
        .map(|(sequence, reason)| Line::Refused(Refused { sequence, reason }));
    SequenceRange::covering(stored)
        .into_iter()
        .map(Line::Stored)
        .chain(refused)
        .collect()
}

fn receipt(epoch: Epoch, lines: &[Line], now: Timestamp) -> Receipt {
    let mut receipt = Receipt {
        epoch,
        stored: Vec::new(),
        refused: Vec::new(),
        missing: Vec::new(),
        issued_at: now,
    };
    for line in lines {
        match line {
            Line::Stored(range) => receipt.stored.push(*range),
            Line::Refused(refused) => receipt.refused.push(*refused),
            Line::Missing(range) => receipt.missing.push(*range),
        }
    }
    receipt
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T08:00:00Z".parse().unwrap()
    }

    fn sequence(number: u64) -> Sequence {
        Sequence::new(number).unwrap()
    }

    #[test]
    fn neighbours_become_one_range_and_refusals_stand_alone() {
        let answers = [
            (sequence(2), Answer::Stored),
            (sequence(1), Answer::Stored),
            (sequence(3), Answer::Refused(RefusalReason::Malformed)),
            (sequence(3), Answer::Refused(RefusalReason::Malformed)),
        ];
        let receipts = receipts(Epoch(1), &answers, Vec::new(), now());
        assert_eq!(receipts.len(), 1);
        assert_eq!(
            receipts[0].stored,
            SequenceRange::covering(vec![sequence(1), sequence(2)])
        );
        assert_eq!(receipts[0].refused.len(), 1);
    }

    /// The bound of the wire contract: every receipt can be read by the gateway, and together they say everything.
    #[test]
    fn what_is_too_long_for_one_receipt_is_said_by_several() {
        let most = RECEIPT_RANGES_LEN_MAX as u64;
        let answers: Vec<_> = (0..=most)
            .map(|it| (sequence(2 * it + 1), Answer::Stored))
            .collect();
        let missing = SequenceRange::covering(vec![sequence(2)]);
        let receipts = receipts(Epoch(1), &answers, missing, now());
        assert_eq!(receipts.len(), 2);
        for receipt in &receipts {
            let body = serde_json::to_string(&receipt.to_body()).unwrap();
            assert_eq!(&Receipt::from_body(&body).unwrap(), receipt);
        }
        let said: usize = receipts.iter().map(|it| it.stored.len()).sum();
        assert_eq!(said, answers.len());
        assert_eq!(receipts[1].missing.len(), 1);
    }
}
