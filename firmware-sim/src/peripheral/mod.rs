//! A simulated device as a real peripheral: served over the air by a real bluetoothd on an adapter of its own.
//!
//! The device is the same state machine that the simulated BlueZ shows to a gateway. Here it is registered with BlueZ as
//! a GATT application, an advertisement and a pairing agent, so that a gateway on another adapter meets it through real
//! links, real pairing and real confirmations.

mod agent;
mod attachment;
mod calls;
mod commands;
mod config;
mod events;
mod hang_up;
mod links;
mod objects;
mod run;
mod signals;

pub use config::{Pairing, PeripheralConfig};
pub use run::run;
