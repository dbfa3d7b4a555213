//! What a device wants its radio to do, and what it believes was delivered.

/// What the device wants its radio to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Indicate a stored record; [`super::Device::confirmed`] must follow before the next one comes.
    Indicate {
        /// 16-bit UUID.
        characteristic: u16,
        /// The bytes.
        value: Vec<u8>,
        /// The record's number.
        record: u64,
    },
    /// Notify a value that nobody confirms.
    Notify {
        /// 16-bit UUID.
        characteristic: u16,
        /// The bytes.
        value: Vec<u8>,
    },
    /// Indicate the answer to a request; its confirmation changes nothing.
    Answer {
        /// 16-bit UUID.
        characteristic: u16,
        /// The bytes.
        value: Vec<u8>,
    },
    /// Close the link.
    HangUp,
}

/// A value that the device believes it has delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// 16-bit UUID.
    pub characteristic: u16,
    /// The bytes.
    pub value: Vec<u8>,
    /// The record's number.
    pub record: u64,
    /// Which connection of the device carried it, counted from 1.
    pub session: u64,
}
