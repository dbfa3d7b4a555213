//! server: see README.

pub mod broker;
pub mod clock;
