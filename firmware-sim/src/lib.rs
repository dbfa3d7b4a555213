//! firmware-sim: see README.
