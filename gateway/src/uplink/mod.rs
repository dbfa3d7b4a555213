//! The uplink.

pub mod window;
#[cfg(test)]
mod window_tests;
