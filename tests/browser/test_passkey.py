"""A passkey in a real browser, with an authenticator Chromium plays itself."""

from playwright.sync_api import expect


def authenticator(page) -> None:
    """A telephone that always agrees."""
    client = page.context.new_cdp_session(page)
    client.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    client.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_made_asked_for_and_used(installation, moderator):
    page = moderator("fitri")
    name = page.locator("nav a[href='/desk/me']").inner_text().split(" · ")[0]
    authenticator(page)
    page.goto(f"{installation.url}/desk/me")
    page.get_by_role("button", name="Tambah kunci sandi").click()
    expect(page.locator("pre.command")).to_contain_text("-")  # recovery codes come with the first
    page.locator("main a.button").click()
    expect(page.get_by_text("Kunci sandi, dibuat")).to_be_visible()
    page.get_by_role("button", name="Keluar").click()
    page.goto(installation.saring("moderator", "link", name).strip())
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url("**/desk/factor?**")
    page.get_by_role("button", name="Pakai kunci sandi").click()
    page.wait_for_url("**/desk")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_set_up_page_shows_a_code_to_scan(installation, moderator):
    page = moderator("gilang")
    page.goto(f"{installation.url}/desk/me/codes")
    box = page.locator(".qr svg").bounding_box()
    assert box["width"] >= 150
    expect(page.get_by_label("Ketik kode")).to_be_visible()
