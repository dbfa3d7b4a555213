//! Names for D-Bus objects that are the same in every run: by UUID, not by path.

use std::collections::HashMap;

use uuid::Uuid;

/// Makes 128 bits of 16 (Core 5.4, Vol 3, Part B, 2.5.1).
const BASE: u128 = 0x0000_0000_0000_1000_8000_0080_5F9B_34FB;

/// The names of the objects below one adapter.
#[derive(Debug)]
pub(super) struct Labels {
    adapter: String,
    by_path: HashMap<String, String>,
}

impl Labels {
    /// Begins with none, for an adapter such as `hci0`.
    pub(super) fn new(adapter: &str) -> Self {
        Self {
            adapter: format!("/org/bluez/{adapter}/dev_"),
            by_path: HashMap::new(),
        }
    }

    /// Notes a service, characteristic or descriptor by its UUID.
    pub(super) fn learn(&mut self, path: &str, uuid: &str) {
        if self.is_ours(path) {
            self.by_path.insert(path.to_owned(), short(uuid));
        }
    }

    /// Gives a name such as `device` or `1810/2A35`; `None` for what is not below the adapter.
    pub(super) fn of(&self, path: &str) -> Option<String> {
        if !self.is_ours(path) {
            return None;
        }
        let below = path[self.adapter.len()..].match_indices('/');
        let ends = below.skip(1).map(|(at, _)| self.adapter.len() + at);
        let parts: Vec<&str> = ends
            .chain([path.len()])
            .filter_map(|end| self.by_path.get(&path[..end]).map(String::as_str))
            .collect();
        Some(if parts.is_empty() {
            "device".to_owned()
        } else {
            parts.join("/")
        })
    }

    fn is_ours(&self, path: &str) -> bool {
        path.starts_with(&self.adapter)
    }
}

fn short(uuid: &str) -> String {
    let number = Uuid::parse_str(uuid).map_or(BASE, |uuid| uuid.as_u128());
    let rest = number & !(0xFFFF << 96);
    if rest == BASE {
        format!("{:04X}", number >> 96)
    } else {
        uuid.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_named_by_the_uuids_above_it() {
        let mut labels = Labels::new("hci0");
        let device = "/org/bluez/hci0/dev_00_AA";
        let service = format!("{device}/service0010");
        let characteristic = format!("{service}/char0011");
        labels.learn(&service, "00001810-0000-1000-8000-00805f9b34fb");
        labels.learn(&characteristic, "00002a35-0000-1000-8000-00805f9b34fb");
        assert_eq!(labels.of(device).unwrap(), "device");
        assert_eq!(labels.of(&service).unwrap(), "1810");
        assert_eq!(labels.of(&characteristic).unwrap(), "1810/2A35");
        assert_eq!(labels.of("/org/bluez/hci0"), None);
        assert_eq!(labels.of("/org/bluez/hci1/dev_00_AA"), None);
    }
}
