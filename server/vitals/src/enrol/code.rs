//! The one-time code: eight letters that an installer types once.

use std::fmt;
use std::str::FromStr;

use ring::digest::{SHA256, digest};
use thiserror::Error;

/// The letters of a code: no vowels, so that no code is a word, and none that is easily taken for another.
pub const ALPHABET: &[u8; LETTERS_LEN as usize] = b"BCDFGHJKLMNPQRSTVWXZ";
const LETTERS_LEN: u8 = 20;
/// The largest multiple of the number of letters in a byte.
const BELOW: u8 = u8::MAX - u8::MAX % LETTERS_LEN;
/// How many letters a code has.
pub const CODE_LEN: usize = 8;
/// How many of them come before the dash.
pub const HALF_LEN: usize = 4;

/// The one-time code of an install job.
#[derive(Clone)]
pub struct Code([u8; CODE_LEN]);

/// Why a text is no code. What was typed is not repeated: it may be nearly right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a code has {CODE_LEN} letters, such as WDJB-MJHT, and never A, E, I, O, U or Y; look at the job sheet again"
)]
pub struct CodeError;

impl Code {
    /// Draws a code from random bytes, of which `fill` gives as many as it is asked for.
    ///
    /// A byte beyond the largest multiple of the alphabet's length is thrown away: every letter is as likely as any other.
    ///
    /// # Errors
    /// When `fill` fails.
    pub fn draw<E>(mut fill: impl FnMut(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut letters = [0; CODE_LEN];
        for letter in &mut letters {
            let mut byte = [u8::MAX];
            while byte[0] >= BELOW {
                fill(&mut byte)?;
            }
            *letter = ALPHABET[usize::from(byte[0] % LETTERS_LEN)];
        }
        Ok(Self(letters))
    }

    /// Gives the code as it is typed, in capitals and without its dash.
    pub fn letters(&self) -> &[u8; CODE_LEN] {
        &self.0
    }

    /// Gives the letters before the dash, by which a job is found.
    pub fn first_half(&self) -> &[u8] {
        &self.0[..HALF_LEN]
    }

    /// Gives the SHA-256 of the code, which the box's proof covers.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &self.0).as_ref());
        hash
    }

    /// Gives the code as it is printed on the job sheet. A code is a secret: nothing else may show it.
    pub fn for_job_sheet(&self) -> String {
        let letters: String = self.0.iter().copied().map(char::from).collect();
        let (first, second) = letters.split_at(HALF_LEN);
        format!("{first}-{second}")
    }
}

/// A code is a secret: its debug form shows nothing of it.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

/// Takes what was typed: in any case, with or without dash and white space.
impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let mut letters = [0; CODE_LEN];
        let mut typed = text
            .bytes()
            .filter(|byte| *byte != b'-' && !byte.is_ascii_whitespace())
            .map(|byte| byte.to_ascii_uppercase());
        for letter in &mut letters {
            *letter = typed
                .next()
                .filter(|byte| ALPHABET.contains(byte))
                .ok_or(CodeError)?;
        }
        match typed.next() {
            None => Ok(Self(letters)),
            Some(_) => Err(CodeError),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn a_code_is_typed_in_any_case_with_or_without_its_dash() {
        let code: Code = "WDJB-MJHT".parse().unwrap();
        assert_eq!(code.for_job_sheet(), "WDJB-MJHT");
        assert_eq!(code.first_half(), b"WDJB");
        for typed in ["wdjbmjht", " Wdjb mjHt\n", "WD-JB-MJ-HT"] {
            let same: Code = typed.parse().unwrap();
            assert_eq!(same.letters(), code.letters(), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused_without_repeating_it() {
        for typed in [
            "",
            "KLMN",
            "KLMN-PQRST",
            "KLMN-PQRA",
            "KLMN-PQR1",
            "KLMN-PQRÄ",
        ] {
            let error = typed.parse::<Code>().unwrap_err().to_string();
            assert!(typed.is_empty() || !error.contains(typed), "{error}");
            assert!(error.contains("job sheet"), "{error}");
        }
    }

    #[test]
    fn every_letter_is_as_likely_as_any_other() {
        // Every byte value once: what is beyond 239 would favour the first letters and is thrown away.
        let mut bytes = (0..=u8::MAX).cycle();
        let mut counts: BTreeMap<u8, u32> = BTreeMap::new();
        for _ in 0..30 {
            let code = Code::draw(|byte| {
                byte.fill_with(|| bytes.next().unwrap());
                Ok::<(), Infallible>(())
            })
            .unwrap();
            for letter in code.letters() {
                *counts.entry(*letter).or_default() += 1;
            }
        }
        let each: Vec<u32> = counts.into_values().collect();
        assert_eq!(each, [12; 20]);
    }

    #[test]
    fn no_code_is_drawn_without_randomness() {
        assert!(matches!(Code::draw(|_| Err("none")), Err("none")));
    }

    #[test]
    fn a_code_is_not_in_its_debug_form() {
        let code: Code = "WDJB-MJHT".parse().unwrap();
        assert_eq!(format!("{code:?}"), "Code(..)");
    }
}
