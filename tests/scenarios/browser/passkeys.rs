//! Passkeys: a nurse adds one of her device, signs in by it, and removes it, in a real browser with a device that ChromeDriver
//! plays (WebAuthn, 11).

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Look, overhang, violations};

use crate::access::picture;
use crate::visit::Visit;

/// Browsers take no address of digits for passkeys.
fn by_name(address: &str) -> String {
    address.replace("127.0.0.1", "localhost")
}

async fn press(page: &Client, button: &str) {
    let path = format!("//button[starts-with(normalize-space(.), '{button}')]");
    let button = page.find(Locator::XPath(&path)).await.unwrap();
    button.click().await.unwrap();
}

async fn wait_for(page: &Client, path: &str) {
    let wait = page.wait();
    wait.for_element(Locator::XPath(path)).await.unwrap();
}

async fn check(page: &Client, name: &str, look: Look) {
    let found = violations(page).await.unwrap();
    assert!(found.is_empty(), "{name}: {found:#?}");
    assert!(overhang(page).await.unwrap() <= 0, "{name}");
    picture(page, name, look.width).await;
}

#[tokio::test]
async fn a_nurse_signs_in_by_a_passkey_of_her_device() {
    let visit = Visit::begin().await;
    let server = &visit.line.server;
    for (look, name) in [
        (Look::DESK, "desk"),
        (
            Look {
                width: 320,
                ..Look::DESK
            },
            "phone",
        ),
    ] {
        let page = visit
            .sit_down_at(&by_name(&server.page("/")), "Ann", look)
            .await;
        visit.browser.put_device_in(&page).await.unwrap();
        let passkeys = by_name(&server.page("/account/passkeys"));
        page.goto(&passkeys).await.unwrap();
        check(&page, &format!("passkeys-none-{name}"), look).await;
        let called = page.find(Locator::Css("#name")).await.unwrap();
        called.send_keys("My phone").await.unwrap();
        press(&page, "Add a passkey").await;
        wait_for(&page, "//input[@value='My phone']").await;
        // The device is asked not to make a second one, and says so.
        let called = page.find(Locator::Css("#name")).await.unwrap();
        called.send_keys("The same").await.unwrap();
        press(&page, "Add a passkey").await;
        wait_for(
            &page,
            "//*[@role='alert'][contains(., 'has a passkey of yours already')]",
        )
        .await;
        check(&page, &format!("passkeys-{name}"), look).await;

        press(&page, "Sign out").await;
        wait_for(&page, "//h1[.='Sign in']").await;
        page.goto(&by_name(
            &server.page("/sign-in?next=%2Faccount%2Fpasskeys"),
        ))
        .await
        .unwrap();
        check(&page, &format!("sign-in-by-passkey-{name}"), look).await;
        press(&page, "Sign in with a passkey").await;
        wait_for(&page, "//p[contains(., 'Last used')]").await;

        press(&page, "Remove").await;
        wait_for(&page, "//p[.='You have no passkey.']").await;
        press(&page, "Sign out").await;
        wait_for(&page, "//h1[.='Sign in']").await;
        press(&page, "Sign in with a passkey").await;
        wait_for(&page, "//*[@role='alert'][contains(., 'was not accepted')]").await;
        page.close().await.unwrap();
    }
}

#[tokio::test]
async fn without_scripts_or_at_an_address_of_digits_it_is_said_that_passkeys_do_not_work() {
    let visit = Visit::begin().await;
    let server = &visit.line.server;
    let page = visit.browser.open(Look::DESK).await.unwrap();
    visit.browser.put_device_in(&page).await.unwrap();
    page.goto(&server.page("/sign-in")).await.unwrap();
    press(&page, "Sign in with a passkey").await;
    wait_for(&page, "//*[@role='alert'][contains(., 'http://localhost')]").await;
    let plain = Look {
        javascript: false,
        ..Look::DESK
    };
    let page = visit.browser.open(plain).await.unwrap();
    page.goto(&by_name(&server.page("/sign-in"))).await.unwrap();
    wait_for(&page, "//noscript//p[contains(., 'JavaScript')]").await;
    press(&page, "Sign in with a passkey").await;
    wait_for(&page, "//*[@role='alert'][contains(., 'JavaScript')]").await;
}
