//! A replacement: another box takes the place of one in a home. Nothing that either heard is lost or counted twice, and
//! the old one can do nothing more than deliver.

use hearth_tests::line::ONE_CUFF_WITH_MEMORY;
use hearth_tests::net::Cable;
use server::store::Store;
use vitals::wire::StandingKind;

use crate::a_new_box::{Office, said};
use crate::installed::{Devices, Installed, comes_to};

const READINGS: &str = "SELECT COUNT(*) FROM reading";
const TESTS: &str = "SELECT COUNT(*) FROM test_record";

#[tokio::test]
async fn a_new_box_takes_over_and_the_old_one_delivers_what_it_had() {
    let mut office = Office::open().await;
    let home = tempfile::tempdir().unwrap();
    let mut devices = Devices::at(home.path(), ONE_CUFF_WITH_MEMORY).await;
    let cable = Cable::lay(([127, 0, 0, 1], office.mqtt_port).into());
    let cable = cable.await.unwrap();
    let sheet = office.arm("cuff-7=cuff");
    let place = ("old", "cuff-7", cable.address().port());
    let mut old = Installed::by(&office, &sheet, &devices, home.path(), place);
    old.start();
    let signed_off = office.run("sign-off", &[&sheet.gateway, "--by", "Bob"]);
    assert!(signed_off.status.success(), "{}", said(&signed_off));
    old.stands(StandingKind::Live).await;
    let store = office.store().await;
    devices.cuff(121).await;
    old.holds(1, 0).await;

    // It hears one more, and cannot deliver it.
    cable.cut();
    devices.cuff(122).await;
    old.holds(2, 1).await;
    old.stop().await;
    comes_to(&store, READINGS, 1).await;

    devices.clocks_move_on().await;
    let sheet = office.arm_to_replace(&old.id);
    let place = ("new", "cuff-7", office.mqtt_port);
    let mut new = Installed::by(&office, &sheet, &devices, home.path(), place);
    let shown = said(&office.run("box", &[old.id.as_str()]));
    assert!(shown.contains("is draining since"), "{shown}");
    new.start();
    devices.clocks_move_on().await;
    // The cuff repeats to the new box what it told the old one: measured for the patient, not by the installer.
    devices.cuff(231).await;
    new.holds(3, 0).await;
    comes_to(&store, READINGS, 2).await;
    comes_to(&store, TESTS, 1).await;
    new.stop().await;

    cable.mend();
    old_box_delivers(&mut old, &store).await;
    let signed_off = office.run("sign-off", &[&sheet.gateway, "--by", "Bob"]);
    assert!(signed_off.status.success(), "{}", said(&signed_off));
    new.start();
    new.stands(StandingKind::Live).await;
    devices.cuff(190).await;
    new.holds(4, 0).await;
    comes_to(&store, READINGS, 3).await;
    comes_to(&store, TESTS, 1).await;
    comes_to(&store, "SELECT COUNT(*) FROM alert", 1).await;
    comes_to(
        &store,
        "SELECT COUNT(*) FROM alert WHERE why LIKE '%190%'",
        1,
    )
    .await;

    new.stop().await;
    devices.stop().await;
    office.program.stop().await.unwrap();
    store.close().await;
    let proved = office.run("verify", &[]);
    assert!(proved.status.success(), "{}", said(&proved));
}

/// The old box comes back. What it had is known, and what it hears from now on is nobody's.
async fn old_box_delivers(old: &mut Installed, store: &Store) {
    let second = "SELECT COUNT(DISTINCT gateway) FROM entry WHERE sequence = 2";
    comes_to(store, second, 1).await;
    old.start();
    old.stands(StandingKind::Ended).await;
    comes_to(store, second, 2).await;
    comes_to(store, READINGS, 2).await;
    old.stop().await;
}
