//! A capture: the bytes of one value as they arrived, before anything has been done with them.

use gatt::Dialect;
use jiff::Timestamp;
use tokio::sync::oneshot;
use vitals::{Characteristic, DeviceId, RawBytes};

/// The most captures that may wait to be committed; a full queue holds the device's session back.
pub const CAPTURE_QUEUE_LEN_MAX: usize = 64;

/// The bytes of one value of a registered device, as they arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// The registered device that sent them.
    pub device: DeviceId,
    /// The characteristic that they are the value of.
    pub characteristic: Characteristic,
    /// The bytes.
    pub raw: RawBytes,
    /// When they arrived, by the gateway's clock.
    pub received_at: Timestamp,
    /// Seconds to add to the device's clock, read as if it were UTC, as seen when it was read at this connection;
    /// `None` when the device's clock could not be read.
    pub clock_offset_seconds: Option<i64>,
    /// How the device is known to write its values. It is kept with the bytes: they may be decoded after a crash, when
    /// nobody remembers the device any more.
    pub dialect: Dialect,
}

/// A capture on its way to the disk.
#[derive(Debug)]
pub struct CaptureRequest {
    /// What to commit.
    pub capture: Capture,
    /// Answered once the capture is on disk, and only then may the device be let go. Dropped without an answer when it
    /// could not be committed: the device must be told nothing and its memory be left alone.
    pub committed: oneshot::Sender<()>,
}
