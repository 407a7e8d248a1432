"""From the first asker to an approved answer, and its correction: two moderators, two editors."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.asking import ask

RUMOUR = "Kotak suara di TPS Wijaya Kusuma katanya dibuka sebelum penghitungan resmi"
FACT = "Kotak suara TPS Wijaya Kusuma baru dibuka saat penghitungan."
SECONDS = 1000


@pytest.fixture
def enter(installation, someone):
    """enter("ani", "moderator"): a page at the desk of a new person with this role."""

    def at_desk(name: str, role: str, **options: object) -> Page:
        page = someone(1280, 800, **options)
        page.goto(installation.link(name, role))
        page.get_by_role("button", name="Masuk").click()
        page.wait_for_url("**/desk")
        return page

    return at_desk


def write(page: Page) -> None:
    """An answer about the election."""
    page.locator(".options label").filter(has_text="SALAH").click()
    page.get_by_label("Kabar yang diperiksa").fill("Kotak suara dibuka lebih dulu.")
    page.get_by_label("Faktanya, dalam satu kalimat").fill(FACT)
    page.get_by_label("Sumber pertama (wajib)").fill("https://kpu.example/wijaya")
    page.locator("#topic").select_option("election")
    expect(page.locator("#preview .ready")).to_be_visible()


@pytest.mark.timeout(300)  # seven browsers, and nothing goes out in the first 30 seconds
def test_an_answer_is_approved_told_and_corrected_once(installation, someone, enter):
    askers = [someone(), someone()]
    for asker in askers:
        ask(asker, installation.url, RUMOUR)
    ani, budi = enter("ani satu", "moderator"), enter("budi satu", "moderator")
    dewi = enter("dewi satu", "editor")
    enter("rina satu", "editor")
    for page in (ani, budi):
        page.get_by_role("link", name="TPS Wijaya Kusuma").first.click()
        write(page)
    ani.get_by_role("button", name="Terbitkan").click()
    expect(ani.get_by_role("status").filter(has_text="Menunggu persetujuan")).to_be_visible()
    budi.get_by_role("button", name="Terbitkan").click()
    expect(budi.get_by_role("alert")).to_contain_text("ani satu")
    dewi.get_by_role("link", name="Mata kedua", exact=True).click()
    dewi.get_by_role("link", name=FACT).click()
    dewi.get_by_role("button", name="Setujui dan terbitkan").click()
    expect(dewi.get_by_role("status").filter(has_text="Disetujui")).to_be_visible()
    for asker in askers:
        answer = asker.locator(".ours").filter(has_text=FACT)
        expect(answer).to_have_count(1, timeout=60 * SECONDS)
    dewi.get_by_role("link", name="Pemeriksaan", exact=True).click()
    dewi.get_by_role("link", name=FACT).first.click()
    dewi.get_by_text("Tarik atau tandai tidak berlaku").click()
    dewi.locator("#why").fill("KPU Wijaya mengeluarkan keterangan baru.")
    dewi.get_by_role("button", name="Tarik dan kabari semua").click()
    expect(dewi.get_by_role("status").filter(has_text="Ditarik")).to_be_visible()
    for asker in askers:
        correction = asker.locator(".ours").filter(has_text="RALAT")
        expect(correction).to_have_count(1, timeout=30 * SECONDS)
        expect(correction).to_contain_text("KPU Wijaya mengeluarkan keterangan baru.")
    dewi.reload()
    expect(dewi.locator("[data-told]")).to_have_attribute("data-told", "2/2")
