//! bluetoothd restarts, the adapter goes and comes back, the bus dies: readings flow again, or the radio says so.

use firmware_sim::bluez::Fault;
use gateway::radio::RadioTimings;
use hearth_tests::wait;

use crate::home::{Home, cuff, in_own_process, patiently, pressure, timings};

#[test]
fn readings_flow_again_after_bluetoothd_was_restarted() {
    in_own_process(
        "radio_lost::readings_flow_again_after_bluetoothd_was_restarted",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![cuff()]).await;
            home.measure("cuff", &pressure(121)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(121));
            home.let_go("cuff").await;
            home.sim
                .fault(Fault::BluetoothdRestart { down_ms: 500 })
                .await
                .unwrap();
            home.says_ready(false).await;
            home.measure("cuff", &pressure(122)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(122));
            assert!(home.status.is_ready());
            home.let_go("cuff").await;
            home.end().await;
        },
    );
}

#[test]
fn a_restart_in_the_middle_of_a_session_loses_no_record() {
    in_own_process(
        "radio_lost::a_restart_in_the_middle_of_a_session_loses_no_record",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![cuff()]).await;
            for systolic in 121..=123 {
                home.measure("cuff", &pressure(systolic)).await;
            }
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(121));
            home.sim
                .fault(Fault::BluetoothdRestart { down_ms: 100 })
                .await
                .unwrap();
            home.sim.press_button("cuff").await.unwrap();
            for systolic in 122..=123 {
                assert_eq!(home.commit_next().await.raw.as_slice(), pressure(systolic));
            }
            home.let_go("cuff").await;
            home.end().await;
        },
    );
}

#[test]
fn an_adapter_that_was_unplugged_is_used_again() {
    in_own_process(
        "radio_lost::an_adapter_that_was_unplugged_is_used_again",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![cuff()]).await;
            home.says_ready(true).await;
            let adapter = "hci0".to_owned();
            home.sim
                .fault(Fault::AdapterGone {
                    adapter: adapter.clone(),
                })
                .await
                .unwrap();
            home.says_ready(false).await;
            home.measure("cuff", &pressure(125)).await;
            home.sim
                .fault(Fault::AdapterBack { adapter })
                .await
                .unwrap();
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(125));
            home.let_go("cuff").await;
            home.end().await;
        },
    );
}

#[test]
fn what_bluez_says_of_itself_is_heard_without_waiting_for_the_next_scan() {
    in_own_process(
        "radio_lost::what_bluez_says_of_itself_is_heard_without_waiting_for_the_next_scan",
        |bus_dir| async {
            // Longer than the test is waited for.
            let scanning_seldom = RadioTimings {
                scan_refresh_ms: 600_000,
                retry_delay_ms: 600_000,
                retry_delay_ms_max: 600_000,
                ..timings()
            };
            let mut home = Home::start_with(bus_dir, vec![cuff()], scanning_seldom).await;
            home.says_ready(true).await;
            let adapter = "hci0".to_owned();
            home.sim
                .fault(Fault::AdapterGone {
                    adapter: adapter.clone(),
                })
                .await
                .unwrap();
            home.says_ready(false).await;
            home.sim
                .fault(Fault::AdapterBack { adapter })
                .await
                .unwrap();
            home.says_ready(true).await;
            home.sim
                .fault(Fault::BluetoothdRestart { down_ms: 200 })
                .await
                .unwrap();
            home.says_ready(false).await;
            home.says_ready(true).await;
            home.measure("cuff", &pressure(127)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(127));
            home.let_go("cuff").await;
            home.end().await;
        },
    );
}

#[test]
fn a_connection_that_is_never_answered_is_given_up() {
    in_own_process(
        "radio_lost::a_connection_that_is_never_answered_is_given_up",
        |bus_dir| async {
            let impatient = RadioTimings {
                connect_ms_max: 500,
                ..timings()
            };
            let mut home = Home::start_with(bus_dir, vec![cuff()], impatient).await;
            let hang = Fault::ConnectHang {
                device: "cuff".to_owned(),
                times: 1,
            };
            home.sim.fault(hang).await.unwrap();
            home.measure("cuff", &pressure(126)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(126));
            home.let_go("cuff").await;
            assert_eq!(home.status.devices()[0].failed_at.len(), 1);
            home.end().await;
        },
    );
}

#[test]
fn a_bus_that_died_ends_the_radio_with_an_error() {
    in_own_process(
        "radio_lost::a_bus_that_died_ends_the_radio_with_an_error",
        |bus_dir| async {
            let impatient = RadioTimings {
                call_ms_max: 500,
                ..timings()
            };
            let home = Home::start_with(bus_dir, vec![cuff()], impatient).await;
            home.says_ready(true).await;
            drop(home.sim);
            let error = patiently(home.radio).await.unwrap().unwrap_err();
            assert!(
                error.to_string().contains("start the gateway afresh"),
                "{error}"
            );
            assert!(!home.status.is_ready());
        },
    );
}

#[test]
fn a_connection_is_not_waited_for_once_the_adapter_is_gone() {
    in_own_process(
        "radio_lost::a_connection_is_not_waited_for_once_the_adapter_is_gone",
        |bus_dir| async {
            // Longer than the test is waited for.
            let patient = RadioTimings {
                connect_ms_max: 600_000,
                ..timings()
            };
            let mut home = Home::start_with(bus_dir, vec![cuff()], patient).await;
            let hang = Fault::ConnectHang {
                device: "cuff".to_owned(),
                times: 1,
            };
            home.sim.fault(hang).await.unwrap();
            home.measure("cuff", &pressure(128)).await;
            // Heard is not enough: the hang must have begun, or the next connection has it.
            let connecting = wait::until("the cuff is connected to", async || {
                home.sim.status()[0].connecting.then_some(())
            });
            connecting.await.unwrap();
            let adapter = "hci0".to_owned();
            home.sim
                .fault(Fault::AdapterGone {
                    adapter: adapter.clone(),
                })
                .await
                .unwrap();
            home.says_ready(false).await;
            home.sim
                .fault(Fault::AdapterBack { adapter })
                .await
                .unwrap();
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(128));
            home.let_go("cuff").await;
            home.end().await;
        },
    );
}
