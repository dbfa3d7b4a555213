//! Tokens and codes: random texts that a browser or a person holds, of which the database has only the digest.

use anyhow::Context;
use ring::digest;

use crate::clock::Clock;

/// 256 bits (security requirement of session tokens).
const TOKEN_LEN: usize = 32;
/// 80 bits.
const CODE_LEN: usize = 10;
const CODE_GROUP_LEN: usize = 4;
/// Crockford's base 32: no I, L, O or U, so that nothing looks like something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The longest token or code that is looked at.
pub const TEXT_LEN_MAX: usize = 100;

/// Draws a session's token, in hexadecimal.
///
/// # Errors
/// When the system gives no entropy.
pub fn token(clock: &Clock) -> anyhow::Result<String> {
    let mut bytes = [0; TOKEN_LEN];
    clock.fill_random(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// Draws a code that a person can type: 16 letters and digits in groups of four.
///
/// # Errors
/// When the system gives no entropy.
pub fn code(clock: &Clock) -> anyhow::Result<String> {
    let mut bytes = [0; CODE_LEN];
    clock.fill_random(&mut bytes)?;
    let mut padded = [0; 16];
    padded[16 - CODE_LEN..].copy_from_slice(&bytes);
    let number = u128::from_be_bytes(padded);
    let letters: Vec<u8> = (0..CODE_LEN * 8 / 5)
        .rev()
        .map(|place| {
            let index = usize::try_from((number >> (place * 5)) & 31).unwrap_or_default();
            ALPHABET[index]
        })
        .collect();
    let groups: Result<Vec<&str>, _> = letters
        .chunks(CODE_GROUP_LEN)
        .map(std::str::from_utf8)
        .collect();
    Ok(groups.context("the alphabet is ASCII")?.join("-"))
}

/// Writes a code as it was made from what a person typed: in any case, with or without dashes, O for 0 and I or L for 1.
pub fn as_made(typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric);
    let letters: Vec<char> = letters
        .take(TEXT_LEN_MAX)
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let groups: Vec<String> = letters
        .chunks(CODE_GROUP_LEN)
        .map(|group| group.iter().collect())
        .collect();
    groups.join("-")
}

/// Gives what the database has of a token or code: its SHA-256, in hexadecimal.
pub fn digest_of(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn codes_are_typed_as_people_type() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH, 7).clock();
        let made = code(&clock).unwrap();
        assert_eq!(made.len(), 19);
        assert_eq!(made.matches('-').count(), 3);
        assert_ne!(made, code(&clock).unwrap());
        let typed = made
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "l");
        assert_eq!(as_made(&typed), made);
        assert_eq!(as_made("é- \n"), "");
    }

    #[test]
    fn a_token_has_256_bits_and_only_its_digest_is_kept() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH, 7).clock();
        let made = token(&clock).unwrap();
        assert_eq!(made.len(), 64);
        assert_eq!(digest_of(&made).len(), 64);
        assert_ne!(digest_of(&made), made);
    }
}
