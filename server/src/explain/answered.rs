//! Answered: who answered for an alert from when, by the duty of the time.

use clinical::duty::{Answer, Assignments, Held, Holder, OnDuty, Path, Rota};
use clinical::{Alert, Ownership, PersonId, TeamId, Zone};
use jiff::Timestamp;
use sqlx::AnyConnection;

use super::names::Names;
use crate::store::duty;

/// The most changes of who answered that are told of one alert; the rest is counted as one.
const ANSWERED_LEN_MAX: usize = 400;

/// How an alert was held from a journal row on, until the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holding {
    /// The journal row.
    pub(super) row: i64,
    /// When that was.
    pub(super) from: Timestamp,
    /// What the alert said about who had it; `None` while it was not open.
    pub(super) held: Option<Held>,
}

/// Who answered from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answered {
    /// The journal row that was the newest then.
    row: i64,
    /// From when.
    pub(super) from: Timestamp,
    /// Who, and why.
    who: Who,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    /// The person on duty, told by the clock of their team.
    OnDuty(Box<Answer>, Zone),
    /// Nobody knows who was on duty: there was no rota.
    NotKnown {
        /// Who had it, or coordinated.
        person: PersonId,
        /// Whether they had it.
        had_it: bool,
    },
    /// Nobody needed to: the alert was not open.
    NotOpen,
    /// There is more, which is not told.
    AndSoOn,
}

/// What an alert said about who had it.
pub(super) fn held(alert: &Alert) -> Held {
    let holder = match (&alert.ownership, alert.ownership.holder()) {
        (Ownership::Escalated { to, .. }, _) => {
            let person = to.clone();
            Holder::EscalatedTo { person }
        }
        (_, Some(person)) => {
            let person = person.clone();
            Holder::TakenBy { person }
        }
        (_, None) => Holder::NotTaken,
    };
    let step = alert.step;
    Held { holder, step }
}

/// Works out who answered, by the rota as it was known at each moment, until `now`.
///
/// # Errors
/// When the database fails, or what it holds is no rota.
pub(super) async fn answered(
    connection: &mut AnyConnection,
    team: &TeamId,
    assignments: &Assignments,
    holdings: &[Holding],
    now: Timestamp,
) -> anyhow::Result<Vec<Answered>> {
    let Some(first) = holdings.first() else {
        return Ok(Vec::new());
    };
    let rotas = Rotas::read(connection, team, first.from, now).await?;
    let ends = holdings.iter().skip(1).map(|next| next.from);
    let spans = holdings.iter().zip(ends.chain([now]));
    let mut answered: Vec<Answered> = Vec::new();
    for (holding, end) in spans {
        let mut from = holding.from;
        loop {
            let (who, until) = who(&rotas, assignments, holding, from);
            if answered.last().is_none_or(|last| !is_same(&last.who, &who)) {
                if answered.len() == ANSWERED_LEN_MAX {
                    answered.push(Answered {
                        row: holding.row,
                        from,
                        who: Who::AndSoOn,
                    });
                    return Ok(answered);
                }
                let row = holding.row;
                answered.push(Answered { row, from, who });
            }
            if until >= end || until <= from {
                break;
            }
            from = until;
        }
    }
    Ok(answered)
}

/// Names who answered at a moment, and the moment before which that does not change.
fn who(
    rotas: &Rotas,
    assignments: &Assignments,
    holding: &Holding,
    at: Timestamp,
) -> (Who, Timestamp) {
    let Some(held) = &holding.held else {
        return (Who::NotOpen, Timestamp::MAX);
    };
    let (rota, until) = rotas.at(at);
    let Some(rota) = rota else {
        let had_it = match &held.holder {
            Holder::NotTaken => None,
            Holder::TakenBy { person } | Holder::EscalatedTo { person } => Some(person),
        };
        let person = had_it.unwrap_or(assignments.coordinator_at(at)).clone();
        let had_it = had_it.is_some();
        return (Who::NotKnown { person, had_it }, until);
    };
    let answer = OnDuty::new(rota, at).who_answers(assignments, held);
    let until = until.min(answer.until);
    let zone = rota.team().zone.clone();
    (Who::OnDuty(Box::new(answer), zone), until)
}

fn is_whom_it_went_to(answer: &Answer) -> bool {
    let after_deadline = [Path::LeadsAfterDeadline, Path::OnCallAfterDeadline];
    after_deadline.contains(&answer.path) && answer.passed_over.is_empty()
}

/// Tells whether two moments have the same person for the same reason.
fn is_same(one: &Who, other: &Who) -> bool {
    match (one, other) {
        (Who::OnDuty(one, _), Who::OnDuty(other, _)) => {
            let of = |it: &Answer| (it.person.clone(), it.path.clone(), it.passed_over.clone());
            of(one) == of(other)
        }
        _ => one == other,
    }
}

impl Answered {
    /// Says who answered for what had just gone up the chain: by name, and why where it was not whom it went to.
    pub(super) fn after_it_went_up(&self, names: &Names) -> String {
        match &self.who {
            Who::OnDuty(answer, _) if is_whom_it_went_to(answer) => {
                format!("that was {}", names.of(&answer.person))
            }
            Who::OnDuty(..) => self.sentence(names).trim_end_matches('.').to_owned(),
            Who::NotKnown { .. } | Who::NotOpen | Who::AndSoOn => {
                "who was on duty is not known".to_owned()
            }
        }
    }

    /// Says who answered, and why it was them.
    pub(super) fn sentence(&self, names: &Names) -> String {
        match &self.who {
            Who::OnDuty(answer, zone) => answer.why(|person| names.of(person), zone),
            Who::NotKnown { person, had_it } => {
                let person = names.of(person);
                let was = if *had_it {
                    "had the alert"
                } else {
                    "was the care coordinator"
                };
                format!(
                    "The rota of that time is not known, so who was on duty is not. {person} {was}."
                )
            }
            Who::NotOpen => "It was no longer open.".to_owned(),
            Who::AndSoOn => {
                format!("It went on to change: only the first {ANSWERED_LEN_MAX} are told.")
            }
        }
    }
}

/// Finds who answered right after a journal row.
pub(super) fn after_row(answered: &[Answered], row: i64, at: Timestamp) -> Option<&Answered> {
    let mut latest_first = answered.iter().rev();
    latest_first.find(|it| it.row <= row && it.from <= at)
}

/// A team's rota as it was known, each from a moment on.
struct Rotas(Vec<(Timestamp, Option<Rota>)>);

impl Rotas {
    async fn read(
        connection: &mut AnyConnection,
        team: &TeamId,
        from: Timestamp,
        to: Timestamp,
    ) -> anyhow::Result<Self> {
        let changes = duty::changes(connection, team, from, to).await?;
        let mut rotas = Vec::new();
        for at in [from].into_iter().chain(changes) {
            rotas.push((at, duty::rota(connection, team, at).await?));
        }
        Ok(Self(rotas))
    }

    /// Gives what was known at a moment, and until when.
    fn at(&self, at: Timestamp) -> (Option<&Rota>, Timestamp) {
        let later = self.0.partition_point(|(from, _)| *from <= at);
        let until = self.0.get(later).map_or(Timestamp::MAX, |(from, _)| *from);
        let known = later.checked_sub(1).and_then(|last| self.0.get(last));
        (known.and_then(|(_, rota)| rota.as_ref()), until)
    }
}
