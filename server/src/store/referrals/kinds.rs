//! What a referral can say: where it stands, and what the patient needs to get there.

/// Where a referral stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The clinic was asked.
    Asked,
    /// There is an appointment.
    Booked,
    /// The patient was seen.
    Seen,
    /// The clinic or the patient said no.
    Declined,
}

impl Standing {
    /// Every standing, in their order.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Booked, Self::Seen, Self::Declined];

    /// Gives the name that the database and forms use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Booked => "booked",
            Self::Seen => "seen",
            Self::Declined => "declined",
        }
    }

    /// Gives the words for pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Asked => "Asked",
            Self::Booked => "Booked",
            Self::Seen => "Seen",
            Self::Declined => "Declined",
        }
    }

    /// Finds a standing by its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|standing| standing.code() == code)
    }

    /// Tells whether nothing more happens.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Seen | Self::Declined)
    }
}

/// What the patient needs to get to the clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Gets there alone or with family.
    Own,
    /// Needs a car with a driver.
    Car,
    /// Needs a vehicle that takes a wheelchair.
    Wheelchair,
    /// Needs an ambulance.
    Ambulance,
}

impl Transport {
    /// Every kind, in the order that they are offered.
    pub const ALL: [Self; 4] = [Self::Own, Self::Car, Self::Wheelchair, Self::Ambulance];

    /// Gives the name that the database and forms use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Car => "car",
            Self::Wheelchair => "wheelchair",
            Self::Ambulance => "ambulance",
        }
    }

    /// Gives the words for pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Own => "No transport needed",
            Self::Car => "Car with a driver",
            Self::Wheelchair => "Vehicle that takes a wheelchair",
            Self::Ambulance => "Ambulance",
        }
    }

    /// Finds a kind by its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|transport| transport.code() == code)
    }
}
