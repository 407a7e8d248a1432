"""WCAG 2.2 AA, as far as a machine can check it: axe on every page, light and dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


def problems(page: Page) -> list[tuple[str, object]]:
    """What axe finds: rule and place."""
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


DESK = (
    "/desk/people",
    "/desk/me",
    "/desk/me/codes",
    "/desk/invite",
    "/desk/audit",
    "/desk/figures",
)


@SCHEMES
def test_the_pages_for_people_and_figures_are_accessible(installation, moderator, scheme):
    desk = moderator("indah", role="admin", color_scheme=scheme)
    for path in DESK:
        desk.goto(f"{installation.url}{path}")
        assert (path, problems(desk)) == (path, [])
