//! An unmodified btleplug takes the simulation for BlueZ.

mod bonding;
mod faults;
mod home;
mod sessions;
