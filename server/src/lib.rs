//! server: see README.
