//! Duty at the head of the board: for whose patients the person who looks answers now, until when, and who does for the
//! others.

use std::collections::BTreeMap;

use askama::Template;
use clinical::duty::{Assignment, Assignments, Held, Holder, OnDuty, Path, Rota, Step};
use clinical::{PersonId, TeamId};
use jiff::{SignedDuration, Timestamp};

use super::answering::Staff;
use super::local_time::LocalTime;
use super::words::count;
use crate::store::counts::TeamPatients;

/// How far ahead it is looked for somebody's next shift.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many others are named, who answer for patients of the team.
const OTHERS_NAMED_MAX: usize = 3;

/// One team's duty at one moment, worked out once for all who look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TeamDuty {
    team: TeamId,
    name: String,
    has_rota: bool,
    answering: Vec<Answering>,
    /// When each person's work began that runs now, or begins next; and when it ends.
    turns: BTreeMap<String, (Timestamp, Timestamp)>,
    now: Timestamp,
}

/// Who answers for the patients of one care coordinator.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answering {
    person: String,
    name: String,
    /// Why it is them, when they are not the coordinator: `is on shift`.
    because: Option<String>,
    /// Why it is not the coordinator: `Ada Okafor is on leave until 3 Dec`.
    instead: Option<String>,
    patients_len: i64,
    until: Timestamp,
    is_there: bool,
}

/// What one team's duty is, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DutyLine {
    /// The team's name.
    pub(crate) team: String,
    /// Where its rota is.
    pub(crate) href: String,
    /// Who answers, until when and for whom.
    pub(crate) text: String,
    /// That nobody does, or that it is not known who.
    pub(crate) is_wrong: bool,
}

/// The lines as a part of the page.
#[derive(Template)]
#[template(path = "duty_strip.html")]
pub(crate) struct DutyStrip {
    pub(crate) duty: Vec<DutyLine>,
}

impl TeamDuty {
    /// Works out who answers for whose patients when nobody has taken anything.
    pub(super) fn of(staff: &Staff, team: &TeamId, patients: &TeamPatients) -> Self {
        let rota = staff.rota(team);
        let now = staff.now();
        let by_coordinator = patients.by_coordinator.iter();
        Self {
            team: team.clone(),
            name: patients.name.clone(),
            has_rota: rota.is_some(),
            answering: rota.map_or_else(Vec::new, |rota| {
                let duty = OnDuty::new(rota, now);
                by_coordinator
                    .map(|(coordinator, len)| Answering::of(staff, &duty, coordinator, *len))
                    .collect()
            }),
            turns: rota.map(|rota| turns(rota, now)).unwrap_or_default(),
            now,
        }
    }

    /// Says it to one person.
    pub(super) fn line(&self, me: &PersonId, local: &LocalTime) -> DutyLine {
        let (text, is_wrong) = self.words(me.as_str(), local);
        DutyLine {
            team: self.name.clone(),
            href: format!("/duty/{}", self.team),
            text,
            is_wrong,
        }
    }

    fn words(&self, me: &str, local: &LocalTime) -> (String, bool) {
        let team = &self.name;
        if !self.has_rota {
            let text = format!(
                "There is no rota for the {team}, so it is not known who is on duty. Tell your team lead."
            );
            return (text, true);
        }
        let (there, nobody): (Vec<_>, Vec<_>) = self.answering.iter().partition(|it| it.is_there);
        let (mine, others): (Vec<&Answering>, Vec<_>) =
            there.into_iter().partition(|it| it.person == me);
        let mut said = Vec::new();
        if !nobody.is_empty() {
            let patients = count(len_of(&nobody), "patient", "patients");
            said.push(format!(
                "Nobody who answers for {patients} of the {team} is there now. Tell your team lead, and who runs the service"
            ));
        }
        if self.answering.is_empty() {
            said.push(format!("The {team} has no patients"));
        }
        if !mine.is_empty() {
            self.say_mine(&mine, local, &mut said);
        }
        say_others(&others, team, mine.is_empty(), &mut said);
        if mine.is_empty() {
            said.extend(self.say_turn(me, local));
        }
        (format!("{}.", said.join(". ")), !nobody.is_empty())
    }

    fn say_mine(&self, mine: &[&Answering], local: &LocalTime, said: &mut Vec<String>) {
        let (len, all) = (
            len_of(mine),
            self.answering.iter().map(|it| it.patients_len),
        );
        let all: i64 = all.sum();
        let whom = match (len == all, all) {
            (true, 1) => "the 1 patient".to_owned(),
            (true, _) => format!("the {all} patients"),
            (false, _) => format!("{len} of the {all} patients"),
        };
        let until = mine.iter().map(|it| it.until).min();
        let until = until.map_or_else(String::new, |at| format!(" until {}", ends(at, local)));
        said.push(format!("You look after {whom} of the {}{until}", self.name));
        for it in mine {
            if let Some(instead) = &it.instead {
                let len = it.patients_len;
                said.push(format!("{len} of them because {instead}"));
            }
        }
    }

    fn say_turn(&self, me: &str, local: &LocalTime) -> Option<String> {
        let (from, until) = self.turns.get(me)?;
        Some(if *from <= self.now {
            format!("You are at work until {}", ends(*until, local))
        } else {
            format!("Your next shift begins {}", local.show(*from).text)
        })
    }
}

impl Answering {
    fn of(staff: &Staff, duty: &OnDuty<'_>, coordinator: &PersonId, patients_len: i64) -> Self {
        let assignments = Assignments::new(Assignment {
            coordinator: coordinator.clone(),
            from: Timestamp::UNIX_EPOCH,
        });
        let not_taken = Held {
            holder: Holder::NotTaken,
            step: Step::default(),
        };
        let answer = duty.who_answers(&assignments, &not_taken);
        let name = |person: &PersonId| staff.name(person.as_str());
        let zone = &duty.rota().team().zone;
        let passed = answer.passed_over.iter();
        let mut passed = passed.filter(|it| it.person == *coordinator);
        Self {
            name: name(&answer.person),
            because: (answer.path != Path::Coordinates).then(|| answer.path.phrase(name, zone)),
            instead: passed.next().map(|it| it.sentence(name, zone)),
            patients_len,
            until: answer.until,
            is_there: answer.somebody_can(),
            person: answer.person.to_string(),
        }
    }
}

/// Says when something ends: at the end of today it is midnight, and not the next day.
fn ends(at: Timestamp, local: &LocalTime) -> String {
    let tomorrow = local.today().tomorrow().ok();
    if tomorrow.and_then(|day| local.midnight(day)) == Some(at) {
        return "midnight".to_owned();
    }
    local.show(at).text
}

fn turns(rota: &Rota, now: Timestamp) -> BTreeMap<String, (Timestamp, Timestamp)> {
    let mut turns = BTreeMap::new();
    // By start: the first of each person is the one that runs, or else the next.
    for it in rota.worked(now, now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX)) {
        let turn = (it.from, it.until);
        turns.entry(it.person.to_string()).or_insert(turn);
    }
    turns
}

fn len_of(answering: &[&Answering]) -> i64 {
    answering.iter().map(|it| it.patients_len).sum()
}

fn say_others(others: &[&Answering], team: &str, alone: bool, said: &mut Vec<String>) {
    let mut by_person: BTreeMap<&str, (&Answering, i64)> = BTreeMap::new();
    for it in others {
        let known = by_person.entry(&it.person).or_insert((it, 0));
        known.1 += it.patients_len;
        if it.because.is_none() {
            known.0 = it;
        }
    }
    for (it, len) in by_person.values().take(OTHERS_NAMED_MAX) {
        let (name, because) = (&it.name, it.because.as_deref());
        let because = because.map_or_else(String::new, |why| format!(" {why}, and"));
        let whom = if alone {
            format!("{} of the {team}", count(*len, "patient", "patients"))
        } else {
            len.to_string()
        };
        said.push(format!("{name}{because} looks after {whom} now"));
    }
    let more = by_person.len().saturating_sub(OTHERS_NAMED_MAX);
    if more > 0 {
        let rest = by_person.values().skip(OTHERS_NAMED_MAX).map(|it| it.1);
        let more = i64::try_from(more).unwrap_or(i64::MAX);
        said.push(format!(
            "{} look after {}",
            count(more, "other", "others"),
            rest.sum::<i64>()
        ));
    }
}

#[cfg(test)]
mod tests;
