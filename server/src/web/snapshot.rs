//! Snapshots: what a page was when somebody last looked at it, kept in tests/snapshots.

use std::path::Path;

/// Compares a rendered page with its snapshot. `UPDATE_SNAPSHOTS=1` writes it anew, to be read in the diff.
///
/// Whitespace at the ends of lines and empty lines say nothing and are left out.
pub(crate) fn check(name: &str, rendered: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.html"));
    let rendered = rendered.replace(super::assets::build(), "BUILD");
    let lines: Vec<&str> = rendered
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    let rendered = format!("{}\n", lines.join("\n"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &rendered).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == rendered,
        "{name} is not what {} says; look at the page, then run with UPDATE_SNAPSHOTS=1\n{}",
        path.display(),
        first_difference(&kept, &rendered)
    );
}

fn first_difference(kept: &str, rendered: &str) -> String {
    let (mut kept, mut rendered) = (kept.lines(), rendered.lines());
    loop {
        match (kept.next(), rendered.next()) {
            (Some(before), Some(after)) if before == after => {}
            (before, after) => return format!("kept:     {before:?}\nrendered: {after:?}"),
        }
    }
}
