//! Accounts, sessions and failed sign-ins on both engines.

use std::net::IpAddr;

use clinical::PersonId;
use jiff::SignedDuration;
use server::accounts::sign_in::{Door, Refused};
use server::accounts::{Passwords, Policy, set_up, token};
use server::clock::{Clock, ManualClock};
use server::store::{accounts, sessions, sign_in_failures};

use crate::world::World;

const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "wet stone pillow";

struct Office<'a> {
    world: &'a World,
    hand: ManualClock,
    clock: Clock,
    policy: Policy,
    passwords: Passwords,
}

impl<'a> Office<'a> {
    fn of(world: &'a World) -> Self {
        let hand = ManualClock::new(world.now, 7);
        Self {
            world,
            clock: hand.clock(),
            hand,
            policy: toml::from_str("second_step = \"optional\"").unwrap(),
            passwords: Passwords::default(),
        }
    }

    fn door(&self) -> Door<'_> {
        Door {
            store: &self.world.store,
            clock: &self.clock,
            policy: &self.policy,
            passwords: &self.passwords,
        }
    }

    async fn invite(&self, person: &str, name: &str) -> anyhow::Result<String> {
        let store = &self.world.store;
        let made = set_up::invite(store, &id(person), name, false, &self.clock).await?;
        Ok(made.code)
    }
}

fn id(person: &str) -> PersonId {
    person.parse().unwrap()
}

/// A flood of tries takes every place in the queue, and counts against nobody who finds none.
pub(crate) async fn a_try_that_is_not_looked_at_is_no_failure(world: World) {
    let office = Office::of(&world);
    let code = office.invite("nurse-okafor", "ada").await.unwrap();
    let door = office.door();
    door.set_up(&code, PASSWORD, FROM).await.unwrap();
    let flood: Vec<_> = std::iter::from_fn(|| office.passwords.queue().ok()).collect();
    for _ in 0..10 {
        let busy = door.by_password("ada", PASSWORD, FROM).await;
        assert!(matches!(busy, Err(Refused::Busy)), "{busy:?}");
    }
    let failures = "SELECT COUNT(*) FROM sign_in_failure WHERE failures_len > 0";
    assert_eq!(world.count(failures).await, 0);
    drop(flood);
    door.by_password("ada", PASSWORD, FROM).await.unwrap();
}

pub(crate) async fn a_code_is_good_once_until_it_ends_or_another_is_made(world: World) {
    let office = Office::of(&world);
    let first = office.invite("nurse-okafor", "ada").await.unwrap();
    let second = office.invite("nurse-okafor", "ada").await.unwrap();
    let set_up = async |code: &str| office.door().set_up(code, PASSWORD, FROM).await;
    set_up(&first).await.unwrap_err();
    set_up(&second).await.unwrap();
    set_up(&second).await.unwrap_err();
    let late = office.invite("nurse-okafor", "ada").await.unwrap();
    office.hand.advance(SignedDuration::from_hours(24));
    set_up(&late).await.unwrap_err();
    assert_eq!(
        world
            .count("SELECT COUNT(*) FROM set_up_code WHERE used_at IS NULL")
            .await,
        1,
        "the one that ended"
    );

    let taken = office.invite("nurse-lindqvist", "ADA").await.unwrap_err();
    assert!(taken.to_string().contains("somebody else"), "{taken}");
    let nobody = office.invite("nobody", "zoe").await.unwrap_err();
    assert!(nobody.to_string().contains("nobody"), "{nobody}");
    let odd = office.invite("nurse-lindqvist", "a b").await.unwrap_err();
    assert!(odd.to_string().contains("such as"), "{odd}");
}

pub(crate) async fn a_session_is_seen_ended_and_forgotten(world: World) {
    let office = Office::of(&world);
    let code = office.invite("nurse-okafor", "ada").await.unwrap();
    let begun = office.door().set_up(&code, PASSWORD, FROM).await.unwrap();
    let again = office
        .door()
        .by_password("ada", PASSWORD, FROM)
        .await
        .unwrap();
    let digest = token::digest_of(&begun.token);
    let readers = world.store.readers();
    let found = async |digest: &str| sessions::by_digest(readers, digest).await.unwrap();
    let row = found(&digest).await.unwrap();
    assert_eq!(
        (row.person.as_str(), row.stage.as_str()),
        ("nurse-okafor", "full")
    );
    let later = world.now + SignedDuration::from_mins(5);
    let mut write = world.store.write().await.unwrap();
    sessions::seen(&mut write, &digest, later).await.unwrap();
    sessions::end(&mut write, &token::digest_of(&again.token), later)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert_eq!(
        found(&digest).await.unwrap().seen_at,
        later.as_microsecond()
    );
    assert_eq!(found(&token::digest_of(&again.token)).await, None);
    let person = id("nurse-okafor");
    let open = sessions::open_len(readers, &person, world.now, later).await;
    assert_eq!(open.unwrap(), 1);

    let mut write = world.store.write().await.unwrap();
    assert_eq!(
        sessions::end_all(&mut write, &person, later).await.unwrap(),
        1
    );
    let day = later + SignedDuration::from_hours(24);
    assert_eq!(sessions::forget(&mut write, day, 1).await.unwrap(), 1);
    assert_eq!(sessions::forget(&mut write, day, 10).await.unwrap(), 1);
    write.commit().await.unwrap();
    assert_eq!(world.count("SELECT COUNT(*) FROM session").await, 0);
}

pub(crate) async fn a_step_is_used_once_and_codes_can_be_forgotten(world: World) {
    let office = Office::of(&world);
    office.invite("nurse-okafor", "ada").await.unwrap();
    let person = id("nurse-okafor");
    let mut write = world.store.write().await.unwrap();
    accounts::offer_codes(&mut write, &person, "GEZDGNBVGY3TQOJQ")
        .await
        .unwrap();
    for (step, is_new) in [(7, true), (7, false), (6, false), (8, true)] {
        let used = accounts::use_step(&mut write, &person, step, world.now).await;
        assert_eq!(used.unwrap(), is_new, "{step}");
    }
    write.commit().await.unwrap();
    let account = accounts::of_person(world.store.readers(), &person).await;
    assert!(account.unwrap().unwrap().has_second_step());
    let mut write = world.store.write().await.unwrap();
    accounts::forget_codes(&mut write, &person).await.unwrap();
    write.commit().await.unwrap();
    let account = accounts::of_person(world.store.readers(), &person).await;
    assert!(!account.unwrap().unwrap().has_second_step());
}

pub(crate) async fn failures_are_counted_however_many_come_at_once(world: World) {
    let office = Office::of(&world);
    let door = office.door();
    let wrong = || door.by_password("nobody", "x", FROM);
    let (a, b, c, d) = tokio::join!(wrong(), wrong(), wrong(), wrong());
    let refused = [a, b, c, d];
    assert!(refused.iter().all(|it| matches!(it, Err(Refused::Wrong))));
    let place = token::digest_of("account nobody");
    let readers = world.store.readers();
    let known = sign_in_failures::at(readers, &place).await.unwrap();
    assert_eq!(known.len, 4);
    let day = office.clock.now() + SignedDuration::from_hours(25);
    let mut write = world.store.write().await.unwrap();
    let forgotten = day - SignedDuration::from_hours(24);
    sign_in_failures::count(&mut write, &place, forgotten, day)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let known = sign_in_failures::at(readers, &place).await.unwrap();
    assert_eq!((known.len, known.last_at), (1, Some(day)));
}
