//! Who answers now: for each alert the one person on duty, and why it is not the care coordinator when it is not.

use std::collections::BTreeMap;

use clinical::duty::{Answer, Assignment, Assignments, Held, OnDuty, Path, Rota};
use clinical::{PersonId, TeamId};
use jiff::Timestamp;

use super::State;
use crate::store::counts::Group;
use crate::store::worklist::AlertRow;
use crate::store::{duty, people};

/// What is said when a team has no rota: then nobody can know who is on duty.
const NO_ROTA: &str =
    "There is no rota for this team, so it is not known who is on duty. Tell your team lead.";

/// What is said when nobody is there who could be asked, not even the person on call.
const NOBODY: &str = "Nobody who answers for this team is there now. If you can act, take this alert, and tell who runs the service.";

/// The person who answers for an alert now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Who {
    /// Their id.
    pub(crate) person: String,
    /// Their name.
    pub(crate) name: String,
    /// Why it is them, as what follows the name; `None` when they have it, were asked by name or are the care coordinator.
    pub(crate) because: Option<String>,
    /// That it is not known who is on duty, or that nobody is.
    pub(crate) warning: Option<&'static str>,
    /// Whether the person is there, by the rota.
    pub(crate) is_there: bool,
}

impl Who {
    /// Tells whether a person may act on an alert of which another, who does not answer now, is the holder.
    pub(crate) fn may_be(&self, person: &str) -> bool {
        self.person == person || !self.is_there
    }
}

/// The rotas of all teams and the names of all people, as they are known at one moment.
#[derive(Debug)]
pub(crate) struct Staff {
    rotas: BTreeMap<String, Rota>,
    names: BTreeMap<String, String>,
    now: Timestamp,
}

/// Who is on duty in each team, worked out once for all the alerts of a page.
pub(crate) struct Answering<'a> {
    staff: &'a Staff,
    duty: BTreeMap<&'a str, OnDuty<'a>>,
}

impl Staff {
    /// Reads who works when.
    ///
    /// # Errors
    /// When the database does not answer, or holds a rota that cannot be read.
    pub(crate) async fn read(state: &State, now: Timestamp) -> anyhow::Result<Self> {
        let readers = state.store.readers();
        let names = people::names(readers).await?;
        let mut connection = readers.acquire().await?;
        let mut rotas = BTreeMap::new();
        for team in duty::teams(&mut connection).await? {
            if let Some(rota) = duty::rota(&mut connection, &team, now).await? {
                rotas.insert(team.to_string(), rota);
            }
        }
        Ok(Self { rotas, names, now })
    }

    /// Gives a team's rota; `None` where there is none.
    pub(crate) fn rota(&self, team: &TeamId) -> Option<&Rota> {
        self.rotas.get(team.as_str())
    }

    /// Gives the moment at which they are known.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Gives a person's name; of somebody who is not known the id.
    pub(crate) fn name(&self, person: &str) -> String {
        let known = self.names.get(person);
        known.cloned().unwrap_or_else(|| person.to_owned())
    }

    /// Looks at who is on duty.
    pub(crate) fn answering(&self) -> Answering<'_> {
        let rotas = self.rotas.iter();
        Answering {
            staff: self,
            duty: rotas
                .map(|(team, rota)| (team.as_str(), OnDuty::new(rota, self.now)))
                .collect(),
        }
    }
}

impl Answering<'_> {
    /// Names who answers for an alert.
    ///
    /// # Errors
    /// When a stored id is none.
    pub(crate) fn of(&self, row: &AlertRow) -> anyhow::Result<Who> {
        let coordinator = row.coordinator.parse()?;
        self.who(&row.team, coordinator, &row.answers, &row.held()?)
    }

    /// Names who answers for a group of alerts.
    ///
    /// # Errors
    /// When a stored id is none.
    pub(crate) fn of_group(&self, group: &Group) -> anyhow::Result<Who> {
        let coordinator = group.coordinator.clone();
        let answers = group.answers.as_str();
        self.who(group.team.as_str(), coordinator, answers, &group.held)
    }

    fn who(
        &self,
        team: &str,
        coordinator: PersonId,
        answers: &str,
        held: &Held,
    ) -> anyhow::Result<Who> {
        let Some(duty) = self.duty.get(team) else {
            return Ok(Who {
                person: answers.to_owned(),
                name: self.staff.name(answers),
                because: None,
                warning: Some(NO_ROTA),
                is_there: true,
            });
        };
        let assignments = Assignments::new(Assignment {
            coordinator,
            from: Timestamp::UNIX_EPOCH,
        });
        let answer = duty.who_answers(&assignments, held);
        Ok(Who {
            person: answer.person.to_string(),
            name: self.staff.name(answer.person.as_str()),
            because: self.because(duty, &answer),
            warning: (!answer.somebody_can()).then_some(NOBODY),
            is_there: answer.somebody_can(),
        })
    }

    fn because(&self, duty: &OnDuty<'_>, answer: &Answer) -> Option<String> {
        let plain = [Path::Coordinates, Path::HasTaken, Path::WasEscalatedTo];
        if plain.contains(&answer.path) && answer.passed_over.is_empty() {
            return None;
        }
        let name = |person: &PersonId| self.staff.name(person.as_str());
        let why = answer.why(name, &duty.rota().team().zone);
        let person = name(&answer.person);
        Some(why.strip_prefix(&person).unwrap_or(&why).trim().to_owned())
    }
}
