//! The sections of a handover: each open alert in one of them, by what has been done about it.

use crate::store::worklist::{AlertRow, Lane};
use crate::web::alert_view::AlertView;
use crate::web::listing::Listed;
use crate::web::local_time::LocalTime;
use crate::web::session::Me;

use super::{follows_up, is_mine, is_offered_to, name_of};

/// One alert of a handover, ready to show.
pub(super) struct Item {
    /// `patient-1/3`.
    pub(super) name: String,
    pub(super) alert: AlertView,
    /// Whether whoever hands over has to pass it on.
    pub(super) mine: bool,
    /// Whether it is theirs to follow up only: somebody else was asked to take it.
    pub(super) follows_up: bool,
    /// To whom it was escalated, by name.
    pub(super) escalated_to: Option<String>,
}

/// The open alerts by section.
#[derive(Default)]
pub(super) struct Sections {
    /// On offer to whoever looks, each by somebody named.
    pub(super) offers: Vec<Item>,
    /// Neither theirs, nor aside, nor escalated.
    pub(super) open: Vec<Item>,
    /// Taken by whoever looks.
    pub(super) taken: Vec<Item>,
    pub(super) waiting: Vec<Item>,
    pub(super) snoozed: Vec<Item>,
    pub(super) escalated: Vec<Item>,
    pub(super) technical: Vec<Item>,
}

impl Sections {
    /// Sorts alerts into sections, as one person sees them.
    ///
    /// # Errors
    /// When a stored time is none.
    pub(super) fn of(
        listed: &[Listed],
        me: &Me,
        local: &LocalTime,
        name: impl Fn(&str) -> String,
    ) -> Result<Self, jiff::Error> {
        let mut sections = Self::default();
        for it in listed {
            let item = Item {
                name: name_of(&it.row),
                alert: AlertView::new(it, &me.id, local)?,
                follows_up: follows_up(&it.row, me.id.as_str()),
                mine: is_mine(&it.row, me.id.as_str()),
                escalated_to: it.row.escalated_to.as_deref().map(&name),
            };
            sections.place(&it.row, me.id.as_str()).push(item);
        }
        Ok(sections)
    }

    fn place(&mut self, row: &AlertRow, me: &str) -> &mut Vec<Item> {
        let mine = is_mine(row, me);
        match row.ownership_is.as_str() {
            _ if is_offered_to(row, me) => &mut self.offers,
            "waiting" => &mut self.waiting,
            "snoozed" => &mut self.snoozed,
            "escalated" => &mut self.escalated,
            "taken" if mine => &mut self.taken,
            _ if row.lane() == Lane::Kit => &mut self.technical,
            _ => &mut self.open,
        }
    }

    /// Gives what whoever looks has to pass on.
    pub(super) fn to_pass_on(&self) -> impl Iterator<Item = &Item> {
        let all = [
            &self.taken,
            &self.waiting,
            &self.snoozed,
            &self.escalated,
            &self.technical,
        ];
        all.into_iter().flatten().filter(|it| it.mine)
    }
}
