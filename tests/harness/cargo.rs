//! Cargo, called by a program that cargo itself has started.

use std::ffi::OsStr;
use std::process::Command;

/// What cargo tells a program that it runs of the program's own package.
const OF_A_PACKAGE: [&str; 4] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
];

/// Gives the cargo that built this program. What it told of this program's package is taken away: build scripts, ring's
/// among them, take it for news about their own, and with them everything is built again at each turn.
pub fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    let told = std::env::vars_os().map(|(name, _)| name);
    for name in told.filter(|name| is_of_a_package(name)) {
        command.env_remove(name);
    }
    command
}

fn is_of_a_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    OF_A_PACKAGE.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_this_package_reaches_another_build() {
        let command = cargo();
        let taken: Vec<_> = command
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .collect();
        let names: Vec<_> = taken
            .iter()
            .map(|(name, _)| name.to_string_lossy())
            .collect();
        assert!(
            names.iter().any(|name| name == "CARGO_PKG_NAME"),
            "{names:?}"
        );
        assert!(!names.iter().any(|name| name == "CARGO_HOME"), "{names:?}");
    }
}
