//! Wire contract v1: JSON messages in a tagged envelope, read into checked types or refused by name.

pub mod envelope;
pub mod error;
pub mod head;
pub mod readings;
pub mod receipt;
pub mod record;
pub mod standing;
pub mod status;
mod vital;

pub use envelope::{Envelope, seal};
pub use error::WireError;
pub use readings::{Entry, Readings};
pub use receipt::{Receipt, RefusalReason, Refused, SequenceRange};
pub use standing::{Standing, StandingKind};
pub use status::{DEVICES_LEN_MAX, DeviceStatus, FAILURES_LEN_MAX, GatewayState, GatewayStatus};

/// The version that this crate speaks.
pub const VERSION: u32 = 1;
/// The largest message, in bytes. Brokers and clients are told the same bound.
pub const PAYLOAD_LEN_MAX: usize = 64 * 1024;
/// The most records in one message.
pub const ENTRIES_LEN_MAX: usize = 64;
/// The longest record, in bytes of JSON: 512 raw bytes in hexadecimal, and everything else twice over.
pub const RECORD_LEN_MAX: usize = 4 * 1024;
/// The most ranges or refusals in one receipt.
pub const RECEIPT_RANGES_LEN_MAX: usize = 256;
