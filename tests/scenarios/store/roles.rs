//! Roles are given and withdrawn, and decide which patients a person sees.

use std::collections::BTreeSet;

use clinical::PersonId;
use jiff::SignedDuration;
use server::rights::Role;
use server::store::roles::{self, Grant};
use server::store::sight::{self, Viewer};

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
    sqlx::query("INSERT INTO break_glass (person, patient, began_at, until_at, reason) VALUES ($1, 'patient-1', $2, $3, $4)")
        .bind(nurse.as_str())
        .bind(world.now.as_microsecond())
        .bind(until.as_microsecond())
        .bind("the out-of-hours service asked")
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert!(sees(&world, "nurse-okafor", 1).await);
    assert!(!sees(&world, "nurse-okafor", 2).await);
    assert!(!sees(&world, "nurse-lindqvist-2", 1).await);
    world.wait(60 * 60);
    assert!(!sees(&world, "nurse-okafor", 1).await);
}
