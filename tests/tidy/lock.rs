//! The lock file: TLS is rustls with ring, everywhere and in every dependency.

use std::path::Path;

use crate::tree::read;

/// Other TLS libraries and crypto back ends. `openssl-probe` only looks for certificate files and is not one.
const FORBIDDEN: [&str; 8] = [
    "aws-lc-fips-sys",
    "aws-lc-rs",
    "aws-lc-sys",
    "boring",
    "native-tls",
    "openssl",
    "openssl-src",
    "openssl-sys",
];

#[test]
fn no_other_tls_library_is_locked() {
    let lock: toml::Table = read(Path::new("Cargo.lock")).parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let names: Vec<&str> = packages
        .iter()
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"ring") && names.contains(&"rustls"),
        "rustls with ring is the TLS of this project"
    );
    for name in FORBIDDEN {
        assert!(
            !names.contains(&name),
            "{name} is in Cargo.lock; find out with `cargo tree -i {name}` who asks for it"
        );
    }
}
