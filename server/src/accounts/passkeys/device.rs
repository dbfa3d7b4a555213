//! A device for tests: it answers as a browser with an authenticator would, and can be told to do it wrongly.

use rcgen::{KeyPair, SigningKey};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

const ID: &[u8] = b"a passkey's id is what its device likes";
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// One device with one passkey.
pub(crate) struct Device {
    key: KeyPair,
    /// Where its browser believes to be.
    pub(crate) origin: String,
    /// For which name it answers.
    pub(crate) party: String,
    /// How often it was used.
    pub(crate) counter: u32,
    /// Whether it recognises the person.
    pub(crate) verifies: bool,
    handle: Value,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self {
            key: KeyPair::generate().unwrap(),
            origin: "http://localhost:8080".to_owned(),
            party: "localhost".to_owned(),
            counter: 1,
            verifies: true,
            handle: Value::Null,
        }
    }

    /// Makes a passkey.
    pub(crate) fn make(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        self.handle = options["publicKey"]["user"]["id"].clone();
        let said = self.said("webauthn.create", &options);
        let mut data = self.data(HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(ID.len()).unwrap().to_be_bytes());
        data.extend(ID);
        // A COSE key (RFC 9053): EC2, ES256, P-256, and the two halves of the point.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01]);
        let point = self.key.public_key_raw();
        data.extend([0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        // CBOR: { fmt: "none", attStmt: {}, authData: … }
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let response = json!({ "attestationObject": text(&object), "clientDataJSON": text(&said) });
        answer(&response)
    }

    /// Proves to have it.
    pub(crate) fn prove(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        let said = self.said("webauthn.get", &options);
        self.counter += 1;
        let data = self.data(0);
        let signed = [data.as_slice(), digest(&SHA256, &said).as_ref()].concat();
        let signature = self.key.sign(&signed).unwrap();
        answer(&json!({
            "authenticatorData": text(&data),
            "clientDataJSON": text(&said),
            "signature": text(&signature),
            "userHandle": self.handle,
        }))
    }

    fn said(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["publicKey"]["challenge"];
        let said = json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        said.to_string().into_bytes()
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let flags = PRESENT | if self.verifies { VERIFIED } else { 0 } | more;
        let party = digest(&SHA256, self.party.as_bytes());
        let mut data = party.as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }
}

fn answer(response: &Value) -> String {
    let id = text(ID);
    json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "extensions": {} })
        .to_string()
}

/// Base 64 for addresses, without padding (RFC 4648, 5).
fn text(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let [a, b, c] = three.map(usize::from);
        let number = (a << 16) | (b << 8) | c;
        for place in 0..=chunk.len() {
            let letter = LETTERS[(number >> (18 - 6 * place)) & 63];
            text.push(char::from(letter));
        }
    }
    text
}
