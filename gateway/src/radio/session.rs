//! The order of one session with one device, as a state machine that does nothing itself.
//!
//! [`Session::action`] says what to do, [`Session::after`] takes how it went. Two rules of the order come from how
//! BlueZ treats a reconnection: the stream is opened before the connection is made, and whatever was subscribed is
//! unsubscribed at the end even when the link is gone; else BlueZ renews the subscription by itself at the next
//! connection and confirms measurements that nobody receives.

/// How often a connection that BlueZ itself gave up is tried again at once.
pub const CONNECT_RETRY_COUNT_MAX: u8 = 3;

/// The most values taken after the end of a subscription: far more than any device's memory holds.
pub const REST_LEN_MAX: u16 = 4096;

/// Is what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Stop scanning: a connection waits for the end of the running scan window, and the device may be gone by then.
    StopScan,
    /// Open the stream of values.
    OpenStream,
    /// Connect.
    Connect,
    /// Find the device's services.
    Discover,
    /// Give the device a moment; some stay silent without it.
    Settle,
    /// Read the device's clock.
    ReadClock,
    /// Read the device's battery level.
    ReadBattery,
    /// Subscribe to the measurements.
    Subscribe,
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
    /// A value was taken.
    Value,
    /// No value came for as long as one is waited for.
    Idle,
    /// The link is gone.
    LinkLost,
    /// The program is being stopped.
    Stopping,
}

/// Is how a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The device has nothing more to say.
    Drained,
    /// The link was lost before the device fell silent; it may hold more.
    LinkLost,
    /// The device could not be connected to or understood.
    Failed,
    /// A value could not be committed.
    Refused,
    /// The program is being stopped.
    Stopped,
}

/// Is where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session(State);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    StoppingScan,
    OpeningStream,
    Connecting { retries_left: u8 },
    Discovering,
    Settling,
    ReadingClock,
    ReadingBattery,
    Subscribing,
    AskingForRecords,
    Awaiting,
    Committing,
    Unsubscribing { ending: Ending },
    TakingRest { ending: Ending, left: u16 },
    CommittingRest { ending: Ending, left: u16 },
    Disconnecting { ending: Ending },
    Ended { ending: Ending },
}

impl Session {
    /// Begins a session with a device that has just been seen.
    pub fn begin() -> Self {
        Self(State::StoppingScan)
    }

    /// Says what to do now.
    pub fn action(self) -> Action {
        match self.0 {
            State::StoppingScan => Action::StopScan,
            State::OpeningStream => Action::OpenStream,
            State::Connecting { .. } => Action::Connect,
            State::Discovering => Action::Discover,
            State::Settling => Action::Settle,
            State::ReadingClock => Action::ReadClock,
            State::ReadingBattery => Action::ReadBattery,
            State::Subscribing => Action::Subscribe,
            State::AskingForRecords => Action::AskForRecords,
            State::Awaiting => Action::AwaitValue,
            State::Committing | State::CommittingRest { .. } => Action::Commit,
            State::Unsubscribing { .. } => Action::Unsubscribe,
            State::TakingRest { .. } => Action::TakeArrived,
            State::Disconnecting { .. } => Action::Disconnect,
            State::Ended { ending } => Action::End(ending),
        }
    }

    /// Moves on after the action has been carried out.
    pub fn after(self, outcome: Outcome) -> Self {
        Self(match self.0 {
            // Not scanning is as good as having stopped.
            State::StoppingScan => match outcome {
                Outcome::Stopping => ended(Ending::Stopped),
                _ => State::OpeningStream,
            },
            State::OpeningStream => match outcome {
                Outcome::Done => connecting(CONNECT_RETRY_COUNT_MAX),
                other => ended(ending_of(other)),
            },
            State::Connecting { retries_left } => match outcome {
                Outcome::Done => State::Discovering,
                Outcome::ConnectAborted if retries_left > 0 => connecting(retries_left - 1),
                // A connection request that is left standing makes BlueZ refuse the next one.
                other => disconnecting(ending_of(other)),
            },
            State::Discovering => match outcome {
                Outcome::Done => State::Settling,
                other => disconnecting(ending_of(other)),
            },
            State::Settling => unless_stopping(outcome, State::ReadingClock),
            // A device without a clock or a battery level is a good device.
            State::ReadingClock => unless_stopping(outcome, State::ReadingBattery),
            State::ReadingBattery => unless_stopping(outcome, State::Subscribing),
            State::Subscribing => match outcome {
                Outcome::Done => State::AskingForRecords,
                other => unsubscribing(ending_of(other)),
            },
            // A device that keeps none, or refuses, may still measure.
            State::AskingForRecords => unless_stopping(outcome, State::Awaiting),
            State::Awaiting => match outcome {
                Outcome::Value => State::Committing,
                other => unsubscribing(ending_of(other)),
            },
            State::Committing => match outcome {
                Outcome::Done => State::Awaiting,
                _ => unsubscribing(Ending::Refused),
            },
            State::Unsubscribing { ending } => State::TakingRest {
                ending,
                left: REST_LEN_MAX,
            },
            State::TakingRest { ending, left } => match outcome {
                Outcome::Value if left > 0 => State::CommittingRest {
                    ending,
                    left: left - 1,
                },
                _ => disconnecting(ending),
            },
            State::CommittingRest { ending, left } => match outcome {
                Outcome::Done => State::TakingRest { ending, left },
                _ => State::TakingRest {
                    ending: Ending::Refused,
                    left,
                },
            },
            State::Disconnecting { ending } | State::Ended { ending } => ended(ending),
        })
    }
}

fn connecting(retries_left: u8) -> State {
    State::Connecting { retries_left }
}

fn unsubscribing(ending: Ending) -> State {
    State::Unsubscribing { ending }
}

fn disconnecting(ending: Ending) -> State {
    State::Disconnecting { ending }
}

fn ended(ending: Ending) -> State {
    State::Ended { ending }
}

fn unless_stopping(outcome: Outcome, next: State) -> State {
    match outcome {
        Outcome::Stopping => unsubscribing(Ending::Stopped),
        _ => next,
    }
}

fn ending_of(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Idle => Ending::Drained,
        Outcome::LinkLost => Ending::LinkLost,
        Outcome::Stopping => Ending::Stopped,
        Outcome::Done | Outcome::Failed | Outcome::ConnectAborted | Outcome::Value => {
            Ending::Failed
        }
    }
}

#[cfg(test)]
mod tests;
