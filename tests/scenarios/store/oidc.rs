//! Signing in by another service, on both engines: what it says is believed only when everything about it is right.

use clinical::PersonId;
use hearth_tests::oidc::{CLIENT_ID, CLIENT_SECRET, Oidc, Wishes};
use serde_json::json;
use server::accounts::oidc::{self, Back, OidcConfig, Provider, Refused};
use server::accounts::questions::QUESTION_LIFE;
use server::accounts::sessions::{self, Stage};
use server::accounts::sign_in::Door;
use server::accounts::{Passwords, Policy, Vault};
use server::clock::{Clock, ManualClock};
use server::store::accounts;

use crate::world::World;

struct Office {
    world: World,
    hand: ManualClock,
    clock: Clock,
    policy: Policy,
    passwords: Passwords,
    vault: Vault,
    service: Oidc,
    provider: Provider,
}

impl Office {
    async fn open(world: World, more: &str) -> Self {
        let hand = ManualClock::new(world.now, 7);
        let clock = hand.clock();
        let service = Oidc::start(world.now).await.unwrap();
        let secret = world.folder().join("secret");
        std::fs::write(&secret, format!("{CLIENT_SECRET}\n")).unwrap();
        let text = format!(
            "issuer = \"{}\"\nclient_id = \"{CLIENT_ID}\"\nclient_secret_file = {secret:?}\n\
             redirect_uri = \"http://127.0.0.1:1/sign-in/oidc/back\"\n{more}",
            service.issuer
        );
        let config: OidcConfig = toml::from_str(&text).unwrap();
        config.check().unwrap();
        let nurse: PersonId = "nurse-okafor".parse().unwrap();
        let mut write = world.store.write().await.unwrap();
        accounts::put(&mut write, &nurse, "nurse-ann", world.now)
            .await
            .unwrap();
        write.commit().await.unwrap();
        let vault = Vault::open(Some(&world.folder().join("sign-in")), &clock).unwrap();
        Self {
            provider: Provider::new(&config, &clock).unwrap(),
            world,
            hand,
            clock,
            policy: Policy::default(),
            passwords: Passwords::default(),
            vault,
            service,
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

    /// Goes to the service, which sends back at once, and gives what it sends and what the browser kept.
    async fn go(&self) -> (String, String, String) {
        let away = oidc::begin(self.door(), &self.provider, "/next").await;
        let away = away.unwrap();
        let back = Oidc::visit(&away.address).await.unwrap();
        let value = |key: &str| {
            let found = back.split(['?', '&']).find_map(|it| it.strip_prefix(key));
            found.unwrap().to_owned()
        };
        (value("state="), value("code="), away.token)
    }

    async fn sign_in(&self) -> Result<Back, Refused> {
        let (state, code, token) = self.go().await;
        oidc::finish(self.door(), &self.provider, &state, &code, &token).await
    }

    fn wish(&self, claims: serde_json::Value, key: &'static str) {
        self.service.wish(Wishes { claims, key });
    }
}

pub(crate) async fn a_signed_word_of_the_service_lets_its_person_in(world: World) {
    let office = Office::open(world, "").await;
    for key in ["rsa", "ec"] {
        office.wish(json!({}), key);
        let back = office.sign_in().await.unwrap();
        assert_eq!(back.begun.person.as_str(), "nurse-okafor");
        assert_eq!(back.next, "/next");
        // It does not say how sure it is, so the second step is still to come.
        assert_eq!(back.begun.stage, Stage::Enrol);
    }
    assert_eq!(office.service.described_len(), 1, "it is asked once");
    office.hand.advance(oidc::BELIEVED_FOR);
    office.service.set_now(office.clock.now());
    office.sign_in().await.unwrap();
    assert_eq!(office.service.described_len(), 2);
}

pub(crate) async fn what_is_wrong_about_a_token_lets_nobody_in(world: World) {
    let office = Office::open(world, "").await;
    let past = office.clock.now().as_second() - 1;
    for (claims, key) in [
        (json!({}), "forged"),
        (json!({}), "none"),
        (json!({ "iss": "https://evil.example" }), "rsa"),
        (json!({ "aud": "another" }), "rsa"),
        (json!({ "aud": [CLIENT_ID, "another"] }), "rsa"),
        (json!({ "exp": past }), "rsa"),
        (json!({ "nonce": "another" }), "rsa"),
        (json!({ "nonce": null }), "rsa"),
        (json!({ "exp": null }), "rsa"),
    ] {
        office.wish(claims.clone(), key);
        let tried = office.sign_in().await;
        assert!(
            matches!(tried, Err(Refused::Wrong)),
            "{claims} {key}: {tried:?}"
        );
    }
    for claims in [
        json!({ "preferred_username": "nobody" }),
        json!({ "preferred_username": null }),
        json!({ "preferred_username": ["nurse-ann"] }),
    ] {
        office.wish(claims.clone(), "rsa");
        let tried = office.sign_in().await;
        let is_right = matches!(tried, Err(Refused::NoAccount | Refused::Wrong));
        assert!(is_right, "{claims}: {tried:?}");
    }
    let nurse: PersonId = "nurse-okafor".parse().unwrap();
    let mut write = office.world.store.write().await.unwrap();
    let at = Some(office.clock.now());
    accounts::set_disabled(&mut write, &nurse, at)
        .await
        .unwrap();
    write.commit().await.unwrap();
    office.wish(json!({}), "rsa");
    let tried = office.sign_in().await;
    assert!(matches!(tried, Err(Refused::NoAccount)), "{tried:?}");
}

pub(crate) async fn who_comes_back_late_twice_or_by_another_browser_is_not_let_in(world: World) {
    let office = Office::open(world, "").await;
    let finish = async |state: &str, code: &str, token: &str| {
        oidc::finish(office.door(), &office.provider, state, code, token).await
    };
    let (state, code, token) = office.go().await;
    finish(&state, &code, &token).await.unwrap();
    let again = finish(&state, &code, &token).await;
    assert!(matches!(again, Err(Refused::Late)), "{again:?}");

    let (state, code, _) = office.go().await;
    let (_, _, other) = office.go().await;
    let stolen = finish(&state, &code, &other).await;
    assert!(matches!(stolen, Err(Refused::Late)), "{stolen:?}");

    // The code of one with the question of another: the service sees that the verifier is not its own.
    let (_, code, _) = office.go().await;
    let (state, _, token) = office.go().await;
    let mixed = finish(&state, &code, &token).await;
    assert!(matches!(mixed, Err(Refused::Wrong)), "{mixed:?}");

    let (state, code, token) = office.go().await;
    office.hand.advance(QUESTION_LIFE);
    let late = finish(&state, &code, &token).await;
    assert!(matches!(late, Err(Refused::Late)), "{late:?}");
}

pub(crate) async fn a_new_key_is_asked_for_but_not_at_every_token(world: World) {
    let office = Office::open(world, "").await;
    office.sign_in().await.unwrap();
    office.service.change_key();
    let tried = office.sign_in().await;
    assert!(matches!(tried, Err(Refused::Wrong)), "{tried:?}");
    assert_eq!(office.service.described_len(), 1, "it was asked just now");
    office.hand.advance(oidc::ASKED_AGAIN_AFTER);
    office.service.set_now(office.clock.now());
    office.sign_in().await.unwrap();
    assert_eq!(office.service.described_len(), 2);
}

pub(crate) async fn a_level_that_is_asked_for_counts_as_both_steps(world: World) {
    let more = "claim = \"uid\"\nacr_values = [\"AAL2_OR_AAL3_ANY\", \"AAL3_ANY\"]\n";
    let office = Office::open(world, more).await;
    let sure = json!({ "uid": "Nurse-Ann", "acr": "AAL3_ANY" });
    office.wish(sure, "rsa");
    let back = office.sign_in().await.unwrap();
    assert_eq!(back.begun.stage, Stage::Full);
    for claims in [
        json!({ "uid": "nurse-ann", "acr": "AAL1" }),
        json!({ "uid": "nurse-ann" }),
    ] {
        office.wish(claims.clone(), "rsa");
        let tried = office.sign_in().await;
        assert!(matches!(tried, Err(Refused::Wrong)), "{claims}: {tried:?}");
    }
    let away = oidc::begin(office.door(), &office.provider, "/").await;
    let asked = away.unwrap().address;
    assert!(
        asked.contains("acr_values=AAL2_OR_AAL3_ANY+AAL3_ANY"),
        "{asked}"
    );
}

pub(crate) async fn it_says_when_somebody_proved_who_they_are(world: World) {
    let more = "acr_values = [\"AAL3_ANY\"]\n";
    let office = Office::open(world, more).await;
    let now = office.clock.now();
    let then = now.as_second() - 300;
    for (told, proved_at) in [
        (json!(then), then),
        (json!(null), 0),
        (json!(now.as_second() + 300), now.as_second()),
    ] {
        office.wish(json!({ "acr": "AAL3_ANY", "auth_time": told }), "rsa");
        let begun = office.sign_in().await.unwrap().begun;
        let (store, policy) = (&office.world.store, &office.policy);
        let found = sessions::find(store, &begun.token, policy, now).await;
        let row = found.unwrap().unwrap().row;
        assert_eq!(row.proved_at, proved_at * 1_000_000, "{told}");
    }
    let away = oidc::begin_again(office.door(), &office.provider, "/").await;
    let asked = away.unwrap().address;
    assert!(
        asked.contains("prompt=login") && asked.contains("max_age=0"),
        "{asked}"
    );
}

pub(crate) async fn a_service_that_is_away_is_said_to_be(world: World) {
    let mut office = Office::open(world, "").await;
    let text = "issuer = \"http://127.0.0.1:1\"\nclient_id = \"hearth\"\n\
                redirect_uri = \"http://127.0.0.1:1/sign-in/oidc/back\"\n";
    let config: OidcConfig = toml::from_str(text).unwrap();
    office.provider = Provider::new(&config, &office.clock).unwrap();
    let away = oidc::begin(office.door(), &office.provider, "/").await;
    assert!(matches!(away, Err(Refused::Away)), "{away:?}");
}
