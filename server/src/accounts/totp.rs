//! One-time codes of six digits that change every thirty seconds (RFC 6238), each good once.

use anyhow::{Context, anyhow};
use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use crate::clock::Clock;
use crate::percent;

/// 160 bits, as RFC 4226 (section 4, R6) recommends.
const SECRET_LEN: usize = 20;

/// A person's secret, shared with the program on their phone.
#[derive(Clone)]
pub struct OneTimeCodes(Totp);

impl OneTimeCodes {
    /// Draws a secret.
    ///
    /// # Errors
    /// When the system gives no entropy.
    pub fn draw(clock: &Clock) -> anyhow::Result<Self> {
        let mut bytes = vec![0; SECRET_LEN];
        clock.fill_random(&mut bytes)?;
        Self::of(Secret::from(bytes))
    }

    /// Reads a secret as the database has it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        let secret = Secret::try_from_base32(text);
        Self::of(secret.map_err(|_| anyhow!("a stored one-time-code secret cannot be read"))?)
    }

    fn of(secret: Secret) -> anyhow::Result<Self> {
        let codes = Builder::new().with_secret(secret).build();
        codes
            .map(Self)
            .map_err(|error| anyhow!("{error}"))
            .context("a one-time-code secret is not as it must be")
    }

    /// Gives the secret in base 32: what the database has, and what a person types who cannot scan.
    pub fn secret(&self) -> String {
        self.0.secret().to_base32()
    }

    /// Gives the address that a phone's program reads from a QR code (the Key URI format).
    pub fn address(&self, service: &str, username: &str) -> String {
        let encoded = |text: &str| percent::encoded(text.bytes());
        let (service, username) = (encoded(service), encoded(username));
        let secret = self.secret();
        format!("otpauth://totp/{service}:{username}?secret={secret}&issuer={service}")
    }

    /// Finds the step that a code is of: the one of now, or the one before or after, for clocks that differ a little.
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let digits: String = code
            .chars()
            .filter(|it| !it.is_whitespace())
            .take(7)
            .collect();
        let seconds = u64::try_from(now.as_second()).ok()?;
        let step = self.0.check(&digits, seconds)?;
        i64::try_from(step).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret of the SHA-1 rows.
    const RFC: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn the_codes_are_those_of_the_rfc_cut_to_six_digits() {
        let codes = OneTimeCodes::read(RFC).unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let now = Timestamp::from_second(seconds).unwrap();
            assert_eq!(codes.step_of(code, now), Some(seconds / 30), "{code}");
            assert_eq!(codes.step_of("000000", now), None);
            let spaced = format!("{} {}", &code[..3], &code[3..]);
            assert!(codes.step_of(&spaced, now).is_some(), "as phones show it");
        }
    }

    #[test]
    fn a_clock_may_differ_by_half_a_minute_and_not_by_more() {
        let codes = OneTimeCodes::read(RFC).unwrap();
        let step = |seconds| codes.step_of("287082", Timestamp::from_second(seconds).unwrap());
        assert_eq!(
            [step(29), step(30), step(89), step(90)],
            [Some(1), Some(1), Some(1), None]
        );
        for wrong in ["", "28708", "2870822", "28708x", "２８７０８２"] {
            assert_eq!(
                codes.step_of(wrong, Timestamp::from_second(59).unwrap()),
                None
            );
        }
    }

    #[test]
    fn the_address_names_the_service_and_the_person() {
        let codes = OneTimeCodes::read(RFC).unwrap();
        let address = codes.address("Hearth & co", "ada");
        assert_eq!(
            address,
            format!("otpauth://totp/Hearth%20%26%20co:ada?secret={RFC}&issuer=Hearth%20%26%20co")
        );
    }
}
