//! Hazards: each with the cases that are tagged with it, and the tests elsewhere that show what no case can.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{check_snapshot, cited, fault_of, root};
use crate::all;

/// A hazard of `safety.md`, in our own words.
struct Hazard {
    id: &'static str,
    sentence: &'static str,
    /// Why not all of it can be shown by a case.
    elsewhere: &'static str,
    /// The tests that show the rest.
    shown_by: &'static [&'static str],
}

const HAZARDS: [Hazard; 15] = [
    Hazard {
        id: "H1",
        sentence: "A patient gets worse and nobody sees it, because a reading is lost between the home and the server.",
        elsewhere: "Cases show what follows when readings come late, or do not come. That none is lost on its way is shown \
                    with the real programs, killed and cut off.",
        shown_by: &[
            "tests/scenarios/gateway_killed.rs::before_the_bytes_are_committed",
            "tests/scenarios/server_killed.rs::after_the_commit",
            "tests/scenarios/broker_killed.rs::what_the_broker_acknowledged_and_forgot_is_sent_again",
            "tests/scenarios/three_days_offline.rs::everything_is_kept_and_arrives_once",
            "tests/scenarios/store/readings.rs::a_late_record_fills_the_gap_that_was_asked_for",
            "tests/scenarios/store/chain.rs::an_end_that_was_cut_off_is_missed",
        ],
    },
    Hazard {
        id: "H2",
        sentence: "A reading counts for another person than the one who was measured.",
        elsewhere: "Cases show what is judged. Which user a shared device names, and whose device it is, is read and stored.",
        shown_by: &[
            "gateway/src/intake/tests/mod.rs::the_user_that_a_shared_device_names_travels_with_its_measurement",
            "tests/scenarios/store/readings.rs::judgement_is_told_who_used_which_device",
            "tests/scenarios/store/seed.rs::which_user_of_a_shared_device_a_patient_is_can_change",
        ],
    },
    Hazard {
        id: "H3",
        sentence: "The bytes of a device are read as another value than it measured.",
        elsewhere: "Judgement sees values and no bytes. Cases show only that a value that no living person has is asked for \
                    again; that bytes are read rightly is shown by vectors from independent sources.",
        shown_by: &[
            "gateway/gatt/tests/vectors.rs::every_vector_decodes_to_what_it_means",
            "gateway/gatt/tests/any_bytes.rs::every_decoder_answers_any_bytes",
            "gateway/src/intake/tests/mod.rs::each_kind_of_value_keeps_its_unit_and_precision",
        ],
    },
    Hazard {
        id: "H4",
        sentence: "A reading is given a wrong time: the device's clock, the change to summer time, or an old one that is taken for one of now.",
        elsewhere: "Cases show old readings and the days on which clocks change. The clocks of devices are the gateway's, and \
                    the times on pages the server's.",
        shown_by: &[
            "gateway/src/intake/tests/times.rs::a_device_clock_that_was_read_is_corrected_by_its_offset",
            "gateway/src/intake/tests/times.rs::a_time_more_than_five_minutes_after_arrival_is_not_believed",
            "server/src/web/local_time.rs::the_hour_that_comes_twice_says_which_one_it_was",
        ],
    },
    Hazard {
        id: "H5",
        sentence: "A measurement that failed is shown or judged as a value.",
        elsewhere: "Cases show that a failed attempt touches no alert. That it never becomes a value on its way to the page is \
                    shown through the real programs.",
        shown_by: &[
            "gateway/src/intake/tests/mod.rs::a_failed_measurement_is_an_attempt_with_its_reason",
            "tests/scenarios/store/readings.rs::an_attempt_never_becomes_a_value",
            "tests/scenarios/failed_attempt.rs::a_failed_cuff_attempt_never_becomes_a_value",
        ],
    },
    Hazard {
        id: "H6",
        sentence: "A reading is held against a wrong limit: another patient's, another scale of oxygen, another unit, an older plan.",
        elsewhere: "Cases show limits, scales and versions of plans. Who may set a dangerous limit is shown by proposals, and \
                    units by the vectors and by the page.",
        shown_by: &[
            "server/clinical/tests/plans/proposals.rs::a_hard_stop_is_crossed_only_by_a_prescriber_who_says_why",
            "server/clinical/tests/plans/templates.rs::scale_two_is_for_a_prescribed_88_to_92_alone_and_pregnancy_is_not_scored",
            "server/clinical/tests/scores.rs::every_value_scores_as_the_chart_says",
            "server/src/web/words.rs::a_device_in_other_units_shows_both",
        ],
    },
    Hazard {
        id: "H7",
        sentence: "An alert reaches nobody: it is not delivered, or nobody is on duty.",
        elsewhere: "Cases show by when somebody must act and who is asked next. Who is on duty is not part of a case: rotas \
                    have tests of their own. The page is the only way of delivery in this version; messages to people come later.",
        shown_by: &[
            "server/clinical/tests/duty/main.rs::an_accepted_edit_leaves_no_gap_and_a_refused_one_has_the_gaps_it_names",
            "tests/scenarios/store/duty.rs::a_rota_that_leaves_a_gap_is_refused_by_its_name",
            "tests/scenarios/deadlines_pass.rs::an_alert_that_nobody_takes_goes_up_the_chain_in_sqlite",
            "server/src/web/worklist_tests.rs::without_a_rota_the_list_says_that_nobody_knows_who_is_on_duty",
        ],
    },
    Hazard {
        id: "H8",
        sentence: "So many alerts are raised that a real one is overlooked.",
        elsewhere: "Cases show each thing that raises one alert and not many, or none. How many there are in all is measured \
                    on simulated patients, and which comes first on the list is shown by its order.",
        shown_by: &[
            "server/clinical/tests/compare.rs::the_core_raises_fewer_false_alerts_and_misses_no_urgent_episode",
            "server/clinical/tests/worklist/order.rs::each_key_decides_over_all_that_come_after_it",
            "tests/scenarios/store/incident.rs::many_homes_cut_at_once_are_one_incident",
        ],
    },
    Hazard {
        id: "H9",
        sentence: "No reading is taken for a good reading.",
        elsewhere: "Cases show what silence leads to. Its cause is worked out of what the server has heard of a home.",
        shown_by: &[
            "server/clinical/tests/silence/main.rs::injected_faults_are_found",
            "tests/scenarios/store/silence.rs::a_missing_reading_has_a_cause",
            "server/clinical/tests/worklist/tier.rs::days_without_a_reading_count_unless_readings_are_paused",
        ],
    },
    Hazard {
        id: "H10",
        sentence: "A reading that comes twice, or in another order, changes what is decided.",
        elsewhere: "Cases show the order. That a reading that arrives twice is judged once is the store's.",
        shown_by: &[
            "tests/scenarios/store/readings.rs::a_batch_is_judged_once",
            "tests/scenarios/store/readings.rs::a_device_that_repeats_its_memory_is_counted_once",
            "tests/scenarios/hostile_network.rs::everything_arrives_once_whatever_the_network_does",
            "tests/scenarios/store/deadlines.rs::two_servers_fire_each_deadline_once",
        ],
    },
    Hazard {
        id: "H11",
        sentence: "Judgement stops working and nobody notices.",
        elsewhere: "Cases show that a drill, a reading that is sent to see that the whole way works, is about nobody. That a \
                    program which fails says so is shown where it fails; that what was decided is decided again alike, by replay.",
        shown_by: &[
            "server/src/web/guard.rs::not_ready_without_a_database_but_alive",
            "server/src/lifecycle.rs::a_task_that_dies_stops_the_others_and_is_named",
            "tests/scenarios/store/deadlines.rs::a_case_that_cannot_be_read_holds_up_nobody",
            "tests/scenarios/store/replay.rs::journals_are_decided_again",
            "tests/scenarios/three_days_offline.rs::everything_is_kept_and_arrives_once",
        ],
    },
    Hazard {
        id: "H12",
        sentence: "A patient is reassured because the reading was sent, and waits though it is an emergency.",
        elsewhere: "No case: it is about words that patients and nurses read. Every page of this version says when somebody \
                    watches and whom to call outside those hours; a page for patients comes later.",
        shown_by: &[
            "server/tests/snapshots/alerts-empty.html",
            "server/tests/snapshots/patient.html",
            "server/src/web/alerts.rs::an_empty_list_is_calm_and_a_long_one_says_how_much_is_missing",
        ],
    },
    Hazard {
        id: "H13",
        sentence: "A page that is out of date is taken for how things are.",
        elsewhere: "No case: it is about pages.",
        shown_by: &[
            "tests/scenarios/browser/live.rs::a_page_that_hears_nothing_says_so",
            "server/src/web/live.rs::time_alone_makes_a_row_overdue_and_moves_it_up",
            "server/src/web/live.rs::one_page_too_many_is_asked_to_reload_by_hand",
        ],
    },
    Hazard {
        id: "H14",
        sentence: "Somebody has taken an alert and does nothing about it.",
        elsewhere: "Cases show the whole life of an alert. That its deadlines fire with no new data, and after a restart, is \
                    shown on both databases.",
        shown_by: &[
            "tests/scenarios/store/deadlines.rs::what_nobody_repeats_and_nobody_takes_goes_up_the_chain",
            "tests/scenarios/store/deadlines.rs::a_deadline_outlives_the_server",
        ],
    },
    Hazard {
        id: "H15",
        sentence: "A reading that the device doubted is left out though it was real.",
        elsewhere: "Cases show the wait for a valid repeat and what follows without one. That the doubt travels with the \
                    reading is shown where it is read.",
        shown_by: &[
            "gateway/src/intake/tests/mod.rs::what_devices_say_of_themselves_travels_as_marks",
            "tests/scenarios/deadlines_pass.rs::an_urgent_reading_that_nobody_repeats_is_raised_in_sqlite",
        ],
    },
];

/// Those that no case can show anything of.
const WITHOUT_CASES: [&str; 2] = ["H12", "H13"];

const HEAD: &str = "# Hazards\n\nWhat can go wrong for a patient, and what shows that it is guarded against. The cases are in \
    `cases`, each tagged by whoever wrote it;\nthis list is made of the tags. After a change of them: \
    `UPDATE_SNAPSHOTS=1 cargo test -p clinical --test cases hazards`\n";

#[test]
fn hazards_are_listed_with_what_shows_them() {
    let mut cases: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for ran in all() {
        for hazard in &ran.case.hazards {
            cases.entry(hazard.clone()).or_default().insert(ran.place());
        }
    }
    let mut text = HEAD.to_owned();
    for it in &HAZARDS {
        let tagged = cases.remove(it.id).unwrap_or_default();
        let is_without = WITHOUT_CASES.contains(&it.id);
        assert_eq!(tagged.is_empty(), is_without, "{} and its cases", it.id);
        write!(
            text,
            "\n## {}\n\n{}\n\n{}\n\n",
            it.id, it.sentence, it.elsewhere
        )
        .unwrap();
        for place in it
            .shown_by
            .iter()
            .copied()
            .chain(tagged.iter().map(String::as_str))
        {
            assert_eq!(fault_of(place), None, "{}", it.id);
            writeln!(text, "- `{place}`").unwrap();
        }
    }
    assert!(cases.is_empty(), "no hazards: {:?}", cases.keys());
    check_snapshot(&root().join("tests/hazards.md"), &text);
}

#[test]
fn a_case_that_cites_a_hazard_is_tagged_with_it() {
    for ran in all() {
        for hazard in cited(&ran.case.source, 'H') {
            let name = &ran.name;
            assert!(ran.case.hazards.contains(&hazard), "{name} cites {hazard}");
        }
    }
}
