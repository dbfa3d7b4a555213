//! Messages that are believed or set aside whole.

use jiff::Timestamp;
use server::store::quarantine::{Kept, QUARANTINE_LEN_MAX, Refused, keep};
use server::store::statuses;
use vitals::topic::{Kind, Topic};
use vitals::wire::{GatewayState, GatewayStatus};

use crate::home::{Home, pressure};
use crate::world::World;

/// One message for each reason not to be believed, in the order of the names below.
fn unbelievable(world: &mut World) -> [(Topic, Vec<u8>); 10] {
    let at = world.now;
    let good = world.home_1.send(&[pressure("cuff-1", "07:50", 190, 120)]);
    let mut forger = Home::new("gateway-1", 9);
    let mut stranger = Home::new("gateway-9", 9);
    let forged = forger.send(&[pressure("cuff-1", "07:50", 190, 120)]);
    let strange = stranger.send(&[pressure("cuff-1", "07:50", 190, 120)]);
    let on_other_topic = (
        Topic::new(world.home_2.id.clone(), Kind::Readings),
        good.1.clone(),
    );
    let newer = (good.0.clone(), br#"{"version":2}"#.to_vec());
    // Not even text, and with the one character that PostgreSQL has no room for.
    let noise = (good.0.clone(), vec![0, 255, 0]);
    let nul_field = (good.0.clone(), br#"{"version":1,"\u0000":1}"#.to_vec());
    let too_long = (
        good.0.clone(),
        vec![b' '; vitals::wire::PAYLOAD_LEN_MAX + 1],
    );
    let body: serde_json::Value = serde_json::json!({"state": "asleep"});
    let no_status = world.home_1.sealed(Kind::Status, &body);
    let head = {
        // Tagged by the right gateway and signed by another key.
        let mut signer = Home::new("gateway-1", 9);
        signer.send(&[pressure("cuff-1", "07:50", 120, 75)]);
        let (topic, payload) = signer.head(at);
        let envelope = vitals::wire::Envelope::read(&topic, &payload).unwrap();
        let body: serde_json::Value =
            serde_json::from_str(envelope.open(&signer.tag_key()).unwrap()).unwrap();
        world.home_1.sealed(Kind::Head, &body)
    };
    let receipt = world.home_1.sealed(Kind::Receipt, &serde_json::json!({}));
    [
        forged,
        strange,
        on_other_topic,
        newer,
        noise,
        nul_field,
        too_long,
        no_status,
        head,
        receipt,
    ]
}

pub(crate) async fn what_cannot_be_believed_is_set_aside_whole(mut world: World) {
    let messages = unbelievable(&mut world);
    let taken = world.take(&messages).await;
    let reasons: Vec<_> = taken.set_aside.iter().map(|it| it.reason).collect();
    assert_eq!(
        reasons,
        [
            "wrong_tag",
            "unknown_gateway",
            "wrong_topic",
            "unknown_version",
            "malformed",
            "malformed",
            "too_long",
            "malformed",
            "wrong_signature",
            "not_an_uplink",
        ]
    );
    assert!(taken.set_aside.iter().all(|it| it.kept == Some(Kept::Now)));
    assert!(
        taken.receipts.is_empty(),
        "a message that is refused whole gets no receipt"
    );
    for table in [
        "SELECT COUNT(*) FROM entry",
        "SELECT COUNT(*) FROM reading",
        "SELECT COUNT(*) FROM head",
        "SELECT COUNT(*) FROM gateway_status",
        "SELECT COUNT(*) FROM alert",
    ] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
    assert_eq!(world.count("SELECT COUNT(*) FROM quarantine").await, 10);
}

pub(crate) async fn a_message_set_aside_again_is_kept_once(world: World) {
    let mut forger = Home::new("gateway-1", 9);
    let forged = [forger.send(&[pressure("cuff-1", "07:50", 190, 120)])];
    world.take(&forged).await;
    let again = world.take(&forged).await;
    assert_eq!(again.set_aside[0].kept, Some(Kept::Before));
    assert_eq!(world.count("SELECT COUNT(*) FROM quarantine").await, 1);
}

pub(crate) async fn the_quarantine_has_a_bound(world: World) {
    let mut write = world.store.write().await.unwrap();
    for number in 0..=QUARANTINE_LEN_MAX {
        let refused = Refused {
            gateway: &world.home_1.id,
            kind: "readings",
            reason: "malformed",
            detail: "not JSON",
            payload: &number.to_be_bytes(),
        };
        let kept = keep(&mut write, &refused, world.now).await.unwrap();
        let expected = if number < QUARANTINE_LEN_MAX {
            Kept::Now
        } else {
            Kept::No
        };
        assert_eq!(kept, expected, "message {number}");
    }
    write.commit().await.unwrap();
    let len = world.count("SELECT COUNT(*) FROM quarantine").await;
    assert_eq!(len, QUARANTINE_LEN_MAX);
    // What is new is refused still, without a fault of ours.
    let taken = world
        .take(&[(Topic::new(world.home_1.id.clone(), Kind::Head), vec![1])])
        .await;
    assert_eq!(taken.set_aside[0].kept, Some(Kept::No));
}

pub(crate) async fn the_status_that_arrives_last_counts(mut world: World) {
    let status = |state, at: Timestamp| GatewayStatus {
        state,
        at,
        software_version: "0.1.0".to_owned(),
        outbox_len: 3,
        oldest_unreceipted_at: None,
        outbox_used_percent: 1,
        refused_len: 0,
        radio_ready: true,
        strangers_ignored: 0,
        started_at: None,
        run: None,
        certificate_ends_at: None,
        devices: Vec::new(),
    };
    let connected_at = world.now;
    let online = world
        .home_1
        .sealed(Kind::Status, &status(GatewayState::Online, connected_at));
    // A last will was written at the time of connecting.
    let will = world
        .home_1
        .sealed(Kind::Status, &status(GatewayState::Offline, connected_at));
    world.take(&[online]).await;
    world.wait(30);
    world.take(&[will]).await;

    let mut reader = world.store.readers().acquire().await.unwrap();
    let (latest, arrived_at) = statuses::of(&mut reader, &world.home_1.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(latest, status(GatewayState::Offline, connected_at));
    assert_eq!(arrived_at, world.now);
    assert_eq!(
        statuses::of(&mut reader, &world.home_2.id).await.unwrap(),
        None
    );
}
