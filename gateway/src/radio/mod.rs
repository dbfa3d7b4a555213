//! Radio: devices are heard, connected and drained over Bluetooth LE.
