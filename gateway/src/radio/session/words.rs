//! The words of a session: what is to be done, how it went, how it ended.

use serde::{Deserialize, Serialize};

/// Is what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Stop scanning: a connection waits for the end of the running scan window, and the device may be gone by then.
    StopScan,
    /// Open the stream of values.
    OpenStream,
    /// Connect.
    Connect,
    /// Pair, unless the device is paired.
    Pair,
    /// Find the device's services.
    Discover,
    /// Give the device a moment; some stay silent without it.
    Settle,
    /// Read the device's clock.
    ReadClock,
    /// Set the device's clock, if it is wrong.
    SetClock,
    /// Read the device's battery level.
    ReadBattery,
    /// Subscribe to the measurements.
    Subscribe,
    /// Have a user consent, on a device that sends nothing before.
    Consent,
    /// Ask for the records that the device keeps until it is asked.
    AskForRecords,
    /// Wait for a value.
    AwaitValue,
    /// Commit the value just taken.
    Commit,
    /// Unsubscribe from the measurements.
    Unsubscribe,
    /// Take a value that has already arrived, without waiting.
    TakeArrived,
    /// Disconnect.
    Disconnect,
    /// Nothing more: the session has ended.
    End(Ending),
}

/// Is how an action went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It failed, or was not answered in time.
    Failed,
    /// BlueZ gave the connection up by itself (`le-connection-abort-by-local`).
    ConnectAborted,
    /// The device was paired just now, and wants to be let go after it.
    PairedToLetGo,
    /// The device does not pair, and showed no digits: it may be one that serves whoever connects.
    Declined,
    /// The device did not take the user's consent.
    ConsentRefused,
    /// The device's clock was never set, so nothing that it keeps is dated by it.
    ClockUnset,
    /// A value was taken.
    Value,
    /// No value came for as long as one is waited for.
    Idle,
    /// The link is gone.
    LinkLost,
    /// The program is being stopped.
    Stopping,
}

/// Is whether and when a device is paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// It is not.
    Never,
    /// Before anything is asked of it; BlueZ connects to it for that.
    First,
    /// Once it is connected.
    Connected,
}

/// Is how a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The device has nothing more to say.
    Drained,
    /// The link was lost before the device fell silent; it may hold more.
    LinkLost,
    /// The device could not be connected to or understood.
    Failed,
    /// The device wants to be paired and was not.
    NotPaired,
    /// The device did not take the consent of its user, without which it sends nothing.
    NotConsented,
    /// The device was paired, and takes that for done only when it is let go.
    Paired,
    /// A value could not be committed.
    Refused,
    /// The program is being stopped.
    Stopped,
}
