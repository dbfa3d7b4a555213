//! Accounts: how a person proves who they are, and how a browser stays theirs for a while.
//!
//! Deciding is apart from doing: [`throttle`], [`policy`] and [`totp`] take the time as an argument; [`sign_in`] and
//! [`sessions`] read and write.

pub mod config;
pub mod oidc;
pub mod one_time;
pub mod passkeys;
pub mod password;
pub mod policy;
pub mod questions;
pub mod sessions;
pub mod set_up;
pub mod sign_in;
pub mod step_up;
pub mod throttle;
pub mod token;
pub mod totp;
pub mod vault;

pub use password::Passwords;
pub use policy::Policy;
pub use vault::Vault;
