//! Accounts, sessions and failed sign-ins on both engines.

use std::net::IpAddr;

use clinical::PersonId;
use jiff::SignedDuration;
use server::accounts::sign_in::{Door, Refused};
use server::accounts::{Passwords, Policy, Vault, set_up, token};
use server::audit::Actor;
use server::clock::{Clock, ManualClock};
use server::store::{accounts, sealed_codes, sessions, set_up_codes, sign_in_failures, staff};

use crate::world::World;

const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "wet stone pillow";

struct Office<'a> {
    world: &'a World,
    hand: ManualClock,
    clock: Clock,
    policy: Policy,
    passwords: Passwords,
    vault: Vault,
}

impl<'a> Office<'a> {
    fn of(world: &'a World) -> Self {
        let hand = ManualClock::new(world.now, 7);
        Self {
            world,
            vault: Vault::open(Some(&world.folder().join("sign-in")), &hand.clock()).unwrap(),
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
            vault: &self.vault,
        }
    }

    async fn invite(&self, person: &str, name: &str) -> anyhow::Result<String> {
        let store = &self.world.store;
        let by = Actor::operator(0);
        let made = set_up::invite(store, &id(person), name, false, by, &self.clock).await?;
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
    let found = async |digest: &str| {
        let now = office.clock.now();
        sessions::by_digest(readers, digest, now).await.unwrap()
    };
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

pub(crate) async fn secrets_that_stood_in_clear_are_sealed_once(world: World) {
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let office = Office::of(&world);
    let (ada, bo) = (id("nurse-okafor"), id("nurse-lindqvist"));
    for (person, name) in [(&ada, "ada"), (&bo, "bo")] {
        office.invite(person.as_str(), name).await.unwrap();
        let mut write = world.store.write().await.unwrap();
        accounts::offer_codes(&mut write, person, SECRET)
            .await
            .unwrap();
        write.commit().await.unwrap();
    }
    let (store, clock) = (&world.store, &office.clock);
    assert_eq!(office.vault.seal_all(store, clock).await.unwrap(), 2);
    assert_eq!(office.vault.seal_all(store, clock).await.unwrap(), 0);
    let clear = "SELECT COUNT(*) FROM account WHERE totp_secret NOT LIKE 'v1:%'";
    assert_eq!(world.count(clear).await, 0);
    let account = accounts::of_person(store.readers(), &ada).await.unwrap();
    let sealed = account.unwrap().totp_secret.unwrap();
    assert_eq!(office.vault.unseal(&ada, &sealed).unwrap(), SECRET);
    office.vault.unseal(&bo, &sealed).unwrap_err();
    let any = sealed_codes::any(store.readers()).await.unwrap().unwrap();
    assert_eq!(any.0, "nurse-lindqvist");

    // Somebody set theirs up anew meanwhile: that is not overwritten.
    let mut write = store.write().await.unwrap();
    sealed_codes::seal(&mut write, ada.as_str(), SECRET, "v1:00")
        .await
        .unwrap();
    write.commit().await.unwrap();
    let account = accounts::of_person(store.readers(), &ada).await.unwrap();
    assert_eq!(account.unwrap().totp_secret, Some(sealed));
}

pub(crate) async fn who_has_left_is_out_at_once_and_stays_out(world: World) {
    let office = Office::of(&world);
    let code = office.invite("nurse-okafor", "ada").await.unwrap();
    let begun = office.door().set_up(&code, PASSWORD, FROM).await.unwrap();
    let person = id("nurse-okafor");
    let leaves = world.now + SignedDuration::from_mins(5);
    let mut write = world.store.write().await.unwrap();
    staff::set_left(&mut write, &person, Some(leaves))
        .await
        .unwrap();
    write.commit().await.unwrap();
    let digest = token::digest_of(&begun.token);
    let readers = world.store.readers();
    let found = async || {
        let now = office.clock.now();
        sessions::by_digest(readers, &digest, now).await.unwrap()
    };
    let sign_in = async || office.door().by_password("ada", PASSWORD, FROM).await;
    assert!(found().await.is_some(), "until the last day is over");
    sign_in().await.unwrap();
    let again = office.invite("nurse-okafor", "ada").await.unwrap();
    let until = set_up_codes::good_until(readers, &person, world.now).await;
    let day = world.now + SignedDuration::from_hours(24);
    assert_eq!(until.unwrap(), Some(day.as_microsecond()));
    assert_eq!(
        set_up_codes::good_until(readers, &person, day)
            .await
            .unwrap(),
        None
    );

    office.hand.advance(SignedDuration::from_mins(5));
    assert_eq!(found().await, None);
    assert!(matches!(sign_in().await, Err(Refused::Wrong)));
    office
        .door()
        .set_up(&again, PASSWORD, FROM)
        .await
        .unwrap_err();
}

pub(crate) async fn what_is_done_to_an_account_is_in_the_trail(world: World) {
    let office = Office::of(&world);
    let code = office.invite("nurse-okafor", "ada").await.unwrap();
    office.invite("nurse-okafor", "ada.okafor").await.unwrap();
    let code_2 = office.invite("nurse-okafor", "ada").await.unwrap();
    assert_ne!(code, code_2);
    office.door().set_up(&code_2, PASSWORD, FROM).await.unwrap();
    let trail =
        "SELECT person || ' ' || action || ' ' || COALESCE(detail, '') FROM audit ORDER BY number";
    assert_eq!(
        world.texts(trail).await,
        [
            "@operator sign_in_made as ada",
            "@operator sign_in_reset as ada.okafor",
            "@operator sign_in_reset as ada",
            "nurse-okafor password_set by a code",
        ]
    );
}

pub(crate) async fn proving_it_again_rotates_the_session_and_does_not_lengthen_it(world: World) {
    let office = Office::of(&world);
    let code = office.invite("nurse-okafor", "ada").await.unwrap();
    let begun = office.door().set_up(&code, PASSWORD, FROM).await.unwrap();
    let (store, policy) = (&world.store, &office.policy);
    office.hand.advance(SignedDuration::from_mins(12));
    let find = async |token: &str| {
        let now = office.clock.now();
        server::accounts::sessions::find(store, token, policy, now)
            .await
            .unwrap()
    };
    let before = find(&begun.token).await.unwrap();
    let door = office.door();
    let wrong = door
        .prove_again(&before, "dry stone pillow", "", FROM)
        .await;
    assert!(matches!(wrong, Err(Refused::Wrong)), "{wrong:?}");
    assert!(find(&begun.token).await.is_some(), "still signed in");
    let proved = door.prove_again(&before, PASSWORD, "", FROM).await.unwrap();
    assert_eq!(find(&begun.token).await, None);
    let after = find(&proved.token).await.unwrap().row;
    assert_eq!(after.ends_at, before.row.ends_at);
    assert_eq!(after.proved_at, office.clock.now().as_microsecond());
    let again = door.prove_again(&before, PASSWORD, "", FROM).await;
    assert!(matches!(again, Err(Refused::Wrong)), "that session is over");
}
