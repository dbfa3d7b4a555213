//! A real browser at the nurse's pages: an alert arrives live and is taken, and every page can be used by everyone.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod access;
mod home_page;
mod live;
mod passkeys;
mod states;
mod visit;
