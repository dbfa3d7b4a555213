//! server: see README.

pub mod broker;
pub mod changes;
pub mod clock;
pub mod store;
