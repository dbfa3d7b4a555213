//! What can go wrong in a call to BlueZ, in words that hold no device address.

use std::future::Future;
use std::time::Duration;

use thiserror::Error;

/// Is why a call to BlueZ gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Failure {
    /// BlueZ, or the D-Bus to it, kept silent.
    #[error("BlueZ did not answer within {0} ms")]
    Unanswered(u64),
    /// The connection to the D-Bus is closed, and btleplug does not make another.
    #[error("the connection to the system D-Bus is closed")]
    BusLost,
    /// BlueZ 5.62 and later give a connection up when the controller reports it twice; trying again at once works.
    #[error("BlueZ gave the connection up by itself")]
    ConnectAborted,
    /// BlueZ refused, for the reason given.
    #[error("BlueZ refused: {0}")]
    Refused(String),
    /// The machine has no such adapter.
    #[error(
        "no Bluetooth adapter {0} was found; plug one in, or see `bluetoothctl list` and `rfkill list`"
    )]
    NoAdapter(String),
    /// BlueZ ended, or the adapter was unplugged or switched off.
    #[error("BlueZ or the Bluetooth adapter is gone")]
    Gone,
    /// The stream of events ended.
    #[error("BlueZ ended the stream of events")]
    EventsEnded,
}

impl From<btleplug::Error> for Failure {
    fn from(error: btleplug::Error) -> Self {
        let text = error.to_string();
        if text.contains("le-connection-abort-by-local") {
            Self::ConnectAborted
        } else if text.contains("Failed to send message") {
            // The words of the dbus crate, nonblock.rs: a closed connection takes no message.
            Self::BusLost
        } else {
            Self::Refused(without_addresses(&text))
        }
    }
}

impl From<zbus::Error> for Failure {
    fn from(error: zbus::Error) -> Self {
        match error {
            zbus::Error::MethodError(name, text, _) => {
                let text = text.unwrap_or_default();
                Self::Refused(without_addresses(&format!("{name}: {text}")))
            }
            zbus::Error::InputOutput(_) => Self::BusLost,
            other => Self::Refused(without_addresses(&other.to_string())),
        }
    }
}

/// Waits for a call at most `ms_max`; btleplug's own bound is 30 s and more.
pub(super) async fn bounded<T>(
    ms_max: u64,
    call: impl Future<Output = btleplug::Result<T>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(Duration::from_millis(ms_max), call).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Failure::Unanswered(ms_max)),
    }
}

/// BlueZ names a device by its address, `dev_AA_BB_CC_DD_EE_FF` or `AA:BB:CC:DD:EE:FF`, in paths and messages.
fn without_addresses(text: &str) -> String {
    const ADDRESS_LEN: usize = 17;
    let bytes = text.as_bytes();
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at = bytes.len() - rest.len();
        let is_address = bytes
            .get(at..at + ADDRESS_LEN)
            .is_some_and(looks_like_address);
        let taken = if is_address {
            ADDRESS_LEN
        } else {
            first.len_utf8()
        };
        kept.push_str(if is_address { "…" } else { &rest[..taken] });
        rest = &rest[taken..];
    }
    kept
}

fn looks_like_address(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(at, byte)| match at % 3 {
        2 => matches!(byte, b':' | b'_'),
        _ => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_out_of_a_reason() {
        assert_eq!(
            without_addresses(
                "no object /org/bluez/hci0/dev_C2_00_5E_00_53_01/service0010 – sorry"
            ),
            "no object /org/bluez/hci0/dev_…/service0010 – sorry"
        );
        assert_eq!(without_addresses("C2:00:5e:00:53:01"), "…");
        assert_eq!(
            without_addresses("Operation already in progress"),
            "Operation already in progress"
        );
    }

    #[test]
    fn an_abort_is_told_from_other_refusals() {
        let aborted = btleplug::Error::Other("le-connection-abort-by-local".into());
        assert_eq!(Failure::from(aborted), Failure::ConnectAborted);
        let other = btleplug::Error::Other("br-connection-unknown".into());
        assert_eq!(
            Failure::from(other),
            Failure::Refused("br-connection-unknown".to_owned())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_without_an_answer_ends_at_its_bound() {
        let silent = std::future::pending::<btleplug::Result<()>>();
        assert_eq!(bounded(50, silent).await, Err(Failure::Unanswered(50)));
    }
}
