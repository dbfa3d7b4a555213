//! server: see README.

pub mod broker;
pub mod casework;
pub mod changes;
pub mod clock;
pub mod config;
pub mod crash;
pub mod history;
pub mod ingest;
pub mod nhs_number;
mod projection;
pub mod store;
pub mod web;
