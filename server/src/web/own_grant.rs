//! Roles that people gave themselves by which they see patients, as those are told who can judge it.

use jiff::SignedDuration;

use super::local_time::{LocalTime, Shown};
use crate::rights::Role;
use crate::store::own_grants::OwnGrantRow;

/// For how long it is told.
pub(crate) const OWN_GRANTS_SHOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The most that are told.
pub(crate) const OWN_GRANTS_MAX: i64 = 50;

/// One of them, ready to show.
pub(crate) struct OwnGrantView {
    /// Who.
    pub(crate) name: String,
    /// Which role, in which team.
    pub(crate) role: String,
    /// When.
    pub(crate) at: Shown,
    /// Whether they have it still.
    pub(crate) is_held: bool,
}

impl OwnGrantView {
    /// Shows rows.
    pub(crate) fn all(rows: &[OwnGrantRow], local: &LocalTime) -> Result<Vec<Self>, jiff::Error> {
        let view = |row: &OwnGrantRow| {
            let label = Role::from_code(&row.role).map_or(row.role.as_str(), |it| it.label());
            Ok(Self {
                name: row.name.clone(),
                role: format!("{label}, {}", row.team),
                at: local.show_stored(row.granted_at)?,
                is_held: row.withdrawn_at.is_none(),
            })
        };
        rows.iter().map(view).collect()
    }
}
