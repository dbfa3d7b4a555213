//! The light: one word in a file, or LEDs of the kernel, so that the state of the box is seen across the room.
//!
//! Words: `ok` (steady green), `waiting` (slow amber: saved, not sent yet), `call` (red: call us) and `off` (stopped on
//! purpose). The file is replaced whole, at least every [`SHOWN_AGAIN_AFTER`]: whoever shows it takes one that is older than
//! two minutes for `call`.

mod file;
mod leds;

use std::path::PathBuf;
use std::time::Duration;

use super::words::Light;

/// How often the light is shown again although nothing changed.
pub const SHOWN_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Where the light is shown.
#[derive(Debug, Clone)]
pub struct LightConfig {
    /// The file of the word.
    pub file: Option<PathBuf>,
    /// The folder of the kernel's LED class.
    pub leds_dir: PathBuf,
    /// The LEDs of each state.
    pub leds: Option<LedNames>,
}

/// The LEDs of each state, by their names in the LED class; the others are dark then. A GPIO line is one of them where the
/// device tree says so (`gpio-leds`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedNames {
    /// Steady, when all is well.
    pub ok: Vec<String>,
    /// Blinking slowly, while something is saved and not sent.
    pub waiting: Vec<String>,
    /// Steady, when somebody is to be called.
    pub call: Vec<String>,
}

/// Shows the light. What goes wrong is logged once in a row: readings matter more.
#[derive(Debug)]
pub(super) struct Lamp {
    config: LightConfig,
    shown: Option<Option<Light>>,
    failed: bool,
}

impl Lamp {
    /// Makes a lamp; nothing is shown yet.
    pub(super) fn new(config: LightConfig) -> Self {
        Self {
            config,
            shown: None,
            failed: false,
        }
    }

    /// Shows a light; `None` is dark.
    pub(super) fn show(&mut self, light: Option<Light>) {
        let mut outcome = Ok(());
        if let Some(file) = &self.config.file {
            outcome = file::write(file, word(light));
        }
        // Writing a trigger again would make a blinking LED stumble.
        if self.shown != Some(light) {
            if let Some(leds) = &self.config.leds {
                outcome = outcome.and(leds::show(&self.config.leds_dir, leds, light));
            }
            tracing::info!(light = word(light), "the light has changed");
        }
        self.shown = outcome.is_ok().then_some(light);
        match outcome {
            Ok(()) => self.failed = false,
            Err(error) if !self.failed => {
                self.failed = true;
                tracing::error!(
                    error = format!("{error:#}"),
                    "the light cannot be shown; see who may write where [home.light] says"
                );
            }
            Err(_) => {}
        }
    }
}

/// Gives the word of a light.
fn word(light: Option<Light>) -> &'static str {
    match light {
        Some(Light::Ok) => "ok",
        Some(Light::Waiting) => "waiting",
        Some(Light::Call) => "call",
        None => "off",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn lamp(folder: &Path) -> Lamp {
        let name = |it: &str| vec![it.to_owned()];
        for led in ["green", "red"] {
            fs::create_dir(folder.join(led)).unwrap();
            fs::write(folder.join(led).join("max_brightness"), "255\n").unwrap();
            for attribute in ["trigger", "brightness", "delay_on", "delay_off"] {
                fs::write(folder.join(led).join(attribute), "").unwrap();
            }
        }
        Lamp::new(LightConfig {
            file: Some(folder.join("light")),
            leds_dir: folder.to_owned(),
            leds: Some(LedNames {
                ok: name("green"),
                waiting: vec!["green".to_owned(), "red".to_owned()],
                call: name("red"),
            }),
        })
    }

    fn led(folder: &Path, name: &str) -> (String, String) {
        let read = |attribute| fs::read_to_string(folder.join(name).join(attribute)).unwrap();
        (read("trigger"), read("brightness"))
    }

    fn is(trigger: &str, brightness: &str) -> (String, String) {
        (trigger.to_owned(), brightness.to_owned())
    }

    #[test]
    fn each_state_has_its_word_and_its_leds() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut lamp = lamp(folder);
        let word = || fs::read_to_string(folder.join("light")).unwrap();

        lamp.show(Some(Light::Ok));
        assert_eq!(word(), "ok\n");
        assert_eq!(led(folder, "green"), is("none", "255"));
        assert_eq!(led(folder, "red"), is("none", "0"));

        lamp.show(Some(Light::Waiting));
        assert_eq!(word(), "waiting\n");
        assert_eq!(led(folder, "green").0, "timer");
        assert_eq!(led(folder, "red").0, "timer");
        let delay = fs::read_to_string(folder.join("red/delay_on")).unwrap();
        assert_eq!(delay, "1000");

        lamp.show(Some(Light::Call));
        assert_eq!(word(), "call\n");
        assert_eq!(led(folder, "green"), is("none", "0"));
        assert_eq!(led(folder, "red"), is("none", "255"));

        lamp.show(None);
        assert_eq!(word(), "off\n");
        assert_eq!(led(folder, "red"), is("none", "0"));
    }

    #[test]
    fn a_led_that_shows_the_same_is_left_alone_and_the_file_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut lamp = lamp(folder);
        lamp.show(Some(Light::Waiting));
        fs::write(folder.join("green/trigger"), "untouched").unwrap();
        fs::remove_file(folder.join("light")).unwrap();
        lamp.show(Some(Light::Waiting));
        assert_eq!(led(folder, "green").0, "untouched");
        assert!(folder.join("light").exists());
    }

    #[test]
    fn a_light_that_could_not_be_shown_is_shown_as_soon_as_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut lamp = lamp(folder);
        fs::rename(folder.join("red"), folder.join("gone")).unwrap();
        lamp.show(Some(Light::Call));
        assert!(lamp.failed);
        fs::rename(folder.join("gone"), folder.join("red")).unwrap();
        lamp.show(Some(Light::Call));
        assert!(!lamp.failed);
        assert_eq!(led(folder, "red"), is("none", "255"));
    }
}
