//! Random rotas, alerts and edits, around the two clock changes of 2026 and away from them.

use clinical::duty::{
    Assignment, Assignments, Held, Holder, Leave, Member, Rota, RotaEdit, Shift, Step, Team,
};
use clinical::{Hours, PersonId};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

/// Members may be the first six; the last two never are.
const PEOPLE_LEN: usize = 8;
const MEMBERS_LEN: usize = 6;
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// Minutes before or after the middle of a case.
pub(crate) type Minutes = i64;

pub(crate) fn person(number: usize) -> PersonId {
    format!("person-{number}").parse().unwrap()
}

pub(crate) fn after(middle: Timestamp, minutes: Minutes) -> Timestamp {
    middle + SignedDuration::from_mins(minutes)
}

/// The middle of a case: a clock change, or an ordinary Thursday.
pub(crate) fn middle() -> impl Strategy<Value = Timestamp> {
    let days = [
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-11-26T12:00:00Z",
    ];
    prop::sample::select(days.map(|day| day.parse().unwrap()).to_vec())
}

fn anyone() -> impl Strategy<Value = PersonId> {
    (0..PEOPLE_LEN).prop_map(person)
}

/// A time of up to three weeks, that begins within three weeks of the middle, or sometimes months later.
fn time() -> impl Strategy<Value = (Minutes, Minutes)> {
    let from = prop_oneof![9 => -21 * DAY..21 * DAY, 1 => 21 * DAY..300 * DAY];
    let len = prop_oneof![1..3 * DAY, 1..21 * DAY];
    (from, len).prop_map(|(from, len)| (from, from + len))
}

fn hours(spans_len_max: usize) -> impl Strategy<Value = Hours> {
    let days = prop::sample::select(vec![
        "mon-fri", "mon-sun", "thu", "sun", "sat-mon", "tue-wed",
    ]);
    // Quarters of an hour: many spans begin or end within the hour that the clocks skip or repeat.
    let times = prop_oneof![
        3 => Just((32_u32, 80_u32)),
        1 => (0..12_u32, 1..90_u32),
        2 => (0..95_u32, 1..60_u32),
    ];
    let span = (days, times).prop_map(|(days, (from, len))| {
        let until = (from + len).min(96);
        let clock = |quarter: u32| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
        let text = format!("{days} {}-{}", clock(from), clock(until));
        text.parse().unwrap()
    });
    prop::collection::vec(span, 0..=spans_len_max).prop_map(Hours::new)
}

fn shift(middle: Timestamp) -> impl Strategy<Value = Shift> {
    let valid = prop_oneof![
        3 => Just((-100 * DAY, None)),
        2 => time().prop_map(|(from, until)| (from, Some(until))),
    ];
    (0..MEMBERS_LEN, hours(3), valid).prop_map(move |(who, hours, (from, until))| Shift {
        person: person(who),
        hours,
        from: after(middle, from),
        until: until.map(|until| after(middle, until)),
    })
}

fn leave(middle: Timestamp) -> impl Strategy<Value = Leave> {
    let cover = prop::option::weighted(0.7, anyone());
    (anyone(), time(), cover).prop_map(move |(person, (from, until), cover)| Leave {
        person,
        from: after(middle, from),
        until: after(middle, until),
        cover,
    })
}

fn member(middle: Timestamp, number: usize) -> impl Strategy<Value = Member> {
    let time = prop_oneof![
        3 => Just((-200 * DAY, None)),
        1 => time().prop_map(|(from, _)| (-200 * DAY, Some(from))),
        1 => time().prop_map(|(from, _)| (from, None)),
    ];
    time.prop_map(move |(from, until)| Member {
        person: person(number),
        from: after(middle, from),
        until: until.map(|until| after(middle, until)),
    })
}

fn team(middle: Timestamp, staffed: impl Strategy<Value = Hours>) -> impl Strategy<Value = Team> {
    let members: Vec<_> = (0..MEMBERS_LEN).map(|it| member(middle, it)).collect();
    let chiefs = (0..PEOPLE_LEN, 0..PEOPLE_LEN);
    (members, chiefs, staffed).prop_map(|(members, (lead, on_call), staffed)| Team {
        id: "north".parse().unwrap(),
        name: "North team".to_owned(),
        area: "city".parse().unwrap(),
        zone: "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap(),
        staffed,
        lead: person(lead),
        on_call: person(on_call),
        members,
    })
}

/// Keeps of the facts what makes a rota: a lead with an end date stays, shifts and leaves that do not fit are left out.
fn fitting(mut team: Team, shifts: Vec<Shift>, leaves: Vec<Leave>) -> Rota {
    for member in &mut team.members {
        if member.person == team.lead || member.person == team.on_call {
            member.until = None;
        }
    }
    let mut rota = Rota::new(team.clone(), Vec::new(), Vec::new()).unwrap();
    for shift in shifts {
        let more = [rota.shifts(), &[shift]].concat();
        rota = Rota::new(team.clone(), more, rota.leaves().to_vec()).unwrap_or(rota);
    }
    for leave in leaves {
        let more = [rota.leaves(), &[leave]].concat();
        rota = Rota::new(team.clone(), rota.shifts().to_vec(), more).unwrap_or(rota);
    }
    rota
}

/// Any rota: with gaps, leavers, rings of covers, and a lead and an on-call who may be members or on leave.
pub(crate) fn rota(middle: Timestamp) -> impl Strategy<Value = Rota> {
    let shifts = prop::collection::vec(shift(middle), 0..8);
    let leaves = prop::collection::vec(leave(middle), 0..8);
    (team(middle, hours(3)), shifts, leaves)
        .prop_map(|(team, shifts, leaves)| fitting(team, shifts, leaves))
}

/// A rota that is mostly without gaps: one or two who never leave work all the hours, or nobody works by shifts.
pub(crate) fn sound_rota(middle: Timestamp) -> impl Strategy<Value = Rota> {
    let staffed: Hours =
        serde_json::from_str(r#"["mon-fri 08:00-20:00","sun 00:00-24:00"]"#).unwrap();
    let steady = [0, 1].map(|number| Shift {
        person: person(number),
        hours: staffed.clone(),
        from: after(middle, -100 * DAY),
        until: None,
    });
    let shifts = prop::collection::vec(shift(middle), 0..3);
    let leaves = prop::collection::vec(leave(middle), 0..2);
    (team(middle, Just(staffed)), 0..4_usize, shifts, leaves).prop_map(
        move |(mut team, steady_len, shifts, leaves)| {
            for member in team.members.iter_mut().take(2) {
                (member.from, member.until) = (after(middle, -200 * DAY), None);
            }
            let shifts = match steady_len {
                0 => Vec::new(),
                len => [&steady[..len.min(2)], &shifts].concat(),
            };
            fitting(team, shifts, leaves)
        },
    )
}

pub(crate) fn assignments(middle: Timestamp) -> impl Strategy<Value = Assignments> {
    let from = prop_oneof![-12 * HOUR..12 * HOUR, -21 * DAY..21 * DAY];
    let one = (anyone(), from).prop_map(move |(coordinator, from)| Assignment {
        coordinator,
        from: after(middle, from),
    });
    prop::collection::vec(one, 1..4).prop_map(|all| all.try_into().unwrap())
}

pub(crate) fn held() -> impl Strategy<Value = Held> {
    let holder = prop_oneof![
        Just(Holder::NotTaken),
        anyone().prop_map(|person| Holder::TakenBy { person }),
        anyone().prop_map(|person| Holder::EscalatedTo { person }),
    ];
    let step = prop_oneof![3 => Just(Step::Coordinator), 1 => Just(Step::TeamLead), 1 => Just(Step::OnCall)];
    (holder, step).prop_map(|(holder, step)| Held { holder, step })
}

/// An edit; which shift or leave it ends is chosen from those of the rota.
pub(crate) fn edit(middle: Timestamp, rota: &Rota) -> impl Strategy<Value = RotaEdit> + use<> {
    let (shifts, leaves) = (rota.shifts().to_vec(), rota.leaves().to_vec());
    let when = (0..42 * DAY).prop_map(move |minutes| after(middle, minutes));
    let which = any::<prop::sample::Index>();
    let add_shift = shift(middle).prop_map(|shift| RotaEdit::AddShift { shift });
    let add_leave = leave(middle).prop_map(|leave| RotaEdit::AddLeave { leave });
    let leaves_team =
        (anyone(), when.clone()).prop_map(|(person, at)| RotaEdit::MemberLeaves { person, at });
    let chief = anyone().prop_map(|lead| RotaEdit::ChangeLead { lead });
    let on_call = anyone().prop_map(|on_call| RotaEdit::ChangeOnCall { on_call });
    let staffed = hours(2).prop_map(|staffed| RotaEdit::ChangeStaffedHours { staffed });
    let joins =
        (MEMBERS_LEN..PEOPLE_LEN, when.clone()).prop_map(|(number, from)| RotaEdit::MemberJoins {
            person: person(number),
            from,
        });
    let ends = (which, when).prop_map(move |(which, at)| {
        if !shifts.is_empty() && at.as_second() % 2 == 0 {
            let shift = shifts[which.index(shifts.len())].clone();
            return RotaEdit::EndShift { shift, at };
        }
        match leaves.get(which.index(leaves.len().max(1))) {
            Some(leave) => RotaEdit::EndLeave {
                person: leave.person.clone(),
                from: leave.from,
                at,
            },
            None => RotaEdit::MemberLeaves {
                person: person(0),
                at,
            },
        }
    });
    prop_oneof![1 => add_shift, 3 => add_leave, 1 => leaves_team, 1 => chief, 1 => on_call, 1 => staffed, 1 => joins, 2 => ends]
}
