//! Compression: what our own pages ask for travels compressed.

use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Compresses answers for browsers that ask for it; an order of magnitude is soon won, and two hundred boards may be asked
/// for at once.
pub(super) fn layer() -> CompressionLayer {
    CompressionLayer::new().quality(CompressionLevel::Fastest)
}

/// Leaves what is not surely asked for by a page of ours, or typed in, as it is: compressed, the length of an answer would
/// tell another site whether the address that it made up says what the page says (BREACH).
pub(super) async fn for_own_pages(mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    let site = headers.get("sec-fetch-site").map(AsRef::as_ref);
    if !matches!(site, Some(b"same-origin" | b"none")) {
        headers.remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpStream;

    use crate::web::browser::Served;
    use crate::web::sample::Sample;

    const ACCEPTS: &str = "Accept-Encoding: gzip, deflate, br, zstd\r\n";

    /// Asks for a page as a nurse, and gives the answer's head and what comes after it.
    async fn ask(served: &Served, path: &str, headers: &str) -> (String, BufReader<TcpStream>) {
        let cookie = served.cookie("nurse-1").await;
        let stream = TcpStream::connect(&served.host).await.unwrap();
        let mut stream = BufReader::new(stream);
        // Of 1.0, so that the body comes in one piece.
        let request = format!(
            "GET {path} HTTP/1.0\r\nHost: {}\r\n{cookie}{headers}\r\n",
            served.host
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).await.unwrap(), 0, "{head}");
        }
        (head.to_lowercase(), stream)
    }

    async fn get(served: &Served, path: &str, headers: &str) -> (String, Vec<u8>) {
        let (head, mut stream) = ask(served, path, headers).await;
        let mut body = Vec::new();
        stream.read_to_end(&mut body).await.unwrap();
        (head, body)
    }

    #[tokio::test]
    async fn a_page_travels_compressed_and_is_the_same() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        for site in ["same-origin", "none"] {
            let headers = format!("{ACCEPTS}Sec-Fetch-Site: {site}\r\n");
            let (head, body) = get(&served, "/patients/ivor", &headers).await;
            assert!(head.contains("content-encoding: gzip\r\n"), "{head}");
            assert!(head.contains("vary: accept-encoding\r\n"), "{head}");
            let mut page = String::new();
            GzDecoder::new(body.as_slice())
                .read_to_string(&mut page)
                .unwrap();
            let plain = served.get("/patients/ivor", "nurse-1").await.body;
            assert!(page == plain && body.len() * 2 < plain.len());
        }
    }

    #[tokio::test]
    async fn a_live_stream_is_not_held_up_by_compressing() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        let served = Served::start(&sample.state).await;
        let headers = format!("{ACCEPTS}Sec-Fetch-Site: same-origin\r\n");
        let (head, mut events) = ask(&served, "/alerts/live", &headers).await;
        assert!(head.contains("text/event-stream") && !head.contains("content-encoding"));
        let mut first = String::new();
        events.read_line(&mut first).await.unwrap();
        assert_eq!(first, "event: hello\n");
    }

    #[tokio::test]
    async fn what_another_site_asks_for_is_not_compressed() {
        let sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        let served = Served::start(&sample.state).await;
        for site in [
            "",
            "Sec-Fetch-Site: cross-site\r\n",
            "Sec-Fetch-Site: same-site\r\n",
        ] {
            let headers = format!("{ACCEPTS}{site}");
            let (head, body) = get(&served, "/patients/ivor", &headers).await;
            assert!(!head.contains("content-encoding"), "{head}");
            assert!(String::from_utf8(body).unwrap().contains("Ivor Evans"));
        }
    }
}
