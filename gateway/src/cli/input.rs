//! What somebody types: never as arguments, which other users of the box can see.

use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::Path;

use anyhow::Context;

/// The most that is read of what somebody types, in bytes.
const STDIN_LEN_MAX: u64 = 256;
/// The most that is read of a file that holds a code, in bytes.
const FILE_LEN_MAX: u64 = 64;

/// Reads a line from the standard input; a person is told what is asked.
///
/// # Errors
/// When it cannot be read.
pub(super) fn line(asked: &str) -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        eprint!("{asked}: ");
    }
    let mut text = String::new();
    BufReader::new(std::io::stdin().take(STDIN_LEN_MAX))
        .read_line(&mut text)
        .context("the standard input cannot be read")?;
    Ok(text.trim().to_owned())
}

/// Reads a secret from a file, or from the standard input where the file is `-`.
///
/// # Errors
/// When it cannot be read.
pub(super) fn secret(file: &Path, asked: &str) -> anyhow::Result<String> {
    if file == Path::new("-") {
        return line(asked);
    }
    let mut text = String::new();
    std::fs::File::open(file)
        .and_then(|it| it.take(FILE_LEN_MAX).read_to_string(&mut text))
        .with_context(|| format!("cannot read {}", file.display()))?;
    Ok(text.trim().to_owned())
}
