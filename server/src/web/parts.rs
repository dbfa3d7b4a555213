//! The parts of the service: which of them a person works with, and to which of them the page belongs that is open.

use super::session::Me;
use crate::rights::Right;

/// The parts of the service, and what each needs.
const PARTS: [(Right, &str, &str); 9] = [
    (Right::SeeRecords, "Alerts", "/alerts"),
    (Right::SeeRecords, "Patients", "/patients"),
    (Right::ActOnAlerts, "Handover", "/handover"),
    (Right::SeeRecords, "Rota", "/duty"),
    (Right::SeeAggregates, "Alert quality", "/alerts/quality"),
    (Right::EditDuty, "Records opened", "/break-glass/opened"),
    (Right::SeeRecords, "Another team's patient", "/break-glass"),
    (Right::ManagePeople, "Administration", "/administration"),
    (Right::SeeAudit, "Audit", "/audit"),
];

/// One part of the service, as a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its address.
    pub(crate) href: &'static str,
    /// Whether this is where the person is, as `aria-current` says it: `page` for its first page, `true` for one within.
    pub(crate) here: Option<&'static str>,
}

impl Me {
    /// Gives the parts of the service that this person works with.
    pub(crate) fn parts(&self) -> Vec<Part> {
        // Whoever sees records has the same on the patients' pages.
        let is_visitor = self.may(Right::SeeContacts) && !self.may(Right::SeeRecords);
        let visits = is_visitor.then_some(("Visits", "/visits"));
        let known = PARTS
            .into_iter()
            .filter(|(right, _, _)| self.may(*right))
            .map(|(_, name, href)| (name, href))
            .chain(visits);
        with_place(known, &self.path)
    }
}

/// Marks the part to which a path belongs: the one whose address is the longest beginning of it.
fn with_place(known: impl Iterator<Item = (&'static str, &'static str)>, path: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = known
        .map(|(name, href)| Part {
            name,
            href,
            here: None,
        })
        .collect();
    let holds = |it: &&mut Part| {
        let rest = path.strip_prefix(it.href);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if let Some(it) = parts
        .iter_mut()
        .filter(holds)
        .max_by_key(|it| it.href.len())
    {
        it.here = Some(if it.href == path { "page" } else { "true" });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(path: &str) -> Vec<(&'static str, &'static str)> {
        let all = PARTS.into_iter().map(|(_, name, href)| (name, href));
        let parts = with_place(all, path).into_iter();
        parts.filter_map(|it| Some((it.name, it.here?))).collect()
    }

    #[test]
    fn a_page_belongs_to_the_part_that_is_nearest_to_it() {
        for (path, wanted) in [
            ("/alerts", ("Alerts", "page")),
            ("/alerts/ivor/2/close", ("Alerts", "true")),
            ("/alerts/quality", ("Alert quality", "page")),
            ("/patients/ivor/alerts", ("Patients", "true")),
            ("/break-glass", ("Another team's patient", "page")),
            ("/break-glass/opened", ("Records opened", "page")),
        ] {
            assert_eq!(here(path), [wanted], "{path}");
        }
        assert_eq!(here("/account"), []);
        assert_eq!(here("/alertsomething"), []);
    }
}
