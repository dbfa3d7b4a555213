//! The order of one session with one device, as a state machine that does nothing itself.
//!
//! [`Session::action`] says what to do, [`Session::after`] takes how it went. Two rules of the order come from how
//! BlueZ treats a reconnection: the stream is opened before the connection is made, and whatever was subscribed is
//! unsubscribed at the end even when the link is gone; else BlueZ renews the subscription by itself at the next
//! connection and confirms measurements that nobody receives.

mod words;

pub use words::{Action, Ending, Outcome, Pairs};

/// How often a connection that BlueZ itself gave up is tried again at once.
pub const CONNECT_RETRY_COUNT_MAX: u8 = 3;

/// The most values taken after the end of a subscription: far more than any device's memory holds.
pub const REST_LEN_MAX: u16 = 4096;

/// Is where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session(State);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    StoppingScan { pairs: Pairs },
    OpeningStream { pairs: Pairs },
    Connecting { retries_left: u8, pairs: Pairs },
    Pairing { pairs: Pairs },
    LettingGo,
    Discovering,
    Settling,
    ReadingClock,
    SettingUnsetClock,
    ReadingBattery,
    Subscribing,
    Consenting,
    AskingForRecords,
    Awaiting,
    Committing,
    SettingClock,
    Unsubscribing { ending: Ending },
    TakingRest { ending: Ending, left: u16 },
    CommittingRest { ending: Ending, left: u16 },
    Disconnecting { ending: Ending },
    Ended { ending: Ending },
}

impl Session {
    /// Begins a session with a device that has just been seen.
    pub fn begin(pairs: Pairs) -> Self {
        Self(State::StoppingScan { pairs })
    }

    /// Says what to do now.
    pub fn action(self) -> Action {
        match self.0 {
            State::StoppingScan { .. } => Action::StopScan,
            State::OpeningStream { .. } => Action::OpenStream,
            State::Connecting { .. } => Action::Connect,
            State::Pairing { .. } => Action::Pair,
            State::Discovering => Action::Discover,
            State::Settling => Action::Settle,
            State::ReadingClock => Action::ReadClock,
            State::SettingUnsetClock | State::SettingClock => Action::SetClock,
            State::ReadingBattery => Action::ReadBattery,
            State::Subscribing => Action::Subscribe,
            State::Consenting => Action::Consent,
            State::AskingForRecords => Action::AskForRecords,
            State::Awaiting => Action::AwaitValue,
            State::Committing | State::CommittingRest { .. } => Action::Commit,
            State::Unsubscribing { .. } => Action::Unsubscribe,
            State::TakingRest { .. } => Action::TakeArrived,
            State::LettingGo | State::Disconnecting { .. } => Action::Disconnect,
            State::Ended { ending } => Action::End(ending),
        }
    }

    /// Moves on after the action has been carried out.
    pub fn after(self, outcome: Outcome) -> Self {
        Self(match self.0 {
            // Not scanning is as good as having stopped.
            State::StoppingScan { pairs } => match outcome {
                Outcome::Stopping => ended(Ending::Stopped),
                _ => State::OpeningStream { pairs },
            },
            State::OpeningStream { pairs } => match outcome {
                Outcome::Done if pairs == Pairs::First => State::Pairing { pairs },
                Outcome::Done => connecting(CONNECT_RETRY_COUNT_MAX, pairs),
                other => ended(ending_of(other)),
            },
            State::Connecting {
                retries_left,
                pairs,
            } => after_connecting(retries_left, pairs, outcome),
            State::Pairing { pairs } => after_pairing(pairs, outcome),
            State::LettingGo => match outcome {
                Outcome::Stopping => ended(Ending::Stopped),
                _ => connecting(CONNECT_RETRY_COUNT_MAX, Pairs::Never),
            },
            State::Discovering => match outcome {
                Outcome::Done => State::Settling,
                other => disconnecting(ending_of(other)),
            },
            State::Settling => unless_over(outcome, State::ReadingClock),
            // A device without a clock or a battery level is a good device.
            State::ReadingClock if outcome == Outcome::ClockUnset => State::SettingUnsetClock,
            State::ReadingClock | State::SettingUnsetClock => {
                unless_over(outcome, State::ReadingBattery)
            }
            State::ReadingBattery => unless_over(outcome, State::Subscribing),
            State::Subscribing => if_done(outcome, State::Consenting),
            // Subscribed before, as some scales send what they have at once (openScale, StandardWeightProfileHandler.kt).
            State::Consenting => if_done(outcome, State::AskingForRecords),
            // A device that keeps none, or refuses, may still measure.
            State::AskingForRecords => unless_over(outcome, State::Awaiting),
            State::Awaiting => match outcome {
                Outcome::Value => State::Committing,
                // What the device kept was dated by the clock as it was; only now may that change.
                Outcome::Idle => State::SettingClock,
                other => unsubscribing(ending_of(other)),
            },
            State::Committing => match outcome {
                Outcome::Done => State::Awaiting,
                _ => unsubscribing(Ending::Refused),
            },
            State::SettingClock => unsubscribing(match outcome {
                Outcome::Stopping => Ending::Stopped,
                _ => Ending::Drained,
            }),
            State::Unsubscribing { ending } => State::TakingRest {
                ending,
                left: REST_LEN_MAX,
            },
            State::TakingRest { ending, left } => after_taking_rest(ending, left, outcome),
            State::CommittingRest { ending, left } => State::TakingRest {
                ending: match outcome {
                    Outcome::Done => ending,
                    _ => Ending::Refused,
                },
                left,
            },
            State::Disconnecting { ending } | State::Ended { ending } => ended(ending),
        })
    }
}

fn after_connecting(retries_left: u8, pairs: Pairs, outcome: Outcome) -> State {
    match outcome {
        Outcome::Done if pairs == Pairs::Connected => State::Pairing { pairs },
        Outcome::Done => State::Discovering,
        Outcome::ConnectAborted if retries_left > 0 => connecting(retries_left - 1, pairs),
        // A connection request that is left standing makes BlueZ refuse the next one.
        other => disconnecting(ending_of(other)),
    }
}

fn after_pairing(pairs: Pairs, outcome: Outcome) -> State {
    match outcome {
        Outcome::Done if pairs == Pairs::First => connecting(CONNECT_RETRY_COUNT_MAX, Pairs::Never),
        Outcome::Done => State::Discovering,
        Outcome::PairedToLetGo => disconnecting(Ending::Paired),
        // BlueZ drops the link after a pairing that failed.
        Outcome::Declined => State::LettingGo,
        Outcome::Stopping => disconnecting(Ending::Stopped),
        _ => disconnecting(Ending::NotPaired),
    }
}

fn after_taking_rest(ending: Ending, left: u16, outcome: Outcome) -> State {
    match outcome {
        Outcome::Value if left > 0 => State::CommittingRest {
            ending,
            left: left - 1,
        },
        _ => disconnecting(ending),
    }
}

fn connecting(retries_left: u8, pairs: Pairs) -> State {
    State::Connecting {
        retries_left,
        pairs,
    }
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

/// What must not fail ends a session by why it did.
fn if_done(outcome: Outcome, next: State) -> State {
    match outcome {
        Outcome::Done => next,
        other => unsubscribing(ending_of(other)),
    }
}

/// What may fail does not end a session, unless the link is gone or the program stops.
fn unless_over(outcome: Outcome, next: State) -> State {
    match outcome {
        Outcome::Stopping | Outcome::LinkLost => unsubscribing(ending_of(outcome)),
        _ => next,
    }
}

fn ending_of(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Idle => Ending::Drained,
        Outcome::LinkLost => Ending::LinkLost,
        Outcome::Stopping => Ending::Stopped,
        Outcome::ConsentRefused => Ending::NotConsented,
        Outcome::Done
        | Outcome::Failed
        | Outcome::ConnectAborted
        | Outcome::Declined
        | Outcome::PairedToLetGo
        | Outcome::ClockUnset
        | Outcome::Value => Ending::Failed,
    }
}

#[cfg(test)]
mod tests;
