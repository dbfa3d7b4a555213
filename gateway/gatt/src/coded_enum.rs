//! A macro for one-byte codes that have names.

/// Declares an enum of one-byte codes that keeps the codes it does not know.
macro_rules! coded_enum {
    (
        $(#[$meta:meta])*
        $name:ident {
            $($(#[$code_meta:meta])* $code:literal => $variant:ident,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$code_meta])* $variant,)+
            /// A code that is reserved for future use.
            Reserved(u8),
        }

        impl $name {
            /// Takes the code as it is on the wire.
            pub const fn from_code(code: u8) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    reserved => Self::Reserved(reserved),
                }
            }

            /// Returns the code as it is on the wire.
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Reserved(code) => code,
                }
            }
        }
    };
}

pub(crate) use coded_enum;
