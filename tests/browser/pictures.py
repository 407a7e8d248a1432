"""The pictures of docs/desk.md, taken of the real program. Renew them after a change of a page:

python -m pytest tests/browser/pictures.py
"""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.asking import ask

IMAGES = Path(__file__).parents[2] / "docs" / "images"
ASKED = (
    "Jembatan Kenanga di Melati ditutup tiga bulan mulai Senin, yang lewat didenda 250 ribu",
    "Katanya bantuan beras di Kelurahan Seruni hanya untuk yang punya kartu baru",
    "Info grup RT: air PDAM di Melati dicampur obat sejak kemarin, jangan diminum",
)
PAGES = {
    "desk-queue": "/desk",
    "desk-facts": "/desk/facts",
    "desk-fact": "/desk/facts/3",
    "desk-upkeep": "/desk/upkeep",
    "desk-import": "/desk/import",
    "desk-review": "/desk/review",
    "desk-figures": "/desk/figures",
    "desk-audit": "/desk/audit",
    "desk-people": "/desk/people",
    "desk-invite": "/desk/invite",
    "desk-me": "/desk/me",
    "desk-chat": "/desk/chat",
    "desk-duty": "/desk/duty",
    "desk-login": "/desk/login",
}
SHEET = """id,claim,fact,verdict,sources
m1,Sekolah di Melati libur sebulan,Sekolah di Melati tetap masuk.,salah,https://dinas-melati.example/1
m2,Air PDAM Melati dicampur obat,Air PDAM Melati aman.,salah,https://pdam-melati.example/2
m3,Kabar tanpa sumber,Tidak ada,salah,
"""
ANSWER = {
    "claim": "Jembatan Kenanga di Melati ditutup tiga bulan mulai Senin.",
    "fact": "Jembatan Kenanga tetap dibuka; perbaikan hanya pada malam hari.",
    "explanation": "Pengumuman Dinas PU hanya menyebut perbaikan pukul 22.00-04.00. Denda tidak ada.",
    "url_1": "https://dpu-melati.example/pengumuman",
    "publisher_1": "Dinas PU Melati",
}


def test_take_the_pictures(installation, someone, tmp_path):
    for text in ASKED:
        ask(someone(), installation.url, text)
    for name, role in (("Budi", "moderator"), ("Citra", "editor")):
        installation.saring("moderator", "add", name, "--role", role, "--org", "Redaksi")
    page = someone(1100, 720)
    page.goto(installation.saring("moderator", "add", "Sari", "--role", "admin").strip())
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url("**/desk")
    for name, path in PAGES.items():
        page.set_viewport_size({"width": 1340 if name == "desk-fact" else 1100, "height": 720})
        page.goto(f"{installation.url}{path}")
        expect(page.locator("h1")).to_be_visible()
        if name == "desk-import":
            preview(page, tmp_path / "cek-fakta.csv")
        page.screenshot(path=IMAGES / f"{name}.png")
    page.goto(f"{installation.url}/desk")
    page.get_by_role("link", name="Jembatan Kenanga").first.click()
    expect(page.locator("#preview")).to_be_visible()
    page.screenshot(path=IMAGES / "desk-question.png")
    page.set_viewport_size({"width": 1340, "height": 860})
    page.locator(".options label", has_text="SALAH").first.click()
    for field, text in ANSWER.items():
        page.locator(f"#{field}").fill(text)
    expect(page.locator("#preview .ready")).to_be_visible()
    page.locator("#answering").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=IMAGES / "desk.png")


def preview(page, file):
    """What an import would do."""
    file.write_text(SHEET, "utf-8")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Pratinjau").click()
    expect(page.locator("#would")).to_be_visible()
