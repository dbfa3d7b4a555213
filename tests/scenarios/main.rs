//! Scenarios: one story per promise, told by the real programs.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod a_box_is_replaced;
mod a_new_box;
mod a_test_reading;
mod anything_at_any_time;
mod audit_trail;
mod broker_killed;
mod certificates;
mod clock_wrong;
mod clones;
mod deadlines_pass;
mod disk_full;
mod failed_attempt;
mod gateway_killed;
mod hostile_network;
mod installed;
mod installer;
mod mosquitto_over_tls;
mod package;
mod reading_reaches_the_nurse;
mod renewal;
mod second_nurse;
mod server_killed;
mod set_up;
mod sign_in_elsewhere;
mod systemd;
mod three_days_offline;
mod time_unknown;
