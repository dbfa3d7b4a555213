//! The life of a box: signed off, taken back, wiped, cleaned, tested, and only then enrolled again.

use jiff::{SignedDuration, Timestamp};
use server::boxes::BoxState;
use server::boxes::steps::{self, Word};
use server::boxes::watch;
use server::enrol::jobs::replacement;
use server::store::{boxes, gateways};
use vitals::enrol::{Refusal, wipe};
use vitals::wire::StandingKind;
use vitals::{GatewayId, Record};

use crate::enrol::{NewBox, Office};
use crate::home::pressure;
use crate::world::World;

const ANN: Word<'_> = Word {
    by: "Ann",
    why: "seen",
};

impl Office<'_> {
    pub(crate) async fn enrolled(&self, device: &str, new_box: &NewBox) -> GatewayId {
        let armed = self.arm(device).await;
        let answer = self.exchange(&new_box.request(&armed.code)).await.unwrap();
        answer.gateway
    }
}

async fn state(world: &World, id: &GatewayId) -> BoxState {
    let mut reader = world.store.readers().acquire().await.unwrap();
    let known = gateways::by_id(&mut reader, id).await.unwrap();
    known.unwrap().life.state
}

async fn back(world: &World, id: &GatewayId, to: BoxState) -> anyhow::Result<()> {
    steps::go_back(&world.store, id, to, ANN, world.now).await
}

fn proof(id: &GatewayId, by: &NewBox, world: &World) -> String {
    wipe::statement(id, world.now, |bytes| {
        by.signing.sign(bytes).as_ref().try_into().unwrap()
    })
}

pub(crate) async fn a_box_goes_all_the_way_back_and_is_enrolled_again(mut world: World) {
    let now = world.now;
    let new_box = NewBox::new(5);
    let id = Office::of(&world).enrolled("cuff-9", &new_box).await;
    assert_eq!(state(&world, &id).await, BoxState::Commissioning);
    steps::sign_off(&world.store, &id, ANN, now).await.unwrap();
    world.wait(60);
    let store = &world.store;
    back(&world, &id, BoxState::Returning).await.unwrap();
    back(&world, &id, BoxState::Received).await.unwrap();

    let office = Office::of(&world);
    let refused = office.try_arm_for(1, &["cuff-10"], Some(&id)).await;
    let refused = format!("{:#}", refused.unwrap_err());
    assert!(
        refused.contains("until it is wiped, cleaned and tested"),
        "{refused}"
    );
    let early = office.arm("cuff-10").await;
    let refused = office.exchange(&new_box.request(&early.code)).await;
    assert_eq!(refused.unwrap_err(), Refusal::NotInStock);
    let refused = back(&world, &id, BoxState::Cleaned).await.unwrap_err();
    assert!(format!("{refused:#}").contains("wiped is missing"));

    false_proofs_are_refused(&world, &id, &new_box).await;
    assert_eq!(state(&world, &id).await, BoxState::Received);
    let good = proof(&id, &new_box, &world);
    let at = steps::wiped(store, &id, &good, "Ann", world.now).await;
    assert_eq!(at.unwrap(), world.now);
    for to in [BoxState::Cleaned, BoxState::Tested] {
        back(&world, &id, to).await.unwrap();
        let refused = office.exchange(&new_box.request(&early.code)).await;
        assert_eq!(refused.unwrap_err(), Refusal::NotInStock);
    }
    back(&world, &id, BoxState::Stock).await.unwrap();

    let kept = office
        .try_arm_for(1, &["cuff-11"], Some(&id))
        .await
        .unwrap();
    let stranger = NewBox::new(7).request(&kept.code);
    assert_eq!(
        office.exchange(&stranger).await.unwrap_err(),
        Refusal::AnotherBox
    );
    let answer = office.exchange(&new_box.request(&kept.code)).await.unwrap();
    assert_ne!(answer.gateway, id, "a name is used once");
    assert_eq!(state(&world, &id).await, BoxState::Reissued);
    assert_eq!(
        state(&world, &answer.gateway).await,
        BoxState::Commissioning
    );

    the_history_is_kept(&world, &id, now, &good).await;
}

async fn false_proofs_are_refused(world: &World, id: &GatewayId, new_box: &NewBox) {
    let other = "gw-other".parse().unwrap();
    for (false_proof, said) in [
        ("WIPED".to_owned(), "no proof of a wipe"),
        (proof(id, &NewBox::new(6), world), "not signed by the box"),
        (proof(&other, new_box, world), "the proof of gw-other"),
    ] {
        let refused = steps::wiped(&world.store, id, &false_proof, "Ann", world.now).await;
        let refused = format!("{:#}", refused.unwrap_err());
        assert!(refused.contains(said), "{refused}");
    }
}

async fn the_history_is_kept(world: &World, id: &GatewayId, signed_off: Timestamp, proof: &str) {
    let mut reader = world.store.readers().acquire().await.unwrap();
    let history = boxes::history(&mut reader, id).await.unwrap();
    let told: Vec<String> = history
        .iter()
        .map(|it| {
            format!(
                "{} {} {}",
                it.from.map_or("-", BoxState::code),
                it.to,
                it.by
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "- commissioning the install job's code",
            "commissioning live Ann",
            "live returning Ann",
            "returning received Ann",
            "received wiped Ann",
            "wiped cleaned Ann",
            "cleaned tested Ann",
            "tested stock Ann",
            "stock reissued the install job's code",
        ]
    );
    assert_eq!((history[1].at, history[2].at), (signed_off, world.now));
    assert_eq!(history[4].why, proof, "the proof is kept");
    assert!(history[8].why.starts_with("enrolled again as gw-"));
    let wiped = gateways::by_id(&mut reader, id).await.unwrap().unwrap();
    assert_eq!(wiped.revoked_at, Some(world.now), "it has no keys any more");
}

pub(crate) async fn a_step_is_taken_once_and_by_somebody(world: World) {
    let id = Office::of(&world).enrolled("cuff-9", &NewBox::new(5)).await;
    let nobody = Word { by: " ", why: "" };
    let refused = steps::sign_off(&world.store, &id, nobody, world.now).await;
    assert!(refused.unwrap_err().to_string().contains("--by NAME"));
    let (one, two) = tokio::join!(
        steps::sign_off(&world.store, &id, ANN, world.now),
        steps::sign_off(&world.store, &id, ANN, world.now),
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let later = world.now + SignedDuration::from_hours(1);
    let again = steps::sign_off(&world.store, &id, ANN, later).await;
    assert!(format!("{:#}", again.unwrap_err()).contains("live already"));
    let nowhere = "gw-none".parse().unwrap();
    let unknown = steps::sign_off(&world.store, &nowhere, ANN, later).await;
    assert!(
        unknown
            .unwrap_err()
            .to_string()
            .contains("there is no box gw-none")
    );
    assert_eq!(world.count("SELECT COUNT(*) FROM box_change").await, 2);
}

pub(crate) async fn a_box_registered_by_hand_is_live(world: World) {
    let id = &world.home_1.id;
    let mut reader = world.store.readers().acquire().await.unwrap();
    let known = gateways::by_id(&mut reader, id).await.unwrap().unwrap();
    assert_eq!(
        (known.life.state, known.life.since, known.life.number),
        (BoxState::Live, None, 0)
    );
    assert!(known.life.was_monitored_since(world.now));
    drop(reader);
    back(&world, id, BoxState::Returning).await.unwrap();
    let mut write = world.store.write().await.unwrap();
    let since = steps::revoke(&mut write, id, ANN, world.now).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(since, Some(world.now));
    assert_eq!(
        state(&world, id).await,
        BoxState::Returning,
        "who revokes a box that is on its way back does not send it back home"
    );
    let mut reader = world.store.readers().acquire().await.unwrap();
    let listed = boxes::list(&mut reader).await.unwrap();
    let listed: Vec<_> = listed
        .iter()
        .map(|it| (it.gateway.as_str(), it.state.code()))
        .collect();
    assert_eq!(listed, [("gateway-1", "returning"), ("gateway-2", "live")]);
}

pub(crate) async fn a_replaced_box_delivers_what_it_had_for_an_hour(mut world: World) {
    let before = pressure("cuff-1", "07:50", 190, 120);
    let both = pressure("cuff-1", "07:51", 185, 120);
    let after = pressure("cuff-1", "08:05", 191, 120);
    let too_late = pressure("cuff-1", "07:52", 192, 120);
    let old = world.home_1.id.clone();
    let plan = replacement(&world.store, &old).await.unwrap();
    let devices = world
        .texts("SELECT id FROM device WHERE gateway = 'gateway-1'")
        .await;
    assert_eq!(plan.devices.len(), devices.len());
    let office = Office::of(&world);
    let armed = office.arm_plan(&plan).await.unwrap();
    let answer = office.exchange(&NewBox::new(5).request(&armed.code)).await;
    let answer = answer.unwrap();
    assert_eq!(answer.devices.len(), devices.len());
    let standing = answer.standing.unwrap();
    assert_eq!(
        (
            standing.number,
            standing.standing,
            standing.takes_over_since
        ),
        (1, StandingKind::Commissioning, Some(world.now))
    );
    assert_eq!(state(&world, &old).await, BoxState::Draining);
    let bound = "SELECT COUNT(*) FROM device WHERE gateway = 'gateway-1'";
    assert_eq!(world.count(bound).await, 0);
    let again = replacement(&world.store, &old).await.unwrap_err();
    assert!(
        format!("{again:#}").contains("cannot be replaced"),
        "{again:#}"
    );

    world.wait(10);
    let message = world.home_1.send(&[before, both.clone(), after]);
    let taken = world.take(&[message]).await;
    let said = world.home_1.receipt(&taken.receipts);
    assert_eq!(said.stored, [(1, 2)]);
    assert_eq!(said.refused, [(3, "unknown_device".to_owned())]);
    assert_eq!(world.count("SELECT COUNT(*) FROM reading").await, 2);
    assert_eq!(world.count("SELECT COUNT(*) FROM test_record").await, 0);
    // One that both boxes heard.
    let again = world.home_1.send(&[both]);
    world.take(&[again]).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM reading").await, 2);

    its_hour_is_over(world, too_late).await;
}

/// Ten minutes after a replacement, the old box has fifty left.
async fn its_hour_is_over(mut world: World, too_late: Record) {
    let old = world.home_1.id.clone();
    world.wait(49);
    let second_last = world.now;
    assert!(
        watch::retire(&world.store, second_last)
            .await
            .unwrap()
            .is_empty()
    );
    world.wait(1);
    let message = world.home_1.send(&[too_late]);
    let taken = world.take(std::slice::from_ref(&message)).await;
    assert_eq!(
        taken.set_aside[0].reason, "revoked",
        "whether or not it is retired yet"
    );
    let retired = watch::retire(&world.store, world.now).await.unwrap();
    assert_eq!(retired, std::slice::from_ref(&old));
    assert!(
        watch::retire(&world.store, world.now)
            .await
            .unwrap()
            .is_empty()
    );
    let mut reader = world.store.readers().acquire().await.unwrap();
    let known = gateways::by_id(&mut reader, &old).await.unwrap().unwrap();
    assert_eq!(known.life.state, BoxState::Retired);
    assert_eq!(known.revoked_at, Some(world.now));
    let report = server::verify::verify(&world.store).await.unwrap();
    assert_eq!(report.findings, []);
}
