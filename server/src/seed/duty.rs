//! The seed's organisation, areas and rotas: who works when, with loud defaults for what is left out.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use clinical::duty::{Area, AreaId, Leave, Member, Organisation, Rota, Shift, Team};
use clinical::{Hours, PersonId, Span, TeamId, Zone};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use super::tables::{RawPerson, RawSeed, RawTeam};

const ORGANISATION_DEFAULT: &str = "This service";
const AREA_DEFAULT: &str = "all";
/// The United Kingdom, as POSIX writes a zone.
const ZONE_DEFAULT: &str = "GMT0BST,M3.5.0/1,M10.5.0";
const STAFFED_DEFAULT: &str = "mon-fri 09:00-17:00";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOrganisation {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawArea {
    id: AreaId,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawShift {
    person: PersonId,
    hours: Vec<Span>,
    from: Option<Date>,
    until: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLeave {
    person: PersonId,
    from: Date,
    until: Date,
    cover: Option<PersonId>,
}

/// What a seed says about duty.
#[derive(Debug)]
pub(super) struct Duty {
    pub(super) organisation: Organisation,
    pub(super) rotas: Vec<Rota>,
    /// What was left out, and what is used instead, in sentences.
    pub(super) notes: Vec<String>,
}

impl Duty {
    /// Reads who works when.
    ///
    /// # Errors
    /// When a team has nobody who leads it or is on call, or a rota cannot be; the error says what to write.
    pub(super) fn of(raw: &RawSeed) -> anyhow::Result<Self> {
        let mut notes = Vec::new();
        let organisation = organisation(raw, &mut notes)?;
        let homes = homes(raw)?;
        let mut rotas = Vec::new();
        for team in &raw.teams {
            let id = &team.id;
            let rota = rota(raw, team, &organisation, &homes, &mut notes);
            rotas.push(rota.with_context(|| format!("the rota of team {id}"))?);
        }
        Ok(Self {
            organisation,
            rotas,
            notes,
        })
    }
}

fn organisation(raw: &RawSeed, notes: &mut Vec<String>) -> anyhow::Result<Organisation> {
    ensure!(
        raw.organisations.len() <= 1,
        "one server serves one organisation: leave one [[organisation]] in the file"
    );
    let name = raw.organisations.first().map(|it| it.name.clone());
    if name.is_none() {
        notes.push(format!(
            "There is no [[organisation]]: it is called {ORGANISATION_DEFAULT:?}."
        ));
    }
    let mut areas: Vec<Area> = Vec::new();
    for RawArea { id, name } in &raw.areas {
        ensure!(
            areas.iter().all(|it| it.id != *id),
            "area {id} is there twice: give one of them another id"
        );
        areas.push(Area {
            id: id.clone(),
            name: name.clone(),
        });
    }
    if areas.is_empty() {
        notes.push("There is no [[area]]: all teams work in one, called \"All areas\".".to_owned());
        areas.push(Area {
            id: AREA_DEFAULT.parse()?,
            name: "All areas".to_owned(),
        });
    }
    Ok(Organisation {
        name: name.unwrap_or_else(|| ORGANISATION_DEFAULT.to_owned()),
        areas,
    })
}

/// Each person's team.
type Homes<'a> = BTreeMap<&'a PersonId, &'a TeamId>;

/// Finds where each person with a shift or a leave works.
fn homes(raw: &RawSeed) -> anyhow::Result<Homes<'_>> {
    let people = raw.people.iter();
    let homes: Homes<'_> = people
        .map(|RawPerson { id, team, .. }| (id, team))
        .collect();
    let shifts = raw.shifts.iter().map(|it| ("shift", &it.person));
    let leaves = raw.leaves.iter().map(|it| ("leave", &it.person));
    let covers = raw.leaves.iter().filter_map(|it| it.cover.as_ref());
    let covers = covers.map(|it| ("cover of a leave", it));
    for (what, person) in shifts.chain(leaves).chain(covers) {
        ensure!(
            homes.contains_key(person),
            "{:?} is used for a {what} and not explained: add a [[person]] with this id",
            person.as_str()
        );
    }
    Ok(homes)
}

fn rota(
    raw: &RawSeed,
    team: &RawTeam,
    organisation: &Organisation,
    homes: &Homes<'_>,
    notes: &mut Vec<String>,
) -> anyhow::Result<Rota> {
    let zone = match &team.zone {
        Some(zone) => zone.clone(),
        None => ZONE_DEFAULT.parse()?,
    };
    let of_team = |person: &PersonId| homes.get(person) == Some(&&team.id);
    let people = raw.people.iter().filter(|it| it.team == team.id);
    let shifts = raw.shifts.iter().filter(|it| of_team(&it.person));
    let leaves = raw.leaves.iter().filter(|it| of_team(&it.person));
    let members = people.map(|it| Member {
        person: it.id.clone(),
        from: begins(it.from, &zone),
        until: ends(it.until, &zone),
    });
    let shifts = shifts.map(|it| Shift {
        person: it.person.clone(),
        hours: Hours::new(it.hours.iter().copied()),
        from: begins(it.from, &zone),
        until: ends(it.until, &zone),
    });
    let leaves = leaves.map(|it| Leave {
        person: it.person.clone(),
        from: zone.midnight(it.from),
        until: zone.midnight_after(it.until),
        cover: it.cover.clone(),
    });
    let team = Team {
        id: team.id.clone(),
        name: team.name.clone(),
        area: area(team, organisation)?,
        staffed: staffed(team, notes),
        lead: role(
            team,
            team.lead.as_ref(),
            "lead",
            "nobody would be asked when a deadline passes",
        )?,
        on_call: role(
            team,
            team.on_call.as_ref(),
            "on_call",
            "nobody would answer outside the staffed hours",
        )?,
        members: members.collect(),
        zone: zone.clone(),
    };
    Ok(Rota::new(team, shifts.collect(), leaves.collect())?)
}

fn area(team: &RawTeam, organisation: &Organisation) -> anyhow::Result<AreaId> {
    let areas = &organisation.areas;
    match (&team.area, areas.as_slice()) {
        (Some(area), _) if areas.iter().any(|it| it.id == *area) => Ok(area.clone()),
        (Some(area), _) => bail!(
            "{:?} is used and not explained: add an [[area]] with this id",
            area.as_str()
        ),
        (None, [only]) => Ok(only.id.clone()),
        (None, _) => bail!("there are several areas: write area = \"…\" with the id of one"),
    }
}

fn staffed(team: &RawTeam, notes: &mut Vec<String>) -> Hours {
    let spans = match &team.staffed {
        Some(spans) => spans.clone(),
        None => {
            let id = &team.id;
            notes.push(format!(
                "Team {id} has no staffed hours: {STAFFED_DEFAULT} is used, in the zone of the United Kingdom unless it \
                 names another."
            ));
            STAFFED_DEFAULT.parse().into_iter().collect()
        }
    };
    Hours::new(spans)
}

fn role(
    team: &RawTeam,
    person: Option<&PersonId>,
    key: &str,
    otherwise: &str,
) -> anyhow::Result<PersonId> {
    person.cloned().with_context(|| {
        format!(
            "team {} has no {key}, so {otherwise}: write {key} = \"…\" with the id of a person",
            team.id
        )
    })
}

/// Gives the first moment of a day; without one, since before any record.
fn begins(first_day: Option<Date>, zone: &Zone) -> Timestamp {
    first_day.map_or(Timestamp::UNIX_EPOCH, |day| zone.midnight(day))
}

/// Gives the first moment after a last day.
fn ends(last_day: Option<Date>, zone: &Zone) -> Option<Timestamp> {
    last_day.map(|day| zone.midnight_after(day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::SeedFile;

    const SAMPLE: &str = include_str!("../../../config/seed.toml");

    /// A team of one as short as it can be written.
    const SHORT: &str = r#"
        team = [{ id = "north", name = "North team", lead = "ada", on_call = "ada" }]
        person = [{ id = "ada", name = "Ada", role = "Nurse", team = "north" }]
    "#;

    fn refusal(text: &str) -> String {
        format!("{:#}", SeedFile::parse(text).unwrap_err())
    }

    #[test]
    fn the_sample_says_everything_and_a_short_one_is_told_what_is_used_instead() {
        let sample = SeedFile::parse(SAMPLE).unwrap();
        assert!(sample.notes.is_empty(), "{:#?}", sample.notes);
        let team = sample.rotas[0].team();
        assert_eq!(sample.organisation.area_of(team).unwrap().name, "Riverside");
        assert_eq!((team.members.len(), sample.rotas[0].shifts().len()), (5, 2));

        let short = SeedFile::parse(SHORT).unwrap();
        assert_eq!(short.notes.len(), 3, "{:#?}", short.notes);
        assert!(
            short.notes[2].contains("mon-fri 09:00-17:00"),
            "{}",
            short.notes[2]
        );
        let team = short.rotas[0].team();
        assert_eq!(team.staffed.to_string(), "mon-fri 09:00-17:00");
        assert_eq!(team.zone.to_string(), ZONE_DEFAULT);
        assert_eq!(short.organisation.area_of(team).unwrap().name, "All areas");
    }

    #[test]
    fn a_team_without_a_lead_or_anybody_on_call_is_refused_with_what_to_write() {
        let no_lead = refusal(&SAMPLE.replacen("lead = \"matron-okello\"\n", "", 1));
        assert!(no_lead.contains("write lead = \"…\""), "{no_lead}");
        let no_on_call = refusal(&SAMPLE.replacen("on_call = \"ooh-ward\"\n", "", 1));
        assert!(no_on_call.contains("write on_call = \"…\""), "{no_on_call}");
    }

    #[test]
    fn first_and_last_days_are_days_of_the_teams_zone() {
        let sample = SeedFile::parse(SAMPLE).unwrap();
        let leave = &sample.rotas[0].leaves()[0];
        let days = [leave.from, leave.until].map(|it| it.to_string());
        assert_eq!(days, ["2026-12-21T00:00:00Z", "2026-12-29T00:00:00Z"]);
        let summer =
            SAMPLE
                .replacen("2026-12-21", "2026-07-06", 1)
                .replacen("2026-12-28", "2026-07-06", 1);
        let leave = SeedFile::parse(&summer).unwrap().rotas[0].leaves()[0].clone();
        let days = [leave.from, leave.until].map(|it| it.to_string());
        assert_eq!(days, ["2026-07-05T23:00:00Z", "2026-07-06T23:00:00Z"]);
    }

    #[test]
    fn a_mistake_in_a_rota_is_named() {
        for (from, to, said) in [
            (
                "area = \"riverside\"",
                "area = \"seaside\"",
                "add an [[area]]",
            ),
            (
                "lead = \"matron-okello\"",
                "lead = \"nobody\"",
                "add a [[person]]",
            ),
            (
                "on_call = \"ooh-ward\"",
                "on_call = \"nobody\"",
                "add a [[person]]",
            ),
            (
                "cover = \"nurse-lindqvist\"",
                "cover = \"nobody\"",
                "add a [[person]]",
            ),
            (
                "cover = \"nurse-lindqvist\"",
                "cover = \"nurse-okafor\"",
                "Name somebody else",
            ),
            ("mon-thu 09:00", "mon-thu 9:00", "are no hours"),
            (
                "GMT0BST,M3.5.0/1,M10.5.0",
                "Europe/London",
                "is no time zone",
            ),
            (
                "until = \"2026-12-28\"",
                "until = \"2026-12-20\"",
                "ends before it begins",
            ),
            (
                "[[organisation]]",
                "[[organisation]]\nname = \"a\"\n[[organisation]]",
                "one organisation",
            ),
            (
                "[[area]]",
                "[[area]]\nid = \"riverside\"\nname = \"a\"\n[[area]]",
                "there twice",
            ),
            ("area = \"riverside\"\nzone", "zone", ""),
        ] {
            assert!(SAMPLE.contains(from), "{from} is not in the sample");
            let text = SAMPLE.replacen(from, to, 1);
            if said.is_empty() {
                assert!(
                    SeedFile::parse(&text).is_ok(),
                    "the only area is the team's"
                );
            } else {
                assert!(refusal(&text).contains(said), "{said}: {}", refusal(&text));
            }
        }
        let two_areas = SAMPLE
            .replacen("area = \"riverside\"\nzone", "zone", 1)
            .replacen(
                "[[area]]",
                "[[area]]\nid = \"hill\"\nname = \"Hill\"\n[[area]]",
                1,
            );
        assert!(refusal(&two_areas).contains("several areas"));
    }

    #[test]
    fn a_coordinator_of_another_team_is_refused() {
        let other = "[[team]]\nid = \"south\"\nname = \"South\"\nlead = \"ooh-ward\"\non_call = \"ooh-ward\"\n\n[[person]]";
        let text = SAMPLE.replacen("[[person]]", other, 1).replacen(
            "role = \"Care coordinator\"\nteam = \"north\"",
            "role = \"Care coordinator\"\nteam = \"south\"",
            1,
        );
        assert!(
            refusal(&text).contains("not in team north"),
            "{}",
            refusal(&text)
        );
    }
}
