//! The store and ingest on both engines: every test here runs once on SQLite and once on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod accounts;
mod administration;
mod alert_pages;
mod at_home;
mod audit;
mod board;
mod boxes;
mod care;
mod cases;
mod chain;
mod clocks;
mod clones;
mod commissioning;
mod deadlines;
mod duty;
mod enrol;
mod explain;
mod first_rules;
mod handling;
mod home;
mod incident;
mod ingest_task;
mod messages;
mod nursing;
mod office;
mod oidc;
mod pages;
mod passkeys;
mod planning;
mod readings;
mod renewal;
mod replay;
mod reports;
mod roles;
mod seed;
mod silence;
mod world;

/// Makes each named test once for each engine.
macro_rules! on_both_engines {
    ($($file:ident :: $test:ident,)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                crate::$file::$test(crate::world::World::on_sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                crate::$file::$test(crate::world::World::on_postgres().await).await;
            })*
        }
    };
}

on_both_engines! {
    accounts::a_try_that_is_not_looked_at_is_no_failure,
    accounts::a_code_is_good_once_until_it_ends_or_another_is_made,
    accounts::secrets_that_stood_in_clear_are_sealed_once,
    accounts::who_has_left_is_out_at_once_and_stays_out,
    accounts::what_is_done_to_an_account_is_in_the_trail,
    accounts::proving_it_again_rotates_the_session_and_does_not_lengthen_it,
    roles::an_administrator_who_stays_and_can_sign_in_is_counted,
    roles::a_role_that_somebody_gave_themselves_is_told,
    accounts::a_session_is_seen_ended_and_forgotten,
    accounts::a_step_is_used_once_and_codes_can_be_forgotten,
    accounts::failures_are_counted_however_many_come_at_once,
    alert_pages::the_last_times_are_read_newest_first,
    alert_pages::a_reading_is_read_with_its_way_and_its_alerts,
    alert_pages::who_may_take_an_alert_cares_for_the_team,
    alert_pages::an_action_is_done_once_unless_it_was_undone,
    administration::patients_are_found_by_what_is_known_of_them,
    administration::details_change_once_and_keep_what_they_were,
    administration::what_was_agreed_is_kept_version_by_version,
    administration::an_assessment_is_due_to_who_sees_the_patient,
    administration::a_referral_is_open_until_its_last_step,
    administration::the_record_reads_the_latest_and_what_people_did,
    at_home::who_is_invited_sees_one_patient_until_it_is_taken_back,
    at_home::a_code_ends_with_its_time_with_the_next_and_with_the_access,
    at_home::a_carer_joins_another_patient_and_a_lost_role_shows_nothing,
    at_home::a_remark_on_a_reading_holds_until_it_is_taken_back,
    at_home::a_visitor_reaches_the_patients_of_the_team_and_consent_is_the_newest,
    passkeys::a_passkey_is_named_and_used,
    passkeys::a_removed_passkey_never_comes_back,
    passkeys::a_question_is_answered_once_and_forgotten_in_time,
    oidc::a_signed_word_of_the_service_lets_its_person_in,
    oidc::what_is_wrong_about_a_token_lets_nobody_in,
    oidc::who_comes_back_late_twice_or_by_another_browser_is_not_let_in,
    oidc::a_new_key_is_asked_for_but_not_at_every_token,
    oidc::a_level_that_is_asked_for_counts_as_both_steps,
    oidc::it_says_when_somebody_proved_who_they_are,
    oidc::a_service_that_is_away_is_said_to_be,
    roles::the_seed_makes_nurses_and_leads_and_keeps_what_was_given_since,
    roles::a_person_sees_the_patients_of_their_teams_and_loses_sight_with_the_role,
    roles::a_patient_is_found_by_number_and_birthday_and_closed_at_once,
    roles::a_broken_glass_shows_one_patient_until_it_ends,
    office::who_changed_what_is_numbered_and_never_lost,
    office::staff_is_read_with_what_each_still_has,
    office::a_clinic_is_written_changed_and_ended,
    office::a_handover_reads_the_shift_of_the_patients_in_sight,
    office::a_home_that_is_not_heard_is_read_by_who_sees_its_patient,
    office::a_handover_is_signed_to_a_colleague,
    office::the_watch_list_of_a_handover_is_of_the_patients_in_sight,
    office::who_sees_no_patient_counts_them_and_names_none,
    office::what_alerts_are_measured_by_is_projected_and_rebuilt,
    seed::the_seed_is_registered_once,
    seed::templates_of_the_sample_become_the_next_plans_once,
    seed::what_changed_in_the_file_becomes_an_event,
    seed::a_refused_seed_changes_nothing,
    seed::which_user_of_a_shared_device_a_patient_is_can_change,
    readings::a_batch_is_judged_once,
    readings::a_worse_reading_explains_the_alert_even_when_it_comes_late,
    readings::a_late_record_fills_the_gap_that_was_asked_for,
    readings::a_device_that_repeats_its_memory_is_counted_once,
    readings::the_same_number_with_other_content_is_kept_and_raised,
    readings::a_bad_record_does_not_hide_the_good_ones,
    readings::an_attempt_never_becomes_a_value,
    readings::judgement_is_told_who_used_which_device,
    messages::what_cannot_be_believed_is_set_aside_whole,
    messages::a_message_set_aside_again_is_kept_once,
    messages::the_quarantine_has_a_bound,
    messages::the_status_that_arrives_last_counts,
    cases::an_alert_is_taken_by_one_of_two_nurses,
    cases::an_alert_is_closed_by_who_took_it,
    cases::a_new_coordinator_answers_for_what_nobody_took,
    cases::replay_decides_as_it_was_decided,
    cases::rebuilding_gives_what_was_there,
    handling::what_people_and_time_do_to_an_alert_is_projected,
    handling::the_reading_that_confirms_explains_the_alert,
    handling::what_was_handled_is_replayed_and_rebuilt,
    nursing::contacts_are_logged_and_tries_are_counted,
    nursing::a_reading_is_struck_out_and_counts_again,
    nursing::a_patient_is_discharged_and_monitored_again,
    nursing::the_watch_list_has_a_line_until_its_time,
    nursing::what_is_aside_is_handed_over_as_it_is,
    first_rules::a_journal_of_the_first_rules_is_read_and_rebuilt,
    duty::the_rota_is_read_as_it_was_registered,
    duty::a_rota_that_leaves_a_gap_is_refused_by_its_name,
    duty::who_answered_then_is_known_after_the_rota_has_changed,
    duty::nobody_leaves_who_is_still_needed,
    duty::a_gap_that_time_brings_into_view_is_kept_until_it_is_over,
    duty::assignments_are_dated_and_rebuilt_from_the_journal,
    deadlines::what_nobody_repeats_and_nobody_takes_goes_up_the_chain,
    deadlines::a_deadline_outlives_the_server,
    deadlines::what_is_changed_here_or_elsewhere_is_seen,
    deadlines::two_servers_fire_each_deadline_once,
    deadlines::a_case_that_cannot_be_read_holds_up_nobody,
    deadlines::one_case_fires_so_often_and_waits,
    deadlines::deadlines_and_readings_come_at_once,
    silence::a_missing_reading_has_a_cause,
    planning::a_plan_for_later_begins_by_itself,
    planning::a_plan_is_proposed_by_somebody_and_crossed_by_a_prescriber,
    planning::a_plan_for_later_is_taken_back,
    planning::a_prescriber_is_asked_once_at_a_time,
    planning::a_temporary_change_brings_back_what_was_there,
    silence::nothing_is_guessed_of_a_home_without_kit,
    silence::a_gateway_that_is_back_explains_its_silence,
    silence::a_box_without_the_time_is_named_as_the_cause,
    silence::what_a_gateway_tells_of_a_device_names_the_cause,
    incident::many_homes_cut_at_once_are_one_incident,
    incident::our_own_outage_is_no_incident_of_the_homes,
    clocks::a_wrong_clock_is_one_item_until_it_is_right,
    chain::an_untouched_chain_is_proved,
    chain::what_was_tampered_with_is_named,
    chain::an_end_that_was_cut_off_is_missed,
    ingest_task::what_cannot_be_stored_is_not_settled,
    ingest_task::one_bad_message_does_not_hold_up_the_others,
    pages::the_worklist_reads_what_was_written,
    pages::what_a_person_has_of_another_team_is_on_their_list,
    pages::a_list_that_is_cut_keeps_what_is_overdue_and_worst,
    pages::the_patient_page_reads_what_was_written,
    enrol::a_box_gets_a_name_a_certificate_and_a_key,
    enrol::the_same_box_hears_the_same_answer_again,
    enrol::a_code_is_used_once,
    enrol::wrong_codes_lock_their_job_only,
    enrol::two_boxes_at_once_use_a_code_once,
    enrol::a_code_expires,
    enrol::a_job_is_armed_for_what_is_there_and_free,
    enrol::what_a_revoked_gateway_says_is_set_aside,
    clones::a_finding_is_kept_once_while_it_lasts,
    clones::a_batch_tells_which_box_spoke_and_nothing_twice,
    reports::the_latest_report_is_kept_and_a_wanted_one_is_wanted_until_it_comes,
    renewal::a_certificate_is_renewed_by_the_one_before_and_a_new_key,
    renewal::a_lost_answer_is_given_again_and_two_at_once_get_one,
    renewal::who_is_not_known_renews_nothing,
    renewal::a_box_on_its_way_back_renews_nothing,
    renewal::an_ended_certificate_is_renewed_once_when_an_operator_permits_it,
    enrol::a_box_takes_over_from_a_revoked_one,
    board::a_row_has_its_trend_and_the_last_contact,
    board::what_sleeps_until_the_next_reading_says_so,
    board::what_was_expected_today_is_counted,
    board::the_patients_of_a_team_are_counted_by_coordinator,
    board::cases_of_open_alerts_are_read_at_once,
    boxes::a_box_goes_all_the_way_back_and_is_enrolled_again,
    boxes::a_replaced_box_delivers_what_it_had_for_an_hour,
    boxes::a_step_is_taken_once_and_by_somebody,
    boxes::a_box_registered_by_hand_is_live,
    commissioning::nothing_that_a_box_records_before_its_sign_off_counts,
    commissioning::what_was_a_reading_stays_one,
    commissioning::a_box_on_its_way_back_delivers_what_it_took_at_home,
    silence::nothing_is_missed_before_the_sign_off,
    explain::an_alert_is_explained_with_its_papers,
    explain::a_rule_is_explained_with_the_readings_that_it_rests_on,
    explain::who_answered_is_told_by_the_duty_of_the_time,
    explain::what_is_not_there_is_named,
    replay::a_proposed_plan_is_tried_on_a_patient_and_on_a_team,
    replay::whoever_cannot_be_replayed_is_named_and_the_others_are_told,
    replay::the_plan_in_force_changes_nothing,
    replay::journals_are_decided_again,
    audit::servers_append_in_turns_and_leave_no_gap,
    audit::a_long_trail_is_walked_page_by_page,
    audit::what_is_undone_leaves_no_entry,
    audit::the_database_itself_refuses_changes,
    audit::who_looked_is_listed_newest_first,
    audit::a_search_is_narrowed_by_each_of_its_parts,
    audit::each_days_head_is_kept_once_for_each_key,
    audit::an_entry_that_was_tampered_with_is_named,
    audit::a_trail_that_was_chained_anew_is_not_the_signed_one,
}
