//! Control by another process: one JSON command a line.

use serde::Deserialize;

use crate::script::Event;

/// What a peripheral can be told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Command {
    /// `{"measure": {"device": "cuff", "cuff": {"systolic": 152, "diastolic": 94}}}`; any event of a script without its
    /// time, but no fault: those are real here.
    Measure(Box<Event>),
    /// `{"lose_link_after": 2}`: once so many more indications are confirmed, the link is gone.
    LoseLinkAfter(u32),
}
