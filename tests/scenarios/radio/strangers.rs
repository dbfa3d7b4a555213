//! A device that is not registered here is left alone, and counted.

use firmware_sim::device::{DeviceConfig, DeviceKind};
use hearth_tests::wait;

use crate::home::{Home, cuff, in_own_process, pressure};

#[test]
fn a_stranger_is_ignored_and_counted_once() {
    in_own_process(
        "strangers::a_stranger_is_ignored_and_counted_once",
        |bus_dir| async {
            let stranger = DeviceConfig::new("stranger", DeviceKind::Cuff, "C2:00:00:00:00:09");
            let mut home = Home::start(bus_dir, vec![stranger, cuff()]).await;
            home.measure("stranger", &pressure(199)).await;
            let status = home.status.clone();
            wait::until("the stranger is counted", async || {
                (status.strangers_ignored() > 0).then_some(())
            })
            .await
            .unwrap();
            home.measure("cuff", &pressure(124)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(124));
            home.let_go("cuff").await;
            assert_eq!(
                home.status.strangers_ignored(),
                1,
                "it advertised all the while"
            );
            let mut standing = home.sim.status();
            standing.retain(|it| it.device == "stranger");
            assert_eq!((standing[0].sessions, standing[0].stored), (0, 1));
            home.end().await;
        },
    );
}
