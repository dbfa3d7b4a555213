//! A test reading: what an installer measures reaches the server and raises nothing; after the sign-off readings count.

use hearth_tests::line::ONE_CUFF_WITH_MEMORY;
use vitals::wire::StandingKind;

use crate::a_new_box::{Office, said};
use crate::installed::{Devices, Installed, comes_to};

const TESTS: &str = "SELECT COUNT(*) FROM test_record";
const READINGS: &str = "SELECT COUNT(*) FROM reading";
const ALERTS: &str = "SELECT COUNT(*) FROM alert";

#[tokio::test]
async fn what_an_installer_measures_is_a_test_until_the_sign_off() {
    let mut office = Office::open().await;
    let home = tempfile::tempdir().unwrap();
    let mut devices = Devices::at(home.path(), ONE_CUFF_WITH_MEMORY).await;
    let sheet = office.arm("cuff-7=cuff");
    let place = ("box", "cuff-7", office.mqtt_port);
    let mut new_box = Installed::by(&office, &sheet, &devices, home.path(), place);
    new_box.stands(StandingKind::Commissioning).await;
    new_box.start();
    let store = office.store().await;

    // Far beyond the urgent limit of 180.
    devices.cuff(230).await;
    new_box.holds(1, 0).await;
    comes_to(&store, TESTS, 1).await;
    comes_to(&store, READINGS, 0).await;
    comes_to(&store, ALERTS, 0).await;
    let nurse = office.nurse("ada");
    let board = nurse.page("/alerts").await.unwrap();
    let kit = board.split("Boxes that are being set up").nth(1).unwrap();
    assert!(
        kit.contains(sheet.gateway.as_str()) && kit.contains("TEST"),
        "{kit}"
    );
    assert!(!kit.contains("230"), "a test is nobody's value: {kit}");

    let signed_off = office.run("sign-off", &[&sheet.gateway, "--by", "Bob"]);
    assert!(signed_off.status.success(), "{}", said(&signed_off));
    new_box.stands(StandingKind::Live).await;
    // The cuff sends what it remembers of the test as well.
    devices.cuff(190).await;
    new_box.holds(2, 0).await;
    comes_to(&store, READINGS, 1).await;
    comes_to(&store, ALERTS, 1).await;
    comes_to(
        &store,
        "SELECT COUNT(*) FROM alert WHERE why LIKE '%190%' AND why NOT LIKE '%230%'",
        1,
    )
    .await;
    // A box that lost what it had, as one whose disk was exchanged, sends the memory under new numbers and unmarked.
    new_box.stop().await;
    std::fs::remove_file(new_box.home.state.join(gateway::outbox::FILE_NAME)).unwrap();
    new_box.start();
    devices.cuff(121).await;
    new_box.holds(3, 0).await;
    comes_to(&store, "SELECT COUNT(*) FROM entry", 5).await;
    comes_to(&store, TESTS, 1).await;
    comes_to(&store, READINGS, 2).await;
    comes_to(
        &store,
        "SELECT COUNT(*) FROM entry WHERE record LIKE '%\"test\":true%'",
        1,
    )
    .await;
    assert_eq!(nurse.open_alerts().await.unwrap(), 1);

    new_box.stop().await;
    devices.stop().await;
    office.program.stop().await.unwrap();
    store.close().await;
    let proved = office.run("verify", &[]);
    assert!(proved.status.success(), "{}", said(&proved));
    let shown = said(&office.run("box", &[&sheet.gateway]));
    for told in ["is live since", "commissioning → live  by Bob", "Next:"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
}
