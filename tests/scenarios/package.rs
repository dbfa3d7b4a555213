//! The gateway's Debian packages: one for each kind of box, and what is in them.

use std::path::Path;
use std::process::Command;

use hearth_tests::deb::{self, AMD64, ARM64};
use hearth_tests::program::ours;

/// Every file of a package, and who may do what with it.
const FILES: [&str; 11] = [
    "-rw-r--r-- ./etc/hearth/devices.toml",
    "-rw-r----- ./etc/hearth/gateway.toml",
    "-rwxr-xr-x ./usr/bin/gateway",
    "-rw-r--r-- ./usr/lib/systemd/system/hearth-gateway.service",
    "-rw-r--r-- ./usr/lib/sysusers.d/hearth-gateway.conf",
    "-rw-r--r-- ./usr/lib/tmpfiles.d/hearth-gateway.conf",
    "-rw-r--r-- ./usr/share/bash-completion/completions/gateway",
    "-rw-r--r-- ./usr/share/doc/hearth-gateway/copyright",
    "-rw-r--r-- ./usr/share/fish/vendor_completions.d/gateway.fish",
    "-rw-r--r-- ./usr/share/man/man1/gateway.1.gz",
    "-rw-r--r-- ./usr/share/zsh/vendor-completions/_gateway",
];

fn told(command: &str, arguments: &[&str], package: &Path) -> String {
    let output = Command::new("dpkg-deb")
        .arg(command)
        .arg(package)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "dpkg-deb {command}");
    String::from_utf8(output.stdout).unwrap()
}

/// Only the metadata can be shown of the arm64 package: this machine builds no programs for Arm, so its own is in it.
#[test]
fn each_kind_of_box_has_its_package() {
    deb::install().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (target, architecture) in [(AMD64, "amd64"), (ARM64, "arm64")] {
        let package = deb::pack(&ours("gateway").unwrap(), target, folder.path()).unwrap();
        let field = |name: &str| told("--field", &[name], &package).trim().to_owned();
        assert_eq!(field("Package"), "hearth-gateway");
        assert_eq!(field("Architecture"), architecture);
        assert_eq!(field("Version"), concat!(env!("CARGO_PKG_VERSION"), "-1"));
        let needs = field("Depends");
        for need in ["bluez", "dbus", "systemd", "libc6 (>= 2."] {
            assert!(needs.contains(need), "{need} is not in {needs}");
        }
        assert_eq!(
            told("--info", &["conffiles"], &package),
            "/etc/hearth/gateway.toml\n/etc/hearth/devices.toml\n"
        );
        let listed = told("--contents", &[], &package);
        let mut files: Vec<String> = listed.lines().filter_map(file).collect();
        files.sort_by(|one, other| one[11..].cmp(&other[11..]));
        assert_eq!(files, FILES);
    }
}

/// Gives who may do what and the name, of what is not a folder; all of it is root's.
fn file(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[1], "0/0", "{line}");
    (!words[0].starts_with('d')).then(|| format!("{} {}", words[0], words[5]))
}
