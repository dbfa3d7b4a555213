//! Scales that send nothing before one of their users has consented (User Data Service).

#![expect(
    clippy::unwrap_used,
    reason = "a step of a test home that fails must fail the test at once"
)]

use firmware_sim::device::{ConsentConfig, DeviceConfig, DeviceKind};
use gateway::config::{self, ScaleUser};
use gateway::radio::RadioTimings;
use gatt::ConsentCode;
use hearth_tests::wait;
use vitals::wire::DeviceStatus;

use crate::home::{Home, in_own_process, timings};

/// 69.6 kg (WSS 1.0, Weight Measurement).
const WEIGHT: [u8; 3] = [0x00, 0x60, 0x36];
const CODE: u16 = 3289;

fn scale() -> DeviceConfig {
    DeviceConfig {
        consent: Some(ConsentConfig {
            user: 2,
            code: CODE,
            never_answers: false,
        }),
        // So that the gateway ends each session.
        hang_up_after_idle_ms: 60_000,
        ..DeviceConfig::new("scale", DeviceKind::Scale, "C2:00:00:00:00:03")
    }
}

fn consenting(code: u16) -> impl Fn(&mut config::DeviceConfig) {
    move |device| {
        device.scale_user = ConsentCode::new(code).map(|consent_code| ScaleUser {
            index: 2,
            consent_code,
        });
    }
}

async fn told(home: &Home, what: impl Fn(&DeviceStatus) -> bool) -> DeviceStatus {
    let told = wait::until("the status tells of the scale", async || {
        home.status.devices().into_iter().find(|it| what(it))
    });
    told.await.unwrap()
}

#[test]
fn a_scale_sends_once_its_user_has_consented_in_each_session() {
    in_own_process(
        "consent::a_scale_sends_once_its_user_has_consented_in_each_session",
        |bus_dir| async {
            let mut home =
                Home::start_as(bus_dir, vec![scale()], timings(), consenting(CODE)).await;
            for _ in 0..2 {
                home.measure("scale", &WEIGHT).await;
                assert_eq!(home.commit_next().await.raw.as_slice(), WEIGHT);
                home.let_go("scale").await;
            }
            let told = told(&home, |it| it.seen_at.is_some()).await;
            assert!(!told.consent_refused && told.failed_at.is_empty());
            home.end().await;
        },
    );
}

#[test]
fn a_scale_whose_user_is_not_known_stays_silent_and_keeps_its_weights() {
    in_own_process(
        "consent::a_scale_whose_user_is_not_known_stays_silent_and_keeps_its_weights",
        |bus_dir| async {
            let home = Home::start(bus_dir, vec![scale()]).await;
            home.measure("scale", &WEIGHT).await;
            // It was met, waited for and let go.
            let met = home.sim.wait_for("scale", |it| it.sessions >= 2);
            crate::home::patiently(met).await.unwrap();
            assert!(home.sim.delivered("scale").await.unwrap().is_empty());
            home.end().await;
        },
    );
}

#[test]
fn a_refused_consent_is_told_and_the_scale_is_met_again() {
    in_own_process(
        "consent::a_refused_consent_is_told_and_the_scale_is_met_again",
        |bus_dir| async {
            let wrong = consenting(CODE + 1);
            let home = Home::start_as(bus_dir, vec![scale()], timings(), wrong).await;
            home.measure("scale", &WEIGHT).await;
            let told = told(&home, |it| it.failed_at.len() >= 2).await;
            assert!(told.consent_refused, "each refusal is counted and named");
            assert!(home.sim.delivered("scale").await.unwrap().is_empty());
            home.end().await;
        },
    );
}

#[test]
fn a_consent_that_is_never_answered_ends_the_session_which_gives_what_it_can() {
    in_own_process(
        "consent::a_consent_that_is_never_answered_ends_the_session_which_gives_what_it_can",
        |bus_dir| async {
            let silent = DeviceConfig {
                consent: Some(ConsentConfig {
                    user: 2,
                    code: CODE,
                    never_answers: true,
                }),
                ..scale()
            };
            // The scale would keep the link for a minute: only this ends it within the patience of this test.
            let bound = RadioTimings {
                call_ms_max: 1_000,
                ..timings()
            };
            let mut home = Home::start_as(bus_dir, vec![silent], bound, consenting(CODE)).await;
            for session in 1..=2 {
                home.measure("scale", &WEIGHT).await;
                assert_eq!(home.commit_next().await.raw.as_slice(), WEIGHT);
                home.let_go("scale").await;
                let told = told(&home, |it| it.failed_at.len() >= session).await;
                assert!(!told.consent_refused, "silence is no refusal");
            }
            home.end().await;
        },
    );
}
