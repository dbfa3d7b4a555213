//! Duty: the rota is stored as it was registered, refused when it leaves a gap, and known afterwards as it was then.

use clinical::PersonId;
use clinical::duty::{Held, who_answers};
use jiff::{SignedDuration, Timestamp};
use server::deadlines::ROTA_LOOK_EVERY;
use server::store::{assignments, duty, organisation, rota_gaps};

use crate::deadlines::Task;
use crate::world::{SEED, World, patient};

/// Monday noon: the first nurse is on shift.
const MONDAY: &str = "2026-11-23T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn changed(from: &str, to: &str) -> String {
    assert!(SEED.contains(from), "{from} is not in the sample");
    SEED.replacen(from, to, 1)
}

/// Names who answers for what nobody has taken of the first patient at a moment, by what was known at another.
async fn answers(world: &World, moment: &str, known_at: Timestamp) -> String {
    let mut reader = world.store.readers().acquire().await.unwrap();
    let north = "north".parse().unwrap();
    let rota = duty::rota(&mut reader, &north, known_at).await.unwrap();
    let assignments = assignments::of_patient(&mut reader, &patient(1))
        .await
        .unwrap()
        .unwrap();
    let answer = who_answers(&rota.unwrap(), &assignments, &Held::default(), at(moment));
    answer.person.to_string()
}

pub(crate) async fn the_rota_is_read_as_it_was_registered(world: World) {
    let mut reader = world.store.readers().acquire().await.unwrap();
    let teams = duty::teams(&mut reader).await.unwrap();
    let rota = duty::rota(&mut reader, &teams[0], world.now).await.unwrap();
    let wanted = server::seed::SeedFile::parse(SEED).unwrap();
    assert_eq!(rota.as_ref(), wanted.rotas.first());
    assert_eq!(
        organisation::read(&mut reader).await.unwrap(),
        Some(wanted.organisation)
    );
    let before = world.now - SignedDuration::from_secs(1);
    assert_eq!(
        duty::rota(&mut reader, &teams[0], before).await.unwrap(),
        None
    );
    let nowhere = "nowhere".parse().unwrap();
    assert_eq!(
        duty::rota(&mut reader, &nowhere, world.now).await.unwrap(),
        None
    );
    drop(reader);

    let now = world.now;
    assert_eq!(answers(&world, MONDAY, now).await, "nurse-okafor");
    assert_eq!(
        answers(&world, "2026-11-23T17:00:00Z", now).await,
        "ooh-ward"
    );
    assert_eq!(
        answers(&world, "2026-12-21T12:00:00Z", now).await,
        "nurse-lindqvist"
    );
}

pub(crate) async fn a_rota_that_leaves_a_gap_is_refused_by_its_name(mut world: World) {
    world.wait(60);
    let before = world.count("SELECT COUNT(*) FROM shift").await;
    let gap = changed("tue-fri 09:00-17:00", "tue-thu 09:00-17:00");
    let error = format!("{:#}", world.seed(&gap).await.unwrap_err());
    let said = "Friday 09:00-17:00 nobody covers the North locality team.";
    assert!(error.contains(said), "{error}");
    assert!(error.contains("Add a shift or name a cover"), "{error}");

    let uncovered = changed(
        "until = \"2026-12-28\"\ncover = \"nurse-lindqvist\"",
        "until = \"2026-12-28\"",
    );
    let error = format!("{:#}", world.seed(&uncovered).await.unwrap_err());
    assert!(
        error.contains("Monday 21 December 09:00-17:00 nobody covers"),
        "{error}"
    );
    let longer = changed(
        "staffed = [\"mon-fri 09:00-17:00\"]",
        "staffed = [\"mon-fri 09:00-18:00\"]",
    );
    let error = format!("{:#}", world.seed(&longer).await.unwrap_err());
    assert!(error.contains("17:00-18:00 nobody covers"), "{error}");

    assert_eq!(world.count("SELECT COUNT(*) FROM shift").await, before);
    assert_eq!(world.seed(SEED).await.unwrap(), 0);
}

pub(crate) async fn who_answered_then_is_known_after_the_rota_has_changed(mut world: World) {
    let then = world.now;
    world.wait(60);
    let swapped = changed("mon-thu 09:00-17:00", "tue-fri 09:00-17:00").replacen(
        "person = \"nurse-lindqvist\"\nhours = [\"tue-fri 09:00-17:00\"]",
        "person = \"nurse-lindqvist\"\nhours = [\"mon-thu 09:00-17:00\"]",
        1,
    );
    assert_eq!(
        world.seed(&swapped).await.unwrap(),
        4,
        "two shifts go and two come"
    );
    assert_eq!(world.seed(&swapped).await.unwrap(), 0);
    assert_eq!(answers(&world, MONDAY, world.now).await, "nurse-lindqvist");
    assert_eq!(answers(&world, MONDAY, then).await, "nurse-okafor");

    world.wait(60);
    let other = changed("on_call = \"ooh-ward\"", "on_call = \"matron-okello\"");
    assert_eq!(world.seed(&other).await.unwrap(), 4 + 2);
    let night = "2026-11-23T22:00:00Z";
    assert_eq!(answers(&world, night, world.now).await, "matron-okello");
    assert_eq!(answers(&world, night, then).await, "ooh-ward");
    assert_eq!(
        world
            .count("SELECT COUNT(*) FROM shift WHERE withdrawn_at IS NULL")
            .await,
        2
    );
    assert_eq!(
        world.count("SELECT COUNT(*) FROM shift").await,
        6,
        "nothing is forgotten"
    );
}

pub(crate) async fn nobody_leaves_who_is_still_needed(mut world: World) {
    world.wait(60);
    let leaves = changed(
        "role = \"Care coordinator\"\nteam = \"north\"",
        "role = \"Care coordinator\"\nteam = \"north\"\nuntil = \"2026-12-31\"",
    )
    .replacen(
        "hours = [\"mon-thu 09:00-17:00\"]",
        "hours = [\"mon-thu 09:00-17:00\"]\nuntil = \"2026-12-31\"\n\n[[shift]]\nperson = \"nurse-lindqvist\"\n\
         hours = [\"mon 09:00-17:00\"]",
        1,
    );
    let error = format!("{:#}", world.seed(&leaves).await.unwrap_err());
    let said = "nurse-okafor is still the care coordinator of patient-1.";
    assert!(error.contains(said), "{error}");

    let handed_over = leaves.replacen(
        "coordinator = \"nurse-okafor\"",
        "coordinator = \"nurse-lindqvist\"",
        1,
    );
    assert!(world.seed(&handed_over).await.unwrap() > 0);
    let on_call_leaves = changed(
        "role = \"Out-of-hours nurse\"\nteam = \"north\"",
        "role = \"Out-of-hours nurse\"\nteam = \"north\"\nuntil = \"2026-12-31\"",
    );
    let error = format!("{:#}", world.seed(&on_call_leaves).await.unwrap_err());
    assert!(
        error.contains("Name another person on call first"),
        "{error}"
    );
}

pub(crate) async fn a_gap_that_time_brings_into_view_is_kept_until_it_is_over(mut world: World) {
    world.wait(60);
    let far = changed(
        "from = \"2026-12-21\"\nuntil = \"2026-12-28\"\ncover = \"nurse-lindqvist\"",
        "from = \"2029-12-17\"\nuntil = \"2029-12-17\"",
    );
    assert!(
        world.seed(&far).await.unwrap() > 0,
        "further than is looked"
    );
    let hand = world.hand();
    let servers = [Task::start(&world, &hand), Task::start(&world, &hand)];
    world.comes_to("SELECT COUNT(*) FROM heartbeat", 1).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM rota_gap").await, 0);

    world.now = at("2028-01-10T12:00:00Z");
    hand.set(world.now);
    world.comes_to("SELECT COUNT(*) FROM rota_gap", 1).await;
    let mut reader = world.store.readers().acquire().await.unwrap();
    let open = rota_gaps::open(&mut reader).await.unwrap();
    drop(reader);
    assert_eq!(
        open[0].sentence,
        "Monday 17 December 09:00-17:00 nobody covers the North locality team"
    );
    assert_eq!(open[0].gap.from, at("2029-12-17T09:00:00Z"));

    assert!(world.seed(SEED).await.unwrap() > 0);
    hand.advance(ROTA_LOOK_EVERY);
    let over = "SELECT COUNT(*) FROM rota_gap WHERE over_at IS NOT NULL";
    world.comes_to(over, 1).await;

    // One that comes back every week keeps its row, and says when it comes next.
    world
        .tamper("UPDATE shift SET hours = '[\"tue 09:00-17:00\"]' WHERE person = 'nurse-lindqvist'")
        .await;
    hand.advance(ROTA_LOOK_EVERY);
    let fridays = "SELECT COUNT(*) FROM rota_gap WHERE over_at IS NULL AND every_week = 1 AND sentence LIKE 'Friday%'";
    world.comes_to(fridays, 1).await;
    hand.advance(SignedDuration::from_hours(7 * 24));
    let next = "SELECT COUNT(*) FROM rota_gap WHERE over_at IS NULL AND from_at > 1832000000000000 AND sentence LIKE 'Friday%'";
    world.comes_to(next, 1).await;
    for server in servers {
        server.stop().await;
    }
    assert_eq!(world.count("SELECT COUNT(*) FROM rota_gap").await, 2);
}

pub(crate) async fn assignments_are_dated_and_rebuilt_from_the_journal(mut world: World) {
    let first = world.now;
    world.wait(60);
    let handed_over = changed(
        "coordinator = \"nurse-okafor\"",
        "coordinator = \"nurse-lindqvist\"",
    );
    assert_eq!(world.seed(&handed_over).await.unwrap(), 1);
    let read = async || {
        let mut reader = world.store.readers().acquire().await.unwrap();
        let assignments = assignments::of_patient(&mut reader, &patient(1)).await;
        assignments.unwrap().unwrap()
    };
    let assignments = read().await;
    let coordinator = |at: Timestamp| -> PersonId { assignments.coordinator_at(at).clone() };
    assert_eq!(coordinator(first).as_str(), "nurse-okafor");
    assert_eq!(coordinator(world.now).as_str(), "nurse-lindqvist");
    assert_eq!(server::history::rebuild_all(&world.store).await.unwrap(), 3);
    assert_eq!(read().await, assignments);

    let mut reader = world.store.readers().acquire().await.unwrap();
    let north = "north".parse().unwrap();
    let all = assignments::of_team(&mut reader, &north).await.unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(all.get(&patient(1)), Some(&assignments));
    let nobody = "nobody".parse().unwrap();
    assert_eq!(
        assignments::of_patient(&mut reader, &nobody).await.unwrap(),
        None
    );
}
