//! Roles are given and withdrawn, and decide which patients a person sees.

use std::collections::BTreeSet;

use clinical::PersonId;
use jiff::SignedDuration;
use server::rights::Role;
use server::store::roles::{self, Grant};
use server::store::sight::{self, Viewer};
use server::store::{accounts, break_glass, own_grants, staff};

use crate::world::{World, patient};

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

fn grant(role: Role, team: Option<&str>) -> Grant {
    Grant {
        role,
        team: team.map(|team| team.parse().unwrap()),
    }
}

async fn sees(world: &World, who: &str, number: u8) -> bool {
    let who = person(who);
    let viewer = Viewer {
        person: &who,
        now: world.now,
    };
    let found = sight::patient(world.store.readers(), viewer, &patient(number)).await;
    found.unwrap().is_some()
}

pub(crate) async fn the_seed_makes_nurses_and_leads_and_keeps_what_was_given_since(world: World) {
    let readers = world.store.readers();
    let lead = person("matron-okello");
    let lead = roles::of_person(readers, &lead);
    let led = [
        grant(Role::Nurse, Some("north")),
        grant(Role::TeamLead, Some("north")),
    ];
    assert_eq!(lead.await.unwrap(), BTreeSet::from(led));

    let nurse = person("nurse-okafor");
    let installer = BTreeSet::from([grant(Role::Installer, None)]);
    let mut write = world.store.write().await.unwrap();
    let by = Some(person("matron-okello"));
    let changed = roles::set(&mut write, &nurse, &installer, by.as_ref(), world.now).await;
    assert!(changed.unwrap());
    let again = roles::set(&mut write, &nurse, &installer, by.as_ref(), world.now).await;
    assert!(!again.unwrap(), "nothing was different");
    write.commit().await.unwrap();
    assert_eq!(world.seed(crate::world::SEED).await.unwrap(), 0);
    assert_eq!(roles::of_person(readers, &nurse).await.unwrap(), installer);
    let withdrawn = "SELECT COUNT(*) FROM role_grant WHERE person = 'nurse-okafor' AND withdrawn_by = 'matron-okello'";
    assert_eq!(world.count(withdrawn).await, 1, "withdrawn, not removed");
}

pub(crate) async fn a_person_sees_the_patients_of_their_teams_and_loses_sight_with_the_role(
    world: World,
) {
    assert!(sees(&world, "nurse-okafor", 1).await);
    let nurse = person("nurse-okafor");
    for role in [Role::Installer, Role::Administrator, Role::Planner] {
        let mut write = world.store.write().await.unwrap();
        let grants = BTreeSet::from([grant(role, None)]);
        roles::set(&mut write, &nurse, &grants, None, world.now)
            .await
            .unwrap();
        write.commit().await.unwrap();
        assert!(!sees(&world, "nurse-okafor", 1).await, "{role:?}");
    }
    assert!(!sees(&world, "nobody", 1).await);
}

pub(crate) async fn a_broken_glass_shows_one_patient_until_it_ends(mut world: World) {
    let mut write = world.store.write().await.unwrap();
    let nurse = person("nurse-okafor");
    roles::set(&mut write, &nurse, &BTreeSet::new(), None, world.now)
        .await
        .unwrap();
    let until = world.now + SignedDuration::from_mins(60);
    let reason = "the out-of-hours service asked";
    for _ in 0..2 {
        break_glass::open(&mut write, &nurse, &patient(1), reason, world.now, until)
            .await
            .unwrap();
    }
    write.commit().await.unwrap();
    assert!(sees(&world, "nurse-okafor", 1).await);
    assert!(!sees(&world, "nurse-okafor", 2).await);
    assert!(!sees(&world, "nurse-lindqvist-2", 1).await);
    world.wait(60 * 60);
    assert!(!sees(&world, "nurse-okafor", 1).await);
    let readers = world.store.readers();
    let open = break_glass::open_of(readers, &nurse, world.now, 10).await;
    assert_eq!(open.unwrap(), [], "it has ended");
    let lead = person("matron-okello");
    let told = async |since| {
        let rows = break_glass::opened_of_led(readers, &lead, since, 10)
            .await
            .unwrap();
        rows.iter()
            .map(|row| row.reason.clone())
            .collect::<Vec<_>>()
    };
    let begun = until - SignedDuration::from_mins(60);
    assert_eq!(told(begun - SignedDuration::from_secs(1)).await, [reason]);
    assert!(told(begun).await.is_empty());
    let opened = break_glass::opened_of_led(readers, &nurse, begun, 10).await;
    assert_eq!(opened.unwrap(), [], "she leads nobody");
}

pub(crate) async fn a_patient_is_found_by_number_and_birthday_and_closed_at_once(world: World) {
    let readers = world.store.readers();
    let found = async |number: &str, born_on: &str| {
        break_glass::patient(readers, number, born_on)
            .await
            .unwrap()
    };
    assert_eq!(found("9990000018", "1948-05-02").await, Some(patient(1)));
    assert_eq!(found("9990000018", "1948-05-03").await, None);
    let nurse = person("nurse-okafor");
    let until = world.now + SignedDuration::from_mins(60);
    let mut write = world.store.write().await.unwrap();
    break_glass::open(
        &mut write,
        &nurse,
        &patient(1),
        "because of that",
        world.now,
        until,
    )
    .await
    .unwrap();
    write.commit().await.unwrap();
    let open = async || {
        break_glass::open_of(readers, &nurse, world.now, 10)
            .await
            .unwrap()
    };
    assert_eq!(open().await[0].family_name, "Testcase");
    let mut write = world.store.write().await.unwrap();
    break_glass::close(&mut write, &nurse, world.now)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert_eq!(open().await, []);
}

pub(crate) async fn an_administrator_who_stays_and_can_sign_in_is_counted(world: World) {
    let administers = BTreeSet::from([grant(Role::Administrator, None)]);
    let (ada, grace) = (person("nurse-okafor"), person("matron-okello"));
    let mut write = world.store.write().await.unwrap();
    let now = world.now;
    for (who, name) in [(&ada, "ada"), (&grace, "grace")] {
        roles::set(&mut write, who, &administers, None, now)
            .await
            .unwrap();
        accounts::put(&mut write, who, name, now).await.unwrap();
    }
    write.commit().await.unwrap();
    let mut write = world.store.write().await.unwrap();
    roles::lock_administrators(&mut write).await.unwrap();
    let others = async |write: &mut server::store::Write<'_>| {
        roles::other_administrators_len(write, &ada).await.unwrap()
    };
    assert_eq!(others(&mut write).await, 1);
    accounts::set_disabled(&mut write, &grace, Some(now))
        .await
        .unwrap();
    assert_eq!(others(&mut write).await, 0, "she cannot sign in");
    accounts::set_disabled(&mut write, &grace, None)
        .await
        .unwrap();
    let later = now + SignedDuration::from_hours(24);
    staff::set_left(&mut write, &grace, Some(later))
        .await
        .unwrap();
    assert_eq!(others(&mut write).await, 0, "she will have left");
}

pub(crate) async fn a_role_that_somebody_gave_themselves_is_told(world: World) {
    let (ada, grace) = (person("nurse-okafor"), person("matron-okello"));
    let readers = world.store.readers();
    let leads = BTreeSet::from([
        grant(Role::TeamLead, Some("north")),
        grant(Role::Planner, None),
    ]);
    let mut write = world.store.write().await.unwrap();
    roles::set(&mut write, &ada, &leads, Some(&ada), world.now)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let since = world.now - SignedDuration::from_hours(1);
    let told = own_grants::since(readers, since, 10).await.unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|it| (it.name.as_str(), it.role.as_str(), it.withdrawn_at))
        .collect();
    assert_eq!(
        told,
        [("Ada Okafor", "team_lead", None)],
        "a planner sees nobody"
    );
    let told = own_grants::of_led(readers, &grace, since, 10).await;
    assert_eq!(told.unwrap().len(), 1);
    let other = own_grants::of_led(readers, &person("nurse-lindqvist"), since, 10).await;
    assert_eq!(other.unwrap(), []);
    let late = own_grants::since(readers, world.now, 10).await;
    assert_eq!(late.unwrap(), []);
}
