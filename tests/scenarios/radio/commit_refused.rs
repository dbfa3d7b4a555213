//! A value that cannot be committed: it is not lost, and no device is drained until it is committed.

use firmware_sim::device::{DeviceConfig, DeviceKind, MemoryConfig};

use crate::home::{Home, cuff, in_own_process, patiently, pressure};

#[test]
fn a_device_that_keeps_its_records_sends_the_refused_one_again() {
    in_own_process(
        "commit_refused::a_device_that_keeps_its_records_sends_the_refused_one_again",
        |bus_dir| async {
            let keeps = MemoryConfig {
                keeps: true,
                ..MemoryConfig::default()
            };
            let cuff = DeviceConfig {
                memory: keeps,
                ..cuff()
            };
            let mut home = Home::start(bus_dir, vec![cuff]).await;
            home.measure("cuff", &pressure(141)).await;
            assert_eq!(home.refuse_next().await.raw.as_slice(), pressure(141));
            let again = home.commit_next().await;
            assert_eq!(again.raw.as_slice(), pressure(141));

            home.sim.press_button("cuff").await.unwrap();
            let repeated = home.commit_next().await;
            assert_eq!(repeated, again, "what follows can tell that it is the same");
            let gone = home.sim.wait_for("cuff", |it| !it.connected);
            patiently(gone).await.unwrap();
            home.end().await;
        },
    );
}

#[test]
fn a_device_that_forgets_loses_nothing_and_others_wait() {
    in_own_process(
        "commit_refused::a_device_that_forgets_loses_nothing_and_others_wait",
        |bus_dir| async {
            let scale = DeviceConfig::new("scale", DeviceKind::Scale, "C2:00:00:00:00:03");
            let mut home = Home::start(bus_dir, vec![cuff(), scale]).await;
            home.measure("cuff", &pressure(142)).await;
            assert_eq!(home.refuse_next().await.raw.as_slice(), pressure(142));
            home.let_go("cuff").await;
            home.measure("scale", &[0x00, 0x70, 0x3E]).await;
            for _ in 0..5 {
                assert_eq!(home.refuse_next().await.raw.as_slice(), pressure(142));
            }
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(142));
            assert_eq!(home.commit_next().await.device.as_str(), "scale");
            home.let_go("scale").await;
            home.end().await;
        },
    );
}
