//! Certificates that are not good at the time that this box's clock shows: told from a server that is another one.

use std::error::Error;
use std::io;

use tokio_rustls::rustls::{self, CertificateError};

/// Is why a connection failed that would have stood if the clock had shown another time. Nothing is believed for it: the
/// connection is tried again, and stands once the clock is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the server's certificate is not good by this box's clock: the clock is wrong, or the certificate has ended"
)]
pub struct OutOfTime;

impl OutOfTime {
    /// Tells whether a certificate that is not good yet, or no more, is what is beneath an error.
    pub fn is_beneath(error: &(dyn Error + 'static)) -> bool {
        let mut next = Some(error);
        while let Some(error) = next {
            // An I/O error passes over what it holds when it is asked for its source.
            let held = error
                .downcast_ref::<io::Error>()
                .and_then(|it| it.get_ref());
            let held = held.map(|it| it as &(dyn Error + 'static));
            let found = held.unwrap_or(error).downcast_ref::<rustls::Error>();
            if found.is_some_and(is_of_time) {
                return true;
            }
            next = held.unwrap_or(error).source();
        }
        false
    }
}

fn is_of_time(error: &rustls::Error) -> bool {
    use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    matches!(
        error,
        rustls::Error::InvalidCertificate(
            Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. }
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn io_error(why: CertificateError) -> io::Error {
        io::Error::new(
            io::ErrorKind::InvalidData,
            rustls::Error::InvalidCertificate(why),
        )
    }

    #[test]
    fn a_certificate_out_of_time_is_found_however_deep_and_told_from_a_stranger() {
        let early = io_error(CertificateError::NotValidYet);
        assert!(OutOfTime::is_beneath(&early));
        let wrapped = anyhow::Error::from(io_error(CertificateError::Expired)).context("TLS");
        assert!(OutOfTime::is_beneath(wrapped.as_ref()));
        let stranger = io_error(CertificateError::UnknownIssuer);
        assert!(!OutOfTime::is_beneath(&stranger));
        assert!(!OutOfTime::is_beneath(&io::Error::other("cut off")));
    }
}
