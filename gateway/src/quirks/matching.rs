//! Which entry of the table applies to a device.

use std::fmt;

use uuid::Uuid;

use super::Behaviour;

/// What is known of a device so far; more may be known later in a session, and then it is asked for again.
#[derive(Clone, Copy, Default)]
pub struct Seen<'a> {
    /// Its advertised name.
    pub name: Option<&'a str>,
    /// The company ids of its manufacturer data.
    pub company_ids: &'a [u16],
    /// The services that it advertises, or has.
    pub services: &'a [Uuid],
    /// Its Model Number String (2A24).
    pub model: Option<&'a str>,
}

/// A name may tell whose device it is, so the debug form says nothing.
impl fmt::Debug for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}

/// The table of devices that want to be treated otherwise than the specifications say.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub(super) entries: Vec<Entry>,
    /// How all others are treated.
    pub(super) usual: Behaviour,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) matches: Vec<Match>,
    pub(super) behaviour: Behaviour,
}

/// At least one of these is there, and all that are must hold.
#[derive(Debug, Clone)]
pub(super) struct Match {
    pub(super) name: Option<String>,
    pub(super) model: Option<String>,
    pub(super) company: Option<u16>,
    pub(super) service: Option<Uuid>,
}

impl Table {
    /// Gives how a device is treated: as the first entry that applies says, else as the specifications do.
    pub fn behaviour(&self, seen: &Seen<'_>) -> &Behaviour {
        self.entries
            .iter()
            .find(|entry| entry.matches.iter().any(|it| it.holds(seen)))
            .map_or(&self.usual, |entry| &entry.behaviour)
    }

    /// Counts the entries.
    pub fn entries_len(&self) -> usize {
        self.entries.len()
    }
}

impl Match {
    fn holds(&self, seen: &Seen<'_>) -> bool {
        let name = self.name.as_deref().is_none_or(|it| begins(seen.name, it));
        let model = self
            .model
            .as_deref()
            .is_none_or(|it| begins(seen.model, it));
        let company = self.company.is_none_or(|it| seen.company_ids.contains(&it));
        let service = self.service.is_none_or(|it| seen.services.contains(&it));
        name && model && company && service
    }
}

fn begins(text: Option<&str>, prefix: &str) -> bool {
    text.and_then(|text| text.as_bytes().get(..prefix.len()))
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}
