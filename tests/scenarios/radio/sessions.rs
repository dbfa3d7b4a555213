//! Sessions that go well: each measurement becomes one capture, in the first session as in the third.

use firmware_sim::bluez::Fault;
use firmware_sim::device::{ClockConfig, DeviceConfig};
use gateway::radio::RadioTimings;
use hearth_tests::wait;
use jiff::Timestamp;
use vitals::Characteristic;

use crate::home::{Home, NOW, cuff, in_own_process, pressure, timings};

#[test]
fn one_session_yields_one_capture_with_the_bytes() {
    in_own_process(
        "sessions::one_session_yields_one_capture_with_the_bytes",
        |bus_dir| async {
            let slow_clock = ClockConfig {
                offset_s: -90,
                ..ClockConfig::default()
            };
            let cuff = DeviceConfig {
                clock: slow_clock,
                ..cuff()
            };
            let mut home = Home::start(bus_dir, vec![cuff]).await;
            home.measure("cuff", &pressure(152)).await;
            let capture = home.commit_next().await;
            assert_eq!(capture.device.as_str(), "cuff");
            assert_eq!(capture.characteristic, Characteristic(0x2A35));
            assert_eq!(capture.raw.as_slice(), pressure(152));
            assert_eq!(capture.received_at, NOW.parse::<Timestamp>().unwrap());
            assert_eq!(capture.clock_offset_seconds, Some(90));
            assert!(home.status.is_ready());
            home.let_go("cuff").await;
            let told = wait::until("the battery is told", async || {
                let known = home.status.devices();
                known.into_iter().find(|it| it.battery_percent.is_some())
            });
            let told = told.await.unwrap();
            assert_eq!((told.battery_percent, told.failed_at), (Some(90), vec![]));
            assert_eq!(told.seen_at, Some(NOW.parse::<Timestamp>().unwrap()));
            home.end().await;
        },
    );
}

/// A clock that is years behind is set once nothing is left that it has dated; what it has dated is corrected.
#[test]
fn a_wrong_clock_is_set_after_what_it_has_dated_was_taken() {
    in_own_process(
        "sessions::a_wrong_clock_is_set_after_what_it_has_dated_was_taken",
        |bus_dir| async {
            const NINE_YEARS_SECONDS: i64 = 284_000_000;
            let cuff = DeviceConfig {
                clock: ClockConfig {
                    offset_s: -NINE_YEARS_SECONDS,
                    ..ClockConfig::default()
                },
                ..cuff()
            };
            let mut home = Home::start(bus_dir, vec![cuff]).await;
            for offset_seconds in [NINE_YEARS_SECONDS, 0, 0] {
                home.measure("cuff", &pressure(153)).await;
                let capture = home.commit_next().await;
                assert_eq!(capture.clock_offset_seconds, Some(offset_seconds));
                home.let_go("cuff").await;
            }
            home.end().await;
        },
    );
}

/// With the order connect, discover, open the stream, subscribe, real BlueZ loses the second session's values, and the
/// device believes that they were delivered (shown by firmware-sim's test of a naive client).
#[test]
fn three_sessions_in_a_row_lose_nothing() {
    in_own_process(
        "sessions::three_sessions_in_a_row_lose_nothing",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![cuff()]).await;
            for systolic in [121, 122, 123] {
                home.measure("cuff", &pressure(systolic)).await;
                assert_eq!(home.commit_next().await.raw.as_slice(), pressure(systolic));
                home.let_go("cuff").await;
            }
            let delivered = home.sim.delivered("cuff").await.unwrap();
            let sessions: Vec<u64> = delivered.iter().map(|it| it.session).collect();
            assert_eq!(sessions, [1, 2, 3]);
            home.end().await;
        },
    );
}

#[test]
fn a_memory_is_drained_in_one_session() {
    in_own_process(
        "sessions::a_memory_is_drained_in_one_session",
        |bus_dir| async {
            // Measured before anyone listens, as a cuff does whose gateway was switched off.
            let mut home = Home::start(bus_dir, vec![cuff()]).await;
            let refused = Fault::RfkillBlock {
                adapter: "hci0".to_owned(),
            };
            home.sim.fault(refused).await.unwrap();
            for systolic in 100..120 {
                home.measure("cuff", &pressure(systolic)).await;
            }
            let unblocked = Fault::RfkillUnblock {
                adapter: "hci0".to_owned(),
            };
            home.sim.fault(unblocked).await.unwrap();
            for systolic in 100..120 {
                assert_eq!(home.commit_next().await.raw.as_slice(), pressure(systolic));
            }
            home.let_go("cuff").await;
            let last = home.sim.delivered("cuff").await.unwrap().pop().unwrap();
            assert_eq!(last.session, 1);
            home.end().await;
        },
    );
}

#[test]
fn a_connection_that_bluez_gave_up_is_tried_again_at_once() {
    in_own_process(
        "sessions::a_connection_that_bluez_gave_up_is_tried_again_at_once",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![cuff()]).await;
            let refused = Fault::ConnectRefused {
                device: "cuff".to_owned(),
                times: 2,
            };
            home.sim.fault(refused).await.unwrap();
            home.measure("cuff", &pressure(130)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(130));
            home.let_go("cuff").await;
            home.end().await;
        },
    );
}

#[test]
fn a_clock_that_was_never_set_is_set_before_anything_is_taken() {
    in_own_process(
        "sessions::a_clock_that_was_never_set_is_set_before_anything_is_taken",
        |bus_dir| async {
            let unset = ClockConfig {
                unset: true,
                ..ClockConfig::default()
            };
            let cuff = DeviceConfig {
                clock: unset,
                ..cuff()
            };
            let mut home = Home::start(bus_dir, vec![cuff]).await;
            home.measure("cuff", &pressure(131)).await;
            assert_eq!(home.commit_next().await.clock_offset_seconds, Some(0));
            home.let_go("cuff").await;
            home.end().await;
        },
    );
}

#[test]
fn a_stream_of_events_opened_anew_misses_nobody() {
    in_own_process(
        "sessions::a_stream_of_events_opened_anew_misses_nobody",
        |bus_dir| async {
            let restless = RadioTimings {
                // Each scan hears a few advertisements, which come every 20 ms here and begin anew with it.
                scan_refresh_ms: 100,
                events_kept_ms: 1,
                ..timings()
            };
            let mut home = Home::start_with(bus_dir, vec![cuff()], restless).await;
            for systolic in [121, 122, 123] {
                home.measure("cuff", &pressure(systolic)).await;
                assert_eq!(home.commit_next().await.raw.as_slice(), pressure(systolic));
                home.let_go("cuff").await;
            }
            home.end().await;
        },
    );
}
