//! Many homes at once are one incident, and no patient's matter.

use std::collections::{BTreeMap, BTreeSet};

use clinical::schedule::MissedStep;
use clinical::silence::{
    Cause, Fleet, HomeQuiet, Incident, LastWord, Missed, Route, Scope, Signs, classify, incidents,
};
use clinical::{Due, Measured, PatientId, TeamId};
use jiff::{SignedDuration, Timestamp};

use crate::limits;
use crate::prng::Prng;

const HOMES: i64 = 5_400;
const TEAMS: i64 = 18;

fn at(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-01-08T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minute)
}

fn patient(number: i64) -> PatientId {
    format!("patient-{number}").parse().unwrap()
}

fn team(number: i64) -> TeamId {
    format!("team-{}", number % TEAMS).parse().unwrap()
}

fn fleet() -> Fleet {
    let homes = u32::try_from(HOMES / TEAMS).unwrap();
    Fleet {
        by_team: (0..TEAMS).map(|it| (team(it), homes)).collect(),
    }
}

/// A home last heard at `since`, with the seconds by which its last status came earlier.
fn quiet(number: i64, since: i64, back: Option<i64>) -> HomeQuiet {
    let earlier = SignedDuration::from_secs((number * 37) % 300);
    HomeQuiet {
        patient: patient(number),
        team: team(number),
        since: at(since) - earlier,
        back_at: back.map(at),
    }
}

fn found(homes: &[HomeQuiet], now: i64) -> Vec<Incident> {
    incidents(homes.to_vec(), &fleet(), &limits(), at(now))
}

#[test]
fn all_homes_cut_at_once_are_one_incident_and_no_patients_matter() {
    let homes: Vec<HomeQuiet> = (0..HOMES).map(|it| quiet(it, 600, None)).collect();
    let all = found(&homes, 780);
    assert_eq!(all.len(), 1);
    let incident = &all[0];
    assert_eq!(
        (&incident.scope, incident.ended_at),
        (&Scope::Everywhere, None)
    );
    assert_eq!(
        incident.began_at,
        homes.iter().map(|it| it.since).min().unwrap()
    );
    assert_eq!(incident.homes.len(), 5_400);
    assert!(incident.sentence().starts_with("5400 homes went quiet"));

    let limits = limits();
    let mut routes = BTreeMap::new();
    for (number, home) in (0..).zip(&homes) {
        let due = Due {
            what: Measured::ALL[usize::try_from(number % 4).unwrap()],
            opens: at(360),
            closes: at(720),
            due_at: at(780),
        };
        let step = [MissedStep::Wait, MissedStep::Nudge, MissedStep::Check];
        let step = step[usize::try_from(number % 3).unwrap()];
        let mut signs = Signs::default();
        signs.gateway.heard_at = Some(home.since);
        signs.gateway.last_word = Some(LastWord::LastWill);
        (signs.around.homes, signs.around.homes_quiet) = (5_400, 5_400);
        let finding = classify(&Missed { due, step }, &signs, &limits, at(780));
        assert!(incident.explains(&home.patient, &limits, at(780)));
        assert!(!finding.check_patient && finding.for_patient(due.what).is_none());
        *routes.entry((finding.cause, finding.route)).or_insert(0) += 1;
    }
    let ours = (Cause::OutageOfBroker, Route::OperationsIncident);
    assert_eq!(routes, BTreeMap::from([(ours, HOMES)]));
}

#[test]
fn a_cut_that_is_noticed_slowly_is_still_one_incident() {
    let mut chance = Prng::new(7);
    let homes: Vec<HomeQuiet> = (0..HOMES)
        .map(|it| quiet(it, 600 + chance.between(0, 45), None))
        .collect();
    let all = found(&homes, 780);
    assert_eq!((all.len(), all[0].homes.len()), (1, 5_400));
}

#[test]
fn homes_that_go_quiet_now_and_then_are_no_incident() {
    let mut chance = Prng::new(11);
    // One home in ten within a day, which is far more than usual.
    let homes: Vec<HomeQuiet> = (0..540)
        .map(|it| quiet(it * 10, chance.between(0, 1_440), None))
        .collect();
    assert_eq!(found(&homes, 1_440), []);
}

#[test]
fn homes_that_were_quiet_before_and_after_do_not_belong_to_the_incident() {
    let mut homes: Vec<HomeQuiet> = (0..3_000).map(|it| quiet(it, 600, None)).collect();
    homes.push(quiet(4_000, 100, None));
    homes.push(quiet(4_001, 700, None));
    let all = found(&homes, 780);
    assert_eq!((all.len(), all[0].homes.len()), (1, 3_000));
    let explained = |number| all[0].explains(&patient(number), &limits(), at(780));
    assert!(explained(0) && !explained(4_000) && !explained(4_001));
    // What has not happened yet is not known.
    assert_eq!(found(&homes, 500), []);
}

#[test]
fn one_teams_homes_are_that_teams_incident() {
    let of_team = |wanted: i64, count: usize| {
        let own = (0..HOMES).filter(move |it| it % TEAMS == wanted);
        own.take(count).map(|it| quiet(it, 600, None))
    };
    // 5% of one team's 300 homes are 15, and far from 5% of all.
    let homes: Vec<HomeQuiet> = of_team(3, 15).collect();
    let all = found(&homes, 780);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].scope, Scope::Team { team: team(3) });
    assert!(all[0].sentence().contains("homes of team-3"));
    assert_eq!(found(&of_team(3, 14).collect::<Vec<_>>(), 780), []);
    // Every home of one team is over 5% of all homes, and still that team's.
    let all = found(&of_team(3, 300).collect::<Vec<_>>(), 780);
    assert_eq!(all[0].scope, Scope::Team { team: team(3) });
    let two: Vec<HomeQuiet> = of_team(3, 20).chain(of_team(4, 20)).collect();
    let scopes: BTreeSet<String> = found(&two, 780).iter().map(Incident::sentence).collect();
    assert_eq!(scopes.len(), 2);
}

#[test]
fn a_home_that_stays_silent_after_the_incident_is_judged_alone() {
    let back = |it: i64| (it < 4_320).then_some(700 + it / 100);
    let homes: Vec<HomeQuiet> = (0..HOMES).map(|it| quiet(it, 600, back(it))).collect();
    let all = found(&homes, 900);
    // 80% of 5,400 are 4,320: it ends with the last of them.
    assert_eq!((all.len(), all[0].ended_at), (1, Some(at(743))));
    let explains = |minute| all[0].explains(&patient(5_000), &limits(), at(minute));
    assert!(explains(743) && explains(772) && !explains(773));
    let fewer: Vec<HomeQuiet> = (0..HOMES).map(|it| quiet(it, 600, back(it + 1))).collect();
    assert_eq!(found(&fewer, 900)[0].ended_at, None);
}

#[test]
fn two_cuts_hours_apart_are_two_incidents_in_order() {
    let later = (0..1_000).map(|it| quiet(it, 900, None));
    let earlier = (1_000..2_000).map(|it| quiet(it, 600, Some(650)));
    let all = found(&later.chain(earlier).collect::<Vec<_>>(), 960);
    let seen: Vec<_> = all
        .iter()
        .map(|it| (it.homes.len(), it.ended_at.is_some()))
        .collect();
    assert_eq!(seen, [(1_000, true), (1_000, false)]);
    assert!(all[0].began_at < all[1].began_at);
}

#[test]
fn the_fewest_homes_are_never_an_incident() {
    let two = Fleet {
        by_team: BTreeMap::from([(team(0), 4)]),
    };
    let homes = (0..4).map(|it| quiet(it * TEAMS, 600, None));
    assert_eq!(incidents(homes, &two, &limits(), at(780)), []);
}
