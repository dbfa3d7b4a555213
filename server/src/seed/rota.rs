//! A rota from the seed put in force, unless it leaves a gap or lets somebody go who is still needed.

use std::collections::BTreeMap;

use clinical::PatientId;
use clinical::duty::edit::EDITS_LEN_MAX;
use clinical::duty::{Assignments, Member, Rota, RotaEdit, Team, apply as edit};
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::store::{assignments, duty};

/// Puts a team's rota in force; gives how many rows changed. The file tells all of it: a shift, a leave or a member that
/// it does not name any more is withdrawn.
///
/// # Errors
/// When the database fails, or the rota is refused; the error says what to change.
pub(super) async fn apply(
    connection: &mut AnyConnection,
    wanted: &Rota,
    now: Timestamp,
) -> anyhow::Result<usize> {
    let team = &wanted.team().id;
    let current = duty::rota(connection, team, now).await?;
    let assignments = assignments::of_team(connection, team).await?;
    check(current.as_ref(), wanted, &assignments, now)?;
    duty::save(connection, wanted, now).await
}

/// Asks the rules of duty whether the rota may be so: its leaves and leavers are told as edits of what is there without
/// them.
fn check(
    current: Option<&Rota>,
    wanted: &Rota,
    assignments: &BTreeMap<PatientId, Assignments>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let leavers = leavers(current, wanted, now);
    let stays = |member: &Member| Member {
        until: None,
        ..member.clone()
    };
    let mut members: Vec<Member> = wanted.team().members.iter().map(stays).collect();
    for (leaver, _) in &leavers {
        if members.iter().all(|it| it.person != leaver.person) {
            members.push(stays(leaver));
        }
    }
    let team = Team {
        members,
        ..wanted.team().clone()
    };
    let leaves = wanted.leaves().iter().filter(|it| now < it.until);
    let leaves = leaves.map(|leave| RotaEdit::AddLeave {
        leave: leave.clone(),
    });
    let leavers = leavers.iter().map(|(member, at)| RotaEdit::MemberLeaves {
        person: member.person.clone(),
        at: *at,
    });
    let edits: Vec<RotaEdit> = leaves.chain(leavers).collect();
    let mut rota = Rota::new(team, wanted.shifts().to_vec(), Vec::new())?;
    rota = edit(&rota, assignments, &[], now)?;
    for edits in edits.chunks(EDITS_LEN_MAX) {
        rota = edit(&rota, assignments, edits, now)?;
    }
    Ok(())
}

/// Lists who leaves, and when: those with an end, and those who are not named any more.
fn leavers(current: Option<&Rota>, wanted: &Rota, now: Timestamp) -> Vec<(Member, Timestamp)> {
    let named = &wanted.team().members;
    let ends = named.iter().filter_map(|it| Some((it.clone(), it.until?)));
    let before = current.map_or(&[][..], |it| it.team().members.as_slice());
    let unnamed = before.iter().filter(|old| {
        let in_post = old.until.is_none_or(|until| now < until);
        in_post && named.iter().all(|it| it.person != old.person)
    });
    ends.chain(unnamed.map(|it| (it.clone(), now))).collect()
}
