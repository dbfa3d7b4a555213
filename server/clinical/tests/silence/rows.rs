//! Each cause by the smallest signs that show it, who is asked to mend it, and what people read.

use clinical::schedule::MissedStep;
use clinical::silence::{
    Cause, Clue, Finding, LastWord, Missed, Outage, Presence, Route, Signs, SilenceLimits, Stretch,
    classify, reclassify,
};
use clinical::{Due, Measured, Zone};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::limits;

const NOW: &str = "2026-01-08T13:00:00Z";

fn at(time: &str) -> Timestamp {
    format!("2026-01-08T{time}:00Z").parse().unwrap()
}

fn stretch(from: &str, until: Option<&str>) -> Stretch {
    Stretch {
        from: at(from),
        until: until.map(at),
    }
}

fn missed(step: MissedStep) -> Missed {
    Missed {
        due: Due {
            what: Measured::BloodPressure,
            opens: at("06:00"),
            closes: at("12:00"),
            due_at: at("13:00"),
        },
        step,
    }
}

/// A home in which everything works and nobody measured.
fn all_works() -> Signs {
    let mut signs = Signs::default();
    signs.gateway.heard_at = Some(at("12:58"));
    signs.gateway.last_word = Some(LastWord::Online);
    signs.gateway.restarted_at = Some("2026-01-01T00:00:00Z".parse().unwrap());
    signs.gateway.outbox_len = Some(0);
    signs.gateway.clock_offset_seconds = Some(1);
    signs.device.battery_percent = Some(80);
    signs.around.homes = 5_400;
    signs
}

fn judge_step(change: impl FnOnce(&mut Signs), step: MissedStep) -> Finding {
    let mut signs = all_works();
    change(&mut signs);
    classify(&missed(step), &signs, &limits(), NOW.parse().unwrap())
}

fn judge(change: impl FnOnce(&mut Signs)) -> Finding {
    judge_step(change, MissedStep::Nudge)
}

fn quiet_since(signs: &mut Signs, since: &str) {
    signs.gateway.heard_at = Some(at(since));
    signs.gateway.last_word = Some(LastWord::LastWill);
}

#[test]
fn a_pause_comes_before_everything() {
    let found = judge(|it| {
        it.paused = true;
        quiet_since(it, "07:00");
        it.around.server_down = Some(stretch("07:00", None));
    });
    assert_eq!((found.cause, found.route), (Cause::Paused, Route::Nobody));
    assert_eq!(found.clues, [Clue::Paused]);
}

#[test]
fn an_outage_of_ours_counts_until_outboxes_have_emptied() {
    let with = |outage: Outage| judge(|it| it.around.server_down = Some(outage));
    let ours = (Cause::OutageOfServer, Route::OperationsIncident);
    let of = |it: &Finding| (it.cause, it.route);
    assert_eq!(of(&with(stretch("11:00", None))), ours);
    assert_eq!(of(&with(stretch("11:00", Some("12:45")))), ours);
    // Over for long, begun after the close, or over before the window opened: the home is judged.
    for (from, until) in [
        ("07:00", Some("12:20")),
        ("12:30", None),
        ("05:00", Some("05:59")),
    ] {
        assert_eq!(with(stretch(from, until)).cause, Cause::PatientSkipped);
    }
    let holding = judge(|it| {
        it.around.broker_down = Some(stretch("07:00", Some("12:20")));
        it.gateway.outbox_len = Some(3);
    });
    assert_eq!(holding.cause, Cause::OutageOfBroker);
    assert!(holding.clues.contains(&Clue::OutboxWaiting { count: 3 }));
}

#[test]
fn many_quiet_homes_are_ours_for_a_home_that_is_quiet() {
    let found = judge(|it| {
        it.around.homes_quiet = 270;
        quiet_since(it, "10:00");
    });
    assert_eq!(found.cause, Cause::OutageOfBroker);
    let (quiet, homes) = (270, 5_400);
    assert_eq!(found.clues[0], Clue::ManyHomesQuiet { quiet, homes });
    let fewer = judge(|it| {
        it.around.homes_quiet = 269;
        quiet_since(it, "10:00");
    });
    assert_eq!(fewer.cause, Cause::GatewayOff);
    assert_eq!(
        judge(|it| it.around.homes_quiet = 5_399).cause,
        Cause::PatientSkipped
    );
}

#[test]
fn a_quiet_gateway_is_off_until_more_is_known() {
    let found = judge(|it| quiet_since(it, "10:00"));
    assert_eq!(
        (found.cause, found.route),
        (Cause::GatewayOff, Route::InstallerJob)
    );
    let since = at("10:00");
    let clues = [
        Clue::GatewayQuiet { since },
        Clue::ConnectionLost,
        Clue::PowerOrInternet,
    ];
    assert_eq!(found.clues, clues);
    let stopped = judge(|it| {
        quiet_since(it, "10:00");
        it.gateway.last_word = Some(LastWord::Stopped);
    });
    assert_eq!(stopped.clues[1..], [Clue::GatewayStopped]);
    let silent = judge(|it| it.gateway.heard_at = Some(at("11:59")));
    assert_eq!(silent.cause, Cause::GatewayOff);
    let never = judge(|it| it.gateway.heard_at = None);
    assert_eq!(never.clues, [Clue::GatewayNeverHeard]);
    // A reading of the window would have come before it went quiet.
    let afterwards = judge(|it| quiet_since(it, "12:00"));
    assert_eq!(afterwards.cause, Cause::PatientSkipped);
}

#[test]
fn a_gateway_that_is_back_tells_power_from_internet() {
    let before = judge(|it| quiet_since(it, "10:00"));
    let again = |change: fn(&mut Signs)| {
        let mut signs = all_works();
        signs.gateway.was_quiet = Some(stretch("10:00", Some("14:00")));
        signs.gateway.heard_at = Some(at("14:05"));
        change(&mut signs);
        let step = missed(MissedStep::Nudge);
        reclassify(&before, &step, &signs, &limits(), at("14:10"))
    };
    // It started again just before it was heard: no power, as thought.
    assert_eq!(
        again(|it| it.gateway.restarted_at = Some(at("13:55"))),
        None
    );
    let internet = again(|it| {
        it.gateway.received_meanwhile = 1;
        it.device.arrived_late = 1;
    })
    .unwrap();
    assert_eq!(internet.cause, Cause::HomeInternetDown);
    assert!(internet.clues.contains(&Clue::RanWhileQuiet));
    // It started early in the silence, and then ran without being heard.
    let ran = again(|it| {
        it.gateway.restarted_at = Some(at("10:05"));
        it.gateway.outbox_len = Some(2);
    });
    assert_eq!(ran.unwrap().cause, Cause::HomeInternetDown);
    // It tells no restarts, and took a reading in meanwhile.
    let untold = again(|it| {
        it.gateway.restarted_at = None;
        it.gateway.received_meanwhile = 1;
        it.device.arrived_late = 1;
    });
    assert_eq!(untold.unwrap().cause, Cause::HomeInternetDown);
    // It ran throughout and has nothing to deliver: no reading was taken.
    assert_eq!(again(|_| {}).unwrap().cause, Cause::PatientSkipped);
}

#[test]
fn a_short_silence_that_is_over_explains_nothing() {
    let with = |from: &str, until: &str| {
        judge(|it| {
            it.gateway.was_quiet = Some(stretch(from, Some(until)));
            it.gateway.restarted_at = Some(at(until));
        })
        .cause
    };
    assert_eq!(with("07:00", "08:29"), Cause::PatientSkipped);
    assert_eq!(with("07:00", "08:30"), Cause::GatewayOff);
    assert_eq!(with("11:50", "12:04"), Cause::PatientSkipped);
    assert_eq!(with("11:50", "12:05"), Cause::GatewayOff);
}

#[test]
fn a_wrong_clock_counts_when_a_reading_was_put_elsewhere() {
    let gateway = judge(|it| {
        it.gateway.clock_offset_seconds = Some(-90_000);
        it.device.misdated = 1;
    });
    assert_eq!(
        (gateway.cause, gateway.route),
        (Cause::ClockWrong, Route::InstallerJob)
    );
    let device = judge(|it| {
        it.device.clock_trouble = true;
        it.device.misdated = 1;
    });
    assert!(device.clues.contains(&Clue::DeviceClockWrong));
    let unset_for_years = judge(|it| it.device.clock_trouble = true);
    let old_readings_came = judge(|it| it.device.misdated = 4);
    let just_within = judge(|it| {
        it.device.misdated = 1;
        it.gateway.clock_offset_seconds = Some(300);
    });
    for found in [unset_for_years, old_readings_came, just_within] {
        assert_eq!(found.cause, Cause::PatientSkipped);
    }
}

#[test]
fn a_box_without_the_time_keeps_what_was_measured_and_nobody_else_is_blamed() {
    let judged = |since: &str, change: fn(&mut Signs)| {
        judge(|it| {
            it.gateway.time_unknown_since = Some(at(since));
            it.gateway.clock_offset_seconds = None;
            change(it);
        })
    };
    let found = judged("07:10", |it| it.gateway.outbox_len = Some(2));
    assert_eq!(
        (found.cause, found.route),
        (Cause::TimeUnknown, Route::InstallerJob)
    );
    let since = Clue::TimeUnknown { since: at("07:10") };
    assert_eq!(found.clues, [since, Clue::OutboxWaiting { count: 2 }]);
    let battery_low_too = judged("11:59", |it| it.device.battery_low = true);
    assert_eq!(battery_low_too.cause, Cause::TimeUnknown);
    let only_after_the_window = judged("12:00", |_| {});
    assert_eq!(only_after_the_window.cause, Cause::PatientSkipped);
    let quiet_since = judged("07:10", |it| quiet_since(it, "07:20"));
    assert_eq!(quiet_since.cause, Cause::GatewayOff);
    let zone: Zone = "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap();
    let told = found.clues[0].sentence(&zone);
    assert_eq!(told, "The box has not known the time since 8 Jan 07:10.");
}

fn absent(every_minutes: u32) -> Option<Presence> {
    Some(Presence {
        every_minutes,
        quiet: stretch("10:00", None),
    })
}

#[test]
fn the_radio_is_at_fault_when_it_says_so_hears_nothing_or_reaches_no_one() {
    let down = |from: &str, until: Option<&str>| {
        judge(|it| it.gateway.radio_down = Some(stretch(from, until))).cause
    };
    assert_eq!(down("11:00", None), Cause::BluetoothFault);
    assert_eq!(down("07:00", Some("09:00")), Cause::BluetoothFault);
    assert_eq!(down("07:00", Some("07:05")), Cause::PatientSkipped);
    let deaf = judge(|it| it.gateway.strangers = absent(36));
    assert_eq!(
        (deaf.cause, deaf.route),
        (Cause::BluetoothFault, Route::InstallerJob)
    );
    // Three hours are five gaps of 36 minutes, and not yet five of 37.
    assert_eq!(
        judge(|it| it.gateway.strangers = absent(37)).cause,
        Cause::PatientSkipped
    );
    let all_fail = judge(|it| {
        it.device.connection_failures = 3;
        it.home.others_connection_failures = 4;
    });
    assert_eq!(all_fail.clues, [Clue::AllConnectionsFail { count: 7 }]);
    // Somebody's device was used: the radio heard that.
    let heard = judge(|it| {
        it.gateway.strangers = absent(5);
        it.home.others_used = Some(true);
    });
    assert_ne!(heard.cause, Cause::BluetoothFault);
}

#[test]
fn a_scale_that_refuses_the_consent_in_the_box_is_an_installers() {
    let refuses = |it: &mut Signs| {
        it.device.consent_refused = true;
        it.device.connection_failures = 3;
    };
    let found = judge(refuses);
    assert_eq!(
        (found.cause, found.route),
        (Cause::DeviceOutOfRangeOrBroken, Route::InstallerJob)
    );
    assert_eq!(
        found.clues,
        [Clue::ConsentRefused, Clue::ConnectionsFail { count: 3 }]
    );
    let told = Clue::ConsentRefused.sentence(&Zone::utc());
    assert!(told.contains("user number and code"), "{told}");
}

#[test]
fn a_low_battery_is_the_patients_to_change_and_later_an_installers() {
    let low = |it: &mut Signs| it.device.battery_percent = Some(10);
    let found = judge(low);
    assert_eq!(
        (found.cause, found.route),
        (Cause::DeviceBattery, Route::PatientNudge)
    );
    let told = found.for_patient(Measured::BloodPressure).unwrap();
    assert!(told.contains("new batteries") && told.contains("999"));
    let later = judge_step(low, MissedStep::Check);
    assert_eq!(later.route, Route::InstallerJob);
    assert!(later.check_patient);
    assert_eq!(
        judge(|it| it.device.battery_low = true).cause,
        Cause::DeviceBattery
    );
    assert_eq!(
        judge(|it| it.device.battery_percent = Some(11)).cause,
        Cause::PatientSkipped
    );
    // No device of the home was used: the patient left them all.
    let none_used = judge(|it| {
        it.device.battery_percent = Some(10);
        it.home.others_used = Some(false);
    });
    assert_eq!(none_used.cause, Cause::PatientSkipped);
    let weak = judge(|it| {
        it.device.battery_percent = Some(10);
        it.device.connection_failures = 3;
    });
    assert_eq!(weak.cause, Cause::DeviceBattery);
}

#[test]
fn a_device_that_should_be_heard_and_is_not_is_away_or_broken() {
    let cause = |change: fn(&mut Signs)| judge(change).cause;
    let away = Cause::DeviceOutOfRangeOrBroken;
    assert_eq!(cause(|it| it.device.unused = absent(20)), away);
    assert_eq!(cause(|it| it.home.others_used = Some(true)), away);
    assert_eq!(cause(|it| it.device.connection_failures = 3), away);
    assert_eq!(cause(|it| it.device.failed_attempts = 2), away);
    assert_eq!(cause(|it| it.device.arrived_late = 1), away);
    let noise = cause(|it| {
        it.device.connection_failures = 2;
        it.device.failed_attempts = 1;
        it.device.seen_at = Some(at("09:00"));
        it.home.others_used = Some(true);
    });
    assert_eq!(noise, Cause::PatientSkipped);
}

#[test]
fn a_reading_left_out_is_waited_for_then_asked_for_then_a_nurse_looks_in() {
    let found = |step| judge_step(|_| {}, step);
    let routes = [MissedStep::Wait, MissedStep::Nudge, MissedStep::Check].map(|step| {
        let it = found(step);
        assert_eq!(it.cause, Cause::PatientSkipped);
        assert!(it.clues.contains(&Clue::CannotTell));
        (it.route, it.check_patient)
    });
    let expected = [
        (Route::Nobody, false),
        (Route::PatientNudge, false),
        (Route::SafeAndWell, true),
    ];
    assert_eq!(routes, expected);
    let heard = judge(|it| it.device.seen_at = Some(at("09:00")));
    assert!(!heard.clues.contains(&Clue::CannotTell));
    let told = heard.for_patient(Measured::Weight).unwrap();
    assert!(told.starts_with("We do not have your latest weight reading yet."));
    assert_eq!(found(MissedStep::Check).for_patient(Measured::Weight), None);
}

/// Whatever the kit's fault is, somebody sees that an unseen patient is well; but not for an outage of ours.
#[test]
fn a_patient_unseen_for_long_is_looked_in_on_whatever_the_cause() {
    let check = |change: fn(&mut Signs)| judge_step(change, MissedStep::Check).check_patient;
    assert!(check(|it| quiet_since(it, "07:00")));
    assert!(check(|it| it.device.connection_failures = 9));
    assert!(!check(
        |it| it.around.broker_down = Some(stretch("07:00", None))
    ));
    assert!(!check(|it| it.paused = true));
    assert!(!check(|it| it.device.arrived_late = 1));
}

#[test]
fn every_cause_and_clue_reads_as_a_sentence_with_local_times() {
    let zone: Zone = "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap();
    for cause in Cause::ALL {
        for what in Measured::ALL {
            let text = cause.sentence(what);
            assert!(text.ends_with('.') && text.contains(what.name()), "{text}");
        }
    }
    let summer: Timestamp = "2026-07-01T08:05:00Z".parse().unwrap();
    let since = Clue::GatewayQuiet { since: summer };
    assert_eq!(
        since.sentence(&zone),
        "The box was last heard at 1 Jul 09:05."
    );
    let behind = Clue::GatewayClockWrong { seconds: -7_260 };
    assert_eq!(
        behind.sentence(&zone),
        "The box's clock is 121 minutes behind."
    );
    let one = Clue::FailedAttempts { count: 1 };
    assert_eq!(
        one.sentence(&zone),
        "The device gave no usable value in 1 attempt."
    );
    let text = serde_json::to_string(&since).unwrap();
    assert_eq!(
        text,
        r#"{"is":"gateway_quiet","since":"2026-07-01T08:05:00Z"}"#
    );
    assert_eq!(serde_json::from_str::<Clue>(&text).unwrap(), since);
}

#[test]
fn limits_that_everything_or_nothing_reaches_are_refused() {
    let said = |change: fn(&mut SilenceLimits)| {
        let mut it = limits();
        change(&mut it);
        it.check().unwrap_err().to_string()
    };
    assert!(said(|it| it.gateway_quiet_minutes = 0).contains("gateway_quiet_minutes is 0"));
    assert!(said(|it| it.settle_minutes = 10_081).contains("longer than a week"));
    assert!(said(|it| it.incident_share_percent = 101).contains("over 100 percent"));
    assert!(said(|it| it.battery_low_percent = 0).contains("battery_low_percent is 0"));
    assert!(said(|it| it.source.clear()).contains("source"));
    let text = include_str!("../../../../config/silence.toml");
    assert!(toml::from_str::<SilenceLimits>(&format!("{text}\nmore = 1")).is_err());
}

proptest! {
    /// Whatever the signs say, there is a finding with evidence, and storing it loses nothing.
    #[test]
    fn every_window_has_a_finding(minutes in prop::collection::vec(prop::option::of(0..1_440_i64), 12), counts in prop::collection::vec(0..6_u32, 6), flags in prop::collection::vec(any::<bool>(), 6)) {
        let moment = |n: usize| minutes[n].map(|it| at("00:00") + jiff::SignedDuration::from_mins(it));
        let stretch = |n: usize| moment(n).map(|from| Stretch { from, until: moment(n + 1) });
        let mut signs = Signs::default();
        signs.gateway.heard_at = moment(0);
        signs.gateway.was_quiet = stretch(1);
        signs.gateway.restarted_at = moment(3);
        signs.gateway.radio_down = stretch(4);
        signs.gateway.strangers = stretch(6).map(|quiet| Presence { every_minutes: counts[0], quiet });
        signs.device.seen_at = moment(8);
        signs.device.unused = stretch(8).map(|quiet| Presence { every_minutes: counts[1], quiet });
        signs.device.misdated = counts[2];
        signs.device.failed_attempts = counts[3];
        signs.device.connection_failures = counts[4];
        signs.device.arrived_late = counts[5] / 3;
        signs.device.battery_low = flags[0];
        signs.device.clock_trouble = flags[1];
        signs.home.others_used = flags[2].then_some(flags[3]);
        signs.around.server_down = stretch(9).filter(|_| flags[4]);
        signs.paused = flags[5] && flags[4];
        let step = [MissedStep::Wait, MissedStep::Nudge, MissedStep::Check][usize::from(flags[0]) + usize::from(flags[3])];
        let judge = || classify(&missed(step), &signs, &limits(), NOW.parse().unwrap());
        let found = judge();
        prop_assert!(!found.clues.is_empty());
        prop_assert_eq!(found.for_patient(Measured::Weight).is_some(), found.route == Route::PatientNudge);
        prop_assert!(!(found.check_patient && found.cause.is_ours()));
        let text = serde_json::to_string(&found).unwrap();
        prop_assert_eq!(&text, &serde_json::to_string(&judge()).unwrap());
        prop_assert_eq!(serde_json::from_str::<Finding>(&text).unwrap(), found);
        let stored = serde_json::to_string(&signs).unwrap();
        prop_assert_eq!(serde_json::from_str::<Signs>(&stored).unwrap(), signs);
    }
}
