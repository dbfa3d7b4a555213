//! Where this box stands: whether what it records counts or is a test. The server says so; the state folder keeps it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;
use vitals::wire::{Standing, StandingKind};
use vitals::{Epoch, Times};

use crate::keys::{self, StateLock};
use crate::outbox::{CaptureRow, Outbox};

const STANDING_FILE: &str = "standing.json";

/// What is kept of the standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    now: Standing,
    /// What held for captures up to one, which may become records only later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Before>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    standing: Standing,
    epoch: u64,
    last_capture: i64,
}

/// The standing of this box, as it was last told.
#[derive(Debug)]
pub struct StandingDesk {
    state_dir: PathBuf,
    lock: Arc<StateLock>,
    kept: RwLock<Kept>,
}

/// Reads the standing of a box that may be running. One that was never told any was registered by hand.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn of_folder(state_dir: &Path) -> anyhow::Result<Standing> {
    Ok(read(state_dir)?.now)
}

/// Keeps what an enrolment said.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn keep_first(
    state_dir: &Path,
    lock: &StateLock,
    standing: Standing,
) -> anyhow::Result<()> {
    let first = Kept {
        now: standing,
        before: None,
    };
    write(state_dir, lock, &first)
}

impl StandingDesk {
    /// Reads what is kept.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn open(state_dir: &Path, lock: Arc<StateLock>) -> anyhow::Result<Self> {
        Ok(Self {
            state_dir: state_dir.to_owned(),
            lock,
            kept: RwLock::new(read(state_dir)?),
        })
    }

    /// Gives where the box stands.
    pub async fn now(&self) -> Standing {
        self.kept.read().await.now
    }

    /// Tells whether the record of a capture is a test, by where the box stood when the capture was committed.
    pub async fn makes_a_test_of(&self, epoch: Epoch, capture: CaptureRow, times: &Times) -> bool {
        let kept = self.kept.read().await;
        let then = match kept.before {
            Some(before) if before.epoch == epoch.0 && capture.number() <= before.last_capture => {
                before.standing
            }
            _ => kept.now,
        };
        then.makes_tests_of(times)
    }

    /// Takes what the server says, once it is on the disk; tells whether it is news. A word that is no newer than the
    /// last one changes nothing.
    ///
    /// # Errors
    /// When the outbox cannot be read, or nothing can be written: then everything stays as it was.
    pub async fn hear(&self, said: Standing, outbox: &Outbox) -> anyhow::Result<bool> {
        // Nothing becomes a record meanwhile, so that each capture is judged by the standing of its time.
        let mut kept = self.kept.write().await;
        if said.number <= kept.now.number {
            return Ok(false);
        }
        let news = Kept {
            now: said,
            before: Some(Before {
                standing: kept.now,
                epoch: outbox.epoch().0,
                last_capture: outbox.last_capture().await?.number(),
            }),
        };
        write(&self.state_dir, &self.lock, &news)?;
        *kept = news;
        match said.standing {
            StandingKind::Live => {
                tracing::info!("the sign-off was accepted: readings count from now on");
            }
            StandingKind::Commissioning => {
                tracing::info!("this box is being set up: what it records is a test");
            }
            StandingKind::Ended => tracing::warn!(
                "this box was replaced or is to go back: what it records from now on is a test"
            ),
        }
        Ok(true)
    }
}

fn read(state_dir: &Path) -> anyhow::Result<Kept> {
    let path = state_dir.join(STANDING_FILE);
    if !path.exists() {
        return Ok(Kept {
            now: Standing::BY_HAND,
            before: None,
        });
    }
    let about = || format!("cannot read {}", path.display());
    let text = std::fs::read_to_string(&path).with_context(about)?;
    serde_json::from_str(&text).with_context(about)
}

fn write(state_dir: &Path, lock: &StateLock, kept: &Kept) -> anyhow::Result<()> {
    keys::write(state_dir, STANDING_FILE, lock, &serde_json::to_vec(kept)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Capture;
    use crate::outbox::FILE_NAME;
    use vitals::TimeBasis;

    struct Box {
        folder: tempfile::TempDir,
        outbox: Outbox,
        desk: StandingDesk,
    }

    fn said(number: u64, standing: StandingKind) -> Standing {
        Standing {
            number,
            standing,
            takes_over_since: None,
        }
    }

    fn capture() -> Capture {
        Capture {
            device: "scale-1".parse().unwrap(),
            characteristic: "2A9D".parse().unwrap(),
            raw: vec![0, 1, 0].try_into().unwrap(),
            received_at: "2026-11-21T08:00:00Z".parse().unwrap(),
            clock_offset_seconds: None,
            dialect: gatt::Dialect::default(),
        }
    }

    impl Box {
        async fn new(first: Option<Standing>) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let lock = Arc::new(keys::lock_state(folder.path()).unwrap());
            if let Some(first) = first {
                keep_first(folder.path(), &lock, first).unwrap();
            }
            let keys = keys::load_or_make_locked(folder.path(), &lock).unwrap();
            let (file, id) = (folder.path().join(FILE_NAME), "gw-1".parse().unwrap());
            Self {
                outbox: Outbox::open(&file, &id, keys.sealing, 1 << 24)
                    .await
                    .unwrap(),
                desk: StandingDesk::open(folder.path(), lock).unwrap(),
                folder,
            }
        }

        async fn captured(&self) -> CaptureRow {
            self.outbox.commit_capture(&capture()).await.unwrap()
        }

        async fn is_test(&self, row: CaptureRow) -> bool {
            let received_at = capture().received_at;
            let times = Times {
                device_time: None,
                measured_at: received_at,
                received_at,
                basis: TimeBasis::Arrival,
            };
            let epoch = self.outbox.epoch();
            self.desk.makes_a_test_of(epoch, row, &times).await
        }
    }

    #[tokio::test]
    async fn a_capture_is_judged_by_the_standing_of_its_time() {
        let it = Box::new(Some(said(1, StandingKind::Commissioning))).await;
        let early = it.captured().await;
        assert!(it.is_test(early).await);
        let live = said(2, StandingKind::Live);
        assert!(it.desk.hear(live, &it.outbox).await.unwrap());
        let late = it.captured().await;
        assert!(it.is_test(early).await && !it.is_test(late).await);
        // Also by the next program; and an outbox that had to be made anew counts its captures from one again.
        let lock = Arc::clone(&it.desk.lock);
        let desk = StandingDesk::open(it.folder.path(), lock).unwrap();
        let it = Box { desk, ..it };
        assert_eq!(it.desk.now().await, live);
        assert_eq!(of_folder(it.folder.path()).unwrap(), live);
        assert!(it.is_test(early).await && !it.is_test(late).await);
        let times = Times {
            device_time: None,
            measured_at: capture().received_at,
            received_at: capture().received_at,
            basis: TimeBasis::Arrival,
        };
        let other = Epoch(!it.outbox.epoch().0);
        assert!(!it.desk.makes_a_test_of(other, early, &times).await);
    }

    #[tokio::test]
    async fn an_old_word_that_is_said_again_changes_nothing() {
        let it = Box::new(Some(said(1, StandingKind::Commissioning))).await;
        let live = said(2, StandingKind::Live);
        it.desk.hear(live, &it.outbox).await.unwrap();
        for old in [
            said(1, StandingKind::Commissioning),
            said(2, StandingKind::Ended),
        ] {
            assert!(!it.desk.hear(old, &it.outbox).await.unwrap());
        }
        assert_eq!(it.desk.now().await, live);
        let ended = said(3, StandingKind::Ended);
        assert!(it.desk.hear(ended, &it.outbox).await.unwrap());
        let row = it.captured().await;
        assert!(it.is_test(row).await);
    }

    #[tokio::test]
    async fn a_box_registered_by_hand_makes_readings() {
        let it = Box::new(None).await;
        let row = it.captured().await;
        assert!(!it.is_test(row).await);
        std::fs::write(it.folder.path().join(STANDING_FILE), "{").unwrap();
        let error = of_folder(it.folder.path()).unwrap_err().to_string();
        assert!(error.contains(STANDING_FILE), "{error}");
    }
}
