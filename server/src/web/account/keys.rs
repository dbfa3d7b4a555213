//! The keys of the board: which does what, and what may be chosen.

use std::collections::{BTreeMap, BTreeSet};

/// What a key can do, by its name, with what it is called and the key that does it unless another was chosen.
pub(crate) const ACTIONS: [(&str, &str, char); 8] = [
    ("next", "Next alert", 'j'),
    ("previous", "Alert before", 'k'),
    ("take", "Take the alert", 't'),
    ("snooze", "Put the alert aside", 's'),
    ("escalate", "Escalate the alert", 'e'),
    ("close", "Close the alert", 'c'),
    ("search", "Find a patient", '/'),
    ("help", "Show the keys", '?'),
];

/// The keys that a person has chosen, by what they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keys(BTreeMap<&'static str, char>);

impl Default for Keys {
    fn default() -> Self {
        Self(ACTIONS.map(|(action, _, key)| (action, key)).into())
    }
}

impl Keys {
    /// Reads what was typed for each action. Of what is left out the usual key stays.
    ///
    /// # Errors
    /// When something typed is no single letter, digit or mark, or two actions share a key; the error says which.
    pub(crate) fn read(typed: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut keys = BTreeMap::new();
        let mut used = BTreeSet::new();
        for (action, label, usual) in ACTIONS {
            let text = typed(action).unwrap_or_else(|| usual.to_string());
            let text = text.trim().to_lowercase();
            let mut letters = text.chars();
            let (Some(key), None) = (letters.next(), letters.next()) else {
                return Err(format!("{label}: type one key"));
            };
            if !key.is_ascii_graphic() {
                return Err(format!(
                    "{label}: choose a letter, a digit or a mark of your keyboard"
                ));
            }
            if !used.insert(key) {
                return Err(format!(
                    "{label}: the key {key} does something else already"
                ));
            }
            keys.insert(action, key);
        }
        Ok(Self(keys))
    }

    /// Gives the key of an action.
    pub(crate) fn of(&self, action: &str) -> char {
        self.0.get(action).copied().unwrap_or(' ')
    }

    /// Writes them for the page's script: `next=j previous=k`.
    pub(crate) fn for_script(&self) -> String {
        let pairs: Vec<String> = ACTIONS
            .iter()
            .map(|(action, _, _)| format!("{action}={}", self.of(action)))
            .collect();
        pairs.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chosen: &[(&str, &str)]) -> Result<Keys, String> {
        Keys::read(|action| {
            let found = chosen.iter().find(|(it, _)| *it == action);
            found.map(|(_, key)| (*key).to_owned())
        })
    }

    #[test]
    fn what_is_left_out_stays_as_usual() {
        assert_eq!(read(&[]), Ok(Keys::default()));
        let keys = read(&[("take", "X")]).unwrap();
        assert_eq!(keys.of("take"), 'x');
        assert!(
            keys.for_script()
                .starts_with("next=j previous=k take=x snooze=s")
        );
    }

    #[test]
    fn a_key_does_one_thing_and_is_on_every_keyboard() {
        for (chosen, said) in [
            (
                ("take", "j"),
                "Take the alert: the key j does something else",
            ),
            (("take", ""), "type one key"),
            (("take", "xy"), "type one key"),
            (("take", "é"), "choose a letter"),
        ] {
            let refused = read(&[chosen]).unwrap_err();
            assert!(refused.contains(said), "{refused}");
        }
    }
}
