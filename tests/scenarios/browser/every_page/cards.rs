//! The cards by which people at home come in: each is shown once, as the answer to a form.

use super::ward::Ward;
use super::{Reader, main_text};
use crate::hands::{arrive, press, write};

/// A nurse makes one for the patient with the long name.
pub(super) async fn of_a_patient(ward: &Ward, reader: &mut Reader<'_>) {
    let path = "/patients/patient-2/home";
    reader.page.goto(&ward.address(path)).await.unwrap();
    press(reader.page, "Make a card for").await;
    arrive(reader.page, "A card for").await;
    look_at(reader, "a patient's card").await;
}

/// A patient makes one for a neighbour.
pub(super) async fn of_a_carer(ward: &Ward, reader: &mut Reader<'_>) {
    let path = "/me/patient-1/carers";
    reader.page.goto(&ward.address(path)).await.unwrap();
    write(reader.page, "name", "Huw Elsewhere").await;
    write(reader.page, "relation", "my neighbour").await;
    press(reader.page, "Make a card for them").await;
    arrive(reader.page, "Give this to").await;
    look_at(reader, "a carer's card").await;
}

async fn look_at(reader: &mut Reader<'_>, name: &str) {
    let text = main_text(reader.page).await;
    assert!(text.contains("The code works once"), "{name}: {text}");
    reader.look_at_all(name, None).await;
}
