"""WCAG 2.2 AA, as far as a machine can check it: axe on every page, light and dark."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from handlers.factor import hotp, step_of
from tests.browser.lives import lived

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


def problems(page: Page) -> list[tuple[str, object]]:
    """What axe finds: rule and place."""
    if page.evaluate("!window.axe"):
        page.evaluate(AXE)
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
    return [
        (violation["id"], node["target"])
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@SCHEMES
@pytest.mark.parametrize(
    "path", ["/", "/p/3", "/privasi", "/metode", "/docs", "/p/99999", "/desk/login", "/nothing"]
)
def test_public_pages_are_accessible(installation, someone, path, scheme):
    page = someone(color_scheme=scheme)
    page.goto(f"{installation.url}{path}")
    assert problems(page) == []


@SCHEMES
def test_the_messenger_is_accessible_in_every_state(installation, someone, scheme):
    page = someone(color_scheme=scheme)
    page.goto(f"{installation.url}/chat")
    assert problems(page) == []
    page.locator(".composer [data-open]").click()
    expect(page.locator("#samples")).to_be_visible()
    assert problems(page) == []
    page.locator(".sample").first.click()
    expect(page.locator(".ours").first).to_be_visible()
    page.locator(".menu summary").click()
    expect(page.locator(".typing")).to_be_hidden()
    assert problems(page) == []


@SCHEMES
def test_the_desk_is_accessible(installation, someone, moderator, scheme):
    asker = someone()
    asker.goto(f"{installation.url}/chat")
    asker.locator("#text").fill(f"Kolam renang Tirta Kamboja dikeringkan permanen {scheme}")
    asker.locator(".go").click()
    expect(asker.locator(".ours").first).to_be_visible()
    desk = moderator("hadi", color_scheme=scheme)
    assert problems(desk) == []
    desk.get_by_role("link", name="Tirta Kamboja").first.click()
    desk.locator(".options label").first.click()
    desk.get_by_text("Judul, tanggal").click()
    desk.get_by_text("Tutup tanpa hasil").click()
    expect(desk.locator("#preview .bubble").first).to_be_visible()
    assert problems(desk) == []


SHAPES = ((1280, 800, "light"), (390, 844, "dark"))


def everywhere(page: Page) -> list[object]:
    """What axe finds on a desk and on a telephone, light and dark, and what overflows there."""
    found: list[object] = []
    for width, height, scheme in SHAPES:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        found += [(width, *one) for one in problems(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append((width, "wider than the screen"))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def test_every_page_for_people_and_figures_is_accessible_on_desk_and_telephone(
    installation, moderator
):
    desk = moderator("indah", role="admin")
    for path in (
        "people",
        "me",
        "me/codes",
        "chat",
        "invite",
        "audit",
        "figures",
        "review",
        "duty",
    ):
        desk.goto(f"{installation.url}/desk/{path}")
        assert (path, everywhere(desk)) == (path, [])
    desk.goto(f"{installation.url}/desk/people")
    desk.locator(".adding summary").click()
    desk.locator("#name").fill("Joko Prasetyo Wibowo")
    desk.get_by_role("button", name="Tambah dan buat tautan").click()
    expect(desk.get_by_text("login?token=")).to_be_visible()
    assert everywhere(desk) == []
    desk.goto(f"{installation.url}/desk/invite")
    desk.get_by_role("button", name="Buat undangan").click()
    expect(desk.get_by_text("inv_")).to_be_visible()
    assert everywhere(desk) == []


def test_the_knowledge_base_is_accessible_with_history_import_and_in_public(
    installation, moderator, folder
):
    desk = moderator("kartini", role="editor")
    lives = lived(installation, desk, folder, "aksesibel", "tentang air sumur di Dukuh Awan")
    paths = [f"/desk/facts/{lives.revised}", f"/desk/facts/{lives.retracted}", "/desk/facts"]
    paths += ["/desk/upkeep", f"/p/{lives.revised}", f"/p/{lives.retracted}", "/desk/import"]
    for path in paths:
        desk.goto(f"{installation.url}{path}")
        assert (path, everywhere(desk)) == (path, [])
    file = folder / "pratinjau.csv"
    file.write_text(
        "id,claim,verdict,sources\naksesibel-0,Kabar,benar,https://x.example/a\nb,,?,\n"
    )
    desk.locator("#file").set_input_files(file)
    desk.get_by_role("button", name="Pratinjau").click()
    expect(desk.locator("#would")).to_be_visible()
    assert everywhere(desk) == []


def test_what_a_roll_back_takes_back_is_listed_before_it_is_done(installation, moderator, folder):
    editor = moderator("nuri", role="editor")
    name = editor.locator("nav a[href='/desk/me']").inner_text().split(" · ")[0]
    lived(installation, editor, folder, "mundur", "tentang jembatan di Dukuh Awan")
    admin = moderator("oka", role="admin")
    admin.goto(f"{installation.url}/desk/review")
    admin.get_by_text("Batalkan semua terbitan seseorang").click()
    admin.get_by_label("Orang").select_option(name)
    admin.get_by_label("Sejak (waktu setempat)").fill("2020-01-01T00:00")
    admin.locator("#rollreason").fill("Akunnya diambil alih.")
    admin.get_by_role("button", name="Tunjukkan yang akan dibatalkan").click()
    expect(admin.locator("#sum")).to_contain_text("Ini membatalkan 3 pemeriksaan")
    expect(admin.locator("#steps > li")).to_have_count(3)
    for standing in ("(ditarik)", "berakhir dan mengarah ke", "MENYESATKAN"):
        expect(admin.locator("#steps")).to_contain_text(standing)
    assert everywhere(admin) == []
    admin.get_by_role("button", name="Batalkan semuanya").click()
    expect(admin.get_by_role("heading", name=f"Dibatalkan: {name}")).to_be_visible()
    assert everywhere(admin) == []


def test_pages_that_refuse_are_accessible(installation, moderator):
    desk = moderator("lela", role="reader")
    refusing = ("/desk/people", "/desk/q/ZZZZ", "/desk/facts/999999", "/p/999999", "/tidakada")
    for path in (*refusing, "/desk/login?token=salah"):
        desk.goto(f"{installation.url}{path}")
        assert (path, everywhere(desk)) == (path, [])
    desk.get_by_role("button", name="Masuk").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    assert everywhere(desk) == []


def test_the_second_factor_is_accessible_from_setting_up_to_a_wrong_code(installation, moderator):
    desk = moderator("mega", role="moderator")
    name = desk.locator("nav a[href='/desk/me']").inner_text().split(" · ")[0]
    desk.goto(f"{installation.url}/desk/me/codes")
    desk.get_by_text("Tidak dapat memindai").click()
    key = desk.locator("pre code").inner_text().replace(" ", "")
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    desk.locator("#code").fill("000000")
    desk.locator("button.primary").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    assert everywhere(desk) == []
    desk.locator("#code").fill(hotp(secret, step_of(datetime.now(UTC))))
    desk.locator("button.primary").click()
    expect(desk.locator("pre code")).to_contain_text("-")
    assert everywhere(desk) == []
    desk.goto(installation.saring("moderator", "link", name).strip())
    desk.get_by_role("button", name="Masuk").click()
    desk.wait_for_url("**/desk/factor?**")
    desk.locator("#code").fill("111111")
    desk.locator("button.primary").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    assert everywhere(desk) == []
