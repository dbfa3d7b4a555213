//! gateway: see README.
