//! Reports of boxes: the latest is kept, and one that is wanted is wanted until it comes.

use jiff::SignedDuration;
use server::store::reports;
use vitals::GatewayId;
use vitals::report::{ErrorCode, Finding, Group, REPORT_SCHEMA, Report};

use crate::world::World;

fn report(world: &World, detail: &str) -> Report {
    Report {
        schema: REPORT_SCHEMA,
        gateway: None,
        at: world.now,
        software_version: "0.1.0".to_owned(),
        findings: vec![Finding::fail(
            Group::Bluetooth,
            "adapter",
            ErrorCode::NoAdapter,
            detail,
        )],
        sign_off: None,
    }
}

pub(crate) async fn the_latest_report_is_kept_and_a_wanted_one_is_wanted_until_it_comes(
    world: World,
) {
    let gateway: GatewayId = "gateway-1".parse().unwrap();
    let store = &world.store;
    assert_eq!(
        reports::latest(store.readers(), &gateway).await.unwrap(),
        None
    );

    let before = world.now - SignedDuration::from_secs(1);
    let mut write = store.write().await.unwrap();
    assert!(!reports::is_wanted(&mut write, &gateway).await.unwrap());
    reports::put(&mut write, &gateway, &report(&world, "first"), before)
        .await
        .unwrap();
    reports::want(&mut write, &gateway, world.now)
        .await
        .unwrap();
    assert!(
        reports::is_wanted(&mut write, &gateway).await.unwrap(),
        "an older one does not do"
    );
    let wanted = reports::wanted_since(&mut write, world.now).await.unwrap();
    assert_eq!(wanted, std::slice::from_ref(&gateway));
    let later = world.now + SignedDuration::from_secs(1);
    assert!(
        reports::wanted_since(&mut write, later)
            .await
            .unwrap()
            .is_empty()
    );

    let second = report(&world, "second");
    reports::put(&mut write, &gateway, &second, world.now)
        .await
        .unwrap();
    assert!(!reports::is_wanted(&mut write, &gateway).await.unwrap());
    assert!(
        reports::wanted_since(&mut write, before)
            .await
            .unwrap()
            .is_empty()
    );
    write.commit().await.unwrap();
    let latest = reports::latest(store.readers(), &gateway)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((latest.report, latest.stored_at), (second, world.now));
}
