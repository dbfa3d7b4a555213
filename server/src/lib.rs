//! server: see README.

pub mod boxes;
pub mod broker;
pub mod casework;
pub mod changes;
pub mod cli;
pub mod clock;
pub mod config;
mod connections;
pub mod crash;
pub mod deadlines;
pub mod enrol;
pub mod explain;
pub mod history;
pub mod ingest;
pub mod lifecycle;
pub mod nhs_number;
mod pem;
pub mod planning;
mod projection;
pub mod replay;
pub mod rights;
pub mod seed;
pub mod store;
pub mod templates;
pub mod terminal;
pub mod verify;
pub mod web;
