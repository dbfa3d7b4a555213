//! Worked: who of a team is at work when, with leave and cover worked out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::on_duty::OnDuty;
use super::rota::Rota;
use crate::id::PersonId;

/// The longest time that is looked at, in days; what comes after it is left out.
pub const WORKED_DAYS_MAX: i64 = 100;

/// A time for which one person is at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worked {
    /// Who is there.
    pub person: PersonId,
    /// On whose shift, when it is somebody's who is on leave.
    pub instead_of: Option<PersonId>,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// Who works, and on whose shift when it is not their own.
type Post<'a> = (&'a PersonId, Option<&'a PersonId>);

impl Rota {
    /// Lists who is at work within the staffed hours between two moments, by start and person. Somebody is at work whose
    /// shift runs and who is not on leave, or whose cover is not. In a team without any shifts every member in post is.
    pub fn worked(&self, from: Timestamp, until: Timestamp) -> Vec<Worked> {
        let mut worked: Vec<Worked> = Vec::new();
        let mut last: BTreeMap<Post<'_>, usize> = BTreeMap::new();
        self.each_part(from, until, |from, until, posts| {
            for post in posts {
                let place = last.get(&post).copied();
                let same = place.and_then(|place| worked.get_mut(place));
                if let Some(same) = same.filter(|it| it.until == from) {
                    same.until = until;
                    continue;
                }
                last.insert(post, worked.len());
                worked.push(Worked {
                    person: post.0.clone(),
                    instead_of: post.1.cloned(),
                    from,
                    until,
                });
            }
        });
        worked.sort_by(|a, b| (a.from, &a.person).cmp(&(b.from, &b.person)));
        worked
    }

    /// Adds up how long people are at work within the staffed hours between two moments; two people for one hour are two
    /// hours, and one person on two shifts at once is one.
    pub fn time_worked(&self, from: Timestamp, until: Timestamp) -> SignedDuration {
        let mut sum = SignedDuration::ZERO;
        self.each_part(from, until, |from, until, posts| {
            let people: BTreeSet<&PersonId> = posts.into_iter().map(|(who, _)| who).collect();
            for _ in people {
                sum = sum.saturating_add(until.duration_since(from));
            }
        });
        sum
    }

    /// Names who is on call at a moment: the person named, or who covers for them; `None` when nobody is.
    pub fn on_call_at(&self, at: Timestamp) -> Option<&PersonId> {
        OnDuty::new(self, at).on_call(at)
    }

    /// Gives each stretch within which nothing changes, with who works in it.
    fn each_part<'a>(
        &'a self,
        from: Timestamp,
        until: Timestamp,
        mut with: impl FnMut(Timestamp, Timestamp, BTreeSet<Post<'a>>),
    ) {
        let longest = SignedDuration::from_hours(WORKED_DAYS_MAX * 24);
        let until = until.min(from.checked_add(longest).unwrap_or(Timestamp::MAX));
        let mut at = from;
        while at < until {
            let duty = OnDuty::new(self, at);
            let parts = duty.parts().filter(|_| duty.is_staffed());
            for (from, ends) in parts.filter(|(from, _)| *from < until) {
                with(from, ends.min(until), duty.posts(from));
            }
            at = duty.until();
        }
    }
}

impl<'a> OnDuty<'a> {
    /// Gives who is at work at a moment, and on whose shift.
    fn posts(&self, at: Timestamp) -> BTreeSet<Post<'a>> {
        let rota = self.rota();
        let members = rota.team().members.iter().map(|it| &it.person);
        let members = members.filter(|_| rota.shifts().is_empty());
        let wanted = self.on_turn(at).chain(members);
        wanted
            .filter_map(|wanted| {
                let who = self.stand_in(wanted, at)?;
                Some((who, (who != wanted).then_some(wanted)))
            })
            .collect()
    }
}
