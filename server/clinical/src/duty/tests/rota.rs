//! What makes a rota whole, and what is refused.

use super::{at, leave, person, rota, shift, team};
use crate::duty::rota_check::ROWS_LEN_MAX;
use crate::duty::{Area, Leave, Organisation, Rota, RotaError, Shift, Team};

fn refused(team: Team, shifts: Vec<Shift>, leaves: Vec<Leave>) -> String {
    Rota::new(team, shifts, leaves).unwrap_err().to_string()
}

#[test]
fn equal_rotas_are_stored_alike_whatever_the_order_given() {
    let early = shift("ada", &["mon-fri 08:00-14:00"]);
    let late = shift("bob", &["mon-fri 14:00-20:00"]);
    let away = [
        leave("bob", "2026-12-03", "2026-12-04", None),
        leave("ada", "2026-12-07", "2026-12-08", Some("cyd")),
    ];
    let one = rota(&[early.clone(), late.clone()], &away);
    let mut team = team();
    team.members.reverse();
    let other = Rota::new(
        team,
        vec![late, early],
        vec![away[1].clone(), away[0].clone()],
    )
    .unwrap();
    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(text, serde_json::to_string(&other).unwrap());
    assert_eq!(serde_json::from_str::<Rota>(&text).unwrap(), one);
}

#[test]
fn a_stored_rota_is_checked_again_when_it_is_read() {
    let text = serde_json::to_string(&rota(&[shift("ada", &["mon 08:00-09:00"])], &[])).unwrap();
    let wrong = text.replace(
        r#""shifts":[{"person":"ada""#,
        r#""shifts":[{"person":"eve""#,
    );
    assert_ne!(text, wrong);
    assert!(serde_json::from_str::<Rota>(&wrong).is_err());
    let unknown = text.replacen('{', r#"{"colour":"red","#, 1);
    assert!(serde_json::from_str::<Rota>(&unknown).is_err());
}

#[test]
fn lists_and_names_have_bounds() {
    let many = vec![shift("ada", &["mon 08:00-09:00"]); ROWS_LEN_MAX + 1];
    assert_eq!(
        refused(team(), many, Vec::new()),
        "The rota has over 4000 shifts. Remove some that are over."
    );
    let mut nameless = team();
    nameless.name.clear();
    assert_eq!(
        Rota::new(nameless, Vec::new(), Vec::new()),
        Err(RotaError::Name)
    );
    let span: crate::hours::Span = "mon 08:00-09:00".parse().unwrap();
    let text = serde_json::to_string(&vec![span; 43]).unwrap();
    let mut long = team();
    long.staffed = serde_json::from_str(&text).unwrap();
    assert!(refused(long, Vec::new(), Vec::new()).contains("over 42 spans"));
}

#[test]
fn times_end_after_they_begin_and_do_not_overlap() {
    let mut ended = shift("ada", &["mon 08:00-09:00"]);
    ended.until = Some(ended.from);
    assert_eq!(
        refused(team(), vec![ended], Vec::new()),
        "The shift of ada ends before it begins. Correct its dates."
    );
    let twice = vec![
        leave("ada", "2026-12-03", "2026-12-05", None),
        leave("ada", "2026-12-05", "2026-12-06", None),
    ];
    assert_eq!(
        refused(team(), Vec::new(), twice),
        "ada has two leaves at the same time. End one before the other begins."
    );
    let itself = vec![leave("ada", "2026-12-03", "2026-12-05", Some("ada"))];
    assert_eq!(
        refused(team(), Vec::new(), itself),
        "ada cannot cover for ada. Name somebody else."
    );
}

#[test]
fn a_shift_lies_within_one_membership_and_who_comes_back_has_two() {
    let mut team = team();
    let ada = team.members[0].clone();
    team.members[0].until = Some(at("2026-06-01T00:00"));
    team.members.push(ada.clone());
    assert!(refused(team.clone(), Vec::new(), Vec::new()).contains("two memberships"));
    team.members[3].from = at("2026-09-01T00:00");
    let row = shift("ada", &["mon 08:00-09:00"]);
    assert!(refused(team.clone(), vec![row.clone()], Vec::new()).starts_with("ada has a shift"));
    let mut first = row.clone();
    first.until = Some(at("2026-06-01T00:00"));
    let mut second = row;
    second.from = at("2026-09-01T00:00");
    team.lead = person("ada");
    let rota = Rota::new(team, vec![second, first], Vec::new()).unwrap();
    let in_post = |when| rota.in_post(&person("ada"), at(when));
    assert!(in_post("2026-05-31T23:59"));
    assert!(!in_post("2026-07-01T00:00"));
    assert!(in_post("2026-09-01T00:00"));
}

#[test]
fn a_team_works_in_an_area_of_the_organisation() {
    let area = |id: &str, name: &str| Area {
        id: id.parse().unwrap(),
        name: name.to_owned(),
    };
    let organisation = Organisation {
        name: "Community services".to_owned(),
        areas: vec![area("coast", "The coast"), area("city", "The city")],
    };
    let found = organisation.area_of(&team()).unwrap();
    assert_eq!(found.name, "The city");
    let mut elsewhere = team();
    elsewhere.area = "moon".parse().unwrap();
    assert!(organisation.area_of(&elsewhere).is_none());
}
