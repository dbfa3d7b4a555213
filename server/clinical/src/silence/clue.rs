//! Clues: the single facts that a cause was found by, each in a sentence.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::zone::Zone;

/// One fact that speaks for a cause, or says what could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Clue {
    /// Readings are paused.
    Paused,
    /// This server did not run.
    ServerDown {
        /// When it stopped.
        from: Timestamp,
    },
    /// Nobody could reach the broker.
    BrokerDown {
        /// When that began.
        from: Timestamp,
    },
    /// Many homes went quiet together.
    ManyHomesQuiet {
        /// How many.
        quiet: u32,
        /// Of how many.
        homes: u32,
    },
    /// The gateway has never been heard.
    GatewayNeverHeard,
    /// The gateway has been quiet since.
    GatewayQuiet {
        /// Its last message.
        since: Timestamp,
    },
    /// The broker lost the connection without a goodbye.
    ConnectionLost,
    /// The gateway said that it stops.
    GatewayStopped,
    /// Power and internet look the same until the gateway is back.
    PowerOrInternet,
    /// The gateway was quiet, and is back.
    GatewayWasQuiet {
        /// Its last message before.
        from: Timestamp,
        /// Its first message after.
        until: Timestamp,
    },
    /// The gateway started again just before it came back.
    StartedAgain {
        /// When it started.
        at: Timestamp,
    },
    /// The gateway ran while it was quiet.
    RanWhileQuiet,
    /// The gateway took readings in while it was quiet.
    ReceivedMeanwhile {
        /// How many records.
        count: u32,
    },
    /// The gateway still holds records that the server does not have.
    OutboxWaiting {
        /// How many records.
        count: u64,
    },
    /// The reading has arrived since.
    ArrivedLate {
        /// How many readings of this window.
        count: u32,
    },
    /// Readings arrived in time and are dated outside the window.
    Misdated {
        /// How many.
        count: u32,
    },
    /// The gateway has not known the time since.
    TimeUnknown {
        /// When its program started.
        since: Timestamp,
    },
    /// The gateway's clock is wrong.
    GatewayClockWrong {
        /// Its clock minus the server's.
        seconds: i64,
    },
    /// The device's clock is not set, not readable, or ahead.
    DeviceClockWrong,
    /// The gateway says that it has no working Bluetooth adapter.
    RadioNotReady,
    /// The gateway hears no Bluetooth device at all, where it usually does.
    RadioHearsNothing,
    /// Connections fail to every device of the home.
    AllConnectionsFail {
        /// How many failed.
        count: u32,
    },
    /// Connections to the device fail.
    ConnectionsFail {
        /// How many failed.
        count: u32,
    },
    /// The device does not take the consent of its user.
    ConsentRefused,
    /// Attempts gave no usable value.
    FailedAttempts {
        /// How many.
        count: u32,
    },
    /// The battery was low when the device was last heard.
    BatteryLow {
        /// Its level, if the device told one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        percent: Option<u8>,
    },
    /// The device has told nothing of its battery.
    BatteryUnknown,
    /// The device was heard in the window.
    DeviceHeard {
        /// When last.
        at: Timestamp,
    },
    /// The device was not heard in the window.
    DeviceUnheard {
        /// When it was last heard, if ever.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    /// The device is usually heard even when nobody uses it, and is not now.
    UsuallyHeard,
    /// Other devices of the home were used in the window.
    OthersUsed,
    /// No other device of the home was used in the window either.
    OthersUnused,
    /// Gateway, internet and Bluetooth worked.
    KitWorked,
    /// Nothing tells a reading left out from a device that is off, away or broken.
    CannotTell,
}

impl Clue {
    /// Says the fact to a nurse or an installer, with times by the home's clock.
    pub fn sentence(&self, zone: &Zone) -> String {
        let time = |at: &Timestamp| zone.local(*at).strftime("%-d %b %H:%M").to_string();
        match self {
            Self::ServerDown { from } => format!("Our server did not run from {}.", time(from)),
            Self::BrokerDown { from } => {
                format!(
                    "Our message broker could not be reached from {}.",
                    time(from)
                )
            }
            Self::ManyHomesQuiet { quiet, homes } => {
                format!("{quiet} of {homes} homes went quiet at the same time.")
            }
            Self::GatewayQuiet { since } => format!("The box was last heard at {}.", time(since)),
            Self::GatewayWasQuiet { from, until } => {
                format!("The box was silent from {} to {}.", time(from), time(until))
            }
            Self::StartedAgain { at } => {
                format!(
                    "The box started again at {}, so it had been without power.",
                    time(at)
                )
            }
            Self::TimeUnknown { since } => {
                format!("The box has not known the time since {}.", time(since))
            }
            Self::DeviceHeard { at } => format!("The device was last heard at {}.", time(at)),
            Self::DeviceUnheard { since: Some(at) } => {
                format!(
                    "The device was not heard in this window; it was last heard at {}.",
                    time(at)
                )
            }
            counted => counted.without_time(),
        }
    }

    fn without_time(&self) -> String {
        match self {
            Self::ReceivedMeanwhile { count } => {
                format!(
                    "It took in {} while it was silent.",
                    plural(*count, "record")
                )
            }
            Self::OutboxWaiting { count } => {
                format!("The box still holds {count} records that have not been delivered.")
            }
            Self::ArrivedLate { count } => {
                format!(
                    "{} of this window arrived afterwards.",
                    plural(*count, "reading")
                )
            }
            Self::Misdated { count } => {
                format!(
                    "{} came in time but dated outside this window.",
                    plural(*count, "reading")
                )
            }
            Self::GatewayClockWrong { seconds } => {
                let side = if *seconds < 0 { "behind" } else { "ahead" };
                let minutes = seconds.unsigned_abs() / 60;
                format!("The box's clock is {minutes} minutes {side}.")
            }
            Self::AllConnectionsFail { count } => {
                format!("{count} connections failed, to every device in the home.")
            }
            Self::ConnectionsFail { count } => {
                format!("{} to the device failed.", plural(*count, "connection"))
            }
            Self::FailedAttempts { count } => {
                format!(
                    "The device gave no usable value in {}.",
                    plural(*count, "attempt")
                )
            }
            Self::BatteryLow {
                percent: Some(percent),
            } => {
                format!("The device's battery was at {percent}% when last heard.")
            }
            fixed => fixed.fixed_words().to_owned(),
        }
    }

    fn fixed_words(&self) -> &'static str {
        match self {
            Self::Paused => "Readings are paused.",
            Self::GatewayNeverHeard => "The box has never been heard.",
            Self::ConnectionLost => "The connection broke off without a goodbye.",
            Self::GatewayStopped => "The box said that it was being shut down.",
            Self::PowerOrInternet => {
                "Power and internet look the same from here until the box is back; an unplugged box is likelier."
            }
            Self::RanWhileQuiet => "It ran all that time, so it had power but no internet.",
            Self::DeviceClockWrong => "The device's clock is not set right.",
            Self::RadioNotReady => "The box says that its Bluetooth adapter does not work.",
            Self::RadioHearsNothing => {
                "The box hears no Bluetooth device at all, where it usually hears some."
            }
            Self::BatteryLow { .. } => "The device said that its battery was low.",
            Self::DeviceUnheard { .. } => "The device has not been heard.",
            Self::ConsentRefused => {
                "The device sends nothing, because it refuses the user number and code in the box: have them corrected, or the user set up anew."
            }
            Self::UsuallyHeard => {
                "This device is usually heard even when nobody uses it, and has gone quiet."
            }
            Self::OthersUsed => "Another device in the home was used.",
            Self::OthersUnused => "No other device in the home was used either.",
            Self::BatteryUnknown => {
                "The device has told nothing of a low battery, and may never do: try new batteries first."
            }
            Self::KitWorked => "The box, its internet and its Bluetooth worked.",
            _ => {
                "A reading left out cannot be told from a device that is off, away or broken: ask the patient."
            }
        }
    }
}

fn plural(count: u32, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}
