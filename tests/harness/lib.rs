//! The harness: real programs, real brokers, real databases and a network that can be cut.

pub mod axe;
pub mod browser;
pub mod cargo;
pub mod deb;
pub mod debian;
pub mod disk;
pub mod home;
pub mod hostile;
pub mod line;
pub mod live;
pub mod mosquitto;
pub mod net;
pub mod nurse;
pub mod oidc;
mod oidc_keys;
pub mod own;
pub mod pages;
pub mod ports;
pub mod postgres;
pub mod program;
pub mod seed;
pub mod server_program;
pub mod totp;
pub mod wait;
