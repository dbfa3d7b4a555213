//! Simulated devices, and the BlueZ through which an unmodified gateway sees them; uses none of our crates.

pub mod bluez;
pub mod bus;
pub mod clock;
pub mod control;
pub mod device;
pub mod encode;
pub mod peripheral;
pub mod run;
pub mod script;
mod sim;
pub mod watch;

pub use sim::{Sim, SimConfig};
