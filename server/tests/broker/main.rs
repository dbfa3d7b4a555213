//! The broker over real sockets: the embedded one with a real client, and the external client with a real Mosquitto.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod embedded;
mod external;
mod mosquitto;
#[expect(
    unreachable_pub,
    reason = "the harness, whose file this is, shows it to other programs"
)]
#[path = "../../../tests/harness/ports.rs"]
mod ports;
mod sign_in;
