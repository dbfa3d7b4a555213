//! Ids: made from names, so that nobody has to think of one, and never twice the same.

use sqlx::AnyConnection;
use vitals::id::ID_LEN_MAX;

use crate::store::office::{self, Named};

/// How much of a name becomes an id: there is room for a number after it.
const STEM_LEN_MAX: usize = ID_LEN_MAX - 8;

/// Gives a free id for a name: `ada-okafor`, and `ada-okafor-2` for the next of that name.
///
/// # Errors
/// When the database fails.
pub(super) async fn free(
    connection: &mut AnyConnection,
    named: Named,
    name: &str,
) -> anyhow::Result<String> {
    let stem = stem(name);
    let taken = office::ids_like(connection, named, &stem).await?;
    Ok(first_free(&stem, &taken))
}

fn first_free(stem: &str, taken: &[String]) -> String {
    if taken.iter().all(|it| it != stem) {
        return stem.to_owned();
    }
    // One more than there are taken is enough: one of them is free.
    (2..=taken.len() + 2)
        .map(|number| format!("{stem}-{number}"))
        .find(|id| taken.iter().all(|it| it != id))
        .unwrap_or_else(|| stem.to_owned())
}

/// Keeps the letters and digits of a name that an id may have.
fn stem(name: &str) -> String {
    let mut stem = String::new();
    for letter in name.chars() {
        let letter = plain(letter).to_ascii_lowercase();
        if letter.is_ascii_alphanumeric() {
            stem.push(letter);
        } else if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
        if stem.len() >= STEM_LEN_MAX {
            break;
        }
    }
    let stem = stem.trim_end_matches('-');
    if stem.is_empty() {
        "x".to_owned()
    } else {
        stem.to_owned()
    }
}

/// Gives a letter without its mark, of those that Welsh and its neighbours write.
fn plain(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ä' | 'ã' | 'å' | 'À' | 'Á' | 'Â' | 'Ä' | 'Å' => 'a',
        'è' | 'é' | 'ê' | 'ë' | 'È' | 'É' | 'Ê' | 'Ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'Ì' | 'Í' | 'Î' | 'Ï' => 'i',
        'ò' | 'ó' | 'ô' | 'ö' | 'õ' | 'ø' | 'Ò' | 'Ó' | 'Ô' | 'Ö' | 'Ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' | 'Ù' | 'Ú' | 'Û' | 'Ü' => 'u',
        'ŵ' | 'Ŵ' => 'w',
        'ŷ' | 'ý' | 'ÿ' | 'Ŷ' | 'Ý' => 'y',
        'ç' | 'Ç' => 'c',
        'ñ' | 'Ñ' => 'n',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use clinical::PersonId;

    use super::*;

    #[test]
    fn a_name_becomes_an_id_that_fits() {
        assert_eq!(stem("Siân  O'Neill-Lloyd"), "sian-o-neill-lloyd");
        assert_eq!(stem("李"), "x");
        for name in ["---", "A", &"Llanfair ".repeat(20), "%_"] {
            let id = first_free(&stem(name), &[]);
            assert!(id.parse::<PersonId>().is_ok(), "{name}: {id}");
        }
    }

    #[test]
    fn no_id_is_given_twice() {
        let taken = ["ada", "ada-2", "ada-lovelace"].map(str::to_owned);
        assert_eq!(first_free("ada", &taken), "ada-3");
        assert_eq!(first_free("ad", &taken), "ad");
    }
}
