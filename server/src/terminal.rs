//! Terminal: text for an operator, in lines no wider than their window.

use std::fmt::Write as _;

use clinical::Zone;
use jiff::Timestamp;

/// The longest line, in characters. A single longer word stands alone.
pub const WIDTH_MAX: usize = 100;

/// Text that is put together line by line.
#[derive(Debug, Default)]
pub struct Text(String);

impl Text {
    /// Begins a part: an empty line, then its heading.
    pub fn heading(&mut self, heading: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.paragraph(0, heading);
    }

    /// Adds a paragraph, its lines indented, all but the first by two more.
    pub fn paragraph(&mut self, indent: usize, text: &str) {
        let mut line = " ".repeat(indent);
        let mut len = indent;
        let mut is_empty = true;
        for word in text.split_whitespace() {
            let word_len = word.chars().count();
            if !is_empty && len + 1 + word_len > WIDTH_MAX {
                self.line(&line);
                line = " ".repeat(indent + 2);
                len = indent + 2;
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
                len += 1;
            }
            line.extend(word.chars().map(shown));
            len += word_len;
            is_empty = false;
        }
        self.line(&line);
    }

    /// Adds a line as it is.
    pub fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _written = writeln!(self.0, "{}", line.trim_end());
    }

    /// Gives the text, without the end of its last line.
    pub fn finish(self) -> String {
        self.0.trim_end().to_owned()
    }
}

/// What people wrote must not steer an operator's terminal.
fn shown(letter: char) -> char {
    if letter.is_control() {
        '\u{fffd}'
    } else {
        letter
    }
}

/// Says a time by the home's clock, to the second: `2026-11-21 07:55:31`.
pub fn clock(at: Timestamp, zone: &Zone) -> String {
    zone.local(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Says a time beside another: without its day when that is the same.
pub fn clock_near(at: Timestamp, near: Timestamp, zone: &Zone) -> String {
    if zone.date(at) == zone.date(near) {
        return zone.local(at).strftime("%H:%M:%S").to_string();
    }
    clock(at, zone)
}

/// Says that something is one thing or several: `1 alert`, `3 alerts`.
pub fn count(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_broken_between_words_and_goes_on_indented() {
        let mut text = Text::default();
        text.heading("Why");
        text.paragraph(2, &"word ".repeat(30));
        text.heading("Next");
        text.paragraph(2, &format!("a {} b", "x".repeat(120)));
        let text = text.finish();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "Why");
        assert_eq!(lines[1].chars().count(), 96);
        assert_eq!(lines[2], format!("    {}", ["word"; 11].join(" ")));
        assert_eq!((lines[3], lines[4]), ("", "Next"));
        assert_eq!(lines[5], "  a");
        assert_eq!(lines[6], format!("    {}", "x".repeat(120)));
        assert_eq!(lines[7], "    b");
    }

    #[test]
    fn what_people_wrote_does_not_steer_the_terminal() {
        let mut text = Text::default();
        text.paragraph(0, "a\u{1b}[2Jb\0\n\tc");
        assert_eq!(text.finish(), "a\u{fffd}[2Jb\u{fffd} c");
    }

    #[test]
    fn times_are_the_homes() {
        let zone = "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap();
        let at = "2026-07-01T07:00:05Z".parse().unwrap();
        assert_eq!(clock(at, &zone), "2026-07-01 08:00:05");
        let near = |text: &str| clock_near(at, text.parse().unwrap(), &zone);
        assert_eq!(near("2026-06-30T23:00:00Z"), "08:00:05");
        assert_eq!(near("2026-06-30T22:59:59Z"), "2026-07-01 08:00:05");
        assert_eq!(
            (count(1, "alert"), count(0, "alert")),
            ("1 alert".to_owned(), "0 alerts".to_owned())
        );
    }
}
