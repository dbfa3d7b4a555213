//! What is changed about the office is noted twice: as a sentence for those who administer it, and in the audit trail.

use crate::audit::{Action, Entry};
use crate::store::{Write, office};
use crate::web::State;
use crate::web::session::Me;

/// Commits a change of a subject (`team:north`, `person:ada`, `organisation`) with who did it and what, in a sentence.
///
/// # Errors
/// When the database fails: nothing was changed.
pub(crate) async fn commit(
    state: &State,
    me: &Me,
    mut write: Write<'_>,
    (action, subject, sentence): (Action, &str, &str),
) -> anyhow::Result<()> {
    let now = state.clock.now();
    office::note(&mut write, subject, &me.id, sentence, now).await?;
    let thing = subject.split_once(':').map_or(subject, |(_, id)| id);
    let entry = Entry::new(me.actor(), action).about(thing);
    state.commit(write, &entry.detail(sentence)).await
}
