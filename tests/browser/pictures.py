"""The pictures of docs/desk.md, taken of the real program. Renew them after a change of a page:

python -m pytest tests/browser/pictures.py
"""

from pathlib import Path

from playwright.sync_api import expect

IMAGES = Path(__file__).parents[2] / "docs" / "images"
ASKED = (
    "Jembatan Kenanga di Melati ditutup tiga bulan mulai Senin, yang lewat didenda 250 ribu",
    "Katanya bantuan beras di Kelurahan Seruni hanya untuk yang punya kartu baru",
    "Info grup RT: air PDAM di Melati dicampur obat sejak kemarin, jangan diminum",
)
PAGES = {
    "desk-queue": "/desk",
    "desk-facts": "/desk/facts",
    "desk-review": "/desk/review",
    "desk-figures": "/desk/figures",
    "desk-audit": "/desk/audit",
    "desk-people": "/desk/people",
    "desk-invite": "/desk/invite",
    "desk-me": "/desk/me",
}


def test_take_the_pictures(installation, someone):
    for text in ASKED:
        asker = someone()
        asker.goto(f"{installation.url}/chat")
        asker.locator("#text").fill(text)
        asker.locator(".go").click()
        expect(asker.locator(".ours").first).to_be_visible()
        none = asker.get_by_role("button", name="0. Bukan")
        if none.count():
            none.click()
    for name, role in (("Budi", "moderator"), ("Citra", "editor")):
        installation.saring("moderator", "add", name, "--role", role, "--org", "Redaksi")
    page = someone(1100, 720)
    page.goto(installation.saring("moderator", "add", "Sari", "--role", "admin").strip())
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url("**/desk")
    for name, path in PAGES.items():
        page.goto(f"{installation.url}{path}")
        expect(page.locator("h1")).to_be_visible()
        page.screenshot(path=IMAGES / f"{name}.png")
    page.goto(f"{installation.url}/desk")
    page.get_by_role("link", name="Jembatan Kenanga").first.click()
    expect(page.locator("#preview")).to_be_visible()
    page.screenshot(path=IMAGES / "desk-question.png")
