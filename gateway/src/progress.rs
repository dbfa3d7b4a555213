//! Progress: each task says when it has got on, and the watchdog is fed only while all of them have.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Is when a task last got on.
#[derive(Debug)]
pub struct Beat {
    began: Instant,
    millis: AtomicU64,
}

impl Default for Beat {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            millis: AtomicU64::new(0),
        }
    }
}

impl Beat {
    /// Says that the task has got on.
    pub fn got_on(&self) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.millis.store(millis, Ordering::Relaxed);
    }

    /// Gives how long ago that was.
    pub fn age(&self) -> Duration {
        let since = Duration::from_millis(self.millis.load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(since)
    }
}

/// Is a task and the longest that it may take to get on.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The task's name, for the log.
    pub task: &'static str,
    /// When it last got on.
    pub beat: Arc<Beat>,
    /// The longest that it may take.
    pub age_max: Duration,
}

/// Is all tasks that must get on.
#[derive(Debug, Clone, Default)]
pub struct Progress(pub Vec<Watched>);

impl Progress {
    /// Names the first task that has not got on for too long.
    pub fn stuck(&self) -> Option<&'static str> {
        let stuck = self.0.iter().find(|it| it.beat.age() > it.age_max);
        stuck.map(|it| it.task)
    }
}

/// Feeds systemd's watchdog at half of its time, where it has one, for as long as every task gets on; for ever.
pub async fn feed(progress: Progress) -> std::convert::Infallible {
    let Some(fed_within) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut meals = tokio::time::interval(fed_within / 2);
    loop {
        meals.tick().await;
        match progress.stuck() {
            None => tell(sd_notify::NotifyState::Watchdog),
            Some(task) => tracing::error!(
                task,
                "a task does not get on; the watchdog is not fed, so systemd starts the gateway afresh"
            ),
        }
    }
}

/// Tells systemd something, where it listens.
pub fn tell(state: sd_notify::NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(error = %error, "systemd cannot be told how the gateway is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_stands_still_is_named_and_one_that_gets_on_is_not() {
        let seconds = Duration::from_secs;
        let watched = |task, age_max| Watched {
            task,
            beat: Arc::default(),
            age_max,
        };
        let progress = Progress(vec![
            watched("intake", seconds(60)),
            watched("radio", seconds(90)),
        ]);
        for _ in 0..10 {
            tokio::time::advance(seconds(45)).await;
            progress.0.iter().for_each(|it| it.beat.got_on());
            assert_eq!(progress.stuck(), None);
        }
        tokio::time::advance(seconds(60)).await;
        assert_eq!(progress.stuck(), None);
        progress.0[0].beat.got_on();
        tokio::time::advance(seconds(31)).await;
        assert_eq!(progress.stuck(), Some("radio"));
    }
}
