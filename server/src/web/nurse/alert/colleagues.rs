//! Colleagues: who may be asked to take an alert, and who of them is on leave.

use clinical::duty::Rota;
use clinical::{PersonId, TeamId};

use crate::store::worklist::AlertRow;
use crate::store::{alert_page, duty};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// The most people that a form offers.
pub(super) const COLLEAGUES_MAX: i64 = 500;

/// Somebody whom a form offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Colleague {
    /// Their id.
    pub(super) id: PersonId,
    /// Their name.
    pub(super) name: String,
    /// `Bilal Khan, Care coordinator, North team – on leave`.
    pub(super) label: String,
    /// Whether the form has them chosen.
    pub(super) chosen: bool,
}

/// Lists who may be asked to take an alert, without the person who asks. `with_leads`: the GP leads of other teams as well.
///
/// # Errors
/// When the database does not answer, or a stored id is none.
pub(super) async fn of_alert(
    state: &State,
    me: &Me,
    alert: &AlertRow,
    with_leads: bool,
    chosen: &str,
) -> Result<Vec<Colleague>, PageError> {
    of_team(state, me, &alert.team, with_leads, chosen).await
}

/// Lists who may be asked to take alerts of a team's patients.
///
/// # Errors
/// When the database does not answer, or a stored id is none.
pub(super) async fn of_team(
    state: &State,
    me: &Me,
    team: &str,
    with_leads: bool,
    chosen: &str,
) -> Result<Vec<Colleague>, PageError> {
    let readers = state.store.readers();
    let rows = alert_page::colleagues(readers, team, with_leads, COLLEAGUES_MAX).await?;
    let rota = rota(state, team).await?;
    let others = rows.into_iter().filter(|it| it.id != me.id.as_str());
    let others = others.map(|it| {
        let id: PersonId = it.id.parse()?;
        let leave = rota
            .as_ref()
            .and_then(|rota| rota.leave_of(&id, state.clock.now()));
        let away = if leave.is_some() { " – on leave" } else { "" };
        Ok(Colleague {
            label: format!("{}, {}, {}{away}", it.name, it.role, it.team),
            name: it.name,
            chosen: it.id == chosen,
            id,
        })
    });
    let others: anyhow::Result<Vec<Colleague>> = others.collect();
    Ok(others?)
}

async fn rota(state: &State, team: &str) -> anyhow::Result<Option<Rota>> {
    let team: TeamId = team.parse()?;
    let mut connection = state.store.readers().acquire().await?;
    duty::rota(&mut connection, &team, state.clock.now()).await
}

/// Finds the one whom a form names.
pub(super) fn find<'a>(colleagues: &'a [Colleague], id: &str) -> Option<&'a Colleague> {
    colleagues.iter().find(|it| it.id.as_str() == id)
}
