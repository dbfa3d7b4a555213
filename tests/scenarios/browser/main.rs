//! A real browser at the nurse's pages: an alert arrives live and is taken, and every page can be used by everyone.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod access;
mod alert;
mod at_home;
mod audit;
mod board;
mod every_page;
mod focus;
mod hands;
mod home_page;
mod live;
mod office;
mod passkeys;
mod patient;
mod pictures;
mod plan;
mod states;
mod stories;
mod visit;
