//! Reading a team's rota: the rows that were known at a moment, checked into a rota.

use clinical::TeamId;
use clinical::duty::{Leave, Member, Rota, Shift, Team};
use jiff::Timestamp;
use sqlx::AnyConnection;

/// The rows that were known at a moment, each with its number.
pub(super) struct Known {
    pub(super) team: Option<(i64, Team)>,
    pub(super) members: Vec<(i64, Member)>,
    pub(super) shifts: Vec<(i64, Shift)>,
    pub(super) leaves: Vec<(i64, Leave)>,
}

type TeamRow = (i64, String, String, String, String, String, String);
type MemberRow = (i64, String, i64, Option<i64>);
type ShiftRow = (i64, String, String, i64, Option<i64>);
type LeaveRow = (i64, String, i64, i64, Option<String>);

macro_rules! select_known {
    ($columns:literal, $from:literal) => {
        concat!(
            "SELECT d.number, ",
            $columns,
            " FROM ",
            $from,
            " WHERE d.team = $1 AND d.recorded_at <= $2 \
             AND (d.withdrawn_at IS NULL OR d.withdrawn_at > $2) ORDER BY d.number"
        )
    };
}

impl Known {
    pub(super) async fn read(
        connection: &mut AnyConnection,
        team: &TeamId,
        at: Timestamp,
    ) -> anyhow::Result<Self> {
        let at = at.as_microsecond();
        let teams: Vec<TeamRow> = sqlx::query_as(select_known!(
            "t.name, d.area, d.zone, d.staffed, d.lead, d.on_call",
            "team_duty d JOIN team t ON t.id = d.team"
        ))
        .bind(team.as_str())
        .bind(at)
        .fetch_all(&mut *connection)
        .await?;
        let members: Vec<MemberRow> =
            sqlx::query_as(select_known!("d.person, d.from_at, d.until_at", "member d"))
                .bind(team.as_str())
                .bind(at)
                .fetch_all(&mut *connection)
                .await?;
        let shifts: Vec<ShiftRow> = sqlx::query_as(select_known!(
            "d.person, d.hours, d.from_at, d.until_at",
            "shift d"
        ))
        .bind(team.as_str())
        .bind(at)
        .fetch_all(&mut *connection)
        .await?;
        let leaves: Vec<LeaveRow> = sqlx::query_as(select_known!(
            "d.person, d.from_at, d.until_at, d.cover",
            "leave d"
        ))
        .bind(team.as_str())
        .bind(at)
        .fetch_all(&mut *connection)
        .await?;
        let last = teams.into_iter().next_back();
        Ok(Self {
            team: last.map(|row| team_of(team, row)).transpose()?,
            members: members
                .into_iter()
                .map(member_of)
                .collect::<Result<_, _>>()?,
            shifts: shifts.into_iter().map(shift_of).collect::<Result<_, _>>()?,
            leaves: leaves.into_iter().map(leave_of).collect::<Result<_, _>>()?,
        })
    }

    /// Checks them into a rota; `None` when the team has none.
    pub(super) fn rota(self) -> anyhow::Result<Option<Rota>> {
        let Some((_, team)) = self.team else {
            return Ok(None);
        };
        let team = Team {
            members: self.members.into_iter().map(|(_, it)| it).collect(),
            ..team
        };
        let shifts = self.shifts.into_iter().map(|(_, it)| it).collect();
        let leaves = self.leaves.into_iter().map(|(_, it)| it).collect();
        Ok(Some(Rota::new(team, shifts, leaves)?))
    }
}

fn team_of(id: &TeamId, row: TeamRow) -> anyhow::Result<(i64, Team)> {
    let (number, name, area, zone, staffed, lead, on_call) = row;
    let team = Team {
        id: id.clone(),
        name,
        area: area.try_into()?,
        zone: zone.parse()?,
        staffed: serde_json::from_str(&staffed)?,
        lead: lead.try_into()?,
        on_call: on_call.try_into()?,
        members: Vec::new(),
    };
    Ok((number, team))
}

fn member_of((number, person, from, until): MemberRow) -> anyhow::Result<(i64, Member)> {
    let member = Member {
        person: person.try_into()?,
        from: moment(from)?,
        until: until.map(moment).transpose()?,
    };
    Ok((number, member))
}

fn shift_of((number, person, hours, from, until): ShiftRow) -> anyhow::Result<(i64, Shift)> {
    let shift = Shift {
        person: person.try_into()?,
        hours: serde_json::from_str(&hours)?,
        from: moment(from)?,
        until: until.map(moment).transpose()?,
    };
    Ok((number, shift))
}

fn leave_of((number, person, from, until, cover): LeaveRow) -> anyhow::Result<(i64, Leave)> {
    let leave = Leave {
        person: person.try_into()?,
        from: moment(from)?,
        until: moment(until)?,
        cover: cover.map(TryInto::try_into).transpose()?,
    };
    Ok((number, leave))
}

fn moment(us: i64) -> Result<Timestamp, jiff::Error> {
    Timestamp::from_microsecond(us)
}
