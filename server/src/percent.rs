//! Percent-encoding: any text as one value of an address (RFC 3986, 2.1 and 2.3).

/// Writes bytes so that none of them means anything in an address.
pub(crate) fn encoded(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes
        .into_iter()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
