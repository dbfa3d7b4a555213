//! A strict encoder, written from the specifications alone: the bytes that a faithful device sends.

mod fields;
mod values;

pub(crate) use values::*;

pub(crate) mod strategies;
