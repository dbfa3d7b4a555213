//! A macro for fields whose bits have names.

/// Declares a type that keeps a field's bits as sent and names those that have a meaning.
macro_rules! bit_field {
    (
        $(#[$meta:meta])*
        $name:ident($raw:ty) {
            $($(#[$bit_meta:meta])* $bit:literal => $flag:ident,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name($raw);

        impl $name {
            /// Takes the bits as they are on the wire.
            pub const fn from_bits(bits: $raw) -> Self {
                Self(bits)
            }

            /// Returns the bits as they were on the wire, reserved ones included.
            pub const fn bits(self) -> $raw {
                self.0
            }

            /// Returns the set bits that are reserved for future use.
            pub const fn reserved(self) -> $raw {
                self.0 & !(0 $(| 1 << $bit)+)
            }

            /// Names the set bits that have a meaning, lowest first.
            pub fn names(self) -> Vec<&'static str> {
                [$(($bit, stringify!($flag))),+]
                    .into_iter()
                    .filter(|(bit, _)| self.0 >> bit & 1 == 1)
                    .map(|(_, name)| name)
                    .collect()
            }

            $(
                $(#[$bit_meta])*
                pub const fn $flag(self) -> bool {
                    self.0 >> $bit & 1 == 1
                }
            )+
        }
    };
}

pub(crate) use bit_field;
