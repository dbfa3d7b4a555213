//! Verify: proves from the signed heads that nobody has edited, dropped, reordered or back-dated a reading.

use std::fmt;

use anyhow::Context;
use sqlx::AnyConnection;
use vitals::wire::record;
use vitals::{ChainHash, ChainHead, Epoch, GatewayId, Record, Sequence};

use crate::store::entries::{self, Place, StoredEntry};
use crate::store::gateways::{self, Gateway};
use crate::store::readings::StoredFacts;
use crate::store::{Store, boxes, heads, readings, test_records};

/// How many entries are looked at at once.
const PAGE_LEN_MAX: i64 = 500;

/// What was found, epoch by epoch.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many entries were proved.
    pub entries_len: u64,
    /// How many signed heads they were checked against.
    pub heads_len: u64,
    /// The first finding of each epoch that has one.
    pub findings: Vec<Finding>,
}

/// The first thing in an epoch that is not as its gateway signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whose chain.
    pub gateway: GatewayId,
    /// Which life of its outbox.
    pub epoch: Epoch,
    /// Which entry.
    pub sequence: u64,
    /// What is wrong with it.
    pub what: Wrong,
}

/// What can be wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Its content is not what its hash was made of.
    Edited,
    /// It is not there: dropped, or not yet sent again by the gateway.
    Missing,
    /// It does not follow the entry before it.
    Reordered,
    /// The chain up to here is not what the gateway signed.
    NotAsSigned,
    /// A signed head over it was not signed by the gateway's registered key.
    HeadForged,
    /// The reading or attempt made of it is gone, or its device or times were changed.
    ReadingChanged,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            Wrong::Edited => "was edited: its content does not have its hash",
            Wrong::Missing => {
                "is missing: it was dropped, or the gateway has not sent it again yet"
            }
            Wrong::Reordered => "is out of place: it does not follow the entry before it",
            Wrong::NotAsSigned => {
                "ends a chain that is not what the gateway signed: it or an entry before it was replaced"
            }
            Wrong::HeadForged => "has a head that the gateway's registered key did not sign",
            Wrong::ReadingChanged => {
                "has no reading or attempt as it was sent: that was dropped, moved or back-dated"
            }
        };
        write!(
            f,
            "gateway {} epoch {} entry {} {what}",
            self.gateway, self.epoch, self.sequence
        )
    }
}

/// Checks every chain of every gateway.
///
/// # Errors
/// When the database fails or holds what no gateway could have sent.
pub async fn verify(store: &Store) -> anyhow::Result<Report> {
    let mut connection = store.readers().acquire().await?;
    let mut report = Report::default();
    for id in gateways::ids(&mut connection).await? {
        let gateway = gateways::by_id(&mut connection, &id)
            .await?
            .context("a gateway was removed meanwhile")?;
        for epoch in entries::epochs(&mut connection, &id).await? {
            let mut walk = Walk::start(&id, &gateway, epoch);
            let wrong = walk.first_wrong(&mut connection).await?;
            report.entries_len += walk.entries_len;
            report.heads_len += walk.heads_len;
            report
                .findings
                .extend(wrong.map(|(sequence, what)| Finding {
                    gateway: id.clone(),
                    epoch,
                    sequence,
                    what,
                }));
        }
    }
    Ok(report)
}

/// A walk along one chain, from its beginning.
struct Walk<'a> {
    id: &'a GatewayId,
    gateway: &'a Gateway,
    epoch: Epoch,
    at: u64,
    hash: ChainHash,
    entries_len: u64,
    heads_len: u64,
}

impl<'a> Walk<'a> {
    fn start(id: &'a GatewayId, gateway: &'a Gateway, epoch: Epoch) -> Self {
        Self {
            id,
            gateway,
            epoch,
            at: 0,
            hash: epoch.genesis(id),
            entries_len: 0,
            heads_len: 0,
        }
    }

    async fn first_wrong(
        &mut self,
        connection: &mut AnyConnection,
    ) -> anyhow::Result<Option<(u64, Wrong)>> {
        loop {
            let page =
                entries::page(connection, self.id, self.epoch, self.at, PAGE_LEN_MAX).await?;
            let Some(last) = page.last() else {
                return self.beyond_the_end(connection).await;
            };
            let upto = last.entry.sequence.get();
            let heads = heads::between(connection, self.id, self.epoch, self.at, upto).await?;
            for stored in &page {
                if let Some(wrong) = self.step(stored, &heads) {
                    return Ok(Some(wrong));
                }
                let place = Place {
                    gateway: self.id.clone(),
                    epoch: self.epoch,
                    sequence: stored.entry.sequence,
                };
                if !is_as_sent(connection, &place, stored).await? {
                    return Ok(Some((self.at, Wrong::ReadingChanged)));
                }
            }
        }
    }

    fn step(&mut self, stored: &StoredEntry, heads: &[ChainHead]) -> Option<(u64, Wrong)> {
        let number = stored.entry.sequence.get();
        if number != self.at + 1 {
            return Some((self.at + 1, Wrong::Missing));
        }
        if stored.entry.previous != self.hash {
            return Some((number, Wrong::Reordered));
        }
        let hash = ChainHash::link(
            self.hash,
            self.epoch,
            stored.entry.sequence,
            &stored.entry.record,
        );
        if hash != stored.hash {
            return Some((number, Wrong::Edited));
        }
        self.at = number;
        self.hash = hash;
        self.entries_len += 1;
        self.check_heads(stored.entry.sequence, heads)
    }

    fn check_heads(&mut self, at: Sequence, heads: &[ChainHead]) -> Option<(u64, Wrong)> {
        for head in heads.iter().filter(|head| head.sequence == at) {
            let signed = head.verify(self.id, &self.gateway.signing_public_key);
            if signed.is_err() {
                return Some((at.get(), Wrong::HeadForged));
            }
            if head.hash != self.hash {
                return Some((at.get(), Wrong::NotAsSigned));
            }
            self.heads_len += 1;
        }
        None
    }

    /// A signed head over an entry after the last one says that there was such an entry.
    async fn beyond_the_end(
        &mut self,
        connection: &mut AnyConnection,
    ) -> anyhow::Result<Option<(u64, Wrong)>> {
        let largest = u64::try_from(i64::MAX)?;
        let heads = heads::between(connection, self.id, self.epoch, self.at, largest).await?;
        Ok(heads.first().map(
            |head| match head.verify(self.id, &self.gateway.signing_public_key) {
                Ok(()) => (self.at + 1, Wrong::Missing),
                Err(_) => (head.sequence.get(), Wrong::HeadForged),
            },
        ))
    }
}

/// Compares the reading or attempt with the record that it was made of. A refused record has none.
async fn is_as_sent(
    connection: &mut AnyConnection,
    place: &Place,
    stored: &StoredEntry,
) -> anyhow::Result<bool> {
    if stored.is_refused {
        return Ok(true);
    }
    let Ok(sent) = record::read(&stored.entry.record) else {
        return Ok(false);
    };
    let facts = match readings::stored_facts(connection, &sent).await? {
        Some(facts) => facts,
        None => match as_a_test(connection, place, &sent).await? {
            Some(facts) => facts,
            None => return Ok(false),
        },
    };
    if facts.place == *place {
        return Ok(facts.are_of(&sent));
    }
    // A device that repeats its memory: the first record made the reading, and this one has other times of arrival.
    let Some(first) = entries::at(connection, &facts.place).await? else {
        return Ok(false);
    };
    Ok(record::read(&first.entry.record)
        .is_ok_and(|first| first.id() == sent.id() && facts.are_of(&first)))
}

/// Finds the test that was made of a record. A reading that somebody put among the tests is none: neither does it say so,
/// nor did the place of its box ask for it. Of a repeat, the first is what counts.
async fn as_a_test(
    connection: &mut AnyConnection,
    place: &Place,
    sent: &Record,
) -> anyhow::Result<Option<StoredFacts>> {
    let Some((facts, stored_at)) = test_records::stored_facts(connection, sent).await? else {
        return Ok(None);
    };
    let is_test = facts.place != *place
        || sent.is_test()
        || boxes::was_not_live(connection, &place.gateway, stored_at).await?;
    Ok(is_test.then_some(facts))
}
