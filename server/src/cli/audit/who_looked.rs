//! `server audit who-looked`: who looked at a patient's record, and who changed it.

use std::collections::HashMap;

use anyhow::bail;
use clap::Args;
use clinical::PatientId;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::operator;
use crate::audit::{Action, Entry, Recorded, record};
use crate::cli::{ConfigFile, say};
use crate::config::Config;
use crate::store::audit::{self, Filter};
use crate::store::{Store, patient_page};
use crate::terminal::Text;

/// The most entries that are printed at once.
const LISTED_LEN_MAX: u32 = 200;
/// Of how many of the staff the names are read; the others are named by their ids.
const STAFF_LEN_MAX: i64 = 10_000;

#[derive(Debug, Args)]
pub(super) struct WhoLookedArgs {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// The patient
    patient: PatientId,
    /// Entries before this number: the last one that was printed
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
}

impl WhoLookedArgs {
    pub(super) async fn run(
        &self,
        config: &Config,
        store: &Store,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let (patient, readers) = (&self.patient, store.readers());
        let filter = Filter::of_patient(patient.as_str());
        let is_known = patient_page::patient(readers, patient).await?.is_some();
        if !is_known
            && audit::newest_first(readers, &filter, None, 1)
                .await?
                .is_empty()
        {
            bail!("{patient} is not registered here");
        }
        let entry = Entry::new(operator(), Action::AccessLogViewed).of(patient);
        record(store, &entry, now).await?;
        let found = audit::newest_first(readers, &filter, self.before, LISTED_LEN_MAX).await?;
        let staff = patient_page::staff(readers, STAFF_LEN_MAX).await?;
        let names = staff.into_iter().map(|it| (it.id, it.name)).collect();
        let mut text = Text::default();
        for entry in &found {
            text.paragraph(0, &told(entry, &names, &config.time_zone));
        }
        if let Some(last) = found
            .last()
            .filter(|_| found.len() == LISTED_LEN_MAX as usize)
        {
            text.paragraph(0, &format!("Earlier ones: --before {}", last.number));
        }
        if found.is_empty() {
            text.paragraph(0, "There is nothing earlier.");
        }
        say(&text.finish())
    }
}

/// Says an entry in one line: when, who in which role, what, and its number.
fn told(entry: &Recorded, names: &HashMap<String, String>, zone: &TimeZone) -> String {
    let at = Timestamp::from_microsecond(entry.at).unwrap_or(Timestamp::UNIX_EPOCH);
    let at = at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S");
    let Recorded { person, role, .. } = entry;
    let who = match names.get(person) {
        Some(name) => format!("{name} ({person}), {role}"),
        None => format!("{person}, {role}"),
    };
    let mut what = entry.action.replace('_', " ");
    for more in [&entry.subject, &entry.detail].into_iter().flatten() {
        what = format!("{what}, {more}");
    }
    format!("{at} {who}: {what} (entry {})", entry.number)
}
