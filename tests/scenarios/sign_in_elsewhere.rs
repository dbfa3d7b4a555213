//! A nurse signs in by her organisation's own service, through the real pages.

use std::fs::OpenOptions;
use std::io::Write;

use axum::http::{Request, Response, StatusCode, header};
use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use hearth_tests::nurse::Nurse;
use hearth_tests::oidc::{CLIENT_ID, CLIENT_SECRET, Oidc, Wishes};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use server::clock::Clock;

async fn get(address: &str, cookie: &str) -> Response<Incoming> {
    let client = Client::builder(TokioExecutor::new()).build_http::<String>();
    let request = Request::get(address).header(header::COOKIE, cookie);
    let request = request.body(String::new()).unwrap();
    client.request(request).await.unwrap()
}

fn location(answer: &Response<Incoming>) -> String {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let to = answer.headers()[header::LOCATION].to_str();
    to.unwrap().to_owned()
}

fn cookie(answer: &Response<Incoming>, name: &str) -> String {
    let mut set = answer.headers().get_all(header::SET_COOKIE).iter();
    let set = set.find_map(|it| {
        it.to_str()
            .unwrap()
            .split(';')
            .next()
            .filter(|it| it.starts_with(name))
    });
    set.unwrap().to_owned()
}

async fn text(answer: Response<Incoming>) -> String {
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_nurse_signs_in_by_her_organisations_own_service() {
    let service = Oidc::start(Clock::system().now()).await.unwrap();
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    line.server.stop().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, CLIENT_SECRET).unwrap();
    let mut config = OpenOptions::new()
        .append(true)
        .open(line.server.config())
        .unwrap();
    let table = format!(
        "[sign_in.oidc]\nissuer = \"{}\"\nclient_id = \"{CLIENT_ID}\"\nclient_secret_file = {secret:?}\n\
         redirect_uri = \"{}\"\nname = \"NHS Example\"\n",
        service.issuer,
        line.server.page("/sign-in/oidc/back")
    );
    config.write_all(table.as_bytes()).unwrap();
    line.server.start().await.unwrap();
    // She has an account; the service makes none.
    Nurse::at(&line.server, "nurse-ann").code().unwrap();

    let page = text(
        get(
            &line.server.page("/sign-in?next=%2Fpatients%2Fpatient-1"),
            "",
        )
        .await,
    )
    .await;
    let link = "/sign-in/oidc?next=%2Fpatients%2Fpatient-1";
    assert!(page.contains(&format!("href=\"{link}\"")), "{page}");
    assert!(page.contains("Sign in with NHS Example"), "{page}");
    let sent = get(&line.server.page(link), "").await;
    let kept = cookie(&sent, "__Host-hearth-away=");
    let back = Oidc::visit(&location(&sent)).await.unwrap();

    let other = get(&back, "").await;
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(other).await.contains("another browser"));
    let sent = get(&line.server.page(link), "").await;
    let kept_now = cookie(&sent, "__Host-hearth-away=");
    assert_ne!(kept, kept_now);
    let back = Oidc::visit(&location(&sent)).await.unwrap();
    let begun = get(&back, &kept_now).await;
    assert_eq!(location(&begun), "/patients/patient-1");
    let session = cookie(&begun, "__Host-hearth=");
    let account = text(get(&line.server.page("/account"), &session).await).await;
    assert!(account.contains("<b>nurse-ann</b>"), "{account}");

    service.wish(Wishes {
        claims: json!({ "preferred_username": "nurse-nobody" }),
        ..Wishes::default()
    });
    let sent = get(&line.server.page(link), "").await;
    let kept = cookie(&sent, "__Host-hearth-away=");
    let back = Oidc::visit(&location(&sent)).await.unwrap();
    let refused = get(&back, &kept).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let refused = text(refused).await;
    assert!(refused.contains("no account of that name"), "{refused}");
}
