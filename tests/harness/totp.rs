//! What an authenticator app does: the six digits of a moment (RFC 6238, with the defaults that every app has).

use anyhow::Context;
use jiff::Timestamp;
use ring::hmac;

/// How long a code holds, in seconds.
pub const STEP_SECONDS: i64 = 30;

/// The letters of base 32, each worth its place (RFC 4648, 6).
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Gives the code of a moment. `secret` is base 32 as a page shows it, spaces allowed.
///
/// # Errors
/// When the secret is no base 32, or the moment is before 1970.
pub fn code(secret: &str, at: Timestamp) -> anyhow::Result<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes(secret)?);
    let step = u64::try_from(at.as_second().div_euclid(STEP_SECONDS))?;
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().context("a tag is 20 bytes long")? & 0x0f);
    let four = tag.get(offset..offset + 4).context("within the tag")?;
    let number = u32::from_be_bytes(four.try_into()?) & 0x7fff_ffff;
    Ok(format!("{:06}", number % 1_000_000))
}

fn bytes(secret: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0u32, 0);
    for letter in secret.chars().filter(|it| !it.is_whitespace()) {
        let value = LETTERS.find(letter).context("not base 32")?;
        held = ((held << 5) | u32::try_from(value)?) & 0xffff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff)?);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_rfc_cut_to_six_digits() {
        for (seconds, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            let at = Timestamp::from_second(seconds).unwrap();
            let secret = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";
            assert_eq!(code(secret, at).unwrap(), wanted);
        }
        assert!(code("GEZ1", Timestamp::UNIX_EPOCH).is_err());
    }
}
