//! The card: what is printed for somebody at home, so that they come in without a password. The code is shown only now.

use qrcode::QrCode;
use qrcode::render::svg;

use crate::accounts::home::CardCode;
use crate::web::State;
use crate::web::session::encoded;

/// The picture's width, in CSS pixels: a phone reads it from paper at arm's length.
const PICTURE_LEN_MIN: u32 = 200;

/// A card for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    /// What the service is called.
    pub(crate) service: String,
    /// Whose card it is.
    pub(crate) name: String,
    /// Whose pages they see, when not their own.
    pub(crate) of_other: Option<String>,
    /// What they type.
    pub(crate) code: String,
    /// The last day on which it is good: `Saturday 28 March`.
    pub(crate) until: String,
    /// The address that they type; `None` where the pages have no name.
    pub(crate) address: Option<String>,
    /// The same with the code, as a picture (SVG).
    pub(crate) picture: Option<String>,
    /// By which number the team is called; may be empty.
    pub(crate) phone: String,
}

impl Card {
    /// Makes the card of a code.
    ///
    /// # Errors
    /// When the address is too long for a picture.
    pub(crate) fn new(
        state: &State,
        name: &str,
        of_other: Option<&str>,
        made: &CardCode,
        phone: &str,
    ) -> anyhow::Result<Self> {
        let local = state.local_time();
        let host = state.names.first();
        let picture = host.map(|host| {
            picture(&format!(
                "https://{host}/start?code={}",
                encoded(&made.code)
            ))
        });
        Ok(Self {
            service: state.service_name.clone(),
            name: name.to_owned(),
            of_other: of_other.map(str::to_owned),
            code: made.code.clone(),
            until: local
                .zoned(made.expires_at)
                .strftime("%A %-d %B, %H:%M")
                .to_string(),
            address: host.map(|host| format!("{host}/start")),
            picture: picture.transpose()?,
            phone: phone.to_owned(),
        })
    }
}

fn picture(address: &str) -> anyhow::Result<String> {
    let drawn = QrCode::new(address)?
        .render::<svg::Color<'_>>()
        .min_dimensions(PICTURE_LEN_MIN, PICTURE_LEN_MIN)
        .build();
    // What comes before the picture itself is for files.
    let (_, svg) = drawn.split_once("?>").unwrap_or(("", drawn.as_str()));
    Ok(svg.replacen(
        "<svg ",
        "<svg role=\"img\" aria-labelledby=\"picture-is\" ",
        1,
    ))
}
