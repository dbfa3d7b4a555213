//! A sample locality for tests: two nurses, a few patients, real readings through the real casework and database.

use std::sync::Arc;

use clinical::duty::{Leave, Member, Rota, Team};
use clinical::{Event, Hours, PatientId, Plan, ReadingStored};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use vitals::{
    Attempt, AttemptReason, Characteristic, QualityMark, RawBytes, Reading, ReadingId, Record,
    TimeBasis, Times, Vital, wire,
};

use super::sample_values::plan;
use super::{Changes, Passwords, RelyingParty, State, Throttle, Tiers, Vault};
use crate::casework;
use crate::clock::{Clock, ManualClock};
use crate::folding::folded;
use crate::store::{Store, Write, duty};
use crate::templates::Templates;

const TIERS: &str = include_str!("../../../config/tiers.toml");

/// One open database with the sample locality in it.
pub(crate) struct Sample {
    /// What the pages are served from.
    pub(crate) state: State,
    /// Moves the time.
    pub(crate) hand: ManualClock,
    pub(super) sequence: i64,
    /// What its chance is drawn from.
    pub(super) seed: u64,
    pub(super) _dir: TempDir,
}

impl Sample {
    /// Opens the locality as it stands at `now`. The cookies `nurse-1` and `nurse-2` belong to its nurses.
    pub(crate) async fn open(now: &str) -> Self {
        let dir = folder();
        let url = format!("sqlite:{}", dir.path().join("server.db").display());
        let store = Store::migrate(&url).await.unwrap();
        let seed = 1;
        let hand = ManualClock::new(now.parse().unwrap(), seed);
        let state = State {
            trail: crate::audit::Trail::at_work(&store, &hand.clock()),
            store,
            changes: Changes::new(),
            clock: hand.clock(),
            time_zone: TimeZone::get("Europe/London").unwrap(),
            service_name: "Hearth".to_owned(),
            policy: toml::from_str("second_step = \"optional\"").unwrap(),
            passwords: Passwords::default(),
            vault: Vault::open(Some(&dir.path().join("sign-in")), &Clock::system()).unwrap(),
            monitoring_hours: "8am to 8pm, every day".to_owned(),
            tiers: Tiers::new(toml::from_str(TIERS).unwrap()),
            templates: Arc::new(Templates::built_in().unwrap()),
            trials: Arc::new(Semaphore::new(super::TRIALS_MAX)),
            names: Vec::new(),
            throttle: Throttle::default(),
            passkeys: RelyingParty::new(&[], "Hearth").unwrap(),
            oidc: None,
        };
        let sample = Self {
            state,
            hand,
            sequence: 0,
            seed,
            _dir: dir,
        };
        sample.staff().await;
        sample
    }

    /// Puts the team's rota in force: everybody works all the staffed hours, 8 to 20 every day, except for the leaves.
    pub(crate) async fn rota(&self, leaves: &[Leave]) {
        let member = |person: &str| Member {
            person: person.parse().unwrap(),
            from: Timestamp::UNIX_EPOCH,
            until: None,
        };
        let team = Team {
            id: "north".parse().unwrap(),
            name: "North team".to_owned(),
            area: "city".parse().unwrap(),
            zone: "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap(),
            staffed: Hours::new(["mon-sun 08:00-20:00".parse().unwrap()]),
            lead: "lead-1".parse().unwrap(),
            on_call: "ooh-1".parse().unwrap(),
            members: ["nurse-1", "nurse-2", "dr-rees", "lead-1", "ooh-1"]
                .map(member)
                .to_vec(),
        };
        let rota = Rota::new(team, Vec::new(), leaves.to_vec()).unwrap();
        let mut write = self.state.store.write().await.unwrap();
        let now = self.state.clock.now();
        duty::save(&mut write, &rota, now).await.unwrap();
        write.commit().await.unwrap();
    }

    /// Adds a patient of nurse-1 with four devices, monitored by `plan`.
    pub(crate) async fn patient(
        &self,
        id: &str,
        names: [&str; 3],
        born_on: &str,
        nhs: &str,
        plan: Plan,
    ) {
        let [title, given, family] = names;
        let mut write = self.state.store.write().await.unwrap();
        let patient = "INSERT INTO patient (id, family_name, given_name, title, born_on, nhs_number, team, coordinator, \
                       activated_at, name_folded) VALUES ($1, $2, $3, $4, $5, $6, 'north', 'nurse-1', 0, $7)";
        let name = folded(&format!("{family} {given}"));
        run(
            &mut write,
            patient,
            &[id, family, given, title, born_on, nhs, &name],
        )
        .await;
        for (kind, label) in [
            ("cuff", "Cuff"),
            ("oximeter", "Oximeter"),
            ("scale", "Scale"),
            ("thermometer", "Thermometer"),
        ] {
            let device = "INSERT INTO device (id, kind, label, gateway, patient, registered_at) \
                          VALUES ($1, $2, $3, 'gw-1', $4, 0)";
            run(
                &mut write,
                device,
                &[&format!("{id}-{kind}"), kind, label, id],
            )
            .await;
        }
        write.commit().await.unwrap();
        self.happen(
            id,
            Event::MonitoringStarted {
                coordinator: "nurse-1".parse().unwrap(),
                plan: Box::new(plan),
            },
        )
        .await;
    }

    /// Adds Mr Ivor Evans.
    pub(crate) async fn ivor(&self) {
        let plan = plan(1, "2026-03-01T09:00:00Z", 135);
        self.patient(
            "ivor",
            ["Mr", "Ivor", "Evans"],
            "1945-07-14",
            "9434765919",
            plan,
        )
        .await;
    }

    /// Lets an event happen, as ingest or a page does.
    pub(crate) async fn happen(&self, patient: &str, event: Event) {
        let patient: PatientId = patient.parse().unwrap();
        let mut write = self.state.store.write().await.unwrap();
        let now = self.state.clock.now();
        let decided = casework::handle(&mut write, &patient, &event, now).await;
        decided.unwrap().unwrap();
        write.commit().await.unwrap();
        self.state.changes.announce(patient);
    }

    /// Stores a reading measured at `at`, arrived two seconds later, and judges it.
    pub(crate) async fn reading(
        &mut self,
        patient: &str,
        at: &str,
        vital: Vital,
        quality: &[QualityMark],
    ) {
        let (kind, characteristic) = match vital {
            Vital::BloodPressure { .. } => ("cuff", 0x2A35),
            Vital::Oximetry { .. } => ("oximeter", 0x2A5E),
            Vital::Weight { .. } => ("scale", 0x2A9D),
            Vital::Temperature { .. } => ("thermometer", 0x2A1C),
        };
        let device = format!("{patient}-{kind}").parse().unwrap();
        let (characteristic, raw, times) = self.origin(characteristic, at);
        let reading = Reading {
            id: ReadingId::derive(&device, characteristic, &raw, &times),
            device,
            characteristic,
            vital,
            quality: quality.to_vec(),
            raw,
            times,
            user: None,
            test: false,
        };
        let event = Event::ReadingStored(ReadingStored::from(&reading));
        let (id, device) = (reading.id.to_string(), reading.device.to_string());
        let mut write = self.entry(&Record::Reading(reading)).await;
        let insert = "INSERT INTO reading (id, patient, device, measured_at, received_at, stored_at, gateway, epoch, \
                      sequence) VALUES ($1, $2, $3, CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($5 AS BIGINT), \
                      'gw-1', '0', CAST($6 AS BIGINT))";
        self.insert(&mut write, insert, [&id, patient, &device], &times)
            .await;
        let patient: PatientId = patient.parse().unwrap();
        // A sample may tell a week while its clock stands: nothing is stored before it was measured.
        let now = self.state.clock.now().max(times.received_at);
        casework::handle(&mut write, &patient, &event, now)
            .await
            .unwrap()
            .unwrap();
        write.commit().await.unwrap();
        self.state.changes.announce(patient);
    }

    /// Stores a failed attempt of the cuff.
    pub(crate) async fn attempt(&mut self, patient: &str, at: &str, reason: AttemptReason) {
        let device = format!("{patient}-cuff").parse().unwrap();
        let (characteristic, raw, times) = self.origin(0x2A35, at);
        let attempt = Attempt {
            id: ReadingId::derive(&device, characteristic, &raw, &times),
            device,
            characteristic,
            reason,
            quality: vec![QualityMark::CuffTooLoose],
            raw,
            times,
            user: None,
            test: false,
        };
        let (id, device) = (attempt.id.to_string(), attempt.device.to_string());
        let mut write = self.entry(&Record::Attempt(attempt)).await;
        let insert = "INSERT INTO attempt (id, patient, device, reason, measured_at, received_at, stored_at, gateway, \
                      epoch, sequence) VALUES ($1, $2, $3, 'no_value', CAST($4 AS BIGINT), CAST($5 AS BIGINT), \
                      CAST($5 AS BIGINT), 'gw-1', '0', CAST($6 AS BIGINT))";
        self.insert(&mut write, insert, [&id, patient, &device], &times)
            .await;
        write.commit().await.unwrap();
    }

    fn origin(&mut self, characteristic: u16, at: &str) -> (Characteristic, RawBytes, Times) {
        self.sequence += 1;
        let measured_at: Timestamp = at.parse().unwrap();
        let times = Times {
            device_time: None,
            measured_at,
            received_at: measured_at + SignedDuration::from_secs(2),
            basis: TimeBasis::Arrival,
        };
        let raw = RawBytes::try_from(self.sequence.to_be_bytes().to_vec()).unwrap();
        (Characteristic(characteristic), raw, times)
    }

    async fn entry(&self, record: &Record) -> Write<'static> {
        let mut write = self.state.store.write().await.unwrap();
        let insert = "INSERT INTO entry (gateway, epoch, sequence, previous, hash, record, stored_at) \
                      VALUES ('gw-1', '0', CAST($1 AS BIGINT), '', '', $2, 0)";
        let text = wire::record::write(record).unwrap();
        run(&mut write, insert, &[&self.sequence.to_string(), &text]).await;
        write
    }

    async fn insert(
        &self,
        write: &mut Write<'_>,
        statement: &'static str,
        ids: [&str; 3],
        times: &Times,
    ) {
        let measured = times.measured_at.as_microsecond().to_string();
        let received = times.received_at.as_microsecond().to_string();
        let sequence = self.sequence.to_string();
        let [id, patient, device] = ids;
        let values = [id, patient, device, &measured, &received, &sequence];
        run(write, statement, &values).await;
    }
}

/// Makes a folder for a database that need not outlive its test: in memory where there is such a place, so that no test
/// waits for a disk.
pub(super) fn folder() -> TempDir {
    let in_memory = tempfile::tempdir_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempdir()).unwrap()
}

/// Runs one statement with text arguments.
pub(crate) async fn run(write: &mut Write<'_>, statement: &'static str, arguments: &[&str]) {
    let mut query = sqlx::query(statement);
    for argument in arguments {
        query = query.bind((*argument).to_owned());
    }
    query.execute(&mut **write).await.unwrap();
}
