//! Scenarios: one story per promise, told by the real programs.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod a_new_box;
mod anything_at_any_time;
mod broker_killed;
mod certificates;
mod deadlines_pass;
mod failed_attempt;
mod gateway_killed;
mod hostile_network;
mod installer;
mod package;
mod reading_reaches_the_nurse;
mod second_nurse;
mod server_killed;
mod systemd;
mod three_days_offline;
