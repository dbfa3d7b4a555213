//! A look at all homes: the heartbeat beats, outages of ours are noted, and homes that went quiet together are one incident.

use clinical::PatientId;
use clinical::schedule::Due;
use clinical::silence::{Fleet, Incident, Outage, Scope, SilenceLimits, Surroundings, incidents};
use jiff::{SignedDuration, Timestamp};
use sqlx::AnyConnection;
use tracing::{error, info, warn};

use super::OUTAGE_MIN;
use super::incidents::{is_left_over, is_past, reconcile};
use super::quiet::{self, Hearing};
use crate::store::heard::STRETCH_KEPT_MAX;
use crate::store::incidents::KnownIncident;
use crate::store::{Store, heard, homes, incidents as stored, outages};

/// What is known of all homes, and of our own absence.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// When.
    pub(super) at: Timestamp,
    fleet: Fleet,
    incidents: Vec<Incident>,
    /// The latest first.
    pub(super) outages: Vec<Outage>,
}

impl Look {
    /// Gives what surrounds one patient's empty window. Within an incident, that is the incident.
    pub(super) fn around(
        &self,
        patient: &PatientId,
        due: &Due,
        limits: &SilenceLimits,
        now: Timestamp,
    ) -> Surroundings {
        let touches = |outage: &&Outage| {
            outage.from < due.closes && outage.until.is_none_or(|until| until > due.opens)
        };
        let server_down = self.outages.iter().find(touches).copied();
        let mut around = Surroundings {
            homes: self.fleet.by_team.values().sum(),
            server_down,
            ..Surroundings::default()
        };
        let mut incidents = self.incidents.iter();
        let Some(incident) = incidents.find(|it| it.explains(patient, limits, now)) else {
            return around;
        };
        around.broker_down = Some(Outage {
            from: incident.began_at,
            until: incident.ended_at,
        });
        if incident.ended_at.is_none() {
            around.homes_quiet = u32::try_from(incident.homes.len()).unwrap_or(u32::MAX);
            if let Scope::Team { team } = &incident.scope {
                around.homes = self
                    .fleet
                    .by_team
                    .get(team)
                    .copied()
                    .unwrap_or(around.homes);
            }
        }
        around
    }
}

/// Looks at all homes, again and again.
#[derive(Debug)]
pub(super) struct Looker {
    /// Nobody may have been there since the last beat: the program has just started, or a beat failed.
    may_have_been_away: bool,
}

impl Looker {
    pub(super) fn new() -> Self {
        Self {
            may_have_been_away: true,
        }
    }

    /// Looks once, in a transaction of its own.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn look(
        &mut self,
        store: &Store,
        limits: &SilenceLimits,
        now: Timestamp,
    ) -> anyhow::Result<Look> {
        let was_away = std::mem::replace(&mut self.may_have_been_away, true);
        let mut write = store.write().await?;
        let last = outages::beat(&mut write, now).await?;
        let away = last.filter(|at| was_away && now.duration_since(*at) >= OUTAGE_MIN);
        if let Some(from) = away {
            outages::note(&mut write, from, now).await?;
        }
        let (look, changes) = look_at_homes(&mut write, limits, now).await?;
        heard::forget(&mut write, now).await?;
        write.commit().await?;
        self.may_have_been_away = false;
        if let Some(from) = away {
            warn!(outage.from = %from, outage.until = %now, "no server was there: what was missed meanwhile is not held against any home");
        }
        changes.log();
        Ok(look)
    }
}

/// What has changed about incidents, to be logged once after the commit.
#[derive(Default)]
struct Changes {
    opened: Vec<KnownIncident>,
    over: Vec<KnownIncident>,
}

impl Changes {
    fn log(&self) {
        for it in &self.opened {
            let (number, homes) = (it.number, it.incident.homes.len());
            error!(incident.number = number, incident.homes_len = homes, incident.began_at = %it.incident.began_at, "{}", it.incident.sentence());
        }
        for it in &self.over {
            info!(incident.number = it.number, "{}", it.incident.sentence());
        }
    }
}

async fn look_at_homes(
    connection: &mut AnyConnection,
    limits: &SilenceLimits,
    now: Timestamp,
) -> anyhow::Result<(Look, Changes)> {
    let kept_from = now.checked_sub(STRETCH_KEPT_MAX).unwrap_or(Timestamp::MIN);
    let outages = outages::since(connection, kept_from).await?;
    let known = stored::since(connection, kept_from).await?;
    let (past, mut known): (Vec<_>, Vec<_>) = known
        .into_iter()
        .partition(|it| is_past(&it.incident, limits, now));
    let rows = homes::all(connection).await?;
    // Homes that are back belong to an incident that is known; without one they are nobody's concern.
    let began = known.iter().map(|it| it.incident.began_at).min();
    let lately = match began {
        Some(began) => {
            let span = SignedDuration::from_mins(limits.incident_span_minutes.into());
            let since = began.checked_sub(span).unwrap_or(Timestamp::MIN);
            homes::silences_since(connection, since).await?
        }
        None => Vec::new(),
    };
    let hearing = Hearing {
        outages: &outages,
        limits,
        now,
    };
    let (fleet, mut quiet) = quiet::sort(&rows, &lately, hearing);
    let past: Vec<&KnownIncident> = past.iter().collect();
    quiet.retain(|home| !is_left_over(home, &past));
    let found = incidents(quiet, &fleet, limits, now);
    let changes = write_incidents(connection, &mut known, found, now).await?;
    let look = Look {
        at: now,
        fleet,
        incidents: known.into_iter().map(|it| it.incident).collect(),
        outages,
    };
    Ok((look, changes))
}

/// Writes what has changed, and leaves the incidents as they are now in `known`.
async fn write_incidents(
    connection: &mut AnyConnection,
    known: &mut Vec<KnownIncident>,
    found: Vec<Incident>,
    now: Timestamp,
) -> anyhow::Result<Changes> {
    let reconciled = reconcile(known, found, now);
    let mut changes = Changes::default();
    for after in reconciled.changed {
        stored::update(connection, &after).await?;
        for before in known.iter_mut().filter(|it| it.number == after.number) {
            if before.incident.ended_at.is_none() && after.incident.ended_at.is_some() {
                changes.over.push(after.clone());
            }
            *before = after.clone();
        }
    }
    for incident in reconciled.new {
        let number = stored::open(connection, &incident, now).await?;
        let opened = KnownIncident { number, incident };
        known.push(opened.clone());
        changes.opened.push(opened);
    }
    Ok(changes)
}
