//! Scenarios: the gateway's radio, through btleplug, with the simulated BlueZ and its devices.

mod adapters;
mod calibration;
mod coming_and_going;
mod commit_refused;
mod consent;
mod device_kinds;
mod dumps;
mod home;
mod link_lost;
mod pairing;
mod radio_lost;
mod sessions;
mod stopping;
mod strangers;
