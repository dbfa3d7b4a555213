//! The palette: every text of the stylesheet can be read on what it stands on, in light and in dark (WCAG 2.2, 1.4.3).

use std::collections::BTreeMap;

use super::assets::STYLE;

/// Text and what it stands on. Lines and points need 3, text 4.5.
const PAIRS: [(&str, &str, f64); 26] = [
    ("text", "page", 4.5),
    ("text", "surface", 4.5),
    ("text", "warn", 4.5),
    ("text", "calm", 4.5),
    ("quiet", "page", 4.5),
    ("quiet", "surface", 4.5),
    ("link", "page", 4.5),
    ("link", "surface", 4.5),
    ("link-hover", "page", 4.5),
    ("link-hover", "surface", 4.5),
    ("button-text", "button", 4.5),
    ("button-text", "button-hover", 4.5),
    ("strip-text", "strip", 4.5),
    ("urgent-text", "urgent", 4.5),
    ("urgent-word", "surface", 4.5),
    ("urgent-word", "page", 4.5),
    ("soon-text", "soon", 4.5),
    ("check-text", "check", 4.5),
    ("technical-text", "technical", 4.5),
    ("soon-word", "surface", 4.5),
    ("inside", "surface", 4.5),
    ("focus-text", "focus", 4.5),
    ("urgent-word", "surface", 3.0),
    ("soon-word", "surface", 3.0),
    ("link", "surface", 3.0),
    ("chart-join", "surface", 3.0),
];

fn tokens(block: &str) -> BTreeMap<&str, &str> {
    let declared = block
        .lines()
        .take_while(|line| !line.trim_start().starts_with('}'));
    declared
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
        .map(|(name, value)| (name, value.trim_end_matches(';')))
        .collect()
}

/// WCAG 2.2, relative luminance.
fn luminance(hex: &str) -> f64 {
    let channel = |index: usize| {
        let byte = u8::from_str_radix(&hex[index..index + 2], 16).unwrap();
        let value = f64::from(byte) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_text_can_be_read_on_what_it_stands_on() {
    let mut blocks = STYLE.split(":root {").skip(1);
    let light = tokens(blocks.next().unwrap());
    let mut dark = light.clone();
    dark.extend(tokens(blocks.next().unwrap()));
    for (scheme, tokens) in [("light", light), ("dark", dark)] {
        for (text, ground, least) in PAIRS {
            let found = contrast(tokens[text], tokens[ground]);
            assert!(
                found >= least,
                "{scheme}: {text} on {ground} has {found:.2}, under {least}"
            );
        }
    }
    assert!((contrast("000000", "ffffff") - 21.0).abs() < 0.001);
}
