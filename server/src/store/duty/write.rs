//! Writing a team's rota: rows that no longer hold are withdrawn, and what takes their place is added.

use clinical::TeamId;
use clinical::duty::{Leave, Member, Rota, Shift, Team};
use jiff::Timestamp;
use sqlx::AnyConnection;

use super::read::Known;

/// Writes what a rota has become; tells how many rows were withdrawn or added. The team's name is another table's.
///
/// # Errors
/// When the database fails, or the rota names somebody or an area that is not known.
pub async fn save(
    connection: &mut AnyConnection,
    rota: &Rota,
    now: Timestamp,
) -> anyhow::Result<usize> {
    let team = &rota.team().id;
    // One at a time: until the transaction ends the row is ours, on either engine.
    sqlx::query("UPDATE team SET name = name WHERE id = $1")
        .bind(team.as_str())
        .execute(&mut *connection)
        .await?;
    let known = Known::read(connection, team, Timestamp::MAX).await?;
    let mut writing = Writing {
        connection,
        team,
        now,
        changes: 0,
    };
    let bare = Team {
        members: Vec::new(),
        // The name is not kept with the rota.
        name: known
            .team
            .as_ref()
            .map_or_else(String::new, |(_, it)| it.name.clone()),
        ..rota.team().clone()
    };
    let (gone, new) = difference(
        known.team.into_iter().collect(),
        std::slice::from_ref(&bare),
    );
    writing.teams(&gone, &new).await?;
    let (gone, new) = difference(known.members, &rota.team().members);
    writing.members(&gone, &new).await?;
    let (gone, new) = difference(known.shifts, rota.shifts());
    writing.shifts(&gone, &new).await?;
    let (gone, new) = difference(known.leaves, rota.leaves());
    writing.leaves(&gone, &new).await?;
    Ok(writing.changes)
}

/// Gives the numbers of the rows that are no longer wanted, and what is wanted and not there.
fn difference<T: PartialEq>(mut known: Vec<(i64, T)>, wanted: &[T]) -> (Vec<i64>, Vec<&T>) {
    let mut new = Vec::new();
    for it in wanted {
        match known.iter().position(|(_, row)| row == it) {
            Some(place) => drop(known.remove(place)),
            None => new.push(it),
        }
    }
    (known.into_iter().map(|(number, _)| number).collect(), new)
}

struct Writing<'a> {
    connection: &'a mut AnyConnection,
    team: &'a TeamId,
    now: Timestamp,
    changes: usize,
}

impl Writing<'_> {
    async fn teams(&mut self, gone: &[i64], new: &[&Team]) -> anyhow::Result<()> {
        let withdraw = "UPDATE team_duty SET withdrawn_at = $3 WHERE team = $1 AND number = $2";
        self.withdraw(withdraw, gone).await?;
        let last = "SELECT MAX(number) FROM team_duty WHERE team = $1";
        let mut number = self.last(last).await?;
        for team in new {
            number += 1;
            sqlx::query(
                "INSERT INTO team_duty (team, number, area, zone, staffed, lead, on_call, recorded_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(self.team.as_str())
            .bind(number)
            .bind(team.area.as_str())
            .bind(team.zone.to_string())
            .bind(serde_json::to_string(&team.staffed)?)
            .bind(team.lead.as_str())
            .bind(team.on_call.as_str())
            .bind(self.now.as_microsecond())
            .execute(&mut *self.connection)
            .await?;
            self.changes += 1;
        }
        Ok(())
    }

    async fn members(&mut self, gone: &[i64], new: &[&Member]) -> anyhow::Result<()> {
        let withdraw = "UPDATE member SET withdrawn_at = $3 WHERE team = $1 AND number = $2";
        self.withdraw(withdraw, gone).await?;
        let mut number = self
            .last("SELECT MAX(number) FROM member WHERE team = $1")
            .await?;
        for member in new {
            number += 1;
            sqlx::query(
                "INSERT INTO member (team, number, person, from_at, until_at, recorded_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(self.team.as_str())
            .bind(number)
            .bind(member.person.as_str())
            .bind(member.from.as_microsecond())
            .bind(member.until.map(Timestamp::as_microsecond))
            .bind(self.now.as_microsecond())
            .execute(&mut *self.connection)
            .await?;
            self.changes += 1;
        }
        Ok(())
    }

    async fn shifts(&mut self, gone: &[i64], new: &[&Shift]) -> anyhow::Result<()> {
        let withdraw = "UPDATE shift SET withdrawn_at = $3 WHERE team = $1 AND number = $2";
        self.withdraw(withdraw, gone).await?;
        let mut number = self
            .last("SELECT MAX(number) FROM shift WHERE team = $1")
            .await?;
        for shift in new {
            number += 1;
            sqlx::query(
                "INSERT INTO shift (team, number, person, hours, from_at, until_at, recorded_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(self.team.as_str())
            .bind(number)
            .bind(shift.person.as_str())
            .bind(serde_json::to_string(&shift.hours)?)
            .bind(shift.from.as_microsecond())
            .bind(shift.until.map(Timestamp::as_microsecond))
            .bind(self.now.as_microsecond())
            .execute(&mut *self.connection)
            .await?;
            self.changes += 1;
        }
        Ok(())
    }

    async fn leaves(&mut self, gone: &[i64], new: &[&Leave]) -> anyhow::Result<()> {
        let withdraw = "UPDATE leave SET withdrawn_at = $3 WHERE team = $1 AND number = $2";
        self.withdraw(withdraw, gone).await?;
        let mut number = self
            .last("SELECT MAX(number) FROM leave WHERE team = $1")
            .await?;
        for leave in new {
            number += 1;
            sqlx::query(
                "INSERT INTO leave (team, number, person, from_at, until_at, cover, recorded_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(self.team.as_str())
            .bind(number)
            .bind(leave.person.as_str())
            .bind(leave.from.as_microsecond())
            .bind(leave.until.as_microsecond())
            .bind(leave.cover.as_ref().map(clinical::PersonId::as_str))
            .bind(self.now.as_microsecond())
            .execute(&mut *self.connection)
            .await?;
            self.changes += 1;
        }
        Ok(())
    }

    async fn withdraw(&mut self, statement: &'static str, gone: &[i64]) -> anyhow::Result<()> {
        for number in gone {
            sqlx::query(statement)
                .bind(self.team.as_str())
                .bind(*number)
                .bind(self.now.as_microsecond())
                .execute(&mut *self.connection)
                .await?;
            self.changes += 1;
        }
        Ok(())
    }

    /// Gives the number of the last row there ever was.
    async fn last(&mut self, statement: &'static str) -> anyhow::Result<i64> {
        let last: Option<i64> = sqlx::query_scalar(statement)
            .bind(self.team.as_str())
            .fetch_one(&mut *self.connection)
            .await?;
        Ok(last.unwrap_or(0))
    }
}
