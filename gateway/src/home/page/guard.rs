//! Guards: strict headers, whom the page is asked for as, and where a form comes from.

use std::net::{IpAddr, Ipv6Addr};

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'";

/// The headers of every answer, errors included. Nothing is kept anywhere.
pub(super) const STRICT: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

/// Makes an answer strict.
pub(super) fn make_strict(headers: &mut HeaderMap) {
    for (name, value) in STRICT {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Tells whether the page is asked for by an IP address or by one of its names.
///
/// A foreign site can have its own name lead to this box (DNS rebinding) and would then read the page; it cannot make a
/// browser ask for an address without being of another origin.
pub(super) fn is_asked_for_here(headers: &HeaderMap, names: &[String]) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Ok(host) = host.to_str() else {
        return false;
    };
    let name = without_port(host);
    let address = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    match address {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => {
            name.parse::<IpAddr>().is_ok_and(|it| it.is_ipv4())
                || name.eq_ignore_ascii_case("localhost")
                || names.iter().any(|it| it.eq_ignore_ascii_case(name))
        }
    }
}

/// Tells whether a form comes from this page itself. Browsers that say nothing of it send no cookie from elsewhere either.
pub(super) fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(HeaderValue::as_bytes);
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let from_elsewhere = site.is_some_and(|site| site != b"same-origin");
    let host = text(header::HOST).unwrap_or_default();
    let other_origin = text(header::ORIGIN).is_some_and(|origin| {
        // A page that sends no referrer may send this.
        origin != b"null" && origin.strip_prefix(b"http://") != Some(host)
    });
    !from_elsewhere && !other_origin
}

/// Finds the value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let pairs = cookies
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn only_addresses_and_own_names_are_answered() {
        let names = ["hearth.local".to_owned()];
        let asked = |host| is_asked_for_here(&headers(&[("host", host)]), &names);
        for ours in [
            "192.168.1.5:8080",
            "192.168.1.5",
            "[fe80::1]:8080",
            "[::1]",
            "localhost:8080",
            "Hearth.local:8080",
        ] {
            assert!(asked(ours), "{ours}");
        }
        for foreign in [
            "evil.example:8080",
            "192.168.1.5.evil.example",
            "hearth.local.evil.example",
            "[evil.example]",
            "[192.168.1.5]",
            "",
            ":8080",
        ] {
            assert!(!asked(foreign), "{foreign}");
        }
        assert!(!is_asked_for_here(&HeaderMap::new(), &names));
        let mut twice = headers(&[("host", "192.168.1.5")]);
        twice.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert!(!is_asked_for_here(&twice, &names));
    }

    #[test]
    fn a_form_from_elsewhere_is_not_taken() {
        let host = ("host", "192.168.1.5:8080");
        let ours = ("origin", "http://192.168.1.5:8080");
        assert!(is_from_here(&headers(&[host])));
        assert!(is_from_here(&headers(&[host, ours])));
        assert!(is_from_here(&headers(&[
            host,
            ours,
            ("sec-fetch-site", "same-origin")
        ])));
        assert!(is_from_here(&headers(&[host, ("origin", "null")])));
        assert!(!is_from_here(&headers(&[
            host,
            ("origin", "http://evil.example")
        ])));
        assert!(!is_from_here(&headers(&[
            host,
            ("sec-fetch-site", "cross-site")
        ])));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let found = headers(&[("cookie", "a=1; hearth_home=token; b=2")]);
        assert_eq!(cookie(&found, "hearth_home"), Some("token"));
        assert_eq!(cookie(&found, "hearth"), None);
    }
}
