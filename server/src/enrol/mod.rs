//! Enrolment: a box proves by a one-time code which install job it is for, and gets a name and a certificate.

pub mod authority;
pub mod config;
pub mod endpoint;
pub mod exchange;
pub mod folder;
pub mod jobs;
pub mod life;
pub mod secret;
pub mod tls;
pub mod tries;
