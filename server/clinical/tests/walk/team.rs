//! The team of a walk: its rota, who coordinates whom, and what happens to both.

use std::collections::BTreeMap;

use clinical::duty::{
    Answer, Assignment, Assignments, Held, Holder, Leave, Member, OnDuty, Path, Rota, RotaEdit,
    Shift, Team, apply,
};
use clinical::{Alert, Case, Event, Hours, Ownership, PatientId, PersonId, decide};
use jiff::{SignedDuration, Timestamp};

use super::{Lawful, must};

/// The first four are members; the last two never were when the walk begins.
pub(crate) const PEOPLE_LEN: u32 = 6;
const DAY: i64 = 24 * 60;

/// The team with everything that is written down about its duty.
#[derive(Debug, Clone)]
pub(crate) struct Staff {
    pub(crate) rota: Rota,
    pub(crate) assignments: BTreeMap<PatientId, Assignments>,
    edited_at: Timestamp,
}

pub(crate) fn person(number: u32) -> PersonId {
    format!("person-{}", number % PEOPLE_LEN).parse().unwrap()
}

fn hours(number: u32) -> Hours {
    let all = [
        r#"["mon-fri 08:00-20:00","sun 00:00-24:00"]"#,
        r#"["mon-sun 00:00-24:00"]"#,
        r#"["mon-sun 00:30-02:15"]"#,
        r#"["mon-fri 08:00-12:00"]"#,
        "[]",
    ];
    serde_json::from_str(all[number as usize % all.len()]).unwrap()
}

impl Staff {
    pub(crate) fn new(patients: impl Iterator<Item = PatientId>, now: Timestamp) -> Self {
        let long_ago = now - SignedDuration::from_hours(24 * 200);
        let members = (0..4).map(|number| Member {
            person: person(number),
            from: long_ago,
            until: None,
        });
        let team = Team {
            id: "north".parse().unwrap(),
            name: "North team".to_owned(),
            area: "city".parse().unwrap(),
            zone: "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap(),
            staffed: hours(0),
            lead: person(1),
            on_call: person(5),
            members: members.collect(),
        };
        let steady = [0, 1].map(|number| Shift {
            person: person(number),
            hours: hours(1),
            from: long_ago,
            until: None,
        });
        let first = Assignment {
            coordinator: person(0),
            from: long_ago,
        };
        Self {
            rota: Rota::new(team, steady.to_vec(), Vec::new()).unwrap(),
            assignments: patients
                .map(|it| (it, Assignments::new(first.clone())))
                .collect(),
            edited_at: now,
        }
    }

    /// Edits the rota; what is refused changes nothing. Tells what became of it.
    pub(crate) fn edit(&mut self, choices: [u32; 4], now: Timestamp) -> String {
        let edit = self.choose(choices, now);
        match apply(
            &self.rota,
            &self.assignments,
            std::slice::from_ref(&edit),
            now,
        ) {
            Ok(rota) => {
                (self.rota, self.edited_at) = (rota, now);
                format!("rota: {edit:?}")
            }
            Err(refusal) => format!("rota refused: {refusal}"),
        }
    }

    fn choose(&self, [what, who, when, len]: [u32; 4], now: Timestamp) -> RotaEdit {
        let after = |minutes: i64| now + SignedDuration::from_mins(minutes);
        let from = after(i64::from(when) % (8 * DAY) - DAY);
        let until = from + SignedDuration::from_mins(1 + i64::from(len) % (12 * DAY));
        let shifts = self.rota.shifts();
        let leaves = self.rota.leaves();
        match what % 12 {
            0..3 => RotaEdit::AddLeave {
                leave: Leave {
                    person: person(who),
                    from,
                    until,
                    cover: (len % 4 != 0).then(|| person(who / 8)),
                },
            },
            3 if !leaves.is_empty() => {
                let leave = &leaves[who as usize % leaves.len()];
                RotaEdit::EndLeave {
                    person: leave.person.clone(),
                    from: leave.from,
                    at: from,
                }
            }
            4..6 => RotaEdit::AddShift {
                shift: Shift {
                    person: person(who),
                    hours: hours(len),
                    from,
                    until: (len % 3 == 0).then_some(until),
                },
            },
            6 if !shifts.is_empty() => RotaEdit::EndShift {
                shift: shifts[who as usize % shifts.len()].clone(),
                at: from,
            },
            7 => RotaEdit::MemberJoins {
                person: person(who),
                from,
            },
            8 => RotaEdit::MemberLeaves {
                person: person(who),
                at: from,
            },
            9 => RotaEdit::ChangeLead { lead: person(who) },
            10 => RotaEdit::ChangeOnCall {
                on_call: person(who),
            },
            _ => RotaEdit::ChangeStaffedHours {
                staffed: hours(who),
            },
        }
    }

    pub(crate) fn assign(&mut self, patient: &PatientId, coordinator: PersonId, now: Timestamp) {
        let from = now;
        if let Some(it) = self.assignments.get_mut(patient) {
            *it = it.clone().with(Assignment { coordinator, from });
        }
    }

    /// No orphan: at every moment each open alert has a named person who is there and may act on it, and a moment in the
    /// future at which to look again.
    pub(crate) fn somebody_answers(
        &self,
        patient: &PatientId,
        case: &Case,
        now: Timestamp,
    ) -> Lawful {
        let Some(assignments) = self.assignments.get(patient) else {
            return Err(format!("nobody was ever assigned to {patient}"));
        };
        if case.open_alerts().next().is_none() {
            return Ok(());
        }
        let duty = OnDuty::new(&self.rota, now);
        for alert in case.open_alerts() {
            let answer = duty.who_answers(assignments, &held(alert));
            self.is_there(&answer, now)
                .and_then(|()| may_act(case, alert, &answer, now))
                .map_err(|why| format!("no orphan: alert {}: {why}", alert.number))?;
            must(answer.until > now, || {
                format!(
                    "no orphan: the answer for alert {} held until {}",
                    alert.number, answer.until
                )
            })?;
        }
        Ok(())
    }

    /// Who answers is in post, or has it from outside the team, and is not on leave. An edit leaves no gap after it, so
    /// only a clock that is set back behind one finds that nobody can, which is said then.
    pub(crate) fn is_there(&self, answer: &Answer, now: Timestamp) -> Lawful {
        let person = &answer.person;
        if !answer.somebody_can() {
            let on_call = &self.rota.team().on_call;
            let is_said = answer.passed_over.iter().any(|it| it.person == *on_call);
            return must(is_said && now < self.edited_at, || "nobody can".to_owned());
        }
        let has_it = [Path::HasTaken, Path::WasEscalatedTo].contains(&answer.path);
        let is_outside = has_it && !self.rota.was_member(person);
        must(is_outside || self.rota.in_post(person, now), || {
            format!("{person} is not in post")
        })?;
        must(self.rota.leave_of(person, now).is_none(), || {
            format!("{person} is on leave")
        })
    }
}

/// Who answers by duty may take the alert at once, whoever holds it.
pub(crate) fn may_act(case: &Case, alert: &Alert, answer: &Answer, now: Timestamp) -> Lawful {
    let holder = alert.ownership.holder();
    let Some(other) = holder.filter(|holder| **holder != answer.person) else {
        return Ok(());
    };
    let take = Event::AlertTaken {
        alert: alert.number,
        by: answer.person.clone(),
        instead_of: Some(other.clone()),
    };
    let refusal = decide(case, &take, now).err();
    must(refusal.is_none(), || {
        format!("{} answers and may not act: {refusal:?}", answer.person)
    })
}

/// Says who an alert says has it.
fn held(alert: &Alert) -> Held {
    let holder = match &alert.ownership {
        Ownership::New => Holder::NotTaken,
        Ownership::Escalated { to, .. } => Holder::EscalatedTo { person: to.clone() },
        Ownership::Taken { by, .. }
        | Ownership::Waiting { by, .. }
        | Ownership::Snoozed { by, .. } => Holder::TakenBy { person: by.clone() },
    };
    Held {
        holder,
        step: alert.step,
    }
}
