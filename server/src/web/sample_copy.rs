//! A second sample locality that is as the first one is at a moment; what happens in one does not happen in the other.

use super::sample::{Sample, folder, run};
use super::{Changes, State, Throttle};
use crate::audit::Trail;
use crate::clock::ManualClock;
use crate::store::Store;

impl Sample {
    /// Copies the locality. Whoever is signed in in this one is so in the copy.
    pub(crate) async fn copy(&self) -> Self {
        let dir = folder();
        let path = dir.path().join("server.db").display().to_string();
        let mut connection = self.state.store.readers().acquire().await.unwrap();
        sqlx::query("VACUUM INTO $1")
            .bind(path.clone())
            .execute(&mut *connection)
            .await
            .unwrap();
        drop(connection);
        let store = Store::open(&format!("sqlite:{path}")).await.unwrap();
        // Another seed: what is drawn in the copy was not drawn before.
        let seed = self.seed + 1;
        let hand = ManualClock::new(self.state.clock.now(), seed);
        let state = State {
            trail: Trail::at_work(&store, &hand.clock()),
            store,
            changes: Changes::new(),
            clock: hand.clock(),
            throttle: Throttle::default(),
            ..self.state.clone()
        };
        Self {
            state,
            hand,
            sequence: self.sequence,
            seed,
            _dir: dir,
        }
    }

    /// Runs statements, in one transaction.
    pub(crate) async fn run(&self, statements: &[&'static str]) {
        let mut write = self.state.store.write().await.unwrap();
        for statement in statements {
            run(&mut write, statement, &[]).await;
        }
        write.commit().await.unwrap();
    }
}
