//! The server's side of MQTT: what arrives from gateways, and what is sent to them.
