//! The harness: real programs, real brokers, real databases and a network that can be cut.

pub mod postgres;
pub mod wait;
