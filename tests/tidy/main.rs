//! Tidy: the rules of this tree that a machine can check, checked on every file that git tracks.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod config;
mod crates;
mod emqx;
mod files;
mod functions;
mod lock;
mod migrations;
mod pages;
mod readme;
mod templates;
mod tree;
