//! Verify: proves from the signed heads that nobody has edited, removed, inserted or reordered an entry of the trail.

use std::collections::HashSet;
use std::fmt;

use anyhow::ensure;
use sqlx::AnyConnection;

use super::config::AuditConfig;
use super::head::{Head, HeadError};
use super::heads_file::{HeadsFile, Lines};
use super::key::public_key_in;
use super::walk::{Mark, Misfit, Walk, Whence, Wrong};
use crate::store::Store;
use crate::store::audit::{self, Filter, PAGE_LEN_MAX};

/// The most heads that are looked at: those of a few servers over a hundred years.
const HEADS_LEN_MAX: usize = 200_000;

/// What is known outside of the database.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The keys that may have signed, hexadecimal.
    pub trusted_keys: Vec<String>,
    /// What the file of heads holds, and what was kept elsewhere.
    pub lines: Lines,
}

/// What was found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many entries fit, from the first on.
    pub entries_len: i64,
    /// How many signed heads they were checked against.
    pub heads_len: usize,
    /// The newest entry that a head was signed over; 0 where none was.
    pub signed_upto: i64,
    /// What is not as it must be: heads first, then the first entry that does not fit.
    pub findings: Vec<Finding>,
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The first entry that does not fit.
    Entry(Misfit),
    /// A head that proves nothing; where it stands, its day, and why.
    Head {
        /// Outside of the database, or else in it.
        is_outside: bool,
        /// The day that it names.
        day: String,
        /// What is wrong with it.
        error: HeadError,
    },
    /// A head of this day stands outside of the database, and is not in it any more.
    HeadGone(String),
    /// A line of the file that is no head, counted from 1.
    Line(usize),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(misfit) => misfit.fmt(f),
            Self::Head {
                is_outside,
                day,
                error,
            } => {
                let place = if *is_outside {
                    "that was written down"
                } else {
                    "in the database"
                };
                write!(f, "the head of {day:?} {place} {error}")
            }
            Self::HeadGone(day) => write!(
                f,
                "the head of {day} was written down and is not in the database: it was removed, or an older copy of the \
                 database was put in its place"
            ),
            Self::Line(number) => write!(f, "line {number} of heads.log is no head: it was edited"),
        }
    }
}

impl Evidence {
    /// Reads what is in the operator's folder, and makes nothing.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(config: &AuditConfig) -> anyhow::Result<Self> {
        let mut trusted_keys = config.trusted_keys.clone();
        trusted_keys.extend(public_key_in(&config.folder)?);
        Ok(Self {
            trusted_keys,
            lines: HeadsFile::of(&config.folder).read()?,
        })
    }

    /// Marks the trail by what a head proves, or says why it proves nothing; tells whether it proves something.
    fn judge(&self, head: &Head, is_outside: bool, found: &mut Found) -> bool {
        let checked = head.check(&self.trusted_keys);
        match checked {
            Ok(()) => found.marks.push(head.into()),
            Err(error) => found.findings.push(Finding::Head {
                is_outside,
                day: head.day.clone(),
                error,
            }),
        }
        checked.is_ok()
    }
}

/// Walks along the whole trail. The server may be adding to it meanwhile.
///
/// Without evidence the heads are not looked at: only the chain and the database's own note are.
///
/// # Errors
/// When the database fails; that the trail is wrong is no error.
pub async fn verify(store: &Store, evidence: Option<&Evidence>) -> anyhow::Result<Report> {
    let mut connection = store.readers().acquire().await?;
    let mut found = Found::default();
    // All that is marked is read before the entries: so each of those is there, unless it was removed.
    let tip = audit::tip(&mut connection).await?;
    if let Some(evidence) = evidence {
        found.look_at_heads(evidence, all_heads(&mut connection).await?);
    }
    let heads_len = found.marks.len();
    let signed = found.marks.iter().map(|mark| mark.number);
    let signed_upto = signed.max().unwrap_or_default();
    found.marks.push(Mark {
        number: tip.number,
        hash: tip.hash,
        whence: Whence::Tip,
    });
    let mut walk = Walk::begin(found.marks);
    let misfit = first_misfit(&mut connection, &mut walk).await?;
    let entries_len = walk.number();
    let misfit = misfit.or_else(|| walk.finish().err());
    found.findings.extend(misfit.map(Finding::Entry));
    Ok(Report {
        entries_len,
        heads_len,
        signed_upto,
        findings: found.findings,
    })
}

/// What the heads say.
#[derive(Default)]
struct Found {
    marks: Vec<Mark>,
    findings: Vec<Finding>,
}

impl Found {
    fn look_at_heads(&mut self, evidence: &Evidence, stored: Vec<Head>) {
        for head in &stored {
            evidence.judge(head, false, self);
        }
        let stored: HashSet<Head> = stored.into_iter().collect();
        for head in &evidence.lines.heads {
            if !stored.contains(head) && evidence.judge(head, true, self) {
                self.findings.push(Finding::HeadGone(head.day.clone()));
            }
        }
        let broken = evidence.lines.broken.iter().copied().map(Finding::Line);
        self.findings.extend(broken);
    }
}

async fn first_misfit(
    connection: &mut AnyConnection,
    walk: &mut Walk,
) -> anyhow::Result<Option<Misfit>> {
    // Whatever is there, however it is numbered.
    let mut after = i64::MIN;
    loop {
        let page = audit::in_order(connection, &Filter::default(), after, PAGE_LEN_MAX).await?;
        for entry in &page {
            if let Err(misfit) = walk.step(entry) {
                return Ok(Some(misfit));
            }
        }
        if page.is_empty() {
            // Read last: whatever was seen until here was noted together with it.
            let tip = audit::tip(connection).await?;
            let unnoted = Misfit {
                number: tip.number + 1,
                what: Wrong::Unnoted,
            };
            return Ok((tip.number < walk.number()).then_some(unnoted));
        }
        after = walk.number();
    }
}

async fn all_heads(connection: &mut AnyConnection) -> anyhow::Result<Vec<Head>> {
    let mut heads: Vec<Head> = Vec::new();
    loop {
        let after = heads
            .last()
            .map(|it| (it.day.clone(), it.public_key.clone()));
        let (day, key) = after.unwrap_or_default();
        let page = audit::heads(connection, (&day, &key)).await?;
        if page.is_empty() {
            return Ok(heads);
        }
        heads.extend(page);
        ensure!(
            heads.len() <= HEADS_LEN_MAX,
            "the database holds over {HEADS_LEN_MAX} heads, more than days have passed: somebody put them there"
        );
    }
}
