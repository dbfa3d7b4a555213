//! The box in the home: what it says to the people who live there, on a page and by a light, and what it does when it breaks.
//!
//! What the box does when something breaks, by name. None of these loses a reading that has been accepted.
//!
//! - *Full disk, full outbox*: the value in hand is held in memory and offered again every few seconds; no device is connected
//!   to meanwhile, so that devices keep what they have; light and page say `call`. With room again all goes on by itself.
//! - *Read-only disk*: while running, as a full disk. At the start nothing can be opened: the program says so, shows `call`
//!   and ends; systemd starts it again and again, and once the disk can be written all that was there is sent.
//! - *Damaged outbox*: what can be read is taken over into a new one (`outbox/salvage.rs`); `call` until the damaged files,
//!   which are kept, are removed.
//! - *Clock put back*: followed, unless to before this program was written. Ids and the order of records do not hang on it;
//!   receipts of a time that is yet to come are dated anew, so that nothing expires early.
//! - *No time at the start*: values are saved at once and dated once the time is known, by the time that has passed since
//!   (`clock.rs`, `intake/dating.rs`), and carry the mark `gateway_clock_unsure`. Nothing is sent before it has a date. What
//!   an earlier run of the program left undated gets the earliest date that it can have, never a fresh one.
//! - *No server*: values are kept; `waiting` at once, `call` after `home.call_after_hours`.
//! - *No Bluetooth*: looked for again for ever; `call` after five minutes.

mod attempt;
pub mod config;
pub mod contact;
pub mod light;
mod look;
pub mod page;
pub mod state;
mod troubles;
pub mod value;
pub mod words;
#[cfg(test)]
mod words_tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use config::HomeConfig;
pub use contact::Contact;
pub use look::Sources;

use light::{Lamp, LightConfig, SHOWN_AGAIN_AFTER};
use look::Looker;
use words::Light;

/// For how long the light tells this box from others, and how often it changes meanwhile.
const IDENTIFY_FOR: Duration = Duration::from_secs(20);
const IDENTIFY_PERIOD: Duration = Duration::from_millis(500);

/// How often the box looks how it is, for the light.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The page and the light of a program that runs.
#[derive(Debug)]
pub struct Home {
    config: HomeConfig,
    tasks: TaskTracker,
    identify: Arc<Notify>,
    stop: CancellationToken,
}

impl Home {
    /// Makes it; nothing is shown yet.
    pub fn new(config: HomeConfig) -> Self {
        Self {
            config,
            tasks: TaskTracker::new(),
            identify: Arc::default(),
            stop: CancellationToken::new(),
        }
    }

    /// Begins to serve the page and to show the light, where they are configured. Neither can stop the gateway.
    pub fn begin(&self, sources: Sources) {
        let looker = Arc::new(Looker::new(sources, self.config.call_after));
        if let Some(page) = self.config.page.clone() {
            let (looker, contact) = (Arc::clone(&looker), self.config.contact.clone());
            let stop = self.stop.clone();
            self.tasks.spawn(async move {
                if let Err(error) = page::serve(page, contact, looker, stop).await {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "the page for the home is not served"
                    );
                }
            });
        }
        if let Some(light) = self.config.light.clone() {
            self.tasks.spawn(show_light(
                light,
                looker,
                self.identify(),
                self.stop.clone(),
            ));
        }
    }

    /// Gives by what the light is asked to tell this box from others.
    pub fn identify(&self) -> Arc<Notify> {
        Arc::clone(&self.identify)
    }

    /// Ends both. The light is dark after a stop, and red when the program could not go on.
    pub async fn end<E>(self, outcome: &Result<(), E>) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        if let Some(light) = self.config.light {
            Lamp::new(light).show(outcome.is_err().then_some(Light::Call));
        }
    }
}

/// Changes between all is well and call us, as the light never does by itself.
async fn show_which_box(lamp: &mut Lamp) {
    let mut changes = interval(IDENTIFY_PERIOD);
    let changes_len = IDENTIFY_FOR.as_millis() / IDENTIFY_PERIOD.as_millis();
    for change in 0..changes_len {
        changes.tick().await;
        let light = if change % 2 == 0 {
            Light::Ok
        } else {
            Light::Call
        };
        lamp.show(Some(light));
    }
}

async fn show_light(
    config: LightConfig,
    looker: Arc<Looker>,
    identify: Arc<Notify>,
    stop: CancellationToken,
) {
    let mut lamp = Lamp::new(config);
    let mut shown = None;
    let mut looks = interval(LOOK_AGAIN_AFTER);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = looks.tick() => {}
            () = identify.notified() => {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = show_which_box(&mut lamp) => shown = None,
                }
            }
        }
        let state = looker.look().await;
        let light = words::light(&state);
        let again =
            |(last, at): (Light, Instant)| last != light || at.elapsed() >= SHOWN_AGAIN_AFTER;
        if shown.is_none_or(again) {
            if light == Light::Call
                && let Some(trouble) = state.trouble
            {
                tracing::warn!(trouble = trouble.name(), "the box asks the home to call");
            }
            lamp.show(Some(light));
            shown = Some((light, Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_box_that_is_looked_for_changes_its_light_quickly_and_then_shows_what_is_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("light");
        let mut lamp = Lamp::new(LightConfig {
            file: Some(file.clone()),
            leds_dir: folder.path().to_owned(),
            leds: None,
        });
        let began = Instant::now();
        let showing = show_which_box(&mut lamp);
        tokio::pin!(showing);
        let mut seen = Vec::new();
        let mut looks = interval(IDENTIFY_PERIOD / 2);
        loop {
            tokio::select! {
                () = &mut showing => break,
                _ = looks.tick() => seen.extend(std::fs::read_to_string(&file)),
            }
        }
        seen.dedup();
        assert!(seen.len() >= 30, "{} changes", seen.len());
        assert!(began.elapsed() <= IDENTIFY_FOR);
    }
}
