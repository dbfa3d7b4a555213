//! `server audit export`: prints entries in their order.

use std::str::FromStr;

use anyhow::Context;
use clap::{Args, ValueEnum};
use clinical::PatientId;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::operator;
use crate::audit::export::{CSV_HEADER, csv_line, json_line};
use crate::audit::{Action, Entry, Recorded, record};
use crate::cli::{ConfigFile, say};
use crate::config::Config;
use crate::store::Store;
use crate::store::audit::{self, Filter, PAGE_LEN_MAX};

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    pub(super) config: ConfigFile,
    /// From this day or moment on, such as 2026-11-01 (by the configuration's zone) or 2026-11-01T08:00:00Z
    #[arg(long, value_name = "WHEN")]
    from: Option<When>,
    /// To the end of this day, or before this moment
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,
    /// About this patient's record only
    #[arg(long)]
    patient: Option<PatientId>,
    /// By this person only: an id, @operator for this program's commands, @unknown for who was not signed in
    #[arg(long)]
    person: Option<String>,
    /// CSV for a spreadsheet, or JSON with every field as it is hashed
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Json,
}

/// A whole day, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Day(Date),
    Moment(Timestamp),
}

impl FromStr for When {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let moment = text.parse().map(Self::Moment);
        moment
            .or_else(|_| text.parse().map(Self::Day))
            .ok()
            .context("write a day such as 2026-11-01, or a moment such as 2026-11-01T08:00:00Z")
    }
}

impl When {
    fn begins(self, zone: &TimeZone) -> anyhow::Result<Timestamp> {
        Ok(match self {
            Self::Day(day) => day.to_zoned(zone.clone())?.timestamp(),
            Self::Moment(at) => at,
        })
    }

    fn ends(self, zone: &TimeZone) -> anyhow::Result<Timestamp> {
        match self {
            Self::Day(day) => Self::Day(day.tomorrow()?).begins(zone),
            Self::Moment(at) => Ok(at),
        }
    }
}

impl ExportArgs {
    pub(super) async fn run(
        &self,
        config: &Config,
        store: &Store,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let zone = &config.time_zone;
        let filter = Filter {
            patient: self.patient.as_ref().map(ToString::to_string),
            person: self.person.clone(),
            action: None,
            from: self.from.map(|it| it.begins(zone)).transpose()?,
            until: self.until.map(|it| it.ends(zone)).transpose()?,
        };
        let mut entry = Entry::new(operator(), Action::Exported).detail(&self.describe());
        if let Some(patient) = &self.patient {
            entry = entry.of(patient);
        }
        record(store, &entry, now).await?;
        let mut connection = store.readers().acquire().await?;
        // What is added while this prints is for the next export.
        let upto = audit::tip(&mut connection).await?.number;
        if self.format == Format::Csv {
            say(CSV_HEADER)?;
        }
        let mut after = 0;
        loop {
            let page = audit::in_order(&mut connection, &filter, after, PAGE_LEN_MAX).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.number;
            let wanted = page.iter().filter(|it| it.number <= upto);
            let lines: anyhow::Result<Vec<String>> = wanted.map(|it| self.line(it)).collect();
            let lines = lines?;
            if lines.is_empty() {
                return Ok(());
            }
            say(&lines.join("\n"))?;
        }
    }

    fn line(&self, entry: &Recorded) -> anyhow::Result<String> {
        match self.format {
            Format::Csv => Ok(csv_line(entry)),
            Format::Json => json_line(entry),
        }
    }

    fn describe(&self) -> String {
        let mut parts = vec!["audit trail".to_owned()];
        let when = |when: When| match when {
            When::Day(day) => day.to_string(),
            When::Moment(at) => at.to_string(),
        };
        parts.extend(self.from.map(|it| format!("from {}", when(it))));
        parts.extend(self.until.map(|it| format!("until {}", when(it))));
        parts.extend(self.person.as_ref().map(|person| format!("by {person}")));
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_whole_by_the_zone_and_a_moment_is_itself() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let day: When = "2026-03-29".parse().unwrap();
        assert_eq!(
            day.begins(&zone).unwrap().to_string(),
            "2026-03-29T00:00:00Z"
        );
        let ends = day.ends(&zone).unwrap().to_string();
        assert_eq!(ends, "2026-03-29T23:00:00Z", "an hour was left out");
        let moment: When = "2026-03-29T12:00:00+02:00".parse().unwrap();
        assert_eq!(moment.begins(&zone).unwrap(), moment.ends(&zone).unwrap());
        let error = "29/3/2026".parse::<When>().unwrap_err().to_string();
        assert!(error.contains("2026-11-01"), "{error}");
    }
}
