//! `gateway decode`: what a value means, for support staff.

use std::process::ExitCode;

use gatt::Dialect;
use vitals::{Characteristic, RawBytes};

use crate::quirks::{self, Seen, Table};

/// Prints what a value means, as JSON; what is wrong with it is printed too, and fails.
///
/// # Errors
/// When the table of devices that is built in cannot be read.
pub(super) fn decode(
    device: Option<&str>,
    characteristic: Characteristic,
    value: &RawBytes,
) -> anyhow::Result<ExitCode> {
    let dialect = dialect_of(device)?;
    let (described, code) = match dialect.decode(characteristic.0, value.as_slice()) {
        Ok(measurement) => (measurement.describe(), ExitCode::SUCCESS),
        Err(error) => (error.describe(), ExitCode::FAILURE),
    };
    println!("{described:#}");
    Ok(code)
}

/// How a device of this name or model writes, by the table that is built in.
fn dialect_of(device: Option<&str>) -> anyhow::Result<Dialect> {
    let seen = Seen {
        name: device,
        model: device,
        ..Seen::default()
    };
    Ok(Table::parse(quirks::BUILT_IN)?.behaviour(&seen).dialect())
}
