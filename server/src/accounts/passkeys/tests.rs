//! Passkeys are made and prove something once, in time, for us, and by a device that recognises the person.

use clinical::PersonId;

use super::device::Device;
use super::*;
use crate::accounts::questions::QUESTION_LIFE;
use crate::web::sample::Sample;

struct Office {
    sample: Sample,
    party: RelyingParty,
    nurse: PersonId,
}

impl Office {
    async fn open() -> Self {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        let nurse: PersonId = "nurse-1".parse().unwrap();
        let mut write = sample.state.store.write().await.unwrap();
        accounts::put(&mut write, &nurse, "anna", sample.state.clock.now())
            .await
            .unwrap();
        write.commit().await.unwrap();
        let party = RelyingParty::new(&[], "Hearth").unwrap().unwrap();
        Self {
            sample,
            party,
            nurse,
        }
    }

    fn desk(&self) -> Desk<'_> {
        let state = &self.sample.state;
        Desk {
            store: &state.store,
            clock: &state.clock,
            policy: &state.policy,
            party: &self.party,
        }
    }

    async fn add(&self, device: &mut Device) -> Result<(), Refused> {
        let asked = self.desk().ask_for_new(&self.nurse).await.unwrap();
        let answer = device.make(&asked.options);
        let desk = self.desk();
        desk.add(&self.nurse, &asked.word, &answer, "Phone").await
    }

    async fn sign_in(&self, device: &mut Device) -> Result<Begun, Refused> {
        let asked = self.desk().ask_for_known().await.unwrap();
        let answer = device.prove(&asked.options);
        self.desk().sign_in(&asked.word, &answer).await
    }

    async fn stored(&self) -> Vec<passkeys::PasskeyRow> {
        let readers = self.sample.state.store.readers();
        passkeys::of_person(readers, &self.nurse).await.unwrap()
    }
}

#[tokio::test]
async fn a_passkey_signs_its_person_in_with_both_steps_at_once() {
    let office = Office::open().await;
    let mut device = Device::new();
    office.add(&mut device).await.unwrap();
    let stored = office.stored().await;
    assert_eq!((stored.len(), stored[0].name.as_str()), (1, "Phone"));
    assert_eq!(stored[0].used_at, None);

    let begun = office.sign_in(&mut device).await.unwrap();
    assert_eq!((begun.stage, &begun.person), (Stage::Full, &office.nurse));
    let state = &office.sample.state;
    let now = state.clock.now();
    let found = sessions::find(&state.store, &begun.token, &state.policy, now).await;
    assert_eq!(found.unwrap().unwrap().row.person, "nurse-1");
    assert_eq!(office.stored().await[0].used_at, Some(now.as_microsecond()));
    office.sign_in(&mut device).await.unwrap();
}

#[tokio::test]
async fn a_device_must_recognise_the_person_and_be_asked_by_us() {
    let office = Office::open().await;
    let mut good = Device::new();
    office.add(&mut good).await.unwrap();
    for change in [
        |device: &mut Device| device.verifies = false,
        |device: &mut Device| device.origin = "https://evil.example".to_owned(),
        |device: &mut Device| device.party = "evil.example".to_owned(),
    ] {
        let mut wrong = Device::new();
        change(&mut wrong);
        let added = office.add(&mut wrong).await;
        assert!(matches!(added, Err(Refused::Wrong)), "{added:?}");
        change(&mut good);
        let begun = office.sign_in(&mut good).await;
        assert!(matches!(begun, Err(Refused::Wrong)), "{begun:?}");
        (good.verifies, good.origin, good.party) = (
            true,
            "http://localhost:1".to_owned(),
            "localhost".to_owned(),
        );
        office.sign_in(&mut good).await.unwrap();
    }
    // Another key under the same id.
    let mut forged = Device::new();
    office.add(&mut forged).await.unwrap_err();
    let begun = office.sign_in(&mut forged).await;
    assert!(matches!(begun, Err(Refused::Wrong)), "{begun:?}");
}

#[tokio::test]
async fn a_question_is_answered_once_in_time_and_by_whom_it_was_asked() {
    let office = Office::open().await;
    let mut device = Device::new();
    office.add(&mut device).await.unwrap();
    let desk = office.desk();
    let asked = desk.ask_for_known().await.unwrap();
    let answer = device.prove(&asked.options);
    desk.sign_in(&asked.word, &answer).await.unwrap();
    let again = desk.sign_in(&asked.word, &answer).await;
    assert!(matches!(again, Err(Refused::Late)), "{again:?}");

    // A wrong answer uses its question up too.
    let asked = desk.ask_for_known().await.unwrap();
    let wrong = desk.sign_in(&asked.word, "{}").await;
    assert!(matches!(wrong, Err(Refused::Wrong)), "{wrong:?}");
    let answer = device.prove(&asked.options);
    let late = desk.sign_in(&asked.word, &answer).await;
    assert!(matches!(late, Err(Refused::Late)), "{late:?}");

    // The answer to another question.
    let (one, two) = (
        desk.ask_for_known().await.unwrap(),
        desk.ask_for_known().await.unwrap(),
    );
    let answer = device.prove(&one.options);
    let other = desk.sign_in(&two.word, &answer).await;
    assert!(matches!(other, Err(Refused::Wrong)), "{other:?}");

    let asked = desk.ask_for_known().await.unwrap();
    let answer = device.prove(&asked.options);
    office.sample.hand.advance(QUESTION_LIFE);
    let late = desk.sign_in(&asked.word, &answer).await;
    assert!(matches!(late, Err(Refused::Late)), "{late:?}");

    let asked = desk.ask_for_new(&office.nurse).await.unwrap();
    let answer = Device::new().make(&asked.options);
    let other: PersonId = "nurse-2".parse().unwrap();
    let stolen = desk.add(&other, &asked.word, &answer, "Phone").await;
    assert!(matches!(stolen, Err(Refused::Late)), "{stolen:?}");
}

#[tokio::test]
async fn a_device_that_counts_backwards_is_refused_and_its_count_is_kept() {
    let office = Office::open().await;
    let mut device = Device::new();
    office.add(&mut device).await.unwrap();
    device.counter = 10;
    office.sign_in(&mut device).await.unwrap();
    for back in [9, 10] {
        device.counter = back;
        // Each proof counts one up first.
        device.counter -= 1;
        let begun = office.sign_in(&mut device).await;
        assert!(matches!(begun, Err(Refused::Copied)), "{back}: {begun:?}");
    }
    device.counter = 11;
    office.sign_in(&mut device).await.unwrap();
}

#[tokio::test]
async fn a_removed_passkey_and_a_disabled_account_let_nobody_in() {
    let office = Office::open().await;
    let mut device = Device::new();
    office.add(&mut device).await.unwrap();
    let state = &office.sample.state;
    let now = state.clock.now();
    let mut write = state.store.write().await.unwrap();
    accounts::set_disabled(&mut write, &office.nurse, Some(now))
        .await
        .unwrap();
    write.commit().await.unwrap();
    let begun = office.sign_in(&mut device).await;
    assert!(matches!(begun, Err(Refused::Wrong)), "{begun:?}");

    let mut write = state.store.write().await.unwrap();
    accounts::set_disabled(&mut write, &office.nurse, None)
        .await
        .unwrap();
    let removed = passkeys::remove(&mut write, &office.nurse, 1, now);
    assert!(removed.await.unwrap());
    write.commit().await.unwrap();
    let begun = office.sign_in(&mut device).await;
    assert!(matches!(begun, Err(Refused::Wrong)), "{begun:?}");
}

#[tokio::test]
async fn a_passkey_is_one_persons() {
    let mut office = Office::open().await;
    office.add(&mut Device::new()).await.unwrap();
    office.nurse = "nurse-2".parse().unwrap();
    let state = &office.sample.state;
    let mut write = state.store.write().await.unwrap();
    accounts::put(&mut write, &office.nurse, "bilal", state.clock.now())
        .await
        .unwrap();
    write.commit().await.unwrap();
    let known = office.add(&mut Device::new()).await;
    assert!(matches!(known, Err(Refused::Known)), "{known:?}");
}

#[tokio::test]
async fn a_person_is_known_to_their_devices_by_one_handle_that_says_nothing() {
    let office = Office::open().await;
    let handle = async || {
        let asked = office.desk().ask_for_new(&office.nurse).await.unwrap();
        let options: serde_json::Value = serde_json::from_str(&asked.options).unwrap();
        options["publicKey"].clone()
    };
    let first = handle().await;
    assert_ne!(first["user"]["id"], handle().await["user"]["id"]);
    assert_eq!(first["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(
        first["authenticatorSelection"]["userVerification"],
        "required"
    );
    let mut device = Device::new();
    office.add(&mut device).await.unwrap();
    let second = handle().await;
    assert_eq!(second["user"]["id"], handle().await["user"]["id"]);
    let excluded = second["excludeCredentials"].as_array().unwrap();
    assert_eq!(excluded.len(), 1, "the device is not to make another");
}

#[test]
fn passkeys_need_a_name() {
    let party = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|it| (*it).to_owned()).collect();
        let party = RelyingParty::new(&names, "Hearth").unwrap();
        party.map(|party| party.name().to_owned())
    };
    assert_eq!(party(&[]).as_deref(), Some("localhost"));
    let named = party(&["Hearth.example", "192.0.2.1"]);
    assert_eq!(named.as_deref(), Some("hearth.example"));
    assert_eq!(party(&["192.0.2.1", "hearth.example"]), None);
}
