//! Text ids of people and teams.

use vitals::text_id;

text_id!(
    /// Names one patient. It is no NHS number and says nothing about the person.
    PatientId,
    "patient id"
);

text_id!(
    /// Names one member of staff: a care coordinator, a nurse, a prescriber.
    PersonId,
    "person id"
);

text_id!(
    /// Names one locality team.
    TeamId,
    "team id"
);
