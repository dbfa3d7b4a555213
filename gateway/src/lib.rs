//! The gateway: hears a home's devices, keeps every reading until the server has it, and forwards it.

pub mod capture;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod crash;
pub mod doctor;
pub mod enrol;
pub mod intake;
pub mod keys;
pub mod lifecycle;
pub mod outbox;
pub mod pairing;
pub mod progress;
pub mod quirks;
pub mod radio;
pub mod uplink;

pub use lifecycle::{Core, run};
