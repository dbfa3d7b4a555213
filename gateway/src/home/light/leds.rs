//! The light on LEDs of the kernel's LED class: plain writes to `trigger`, `brightness`, `delay_on` and `delay_off`.
//!
//! Linux, Documentation/leds/leds-class.rst and Documentation/ABI/testing/sysfs-class-led-trigger-timer.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::LedNames;
use crate::home::words::Light;

/// How long an LED is bright and dark while it blinks: slowly, so that it calls for no hurry.
const BLINK_MS: &str = "1000";
const DARK: &str = "0";
/// The brightness of an LED that does not tell its greatest.
const BRIGHT_DEFAULT: &str = "255";

/// Lights the LEDs of a state and darkens all others; `None` darkens all.
pub(super) fn show(leds_dir: &Path, leds: &LedNames, light: Option<Light>) -> anyhow::Result<()> {
    let lit: &[String] = match light {
        Some(Light::Ok) => &leds.ok,
        Some(Light::Waiting) => &leds.waiting,
        Some(Light::Call) => &leds.call,
        None => &[],
    };
    let mut outcome = Ok(());
    for name in leds.ok.iter().chain(&leds.waiting).chain(&leds.call) {
        let led = leds_dir.join(name);
        let shown = match light {
            _ if !lit.contains(name) => steady(&led, DARK),
            Some(Light::Waiting) => blink(&led),
            _ => steady(&led, greatest_brightness(&led).trim()),
        };
        // One that cannot be written must not keep the others from showing what is so.
        outcome = outcome.and(shown.with_context(|| format!("the LED {}", led.display())));
    }
    outcome
}

fn steady(led: &Path, brightness: &str) -> std::io::Result<()> {
    fs::write(led.join("trigger"), "none")?;
    fs::write(led.join("brightness"), brightness)
}

fn blink(led: &Path) -> std::io::Result<()> {
    fs::write(led.join("trigger"), "timer")?;
    // The kernel makes these two with the trigger, for root alone; where they cannot be written it blinks at 1 Hz by itself.
    for delay in ["delay_on", "delay_off"] {
        if let Err(error) = fs::write(led.join(delay), BLINK_MS) {
            tracing::debug!(error = %error, "the kernel's own rate of blinking is kept");
        }
    }
    Ok(())
}

fn greatest_brightness(led: &Path) -> String {
    fs::read_to_string(led.join("max_brightness")).unwrap_or_else(|_| BRIGHT_DEFAULT.to_owned())
}
