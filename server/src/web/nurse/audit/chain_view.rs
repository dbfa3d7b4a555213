//! Where the trail stands, in plain words: how long it is, when it was last signed, and whether what was signed is still there.

use crate::store::Store;
use crate::store::audit::{self, Filter};
use crate::web::error::PageError;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::words;

/// The trail as a whole.
pub(super) struct ChainView {
    /// How many entries it has, with the noun.
    pub(super) entries: String,
    /// The newest entry's time.
    pub(super) last: Option<Shown>,
    /// The last signature.
    pub(super) signed: Option<SignedView>,
}

/// The last signature over it.
pub(super) struct SignedView {
    /// When it was made.
    pub(super) at: Shown,
    /// The newest entry that it is over.
    pub(super) number: i64,
    /// Whether the entry is as it was when it was signed.
    pub(super) fits: bool,
}

impl ChainView {
    /// Reads it, and looks whether the entry that was last signed is as it was: that costs two rows. The whole trail is proved
    /// by `server audit verify`.
    ///
    /// # Errors
    /// When the database does not answer, or holds a time that is none.
    pub(super) async fn read(store: &Store, local: &LocalTime) -> Result<Self, PageError> {
        let mut reader = store
            .readers()
            .acquire()
            .await
            .map_err(anyhow::Error::from)?;
        let tip = audit::tip(&mut reader).await?;
        let all = Filter::default();
        let newest = audit::in_order(&mut reader, &all, tip.number - 1, 1).await?;
        let last = newest.first().map(|it| local.show_stored(it.at));
        let signed = match audit::last_head(&mut reader).await? {
            None => None,
            Some(head) => {
                let there = audit::in_order(&mut reader, &all, head.number - 1, 1).await?;
                let is_there = there.first().is_some_and(|entry| {
                    let is_it = entry.number == head.number && entry.hash == head.hash;
                    is_it && entry.hash_of_content() == entry.hash
                });
                let is_signed = head.check(std::slice::from_ref(&head.public_key)).is_ok();
                Some(SignedView {
                    at: local.show_stored(head.signed_at)?,
                    number: head.number,
                    fits: is_there && is_signed,
                })
            }
        };
        Ok(Self {
            entries: words::count(tip.number, "entry", "entries"),
            last: last.transpose()?,
            signed,
        })
    }
}
