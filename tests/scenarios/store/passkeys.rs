//! Passkeys and what browsers were asked, on both engines.

use clinical::PersonId;
use jiff::SignedDuration;
use server::store::accounts;
use server::store::passkeys::{self, NewPasskey};
use server::store::questions::{self, QUESTIONS_LEN_MAX, QuestionRow};

use crate::world::World;

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

async fn put(world: &World, owner: &str, id: &str) -> bool {
    let owner = person(owner);
    let mut write = world.store.write().await.unwrap();
    accounts::put(&mut write, &owner, owner.as_str(), world.now)
        .await
        .unwrap();
    let new = NewPasskey {
        id,
        person: &owner,
        handle: "aa",
        name: "Phone",
        credential: "{}",
        now: world.now,
    };
    let is_new = passkeys::put(&mut write, new).await.unwrap();
    write.commit().await.unwrap();
    is_new
}

pub(crate) async fn a_passkey_is_named_and_used(world: World) {
    let readers = world.store.readers();
    let nurse = person("nurse-okafor");
    assert_eq!(passkeys::handle_of(readers, &nurse).await.unwrap(), None);
    assert!(put(&world, "nurse-okafor", "01").await);
    assert!(put(&world, "nurse-okafor", "02").await);
    assert!(put(&world, "matron-okello", "03").await);
    assert!(!put(&world, "matron-okello", "01").await, "it is another's");
    let rows = passkeys::of_person(readers, &nurse).await.unwrap();
    let known: Vec<_> = rows.iter().map(|it| (it.number, it.id.as_str())).collect();
    assert_eq!(known, [(1, "01"), (2, "02")]);
    assert_eq!((rows[0].name.as_str(), rows[0].used_at), ("Phone", None));

    let later = world.now + SignedDuration::from_mins(1);
    let mut write = world.store.write().await.unwrap();
    let row = passkeys::by_id(&mut write, "01").await.unwrap().unwrap();
    assert_eq!(row, rows[0]);
    let used = passkeys::was_used(&mut write, &row, "{\"counter\":1}", later);
    assert!(used.await.unwrap());
    let again = passkeys::was_used(&mut write, &row, "{\"counter\":1}", later);
    assert!(!again.await.unwrap(), "of two uses at once one counts");
    assert!(
        passkeys::rename(&mut write, &nurse, 1, "Old phone")
            .await
            .unwrap()
    );
    assert!(
        !passkeys::rename(&mut write, &nurse, 3, "None")
            .await
            .unwrap()
    );
    write.commit().await.unwrap();
    let rows = passkeys::of_person(readers, &nurse).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].name, "Old phone");
    assert_eq!(rows[0].credential, "{\"counter\":1}");
    assert_eq!(rows[0].used_at, Some(later.as_microsecond()));
}

pub(crate) async fn a_removed_passkey_never_comes_back(world: World) {
    let readers = world.store.readers();
    let nurse = person("nurse-okafor");
    assert!(put(&world, "nurse-okafor", "01").await);
    assert!(put(&world, "nurse-okafor", "02").await);
    assert!(put(&world, "matron-okello", "03").await);
    let later = world.now + SignedDuration::from_mins(1);
    let mut write = world.store.write().await.unwrap();
    let other = person("matron-okello");
    assert!(
        !passkeys::remove(&mut write, &other, 2, later)
            .await
            .unwrap()
    );
    assert!(
        passkeys::remove(&mut write, &nurse, 2, later)
            .await
            .unwrap()
    );
    assert!(
        !passkeys::remove(&mut write, &nurse, 2, later)
            .await
            .unwrap()
    );
    assert_eq!(passkeys::by_id(&mut write, "02").await.unwrap(), None);
    write.commit().await.unwrap();
    let mut write = world.store.write().await.unwrap();
    passkeys::remove_all(&mut write, &nurse, later)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert!(
        passkeys::of_person(readers, &nurse)
            .await
            .unwrap()
            .is_empty()
    );
    let others = passkeys::of_person(readers, &other).await.unwrap();
    assert_eq!(others.len(), 1);
    assert!(!put(&world, "nurse-okafor", "02").await);
    let handle = passkeys::handle_of(readers, &nurse).await.unwrap();
    assert_eq!(handle.as_deref(), Some("aa"));
}

pub(crate) async fn a_question_is_answered_once_and_forgotten_in_time(world: World) {
    put(&world, "nurse-okafor", "01").await;
    let now = world.now;
    let ends_at = now + SignedDuration::from_mins(5);
    let question = QuestionRow {
        kind: "passkey".to_owned(),
        person: Some("nurse-okafor".to_owned()),
        state: "{}".to_owned(),
    };
    let mut write = world.store.write().await.unwrap();
    for digest in ["a", "b"] {
        assert!(
            questions::ask(&mut write, digest, &question, ends_at, now)
                .await
                .unwrap()
        );
    }
    let taken = questions::answered(&mut write, "a", now).await.unwrap();
    assert_eq!(taken, Some(question.clone()));
    assert_eq!(
        questions::answered(&mut write, "a", now).await.unwrap(),
        None
    );
    assert_eq!(
        questions::answered(&mut write, "b", ends_at).await.unwrap(),
        None
    );
    write.commit().await.unwrap();
    let kept = "SELECT COUNT(*) FROM sign_in_question";
    assert_eq!(world.count(kept).await, 1);

    let mut write = world.store.write().await.unwrap();
    let nobodys = QuestionRow {
        person: None,
        ..question
    };
    let later = ends_at + SignedDuration::from_mins(5);
    assert!(
        questions::ask(&mut write, "c", &nobodys, later, ends_at)
            .await
            .unwrap()
    );
    let fill = "INSERT INTO sign_in_question (digest, kind, state, ends_at) \
        WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
        SELECT CAST(i AS TEXT), '', '', CAST($2 AS BIGINT) FROM n";
    sqlx::query(fill)
        .bind(QUESTIONS_LEN_MAX - 1)
        .bind(later.as_microsecond())
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert_eq!(
        world.count(kept).await,
        QUESTIONS_LEN_MAX,
        "b was forgotten"
    );
    let mut write = world.store.write().await.unwrap();
    let one_more = questions::ask(&mut write, "d", &nobodys, later, ends_at);
    assert!(!one_more.await.unwrap());
    let one_more = questions::ask(
        &mut write,
        "d",
        &nobodys,
        later + SignedDuration::from_mins(5),
        later,
    );
    assert!(one_more.await.unwrap(), "the others have ended");
}
