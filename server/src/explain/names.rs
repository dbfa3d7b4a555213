//! Names: the people in a story, as a clinician knows them.

use std::collections::BTreeMap;

use clinical::PersonId;

use crate::store::patient_page::PersonRow;

/// What everybody is called who is known here.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Takes the names of the staff.
    pub(super) fn new(staff: Vec<PersonRow>) -> Self {
        let names = staff.into_iter().map(|it| {
            let called = match role(&it.role) {
                role if role.is_empty() => it.name,
                role => format!("{} ({role})", it.name),
            };
            (it.id, called)
        });
        Self(names.collect())
    }

    /// Gives a person's name with what they do: `Ann Bell (care coordinator)`; of somebody who is not known the id.
    pub(super) fn of(&self, person: &PersonId) -> String {
        let known = self.0.get(person.as_str());
        known.cloned().unwrap_or_else(|| person.to_string())
    }
}

/// Writes what somebody does as within a sentence: `Care coordinator` small, `GP` as it is.
fn role(role: &str) -> String {
    let role = role.trim();
    let first = role.split_whitespace().next().unwrap_or("");
    let mut letters = role.chars();
    match letters.next() {
        Some(letter) if !first.chars().skip(1).any(char::is_uppercase) => {
            letter.to_lowercase().chain(letters).collect()
        }
        _ => role.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_by_name_and_by_what_they_do() {
        let person = |id: &str, name: &str, role: &str| PersonRow {
            id: id.to_owned(),
            name: name.to_owned(),
            role: role.to_owned(),
            team: "North".to_owned(),
        };
        let names = Names::new(vec![
            person("ann", "Ann Bell", "Care coordinator"),
            person("bo", "Dr Bo Hall", "GP"),
            person("cy", "Cy Dunn", ""),
        ]);
        let of = |id: &str| names.of(&id.parse().unwrap());
        assert_eq!(of("ann"), "Ann Bell (care coordinator)");
        assert_eq!(of("bo"), "Dr Bo Hall (GP)");
        assert_eq!(of("cy"), "Cy Dunn");
        assert_eq!(of("who-left"), "who-left");
    }
}
