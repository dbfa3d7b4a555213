//! The codes of what can be wrong with a box: for each what happened, the likely cause, and what to try next.
//!
//! A code is printed by the box's own commands, travels in its reports, and is explained by both programs in the same
//! words. A code is never given a new meaning; one that is no longer used keeps its number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Writes the codes down once: the variant, its printed form, and its three sentences.
macro_rules! codes {
    ($($name:ident $code:literal: $happened:literal, $cause:literal, $next:literal;)+) => {
        /// What can be wrong with a box or its surroundings.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorCode {
            $(#[doc = $happened] $name,)+
        }

        impl ErrorCode {
            /// Every code, in the order in which they are explained.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Gives what is printed, such as `E-BT-03`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// Gives what happened, the likely cause, and what to try next.
            pub fn explained(self) -> Explained {
                match self {
                    $(Self::$name => Explained { happened: $happened, cause: $cause, next: $next }),+
                }
            }
        }
    };
}

/// A code in three sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explained {
    /// What happened.
    pub happened: &'static str,
    /// The likely cause.
    pub cause: &'static str,
    /// What to try next.
    pub next: &'static str,
}

codes! {
    ConfigRefused "E-CFG-01": "The configuration cannot be used.",
        "A key is unknown, missing or out of its bounds, or the file cannot be read.",
        "Run `gateway check-config`: it names the key. Mend it, and run the command again.";
    LowPower "E-BOX-01": "The box does not get enough power.",
        "The power supply is too weak, or its cable is long or thin.",
        "Use the power supply that came with the box, straight in the wall, with nothing else on it.";
    Hot "E-BOX-02": "The box is too hot.",
        "It stands in the sun, on a radiator, or under something.",
        "Move it to a shelf where air gets round it, and look again after ten minutes.";
    DiskFull "E-BOX-03": "The disk is nearly full.",
        "Something else writes on it, or readings have waited for the server for a long time.",
        "See whether readings wait (`gateway status`). If none do, ask the office for another box.";
    DiskSlow "E-BOX-04": "The disk cannot be written, or only slowly.",
        "The memory card wears out, or was taken for broken and made read-only.",
        "Do not switch the box off and on again: ask the office for another box, and use `gateway replace` on it.";
    MemoryLow "E-BOX-05": "The box is short of memory.",
        "Another program on it takes more than it should.",
        "Restart the box. If it happens again, send a support bundle to the office.";
    ClockNotSet "E-BOX-06": "The box's clock is not set by the network.",
        "The box has not reached a time server since it was switched on.",
        "Check the internet first. Then wait for two minutes, and look again.";
    TimeUnknown "E-BOX-07": "The box does not know the time.",
        "It was without power and has no battery for its clock, and no time server has answered since.",
        "Readings are saved, and sent once it knows. Check the internet, and that the router lets time servers through (NTP).";
    NoNetwork "E-NET-01": "The box is on no network.",
        "The cable is not plugged in, the Wi-Fi password is wrong, or the router is off.",
        "Plug in the cable until its light shows, or set up the Wi-Fi, and look again.";
    NoSuchName "E-NET-02": "The server's name cannot be found.",
        "The router has no internet, or the name in the configuration is not right.",
        "Open any web page on this home's network. If that works, compare the name with the job sheet.";
    Unreachable "E-NET-03": "The server cannot be reached.",
        "A firewall or the internet provider blocks it, or the server is down.",
        "Try another network, such as a phone's hotspot. If that works, the home's router blocks it; else call the office.";
    NotOurServer "E-NET-04": "Something answered that is not our server.",
        "A log-in page of the network stands in between, or the address is another server's.",
        "Open any web page on this network and accept what it asks. Compare the address with the job sheet.";
    SignInRefused "E-NET-05": "The server did not let the box in.",
        "The box was revoked or replaced, or it is not registered there.",
        "Call the office and read out the box's name. A box that was replaced is not used again.";
    NoReceipts "E-NET-06": "The server does not confirm what the box sends.",
        "The server is busy or being restarted, or its database is down.",
        "Nothing is lost: the box keeps everything. Wait for five minutes; then call the office.";
    WeakMobile "E-NET-07": "The mobile signal is weak.",
        "The box stands deep inside the home, or the aerial is loose.",
        "Move the box near a window, and screw the aerial tight.";
    OutOfTime "E-NET-08": "The server's certificate is not good by this box's clock.",
        "The box's clock was set wrong, or nobody has renewed the server's certificate.",
        "Compare `date -u` with a telephone, and set the clock by `timedatectl set-ntp true`. If it is right, call the office.";
    NotEnrolled "E-ID-01": "This box has no name yet.",
        "It was not enrolled, or it was wiped.",
        "Run `gateway setup` with the code of the job sheet.";
    CertificateEnds "E-ID-02": "The box's certificate ends soon, or has ended.",
        "The box could not renew it by itself for weeks.",
        "Check the internet. If it has ended, call the office: they allow it to be renewed late.";
    CodeRefused "E-ID-03": "The server did not take the code.",
        "It was typed wrongly, has been used or has expired; or the server is another one.",
        "Type it again from the job sheet. If it was used or has expired, ask the office for a new one.";
    KeysReadable "E-ID-04": "Others on this box can read its keys.",
        "Files in its state folder were copied or changed by hand.",
        "Run `gateway doctor --fix`. If the folder was copied to another machine, ask the office to revoke the box.";
    NoBluez "E-BT-01": "The Bluetooth service does not run.",
        "It was stopped, or it is not installed.",
        "Run `systemctl restart bluetooth`, and look again.";
    NoAdapter "E-BT-02": "The box has no Bluetooth adapter.",
        "The adapter is not plugged in, or it is broken.",
        "Pull the adapter out and plug it in again; then try another one.";
    DeviceNotFound "E-BT-03": "The device was not found.",
        "It sleeps, is too far away, its batteries are low, or it is held by a telephone that it was paired with.",
        "Bring it within a metre, put in new batteries, switch off Bluetooth on telephones near by, wake it, and try again.";
    AdapterOff "E-BT-04": "The Bluetooth adapter is switched off.",
        "It is blocked by a switch or by software.",
        "Run `rfkill unblock bluetooth`, or `gateway doctor --fix`.";
    NotPaired "E-BT-05": "The device did not pair.",
        "It waited too long, the digits were wrong, or it still knows another box or telephone.",
        "Put it in pairing mode as its manual says (often: hold the button), and try again.";
    ConnectionsFail "E-BT-06": "Connections to the device fail again and again.",
        "It is at the edge of the range, or its batteries are nearly empty.",
        "Put in new batteries, and move the box or the place where measurements are taken.";
    WeakSignal "E-BT-07": "The device is heard only weakly.",
        "Walls or metal stand between, or it is far away.",
        "Move the box nearer to where measurements are taken, and test again from there.";
    DeviceUnheard "E-DEV-01": "The device has not been heard for a long time.",
        "Nobody used it, its batteries are empty, or it is out of range.",
        "Take a measurement near the box. If nothing is heard, put in new batteries.";
    BatteryLow "E-DEV-02": "The device's batteries are nearly empty.",
        "They have been used up.",
        "Put in new ones of the same kind.";
    DeviceNotBound "E-DEV-03": "A device of this home has not been paired with the box.",
        "It was left for later, or it was removed.",
        "Run `gateway pair add` for it.";
    ReadingsWait "E-OUT-01": "Readings wait for the server.",
        "The box was not connected, or the server does not confirm.",
        "Nothing is lost. Check the internet; readings go by themselves once the server can be reached.";
    OutboxFull "E-OUT-02": "The box is nearly full of readings that were not sent.",
        "It has been offline for a very long time.",
        "Get the box on any network today: once it is full it takes no more, and devices must keep what they measure.";
    RecordsRefused "E-OUT-03": "The server refused some records.",
        "A device is registered to another home, or a record was damaged.",
        "They are kept. Call the office with the box's name: the server says why it refused them.";
    NotRunning "E-RUN-01": "The gateway does not run.",
        "It was stopped, or it cannot start.",
        "Run `systemctl restart hearth-gateway`. If it does not stay up, see `journalctl -u hearth-gateway`.";
    Stuck "E-RUN-02": "A part of the gateway does not get on.",
        "Bluetooth or the disk hangs.",
        "The watchdog restarts it within minutes. If it happens again, send a support bundle to the office.";
    OtherVersion "E-RUN-03": "The gateway that runs is of another version than this command.",
        "It was updated and not restarted.",
        "Run `systemctl restart hearth-gateway`.";
    NoTestReading "E-TST-01": "No test reading came.",
        "The measurement failed or was not finished, or the device did not reach the box.",
        "Take the measurement again, near the box, and wait until the device has switched itself off.";
    TestNotConfirmed "E-TST-02": "The test reading is on the box, but the server has not confirmed it.",
        "The internet or the server is down.",
        "Nothing is lost. Run `gateway doctor`, mend what it says, and test again.";
}

/// Why a text is no code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no code of Hearth's; codes are like E-BT-03")]
pub struct UnknownCode(String);

impl FromStr for ErrorCode {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let wanted = text.trim();
        let found = Self::ALL
            .iter()
            .find(|code| code.as_str().eq_ignore_ascii_case(wanted));
        found
            .copied()
            .ok_or_else(|| UnknownCode(wanted.chars().take(20).collect()))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_said_once_and_read_back() {
        let mut printed: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        for code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert_eq!(code.as_str().to_lowercase().parse(), Ok(*code));
        }
        printed.sort_unstable();
        printed.dedup();
        assert_eq!(printed.len(), ErrorCode::ALL.len());
        assert!("E-BT-99".parse::<ErrorCode>().is_err());
    }

    #[test]
    fn every_sentence_ends_and_none_is_long() {
        for code in ErrorCode::ALL {
            let Explained {
                happened,
                cause,
                next,
            } = code.explained();
            for text in [happened, cause, next] {
                assert!(text.ends_with('.') && text.len() <= 160, "{code}: {text}");
            }
        }
    }
}
