//! The audit trail: entries in one order whoever adds them, refused changes, and verify against whoever has the database.

use jiff::{SignedDuration, Timestamp};
use server::audit::config::AuditConfig;
use server::audit::daily::DailyHeads;
use server::audit::head::Head;
use server::audit::verify::{Evidence, Finding, Report, verify};
use server::audit::walk::{Misfit, Whence, Wrong};
use server::audit::{Action, Actor, Entry, Recorded, append, record};
use server::clock::ManualClock;
use server::store::audit::{self, Filter, PAGE_LEN_MAX};
use server::store::{Store, cases};
use tempfile::TempDir;

use crate::world::{World, patient};

fn anna() -> Actor {
    Actor::person(&"nurse-1".parse().unwrap(), "Community matron").in_session("5f2c")
}

fn looked(number: u8) -> Entry {
    Entry::new(anna(), Action::RecordViewed).of(&patient(number))
}

/// The operator's folder, and a day's head over what is there.
struct Keeper {
    config: AuditConfig,
    hand: ManualClock,
    _folder: TempDir,
}

impl Keeper {
    fn new(now: Timestamp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            config: AuditConfig {
                folder: folder.path().to_owned(),
                trusted_keys: Vec::new(),
            },
            hand: ManualClock::new(now, 1),
            _folder: folder,
        }
    }

    async fn sign(&self, store: &Store) -> Head {
        let heads = DailyHeads::open(&self.config, store, &self.hand.clock()).unwrap();
        heads.round().await.unwrap().signed.unwrap()
    }

    async fn report(&self, store: &Store) -> Report {
        let evidence = Evidence::load(&self.config).unwrap();
        verify(store, Some(&evidence)).await.unwrap()
    }
}

async fn look(world: &World, entries: impl IntoIterator<Item = Entry>) {
    for entry in entries {
        record(&world.store, &entry, world.now).await.unwrap();
    }
}

async fn everything(world: &World) -> Vec<Recorded> {
    let mut reader = world.store.readers().acquire().await.unwrap();
    let all = Filter::default();
    audit::in_order(&mut reader, &all, 0, 500).await.unwrap()
}

async fn attempt(world: &World, statement: &str) -> Result<u64, sqlx::Error> {
    let mut write = world.store.write().await.unwrap();
    let done = sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(&mut *write)
        .await?;
    write.commit().await?;
    Ok(done.rows_affected())
}

fn is_sqlite(world: &World) -> bool {
    world.url.starts_with("sqlite:")
}

pub(crate) async fn servers_append_in_turns_and_leave_no_gap(world: World) {
    let other = Store::open(&world.url).await.unwrap();
    let mut adding = tokio::task::JoinSet::new();
    for task in 0..6_u8 {
        let store = [&world.store, &other][usize::from(task % 2)].clone();
        let now = world.now;
        adding.spawn(async move {
            for _ in 0..5 {
                let mut write = store.write().await.unwrap();
                // As a change does: the case first, and the trail last.
                let patient = patient(1 + task % 2);
                cases::hold(&mut write, &patient).await.unwrap();
                let taken = Entry::new(anna(), Action::AlertTaken).of(&patient);
                let both = [taken.about(&task), looked(1 + task % 2)];
                append(&mut write, &both, now).await.unwrap();
                write.commit().await.unwrap();
            }
        });
    }
    while let Some(added) = adding.join_next().await {
        added.unwrap();
    }
    other.close().await;
    let report = verify(&world.store, None).await.unwrap();
    assert_eq!((report.entries_len, report.findings), (60, vec![]));
    let entries = everything(&world).await;
    assert!(entries.iter().map(|it| it.number).eq(1..=60));
    let pairs = entries
        .chunks(2)
        .map(|pair| (&pair[0].patient, &pair[1].patient));
    assert!(pairs.into_iter().all(|(taken, looked)| taken == looked));
}

pub(crate) async fn a_long_trail_is_walked_page_by_page(world: World) {
    let len = PAGE_LEN_MAX as usize + 1;
    let mut write = world.store.write().await.unwrap();
    append(&mut write, &vec![looked(1); len], world.now)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let report = verify(&world.store, None).await.unwrap();
    assert_eq!((report.entries_len, report.findings), (501, vec![]));
    drop_the_refusals(&world).await;
    world
        .tamper("UPDATE audit SET at = at + 1 WHERE number = 501")
        .await;
    let report = verify(&world.store, None).await.unwrap();
    assert_eq!(
        (report.entries_len, report.findings),
        (500, entry(501, Wrong::Edited))
    );
}

pub(crate) async fn what_is_undone_leaves_no_entry(world: World) {
    look(&world, [looked(1)]).await;
    let mut write = world.store.write().await.unwrap();
    append(&mut write, &[looked(2)], world.now).await.unwrap();
    write.rollback().await.unwrap();
    look(&world, [looked(1)]).await;
    let entries = everything(&world).await;
    assert!(entries.iter().map(|it| it.number).eq(1..=2));
    let expected = Recorded::link(&entries[0].hash, 2, world.now, &looked(1));
    assert_eq!(entries[1], expected, "every field is read as it was bound");
}

pub(crate) async fn the_database_itself_refuses_changes(world: World) {
    let keeper = Keeper::new(world.now);
    look(&world, [looked(1), looked(2)]).await;
    keeper.sign(&world.store).await;
    // As often as the server is started.
    Store::migrate(&world.url).await.unwrap().close().await;
    let mut refused = vec![
        "UPDATE audit SET person = 'nurse-2' WHERE number = 1",
        "DELETE FROM audit WHERE number = 2",
        "UPDATE audit_head SET number = 1",
        "DELETE FROM audit_head",
    ];
    if is_sqlite(&world) {
        refused.push("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE number = 1");
        refused.push("REPLACE INTO audit SELECT * FROM audit WHERE number = 2");
        refused.push("UPDATE OR REPLACE audit SET number = 2 WHERE number = 1");
        let replace = "INSERT OR REPLACE INTO audit_head SELECT day, public_key, 1, hash, signed_at, signature FROM audit_head";
        assert_eq!(attempt(&world, replace).await.unwrap(), 0, "it is ignored");
    } else {
        refused.push("TRUNCATE audit");
        refused.push("TRUNCATE audit_head");
        refused.push(
            "INSERT INTO audit SELECT * FROM audit WHERE number = 1 ON CONFLICT (number) DO UPDATE SET person = 'nurse-2'",
        );
    }
    for statement in refused {
        let error = attempt(&world, statement).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    let twice = "INSERT INTO audit SELECT * FROM audit WHERE number = 1";
    attempt(&world, twice).await.unwrap_err();
    let report = keeper.report(&world.store).await;
    assert_eq!(report.findings, []);
    assert_eq!(
        (report.entries_len, report.heads_len, report.signed_upto),
        (2, 1, 2)
    );
}

pub(crate) async fn who_looked_is_listed_newest_first(world: World) {
    look(&world, [looked(1), looked(2), looked(1), looked(1)]).await;
    let of_first = Filter::of_patient("patient-1");
    let list = async |before, len_max| {
        let readers = world.store.readers();
        let found = audit::newest_first(readers, &of_first, before, len_max);
        let found = found.await.unwrap().into_iter();
        found.map(|it| it.number).collect::<Vec<_>>()
    };
    assert_eq!(list(None, 2).await, [4, 3]);
    assert_eq!(list(Some(3), 2).await, [1]);
    assert!(list(Some(1), 2).await.is_empty());
    assert_eq!(list(None, u32::MAX).await, [4, 3, 1]);
}

/// Which entries of [`a_search_is_narrowed_by_each_of_its_parts`] each filter lets through.
fn searches(first_at: Timestamp, later: Timestamp) -> Vec<(Filter, Vec<i64>)> {
    let by = |person: &str| Filter {
        person: Some(person.to_owned()),
        ..Filter::default()
    };
    vec![
        (Filter::default(), vec![1, 2, 3, 4, 5]),
        (Filter::of_patient("patient-1"), vec![1, 2, 5]),
        (Filter::of_patient("patient-2"), vec![]),
        (by("nurse-2"), vec![2, 3, 5]),
        (by("@unknown"), vec![4]),
        (
            Filter {
                patient: Some("patient-1".to_owned()),
                ..by("nurse-2")
            },
            vec![2, 5],
        ),
        (
            Filter {
                action: Some(Action::RecordViewed),
                ..Filter::default()
            },
            vec![1, 2],
        ),
        (
            Filter {
                from: Some(later),
                ..Filter::default()
            },
            vec![3, 4, 5],
        ),
        (
            Filter {
                until: Some(later),
                ..by("nurse-2")
            },
            vec![2],
        ),
        (
            Filter {
                from: Some(first_at),
                until: Some(first_at + SignedDuration::from_micros(1)),
                ..Filter::of_patient("patient-1")
            },
            vec![1, 2],
        ),
    ]
}

pub(crate) async fn a_search_is_narrowed_by_each_of_its_parts(mut world: World) {
    let first_at = world.now;
    let bilal = || Actor::person(&"nurse-2".parse().unwrap(), "Care coordinator");
    look(
        &world,
        [
            looked(1),
            Entry::new(bilal(), Action::RecordViewed).of(&patient(1)),
        ],
    )
    .await;
    world.wait(10);
    let later = world.now;
    look(
        &world,
        [
            Entry::new(bilal(), Action::SignedIn),
            Entry::new(Actor::unknown(), Action::SignInFailed).about("nurse-2"),
            Entry::new(bilal(), Action::AlertTaken)
                .of(&patient(1))
                .about(&3),
        ],
    )
    .await;
    for (filter, found) in searches(first_at, later) {
        let mut reader = world.store.readers().acquire().await.unwrap();
        let in_order = audit::in_order(&mut reader, &filter, 0, 500).await.unwrap();
        assert!(
            in_order
                .iter()
                .map(|it| it.number)
                .eq(found.iter().copied()),
            "{filter:?}"
        );
        let newest = audit::newest_first(world.store.readers(), &filter, None, 500);
        let newest = newest.await.unwrap();
        assert!(newest.iter().rev().eq(&in_order), "{filter:?}");
    }
}

pub(crate) async fn each_days_head_is_kept_once_for_each_key(world: World) {
    let (one, other) = (Keeper::new(world.now), Keeper::new(world.now));
    look(&world, [looked(1)]).await;
    let first = one.sign(&world.store).await;
    other.hand.advance(SignedDuration::from_hours(48));
    // Its own random bytes: the same seed would make the same key.
    let mut burnt = [0; 1];
    other.hand.clock().fill_random(&mut burnt).unwrap();
    let second = other.sign(&world.store).await;
    assert_ne!(first.public_key, second.public_key);

    let mut write = world.store.write().await.unwrap();
    let again = Head {
        number: 7,
        ..first.clone()
    };
    audit::insert_head(&mut write, &again).await.unwrap();
    write.commit().await.unwrap();
    let mut reader = world.store.readers().acquire().await.unwrap();
    let all = audit::heads(&mut reader, ("", "")).await.unwrap();
    assert_eq!(all, [first.clone(), second.clone()], "the first stays");
    assert_eq!(
        audit::last_head(&mut reader).await.unwrap(),
        Some(second.clone())
    );
    let after = audit::heads(&mut reader, (&first.day, &first.public_key))
        .await
        .unwrap();
    assert_eq!(after, std::slice::from_ref(&second));
    for (day, is_signed) in [(&first.day, true), (&second.day, false)] {
        let found = audit::is_signed(&mut reader, day, &first.public_key);
        assert_eq!(found.await.unwrap(), is_signed, "{day}");
    }
    let newest = audit::newest_head(&mut reader, &first.public_key)
        .await
        .unwrap();
    assert_eq!(newest, Some(first));
    assert_eq!(audit::newest_head(&mut reader, "none").await.unwrap(), None);
    drop(reader);

    // Each server believes the other's key once its operator has named it.
    let report = one.report(&world.store).await;
    let unknown = report
        .findings
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>();
    assert_eq!(unknown.len(), 1);
    assert!(
        unknown[0].contains("a key that is not known here"),
        "{unknown:?}"
    );
    let mut trusting = one;
    trusting.config.trusted_keys.push(second.public_key);
    let report = trusting.report(&world.store).await;
    assert_eq!((report.heads_len, report.findings), (2, vec![]));
}

/// As whoever can do everything to the database would begin.
async fn drop_the_refusals(world: &World) {
    let statements: &[&str] = if is_sqlite(world) {
        &[
            "DROP TRIGGER audit_update",
            "DROP TRIGGER audit_delete",
            "DROP TRIGGER audit_replace",
            "DROP TRIGGER audit_head_update",
            "DROP TRIGGER audit_head_delete",
            "DROP TRIGGER audit_head_replace",
        ]
    } else {
        &[
            "DROP TRIGGER audit_append_only ON audit",
            "DROP TRIGGER audit_head_append_only ON audit_head",
        ]
    };
    for statement in statements {
        attempt(world, statement).await.unwrap();
    }
}

fn entry(number: i64, what: Wrong) -> Vec<Finding> {
    vec![Finding::Entry(Misfit { number, what })]
}

pub(crate) async fn an_entry_that_was_tampered_with_is_named(world: World) {
    let keeper = Keeper::new(world.now);
    look(&world, [looked(1), looked(2), looked(1), looked(2)]).await;
    let head = keeper.sign(&world.store).await;
    look(&world, [looked(1)]).await;
    drop_the_refusals(&world).await;
    let signed = Whence::Head(head.day.clone());
    for (tamper, undo, found) in [
        (
            "UPDATE audit SET patient = 'patient-2' WHERE number = 3",
            "UPDATE audit SET patient = 'patient-1' WHERE number = 3",
            entry(3, Wrong::Edited),
        ),
        (
            "UPDATE audit SET detail = '' WHERE number = 5",
            "UPDATE audit SET detail = NULL WHERE number = 5",
            entry(5, Wrong::Edited),
        ),
        (
            "UPDATE audit SET number = 9 WHERE number = 5",
            "UPDATE audit SET number = 5 WHERE number = 9",
            entry(5, Wrong::Missing),
        ),
        (
            "INSERT INTO audit SELECT 0, at, person, role, session, patient, action, subject, detail, previous, hash \
             FROM audit WHERE number = 1",
            "DELETE FROM audit WHERE number = 0",
            entry(0, Wrong::Inserted),
        ),
        (
            "UPDATE audit_tip SET number = 4",
            "UPDATE audit_tip SET number = 5",
            entry(4, Wrong::NotAsMarked(Whence::Tip)),
        ),
        (
            "UPDATE audit_tip SET number = 9",
            "UPDATE audit_tip SET number = 5",
            entry(6, Wrong::CutOff(9, Whence::Tip)),
        ),
        (
            "UPDATE audit_tip SET number = 0",
            "UPDATE audit_tip SET number = 5",
            entry(1, Wrong::Unnoted),
        ),
    ] {
        world.tamper(tamper).await;
        assert_eq!(
            keeper.report(&world.store).await.findings,
            found,
            "{tamper}"
        );
        world.tamper(undo).await;
        assert_eq!(keeper.report(&world.store).await.findings, [], "{undo}");
    }
    // The end is cut off, and the database's note of it moved: the head says what is gone, wherever it stands.
    world.tamper("DELETE FROM audit WHERE number > 2").await;
    world
        .tamper("UPDATE audit_tip SET number = 2, hash = (SELECT hash FROM audit WHERE number = 2)")
        .await;
    let cut = entry(3, Wrong::CutOff(4, signed));
    assert_eq!(keeper.report(&world.store).await.findings, cut);
    world.tamper("DELETE FROM audit_head").await;
    let gone = [vec![Finding::HeadGone(head.day)], cut].concat();
    assert_eq!(keeper.report(&world.store).await.findings, gone);
}

pub(crate) async fn a_trail_that_was_chained_anew_is_not_the_signed_one(world: World) {
    let keeper = Keeper::new(world.now);
    look(&world, [looked(1), looked(2), looked(1)]).await;
    let head = keeper.sign(&world.store).await;
    drop_the_refusals(&world).await;
    let entries = everything(&world).await;
    world.tamper("DELETE FROM audit").await;
    world
        .tamper(&format!(
            "UPDATE audit_tip SET number = 0, hash = '{}'",
            entries[0].previous
        ))
        .await;
    // Entry 2 never happened, and somebody else looked in its place.
    look(&world, [looked(1), looked(3), looked(1)]).await;
    assert_eq!(verify(&world.store, None).await.unwrap().findings, []);
    let forged = entry(3, Wrong::NotAsMarked(Whence::Head(head.day.clone())));
    assert_eq!(keeper.report(&world.store).await.findings, forged);

    // With a head of the forger's own, by another key or in the name of ours.
    let forger = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let tip = everything(&world).await.pop().unwrap();
    let mut own = Head::sign(&forger, tip.number, &tip.hash, world.now);
    for public_key in [own.public_key.clone(), head.public_key.clone()] {
        world.tamper("DELETE FROM audit_head").await;
        own.public_key = public_key;
        let mut write = world.store.write().await.unwrap();
        audit::insert_head(&mut write, &own).await.unwrap();
        write.commit().await.unwrap();
        let findings = keeper.report(&world.store).await.findings;
        assert!(matches!(
            &findings[0],
            Finding::Head {
                is_outside: false,
                ..
            }
        ));
        assert_eq!(findings[1], Finding::HeadGone(head.day.clone()));
        assert_eq!(findings[2..], forged[..]);
    }
}
