//! Rotas: looked at again while time goes on, so that a gap which time has brought into view is said before it is there.

use std::collections::BTreeSet;

use anyhow::Context;
use clinical::TeamId;
use clinical::duty::{Gap, Gaps, Lack};
use jiff::Timestamp;
use tokio::task::spawn_blocking;
use tracing::{error, info};

use super::{GAPS_OF_TEAM_MAX, ROTA_LOOK_EVERY};
use crate::store::rota_gaps::{self, KnownGap};
use crate::store::{Store, duty};

/// What is remembered between looks.
#[derive(Debug, Default)]
pub(super) struct RotaWatch {
    looked_at: Option<Timestamp>,
    /// The gaps of which it was said that they are there now.
    begun: BTreeSet<(TeamId, Lack, Timestamp)>,
    is_in_trouble: bool,
}

impl RotaWatch {
    /// Looks at every team's rota, if the last look is old enough. What fails is logged and tried again.
    pub(super) async fn look(&mut self, store: &Store, now: Timestamp) {
        let age = self.looked_at.map(|at| now.duration_since(at).abs());
        if age.is_some_and(|age| age < ROTA_LOOK_EVERY) {
            return;
        }
        self.looked_at = Some(now);
        match self.look_at_all(store, now).await {
            Err(error) if !self.is_in_trouble => {
                self.is_in_trouble = true;
                error!(
                    error = format!("{error:#}"),
                    "a rota cannot be looked at, so nobody knows whether somebody answers at every hour: it is tried again"
                );
            }
            Ok(()) if self.is_in_trouble => {
                self.is_in_trouble = false;
                info!("all rotas are looked at again");
            }
            _ => {}
        }
    }

    /// Looks at all teams; a team whose rota cannot be read holds up no other.
    async fn look_at_all(&mut self, store: &Store, now: Timestamp) -> anyhow::Result<()> {
        let mut reader = store.readers().acquire().await?;
        let teams = duty::teams(&mut reader).await?;
        drop(reader);
        self.begun.retain(|(.., until)| now < *until);
        let mut looked = Ok(());
        for team in teams {
            let of_team = self.look_at(store, &team, now).await;
            looked = looked.and(of_team.with_context(|| format!("team {team}")));
        }
        looked
    }

    async fn look_at(
        &mut self,
        store: &Store,
        team: &TeamId,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let mut reader = store.readers().acquire().await?;
        let Some(rota) = duty::rota(&mut reader, team, now).await? else {
            return Ok(());
        };
        let known = rota_gaps::open_of(&mut reader, team).await?;
        drop(reader);
        // A long rota takes a while, and deadlines are not to wait for it.
        let looked_at = rota.clone();
        let gaps = spawn_blocking(move || rota.gaps(now)).await?;
        let found = Found::new(gaps);
        let mut new = BTreeSet::new();
        if !found.compare(known).is_empty() {
            let mut write = store.write().await?;
            rota_gaps::lock(&mut write, team).await?;
            if rota_gaps::is_known_since(&mut write, team, now).await? {
                return Ok(());
            }
            // While this look took its time, the rota was changed: what it found would be kept as a gap of the new one.
            if duty::rota(&mut write, team, now).await? != Some(looked_at) {
                self.looked_at = None;
                return Ok(());
            }
            let known = rota_gaps::open_of(&mut write, team).await?;
            let changes = found.compare(known);
            for gap in &changes.new {
                let sentence = found.sentence(gap);
                rota_gaps::add(&mut write, team, gap, &sentence, now).await?;
            }
            for (known, next) in &changes.next {
                rota_gaps::come_next(&mut write, known, next).await?;
            }
            for known in &changes.over {
                rota_gaps::end(&mut write, known, now).await?;
            }
            write.commit().await?;
            for known in &changes.over {
                info!(team.id = %team, "no longer so: {}", known.sentence);
            }
            new = changes.new.iter().map(|gap| (gap.lack, gap.from)).collect();
        }
        let mut begins =
            |gap: &Gap| gap.from <= now && self.begun.insert((team.clone(), gap.lack, gap.until));
        found.say(team, |gap| {
            let begins = begins(gap);
            begins || new.contains(&(gap.lack, gap.from))
        });
        Ok(())
    }
}

/// The gaps that one look at a team's rota has found.
struct Found {
    gaps: Option<Gaps>,
}

/// What is not as it was known.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    new: Vec<Gap>,
    /// Gaps of every week, with when they come next.
    next: Vec<(KnownGap, Gap)>,
    over: Vec<KnownGap>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Found {
    fn new(gaps: Option<Gaps>) -> Self {
        let gaps = gaps.map(|mut gaps| {
            gaps.more.truncate(GAPS_OF_TEAM_MAX - 1);
            gaps
        });
        Self { gaps }
    }

    fn iter(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().flat_map(Gaps::iter)
    }

    fn sentence(&self, gap: &Gap) -> String {
        let gaps = self.gaps.as_ref();
        gaps.map_or_else(String::new, |it| gap.sentence(&it.team, &it.zone))
    }

    /// Tells whether a gap is one that is known. One that has begun begins now, and one of every week has no date.
    fn is_same(&self, known: &KnownGap, gap: &Gap) -> bool {
        let (a, b) = (&known.gap, gap);
        let is_when = if a.every_week {
            known.sentence == self.sentence(gap)
        } else {
            a.until == b.until
        };
        a.lack == b.lack && a.every_week == b.every_week && is_when
    }

    fn compare(&self, known: Vec<KnownGap>) -> Changes {
        let mut changes = Changes::default();
        let is_new = |gap: &&Gap| !known.iter().any(|it| self.is_same(it, gap));
        changes.new = self.iter().filter(is_new).copied().collect();
        for it in known {
            match self.iter().find(|gap| self.is_same(&it, gap)) {
                None => changes.over.push(it),
                Some(gap) if gap.every_week && gap.from != it.gap.from => {
                    changes.next.push((it, *gap));
                }
                Some(_) => {}
            }
        }
        changes
    }

    /// Says loudly which gaps there are, of those that are to be said: one line for a team.
    fn say(&self, team: &TeamId, is_to_be_said: impl FnMut(&&Gap) -> bool) {
        let mut said = self.iter().filter(is_to_be_said).copied();
        let (Some(first), Some(gaps)) = (said.next(), &self.gaps) else {
            return;
        };
        let said = Gaps {
            first,
            more: said.collect(),
            ..gaps.clone()
        };
        error!(
            team.id = %team,
            gap.from = %first.from,
            gap.until = %first.until,
            gaps.len = said.more.len() + 1,
            "{said} Add a shift or name a cover."
        );
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use clinical::duty::Leave;
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;
    use crate::web::sample::Sample;

    /// Where the log of a test goes.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Log {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    impl Log {
        fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
        }
    }

    fn at(text: &str) -> Timestamp {
        format!("{text}:00Z").parse().unwrap()
    }

    /// Looks at the sample's rotas, and gives what was logged.
    async fn look(watch: &mut RotaWatch, sample: &Sample, when: &str) -> String {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        sample.hand.set(at(when));
        watch.look(&sample.state.store, at(when)).await;
        log.take()
    }

    fn away(person: &str, cover: Option<&str>) -> Leave {
        Leave {
            person: person.parse().unwrap(),
            from: at("2029-03-14T00:00"),
            until: at("2029-03-16T00:00"),
            cover: cover.map(|it| it.parse().unwrap()),
        }
    }

    #[tokio::test]
    async fn what_time_brings_into_view_is_said_once_and_again_when_it_begins() {
        let sample = Sample::open("2026-03-14T12:00:00Z").await;
        sample.rota(&[away("ooh-1", None)]).await;
        let mut watch = RotaWatch::default();
        assert_eq!(look(&mut watch, &sample, "2026-03-14T12:00").await, "");

        let said = look(&mut watch, &sample, "2027-06-01T12:00").await;
        assert!(said.contains("ERROR"), "{said}");
        let sentence = "Wednesday 14 March 00:00-24:00 nobody is on call for the North team, and there is 1 more gap.";
        assert!(said.contains(sentence), "{said}");
        assert!(said.contains("team.id=north"), "{said}");
        for person in ["ooh-1", "Omar", "Said "] {
            assert!(!said.contains(person), "{person}: {said}");
        }
        assert_eq!(look(&mut watch, &sample, "2027-06-01T12:10").await, "");
        let mut other = RotaWatch::default();
        assert_eq!(look(&mut other, &sample, "2027-06-01T12:20").await, "");
        let mut reader = sample.state.store.readers().acquire().await.unwrap();
        let open = rota_gaps::open(&mut reader).await.unwrap();
        assert_eq!(open.len(), 2);
        drop(reader);

        let begun = look(&mut watch, &sample, "2029-03-14T08:00").await;
        let said = "ERROR";
        assert!(
            begun.contains(said) && begun.contains("14 March"),
            "{begun}"
        );
        assert!(!begun.contains("more gap"), "{begun}");
        assert_eq!(look(&mut watch, &sample, "2029-03-14T08:30").await, "");
        sample.rota(&[away("ooh-1", Some("nurse-1"))]).await;
        let over = look(&mut watch, &sample, "2029-03-14T09:00").await;
        assert!(!over.contains("ERROR"), "{over}");
        assert_eq!(over.matches("no longer so").count(), 2, "{over}");
    }

    #[tokio::test]
    async fn a_rota_that_cannot_be_read_is_said_and_holds_up_no_other() {
        let sample = Sample::open("2028-03-14T12:00:00Z").await;
        sample.rota(&[away("ooh-1", None)]).await;
        let mut write = sample.state.store.write().await.unwrap();
        for statement in [
            "INSERT INTO team (id, name) VALUES ('east', 'East team')",
            "INSERT INTO team_duty SELECT 'east', number, area, 'nowhere', staffed, lead, on_call, recorded_at, \
             withdrawn_at FROM team_duty",
        ] {
            crate::web::sample::run(&mut write, statement, &[]).await;
        }
        write.commit().await.unwrap();
        let mut watch = RotaWatch::default();
        let said = look(&mut watch, &sample, "2028-03-14T12:00").await;
        assert!(said.contains("a rota cannot be looked at"), "{said}");
        assert!(said.contains("nobody is on call for the North"), "{said}");
        assert_eq!(look(&mut watch, &sample, "2028-03-14T12:10").await, "");
    }

    #[test]
    fn a_gap_of_every_week_is_the_same_whenever_it_comes_next() {
        let gap = |from: &str, until: &str| Gap {
            lack: Lack::AtWork,
            from: at(from),
            until: at(until),
            every_week: true,
        };
        let found = |first: Gap| {
            Found::new(Some(Gaps {
                team: "North team".to_owned(),
                zone: "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap(),
                first,
                more: Vec::new(),
            }))
        };
        let first = gap("2026-11-26T12:00", "2026-11-26T13:00");
        let known = KnownGap {
            team: "north".parse().unwrap(),
            number: 1,
            gap: first,
            sentence: "Thursday 12:00-13:00 nobody covers the North team".to_owned(),
        };
        let of = |gap: Gap| found(gap).compare(vec![known.clone()]);
        assert!(of(first).is_empty());
        let next = gap("2026-12-03T12:00", "2026-12-03T13:00");
        let changes = Changes {
            next: vec![(known.clone(), next)],
            ..Changes::default()
        };
        assert_eq!(of(next), changes);
        let other = gap("2026-11-27T12:00", "2026-11-27T13:00");
        let changes = Changes {
            new: vec![other],
            over: vec![known.clone()],
            ..Changes::default()
        };
        assert_eq!(of(other), changes);
    }
}
