//! The words that a table brings: there, and short enough to be read once.

use thiserror::Error;

/// The longest text in a table or a rule, in characters.
pub const WORDS_LEN_MAX: usize = 500;

/// Words that are missing or too long.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field} needs words, at most {WORDS_LEN_MAX} characters")]
pub struct WordsError {
    field: &'static str,
}

pub(super) fn check_words(field: &'static str, words: &str) -> Result<(), WordsError> {
    if words.trim().is_empty() || words.chars().count() > WORDS_LEN_MAX {
        return Err(WordsError { field });
    }
    Ok(())
}

/// Joins names as people list them: `oxygen, systolic and pulse`.
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
