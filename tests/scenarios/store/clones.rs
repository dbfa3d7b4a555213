//! Clones: what a batch says of which box spoke, and a finding that is kept once.

use jiff::SignedDuration;
use server::ingest::clones::{Life, Sign};
use server::store::clones::{self, SIGN_KEPT_MAX};
use server::store::gateways;
use vitals::topic::Kind;
use vitals::wire::{GatewayState, GatewayStatus};

use crate::home::{Home, pressure};
use crate::world::World;

pub(crate) async fn a_finding_is_kept_once_while_it_lasts(world: World) {
    let id = &world.home_1.id;
    let minute = SignedDuration::from_mins(1);
    let mut write = world.store.write().await.unwrap();
    let later = world.now + minute;
    let over = later + SIGN_KEPT_MAX;
    for (sign, now, is_new) in [
        (Sign::Runs, world.now, true),
        (Sign::Runs, world.now, false),
        (Sign::Conflicts, later, false),
        (Sign::Epochs, over, true),
    ] {
        gateways::lock(&mut write, id).await.unwrap();
        let noted = clones::note(&mut write, id, sign, now).await.unwrap();
        assert_eq!(noted, is_new, "{sign:?} at {now}");
    }
    let open = clones::open(&mut write, over).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].found_at, open[0].sign), (over, Sign::Epochs));
    let before = clones::open(&mut write, later).await.unwrap();
    assert_eq!((before[0].found_at, before[0].seen_at), (world.now, later));
    gateways::revoke(&mut write, id, over).await.unwrap();
    assert_eq!(clones::open(&mut write, over).await.unwrap(), []);
    write.commit().await.unwrap();
}

pub(crate) async fn a_batch_tells_which_box_spoke_and_nothing_twice(mut world: World) {
    let status = |state, run| GatewayStatus {
        state,
        at: "2026-11-21T08:00:00Z".parse().unwrap(),
        software_version: "0.1.0".to_owned(),
        outbox_len: 0,
        oldest_unreceipted_at: None,
        outbox_used_percent: 0,
        refused_len: 0,
        radio_ready: true,
        strangers_ignored: 0,
        started_at: None,
        run,
        certificate_ends_at: None,
        devices: Vec::new(),
    };
    let tell = |state, run| world.home_1.sealed(Kind::Status, &status(state, run));
    // A last will is the broker's word, and an older program has no number.
    let statuses = [
        tell(GatewayState::Online, Some(7)),
        tell(GatewayState::Offline, Some(8)),
        tell(GatewayState::Online, None),
    ];
    let run = Life::Run {
        run: 7,
        at: "2026-11-21T08:00:00Z".parse().unwrap(),
    };
    let id = world.home_1.id.clone();
    assert_eq!(world.take(&statuses).await.lives, [(id.clone(), run)]);

    let sent = world.home_1.send(&[pressure("cuff-1", "07:50", 120, 75)]);
    let epoch = Life::Epoch(world.home_1.epoch);
    let taken = world.take(&[sent.clone(), sent]).await;
    assert_eq!(taken.lives, [(id.clone(), epoch)]);
    let other = Home::new("gateway-1", 1).send(&[pressure("cuff-1", "07:51", 190, 120)]);
    let taken = world.take(&[other.clone(), other]).await;
    assert_eq!(taken.lives, [(id, Life::Conflict)]);
}
