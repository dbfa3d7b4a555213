//! The links by which a page is narrowed: how far back, and which entries of the timeline.

use super::timeline::{self, EntryView, Kind, SHORT_LEN};
use crate::web::local_time::LocalTime;

/// The spans that can be asked for, in days.
pub(super) const SPANS: [i64; 4] = [7, 14, 30, 90];

/// One link of several, of which one is where the reader is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Its words.
    pub(crate) text: String,
    /// Where it leads.
    pub(crate) href: String,
    /// The reader is there.
    pub(crate) current: bool,
}

/// The timeline with its filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimelineView {
    /// What can be shown.
    pub(crate) filters: Vec<Choice>,
    /// Newest first.
    pub(crate) entries: Vec<EntryView>,
    /// How many there are, when not all are shown, and where all are.
    pub(crate) more: Option<(usize, String)>,
}

/// Offers the spans.
pub(super) fn spans(href: &str, days: i64) -> Vec<Choice> {
    let span = |span: i64| Choice {
        text: format!("{span} days"),
        href: format!("{href}?days={span}#trends"),
        current: span == days,
    };
    SPANS.map(span).into()
}

/// Shows the entries of one kind or of all, the newest of them unless all were asked for.
pub(super) fn timeline_view(
    href: &str,
    days: i64,
    (kind, all): (Option<Kind>, bool),
    entries: &[timeline::Entry],
    local: &LocalTime,
) -> TimelineView {
    let place = |kind: Option<Kind>| {
        let show = kind.map_or_else(String::new, |kind| format!("&show={}", kind.code()));
        format!("{href}?days={days}{show}")
    };
    let choice = |it: Option<Kind>| Choice {
        text: it.map_or("Everything", Kind::label).to_owned(),
        href: format!("{}#timeline", place(it)),
        current: it == kind,
    };
    let kinds = Kind::ALL.into_iter().map(Some);
    let mut views = timeline::views(entries, kind, local);
    let len = views.len();
    let is_short = !all && len > SHORT_LEN;
    if is_short {
        views.truncate(SHORT_LEN);
    }
    TimelineView {
        filters: std::iter::once(None).chain(kinds).map(choice).collect(),
        entries: views,
        more: is_short.then(|| (len, format!("{}&all=1#timeline", place(kind)))),
    }
}
