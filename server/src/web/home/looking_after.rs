//! Who looks after the patient: the care coordinator, and who is there instead when they are not.

use clinical::duty::{Absence, Assignment, Assignments, Held, Path, who_answers};
use clinical::{Case, PatientId, PersonId};
use jiff::Timestamp;

use super::clock_words as clock;
use super::say;
use crate::store::{duty, patient_page, patients};
use crate::web::State;
use crate::web::local_time::LocalTime;

/// Who looks after the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LookingAfter {
    /// The care coordinator.
    pub(crate) name: String,
    /// What they do.
    pub(crate) role: String,
    /// Their team.
    pub(crate) team: String,
    /// Who is there instead, or that nobody is; empty when it is them.
    pub(crate) cover: String,
}

/// Reads who looks after a patient, by the rota of this moment.
///
/// # Errors
/// When the database does not answer, or holds a rota that cannot be read.
pub(crate) async fn read(
    state: &State,
    id: &PatientId,
    case: Option<&Case>,
    fallback: (&str, &str),
    local: &LocalTime,
) -> anyhow::Result<LookingAfter> {
    let (name, team_name) = fallback;
    let mut found = LookingAfter {
        name: name.to_owned(),
        role: String::new(),
        team: team_name.to_owned(),
        cover: String::new(),
    };
    let Some(case) = case else {
        return Ok(found);
    };
    let readers = state.store.readers();
    let coordinator = case.coordinator();
    if let Some(person) = patient_page::person(readers, coordinator).await? {
        (found.name, found.role) = (person.name, person.role);
    }
    let mut connection = readers.acquire().await?;
    let Some(team) = patients::team(&mut connection, id).await? else {
        return Ok(found);
    };
    let rota = duty::rota(&mut connection, &team, local.now()).await?;
    drop(connection);
    let Some(rota) = rota else {
        return Ok(found);
    };
    let assignments = Assignments::new(Assignment {
        coordinator: coordinator.clone(),
        from: Timestamp::UNIX_EPOCH,
    });
    let answer = who_answers(&rota, &assignments, &Held::default(), local.now());
    found.cover = match &answer.path {
        Path::NobodyCan => say::NOBODY_NOW.to_owned(),
        // Out of hours nobody looks at readings by themselves: the hours are said elsewhere.
        Path::OnCallOutOfHours => String::new(),
        _ if answer.person == *coordinator => String::new(),
        _ => {
            let away = answer.passed_over.iter();
            let away = away.filter(|it| it.person == *coordinator);
            let until = away.filter_map(|it| match it.absence {
                Absence::OnLeave { until } => Some(until),
                _ => None,
            });
            let until = until.map(|at| clock::date(at, local)).next();
            let cover = name_of(state, &answer.person).await?;
            say::covers(&found.name, until.as_deref(), &cover)
        }
    };
    Ok(found)
}

async fn name_of(state: &State, person: &PersonId) -> anyhow::Result<String> {
    let found = patient_page::person(state.store.readers(), person).await?;
    Ok(found.map_or_else(|| person.to_string(), |it| it.name))
}
