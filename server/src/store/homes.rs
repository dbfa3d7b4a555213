//! Homes: every patient with the gateways that speak for their devices, and when each was heard.

use clinical::silence::{LastWord, Stretch};
use clinical::{PatientId, TeamId};
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::GatewayId;
use vitals::wire::{GatewayState, GatewayStatus};

use super::heard;

/// One gateway of one patient's home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeRow {
    /// Whose home it is.
    pub patient: PatientId,
    /// The team that looks after it.
    pub team: TeamId,
    /// The gateway.
    pub gateway: GatewayId,
    /// When its last message arrived; `None` when it was never heard.
    pub heard_at: Option<Timestamp>,
    /// The last thing known of its connection.
    pub last_word: Option<LastWord>,
}

#[derive(sqlx::FromRow)]
struct Row {
    patient: String,
    team: String,
    gateway: String,
    heard_at: Option<i64>,
    body: Option<String>,
    arrived_at: Option<i64>,
}

macro_rules! select_homes {
    ($rest:literal) => {
        concat!(
            "SELECT d.patient, p.team, d.gateway, h.heard_at, s.body, s.arrived_at \
             FROM (SELECT DISTINCT patient, gateway FROM device) d JOIN patient p ON p.id = d.patient \
             LEFT JOIN gateway_heard h ON h.gateway = d.gateway \
             LEFT JOIN gateway_status s ON s.gateway = d.gateway ",
            $rest
        )
    };
}

/// Reads every home with a gateway that is live: of others nobody expects to hear.
///
/// # Errors
/// When the database fails.
pub async fn all(connection: &mut AnyConnection) -> anyhow::Result<Vec<HomeRow>> {
    let rows: Vec<Row> = sqlx::query_as(select_homes!(
        "WHERE EXISTS (SELECT 1 FROM gateway g WHERE g.id = d.gateway AND g.state = 'live') \
         ORDER BY d.patient, d.gateway"
    ))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(HomeRow::try_from).collect()
}

/// Reads the gateways of one patient's home.
///
/// # Errors
/// When the database fails.
pub async fn of(
    connection: &mut AnyConnection,
    patient: &PatientId,
) -> anyhow::Result<Vec<HomeRow>> {
    let rows: Vec<Row> = sqlx::query_as(select_homes!("WHERE d.patient = $1 ORDER BY d.gateway"))
        .bind(patient.as_str())
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(HomeRow::try_from).collect()
}

/// Reads the silences of all gateways that began since a time and are over.
///
/// # Errors
/// When the database fails.
pub async fn silences_since(
    connection: &mut AnyConnection,
    since: Timestamp,
) -> anyhow::Result<Vec<(GatewayId, Stretch)>> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT gateway, began_at, ended_at FROM gateway_stretch \
         WHERE kind = 'quiet' AND ended_at > $1 AND began_at >= $1 ORDER BY began_at, gateway",
    )
    .bind(since.as_microsecond())
    .fetch_all(connection)
    .await?;
    heard::over(rows)
}

/// Names the patients whose devices speak through a gateway.
///
/// # Errors
/// When the database fails.
pub async fn patients_of(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
) -> anyhow::Result<Vec<PatientId>> {
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT patient FROM device WHERE gateway = $1 ORDER BY patient",
    )
    .bind(gateway.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|it| Ok(it.try_into()?)).collect()
}

impl TryFrom<Row> for HomeRow {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Self> {
        let last_word = last_word(row.body.as_deref(), row.arrived_at, row.heard_at);
        Ok(Self {
            patient: row.patient.try_into()?,
            team: row.team.try_into()?,
            gateway: row.gateway.try_into()?,
            heard_at: row.heard_at.map(Timestamp::from_microsecond).transpose()?,
            last_word,
        })
    }
}

/// A goodbye counts until the gateway is heard again. A status that cannot be read says nothing.
fn last_word(
    body: Option<&str>,
    arrived_at: Option<i64>,
    heard_at: Option<i64>,
) -> Option<LastWord> {
    let status = body.and_then(|body| GatewayStatus::from_body(body).ok())?;
    if heard_at > arrived_at {
        return Some(LastWord::Online);
    }
    Some(match status.state {
        GatewayState::Online => LastWord::Online,
        GatewayState::Offline => LastWord::LastWill,
        GatewayState::Stopped => LastWord::Stopped,
    })
}
