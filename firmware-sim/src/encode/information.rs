//! Battery Level (2A19) and the Device Information strings (2A24 to 2A29).

/// Encodes 2A19: percent, never above 100.
pub fn battery_level(percent: u8) -> [u8; 1] {
    [percent.min(100)]
}

/// Encodes a Device Information string: UTF-8, without a terminator.
pub fn information_string(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_battery_is_never_more_than_full() {
        assert_eq!(battery_level(83), [83]);
        assert_eq!(battery_level(250), [100]);
    }

    #[test]
    fn strings_are_plain_utf8() {
        assert_eq!(information_string("Größe"), "Größe".as_bytes());
    }
}
