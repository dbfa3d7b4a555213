//! The PIN on the job sheet: read once, and compared so that how long it takes tells nothing.

use std::fmt;
use std::path::Path;

use anyhow::{Context, ensure};
use ring::hmac;

use crate::clock;

/// The fewest digits.
pub(super) const DIGITS_LEN_MIN: usize = 6;
/// The most digits.
pub(super) const DIGITS_LEN_MAX: usize = 12;

/// The PIN, which is not kept: only its tag by a key that nobody knows.
pub(super) struct Pin {
    key: hmac::Key,
    tag: hmac::Tag,
}

/// A PIN is a secret.
impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

impl Pin {
    /// Reads the PIN.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no PIN that is hard to guess.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| {
            format!(
                "home.page.pin_file: cannot read {}; write the PIN of the job sheet into it, for the gateway's user to read",
                file.display()
            )
        })?;
        Self::of(text.trim()).with_context(|| format!("home.page.pin_file: {}", file.display()))
    }

    fn of(digits: &str) -> anyhow::Result<Self> {
        let length = digits.len();
        ensure!(
            (DIGITS_LEN_MIN..=DIGITS_LEN_MAX).contains(&length)
                && digits.bytes().all(|it| it.is_ascii_digit()),
            "a PIN is {DIGITS_LEN_MIN} to {DIGITS_LEN_MAX} digits"
        );
        ensure!(
            !is_guessed_first(digits.as_bytes()),
            "this PIN is among those that are guessed first; draw another, as with `shuf -i 100000-999999 -n 1`"
        );
        let mut secret = [0; 32];
        clock::fill_random(&mut secret)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let tag = hmac::sign(&key, digits.as_bytes());
        Ok(Self { key, tag })
    }

    /// Tells whether these digits are the PIN, in the same time for all of one length. People may group them.
    pub(super) fn is(&self, typed: &str) -> bool {
        let digits: String = typed
            .chars()
            .filter(|it| !it.is_whitespace() && *it != '-')
            .collect();
        hmac::verify(&self.key, digits.as_bytes(), self.tag.as_ref()).is_ok()
    }
}

/// All the same, or counted up or down.
fn is_guessed_first(digits: &[u8]) -> bool {
    let steps: Vec<i16> = digits
        .windows(2)
        .map(|pair| i16::from(pair[1]) - i16::from(pair[0]))
        .collect();
    let first = steps.first().copied().unwrap_or_default();
    first.abs() <= 1 && steps.iter().all(|it| *it == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_is_known_however_it_is_grouped_and_no_other_is() {
        let pin = Pin::of("480215").unwrap();
        for right in ["480215", " 480 215 ", "480-215"] {
            assert!(pin.is(right), "{right}");
        }
        for wrong in ["", "480216", "48021", "4802150", "four80215"] {
            assert!(!pin.is(wrong), "{wrong}");
        }
        assert_eq!(format!("{pin:?}"), "Pin(..)");
    }

    #[test]
    fn a_pin_that_is_short_or_guessed_first_is_refused_with_the_reason() {
        let refusal = |digits| format!("{:#}", Pin::of(digits).unwrap_err());
        for no_pin in ["48021", "4802150000000", "48021a", "", "４８０２１５"] {
            assert!(refusal(no_pin).contains("6 to 12 digits"), "{no_pin}");
        }
        for guessed in ["111111", "123456", "987654321"] {
            assert!(refusal(guessed).contains("draw another"), "{guessed}");
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pin");
        let error = format!("{:#}", Pin::read(&file).unwrap_err());
        assert!(error.contains("pin_file: cannot read"), "{error}");
        std::fs::write(&file, "480215\n").unwrap();
        assert!(Pin::read(&file).unwrap().is("480215"));
    }
}
