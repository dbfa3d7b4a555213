//! Simulated devices, and the BlueZ through which an unmodified gateway sees them; uses none of our crates.

pub mod bluez;
pub mod bus;
pub mod clock;
pub mod device;
pub mod encode;
mod sim;

pub use sim::{Sim, SimConfig};
