//! People at home: whose pages they see, remarks on readings, visits and consent, on both engines.

use clinical::PersonId;
use jiff::SignedDuration;
use server::accounts::home::{self, Guest};
use server::accounts::sign_in::{Door, Refused};
use server::accounts::{Audience, Passwords, Policy, Vault, token};
use server::audit::Actor;
use server::clock::ManualClock;
use server::rights::Role;
use server::store::home_access::{self, Sees};
use server::store::sight::{self, Viewer};
use server::store::visits::{self, Reach};
use server::store::{journal, people, remarks, roles, sessions, staff};
use vitals::Record;

use crate::home::oxygen;
use crate::world::{World, patient};

const FROM: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

struct Office {
    vault: Vault,
    hand: ManualClock,
    policy: Policy,
    passwords: Passwords,
}

impl Office {
    fn of(world: &World) -> Self {
        let hand = ManualClock::new(world.now, 7);
        Self {
            vault: Vault::open(Some(&world.folder().join("sign-in")), &hand.clock()).unwrap(),
            hand,
            policy: Policy::default(),
            passwords: Passwords::default(),
        }
    }

    async fn invite(
        &self,
        world: &World,
        number: u8,
        relation: Option<&str>,
        sees: Sees,
    ) -> String {
        let (by, team) = (person("nurse-okafor"), "north".parse().unwrap());
        let guest = Guest {
            patient: &patient(number),
            team: &team,
            name: "Somebody At-Home",
            relation,
            sees,
            consent: "said so",
            by: &by,
        };
        let mut write = world.store.write().await.unwrap();
        let made = home::invite(&mut write, guest, &self.hand.clock()).await;
        write.commit().await.unwrap();
        made.unwrap().code
    }

    async fn come_in(&self, world: &World, code: &str) -> Result<PersonId, Refused> {
        let clock = self.hand.clock();
        let door = Door {
            store: &world.store,
            clock: &clock,
            policy: &self.policy,
            passwords: &self.passwords,
            vault: &self.vault,
        };
        let begun = door.by_card(code, FROM).await?;
        assert_eq!(begun.audience, Audience::Home);
        let digest = token::digest_of(&begun.token);
        let row = sessions::by_digest(world.store.readers(), &digest, world.now);
        assert_eq!(row.await.unwrap().unwrap().audience(), Audience::Home);
        Ok(begun.person)
    }
}

pub(crate) async fn who_is_invited_sees_one_patient_until_it_is_taken_back(world: World) {
    let office = Office::of(&world);
    let readers = world.store.readers();
    let staff_len = staff::all(readers).await.unwrap().len();
    let code = office.invite(&world, 1, None, Sees::EVERYTHING).await;
    let own = office.come_in(&world, &code).await.unwrap();
    office.come_in(&world, &code).await.unwrap_err();
    let found = async |number: u8| {
        home_access::find(readers, &own, &patient(number))
            .await
            .unwrap()
    };
    let it = found(1).await.unwrap();
    assert!(it.is_own && it.sees == Sees::EVERYTHING);
    assert_eq!(found(2).await, None);
    assert_eq!(
        home_access::of_person(readers, &own).await.unwrap().len(),
        1
    );

    let viewer = Viewer {
        person: &own,
        now: world.now,
    };
    assert_eq!(
        sight::patient(readers, viewer, &patient(1)).await.unwrap(),
        None,
        "not as staff"
    );
    assert_eq!(
        staff::all(readers).await.unwrap().len(),
        staff_len,
        "never among the staff"
    );
    let mut reader = readers.acquire().await.unwrap();
    assert_eq!(staff::find(&mut reader, &own).await.unwrap(), None);
    assert_eq!(
        home_access::own_of(&mut reader, &patient(1))
            .await
            .unwrap()
            .as_ref(),
        Some(&own)
    );
    drop(reader);
    assert_eq!(
        home_access::find(readers, &person("nurse-okafor"), &patient(1))
            .await
            .unwrap(),
        None
    );

    is_taken_back(&world, &office, &own).await;
    assert_eq!(found(1).await, None);
}

async fn is_taken_back(world: &World, office: &Office, own: &PersonId) {
    let readers = world.store.readers();
    let mut write = world.store.write().await.unwrap();
    let (by, clock) = (person("nurse-okafor"), office.hand.clock());
    assert!(
        home::revoke(&mut write, &patient(1), 1, &by, &clock)
            .await
            .unwrap()
    );
    assert!(
        !home::revoke(&mut write, &patient(1), 1, &by, &clock)
            .await
            .unwrap()
    );
    write.commit().await.unwrap();
    let open = sessions::open_len(
        readers,
        own,
        world.now - SignedDuration::from_mins(1),
        world.now,
    );
    assert_eq!(open.await.unwrap(), 0, "the open session has ended");
    assert_eq!(
        world
            .count("SELECT COUNT(*) FROM home_access WHERE revoked_by = 'nurse-okafor'")
            .await,
        1
    );
}

pub(crate) async fn a_code_ends_with_its_time_with_the_next_and_with_the_access(world: World) {
    let office = Office::of(&world);
    let nothing = Sees {
        readings: false,
        alerts: false,
        contacts: false,
    };
    let first = office.invite(&world, 1, Some("Daughter"), nothing).await;
    let row = async || home_access::of_patient(world.store.readers(), &patient(1), world.now).await;
    let listed = row().await.unwrap().remove(0);
    assert_eq!(listed.sees(), nothing);
    assert!(listed.code_until.is_some() && listed.seen_at.is_none());
    let carer = person(&listed.person);
    let new_code = async || {
        let mut write = world.store.write().await.unwrap();
        let made = home::new_code(&mut write, &carer, &office.hand.clock()).await;
        write.commit().await.unwrap();
        made.unwrap().code
    };
    let second = new_code().await;
    office.come_in(&world, &first).await.unwrap_err();
    assert_eq!(office.come_in(&world, &second).await.unwrap(), carer);
    assert!(row().await.unwrap()[0].seen_at.is_some());
    let late = new_code().await;
    office.hand.advance(home::CARD_LASTS);
    office.come_in(&world, &late).await.unwrap_err();
    let third = new_code().await;
    let mut write = world.store.write().await.unwrap();
    home::revoke(&mut write, &patient(1), 1, &carer, &office.hand.clock())
        .await
        .unwrap();
    write.commit().await.unwrap();
    office.come_in(&world, &third).await.unwrap_err();
}

pub(crate) async fn a_carer_joins_another_patient_and_a_lost_role_shows_nothing(world: World) {
    let office = Office::of(&world);
    let readings = Sees {
        readings: true,
        alerts: false,
        contacts: false,
    };
    let code = office.invite(&world, 1, Some("Daughter"), readings).await;
    let carer = office.come_in(&world, &code).await.unwrap();
    let other = office
        .invite(&world, 2, Some("Neighbour"), Sees::EVERYTHING)
        .await;
    let own = office.invite(&world, 2, None, Sees::EVERYTHING).await;
    let clock = office.hand.clock();
    let door = Door {
        store: &world.store,
        clock: &clock,
        policy: &office.policy,
        passwords: &office.passwords,
        vault: &office.vault,
    };
    let actor = Actor::person(&carer, "carer");
    door.join(&carer, &actor, &own, FROM).await.unwrap_err();
    door.join(&carer, &actor, &other, FROM).await.unwrap();
    door.join(&carer, &actor, &other, FROM).await.unwrap_err();
    let readers = world.store.readers();
    let both = home_access::of_person(readers, &carer).await.unwrap();
    let seen: Vec<Sees> = both.iter().map(|it| it.sees).collect();
    assert!(
        seen.contains(&readings) && seen.contains(&Sees::EVERYTHING),
        "{seen:?}"
    );
    let mut write = world.store.write().await.unwrap();
    let held = home_access::held_by(&mut write, &carer).await.unwrap();
    assert_eq!(held.iter().filter(|it| it.is_own).count(), 0);
    assert_eq!(home_access::left_len(&mut write, &carer).await.unwrap(), 2);
    let nurse = roles::Grant {
        role: Role::Installer,
        team: None,
    };
    roles::set(&mut write, &carer, &[nurse].into(), None, world.now)
        .await
        .unwrap();
    assert_eq!(
        people::audience(&mut write, &carer).await.unwrap(),
        Audience::Home
    );
    write.commit().await.unwrap();
    assert_eq!(home_access::of_person(readers, &carer).await.unwrap(), []);
}

pub(crate) async fn a_remark_on_a_reading_holds_until_it_is_taken_back(mut world: World) {
    let record = oxygen("oximeter-1", "07:50", 96);
    let Record::Reading(reading) = &record else {
        panic!("a reading");
    };
    let id = reading.id;
    let message = world.home_1.send(&[record]);
    world.take(&[message]).await;
    let by = person("nurse-okafor");
    let note = async |is_other: bool| {
        let mut write = world.store.write().await.unwrap();
        let noted = remarks::note(&mut write, &patient(1), id, is_other, &by, world.now).await;
        write.commit().await.unwrap();
        noted.unwrap()
    };
    let readers = world.store.readers();
    let since = world.now - SignedDuration::from_hours(24);
    let said = async || {
        let found = remarks::since(readers, &patient(1), since, 10)
            .await
            .unwrap();
        found.into_keys().collect::<Vec<_>>()
    };
    assert!(!note(false).await, "nothing was said");
    assert!(note(true).await);
    assert!(!note(true).await, "it was said already");
    assert_eq!(said().await, [id.to_string()]);
    assert!(note(false).await);
    assert_eq!(said().await, Vec::<String>::new());
    assert_eq!(
        world.count("SELECT COUNT(*) FROM reading_remark").await,
        2,
        "both are kept"
    );

    let rows = journal::newest_since(readers, &patient(1), since, 100)
        .await
        .unwrap();
    assert!(rows.len() > 1 && rows.is_sorted_by_key(|row| row.number));
    let newest = journal::newest_since(readers, &patient(1), since, 1)
        .await
        .unwrap();
    assert_eq!(newest[0].number, rows[rows.len() - 1].number);
    let later = world.now + SignedDuration::from_hours(1);
    let none = journal::newest_since(readers, &patient(1), later, 10)
        .await
        .unwrap();
    assert!(none.is_empty());
}

/// Makes somebody a visitor of the north team, and writes how it and patient 1 are reached.
async fn is_a_visitor(world: &World, visitor: &PersonId) {
    let grant = roles::Grant {
        role: Role::Visitor,
        team: Some("north".parse().unwrap()),
    };
    let mut write = world.store.write().await.unwrap();
    roles::set(&mut write, visitor, &[grant].into(), None, world.now)
        .await
        .unwrap();
    let reach = Reach {
        phone: "020 7946 0999".to_owned(),
        address: "1 High Street".to_owned(),
        reach_note: "Let it ring".to_owned(),
    };
    visits::set_reach(&mut write, &patient(1), &reach)
        .await
        .unwrap();
    assert_eq!(visits::reach(&mut write, &patient(1)).await.unwrap(), reach);
    let north = "north".parse().unwrap();
    people::set_phone(&mut write, &north, "020 7946 0123")
        .await
        .unwrap();
    write.commit().await.unwrap();
}

pub(crate) async fn a_visitor_reaches_the_patients_of_the_team_and_consent_is_the_newest(
    world: World,
) {
    let visitor = person("nurse-okafor");
    is_a_visitor(&world, &visitor).await;
    let north = "north".parse().unwrap();
    let readers = world.store.readers();
    let viewer = |who| Viewer {
        person: who,
        now: world.now,
    };
    assert_eq!(
        people::phone_of(readers, &north).await.unwrap(),
        "020 7946 0123"
    );
    assert_eq!(
        people::phone_for(readers, &patient(1)).await.unwrap(),
        "020 7946 0123"
    );
    let found = async || {
        let found = visits::find(readers, viewer(&visitor), &patient(1)).await;
        found.unwrap().unwrap()
    };
    let row = found().await;
    assert_eq!(
        (row.phone.as_str(), row.may_see, row.contact_at),
        ("020 7946 0999", 0, None)
    );
    assert_eq!(row.team_phone, "020 7946 0123");
    assert!(
        !visits::list(readers, viewer(&visitor), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        visits::list(readers, viewer(&visitor), 1)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        sight::patient(readers, viewer(&visitor), &patient(1))
            .await
            .unwrap(),
        None
    );
    let stranger = person("nobody");
    assert_eq!(
        visits::find(readers, viewer(&stranger), &patient(1))
            .await
            .unwrap(),
        None
    );

    consent_is_the_newest(&world, &visitor).await;
}

async fn consent_is_the_newest(world: &World, visitor: &PersonId) {
    let readers = world.store.readers();
    let viewer = Viewer {
        person: visitor,
        now: world.now,
    };
    for (may_see, how) in [(true, "on the phone"), (false, "changed her mind")] {
        let mut write = world.store.write().await.unwrap();
        let by = person("nurse-lindqvist");
        visits::record_consent(&mut write, &patient(1), may_see, how, &by, world.now)
            .await
            .unwrap();
        write.commit().await.unwrap();
        assert_eq!(
            visits::find(readers, viewer, &patient(1))
                .await
                .unwrap()
                .unwrap()
                .may_see,
            i64::from(may_see)
        );
    }
    let said = visits::consents(readers, &patient(1), 10).await.unwrap();
    let how: Vec<&str> = said.iter().map(|it| it.how.as_str()).collect();
    assert_eq!(how, ["changed her mind", "on the phone"]);
}
