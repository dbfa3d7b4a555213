//! The first page of adding a patient: who they are, who answers for them, and what the first plan starts from.

use std::collections::BTreeSet;

use clinical::plan::TemplateName;
use clinical::{PersonId, TeamId};

use super::about::caring;
use super::details::{Typed, fields};
use super::form::{Field, Filled, Input, Offer};
use crate::rights::Right;
use crate::store::{demographics, people, sight};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// What the first page says, when nothing is wrong with it.
pub(super) struct First {
    pub(super) person: Typed,
    pub(super) team: TeamId,
    pub(super) coordinator: PersonId,
    pub(super) templates: Vec<TemplateName>,
}

/// Makes the fields, with what is wrong once they were sent; and what they say when nothing is.
pub(super) async fn first_page(
    state: &State,
    me: &Me,
    filled: &Filled,
    is_sent: bool,
) -> Result<(Vec<Field>, Option<First>), PageError> {
    let (mut all, person) = fields(filled, is_sent, state.local_time().today());
    if let (Some(person), Some(field)) = (&person, all.last_mut()) {
        field.wrong = registered(state, me, person).await?.filter(|_| is_sent);
    }
    let is_free = all.iter().all(|field| field.wrong.is_none());
    let team = team(me, filled);
    let people = coordinators(state, me, team.as_ref(), filled.text("coordinator")).await?;
    let coordinator = people.iter().find(|offer| offer.chosen);
    let coordinator: Option<PersonId> = coordinator.and_then(|it| it.value.parse().ok());
    let templates = templates(state, filled);
    let missing = |is_missing: bool, text: &str| (is_missing && is_sent).then(|| text.to_owned());
    let teams = teams(me);
    if teams.len() > 1 {
        let names = people::team_names(state.store.readers()).await?;
        let offers = teams.into_iter().map(|id| {
            let name = names.get(id.as_str()).map_or(id.as_str(), String::as_str);
            Offer::new(id.as_str(), name, team.as_ref() == Some(id))
        });
        let offers = Input::Select(offers.collect());
        all.push(
            Field::new("team", "Which team looks after them?", offers)
                .wrong(missing(team.is_none(), "Choose a team")),
        );
    }
    let wrong = missing(
        coordinator.is_none(),
        "Choose a care coordinator of the team: nobody is monitored without one",
    );
    all.push(
        Field::new("coordinator", "Care coordinator", Input::Select(people))
            .hint("The one person who answers for every alert that nobody has taken.")
            .wrong(wrong),
    );
    let wrong = missing(
        templates.is_empty(),
        "Choose what the first plan starts from",
    );
    all.push(
        Field::new("template", "What does the first plan start from?", offers(state, &templates))
            .hint("One for each condition. “General observation” alone is a bare start. The plan can be changed afterwards.")
            .wrong(wrong),
    );
    let first = match (person.filter(|_| is_free), team, coordinator) {
        (Some(person), Some(team), Some(coordinator)) if !templates.is_empty() => Some(First {
            person,
            team,
            coordinator,
            templates,
        }),
        _ => None,
    };
    Ok((all, first))
}

/// Says that an NHS number is registered. Of another team's patient nothing is told.
async fn registered(state: &State, me: &Me, person: &Typed) -> Result<Option<String>, PageError> {
    let readers = state.store.readers();
    let Some(id) = demographics::by_nhs_number(readers, &person.nhs_number).await? else {
        return Ok(None);
    };
    let seen = sight::patient(readers, me.viewer(state.clock.now()), &id).await?;
    Ok(Some(match seen {
        Some(it) => format!(
            "This NHS number is {} {}’s, who is registered already: find them in the list of patients",
            it.given_name, it.family_name
        ),
        None => "This NHS number is registered elsewhere in the service. Ask your team lead, who can find out where and have \
                 the patient handed over"
            .to_owned(),
    }))
}

/// The teams in which this person may add a patient.
fn teams(me: &Me) -> Vec<&TeamId> {
    let teams = me.teams.iter();
    teams
        .filter(|team| me.must_in(Right::ManagePatients, team).is_ok())
        .collect()
}

/// The team that was chosen, or the only one that there is.
fn team(me: &Me, filled: &Filled) -> Option<TeamId> {
    match teams(me).as_slice() {
        [only] => Some((*only).clone()),
        teams => {
            let chosen = filled.text("team");
            let chosen = teams.iter().find(|it| it.as_str() == chosen);
            chosen.map(|it| (*it).clone())
        }
    }
}

/// Offers the people of the chosen team, or of all of this person's teams until one is chosen.
async fn coordinators(
    state: &State,
    me: &Me,
    team: Option<&TeamId>,
    chosen: &str,
) -> Result<Vec<Offer>, PageError> {
    let teams: Vec<&TeamId> = team.map_or_else(|| teams(me), |team| vec![team]);
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for team in teams {
        let offers = caring(state, team, chosen).await?;
        all.extend(
            offers
                .into_iter()
                .filter(|offer| seen.insert(offer.value.clone())),
        );
    }
    Ok(all)
}

fn templates(state: &State, filled: &Filled) -> Vec<TemplateName> {
    let chosen = filled.all("template");
    let known = state.templates.iter().map(|it| &it.name);
    known
        .filter(|name| chosen.contains(&name.as_str()))
        .cloned()
        .collect()
}

fn offers(state: &State, chosen: &[TemplateName]) -> Input {
    let offers = state.templates.iter().map(|it| {
        let mut offer = Offer::new(it.name.as_str(), &it.title, chosen.contains(&it.name));
        offer.hint.clone_from(&it.for_whom);
        offer
    });
    Input::Checks(offers.collect())
}
