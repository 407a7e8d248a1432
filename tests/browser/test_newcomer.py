"""The newcomer's path in a real browser: both sides of one question."""

from playwright.sync_api import Page, expect

RUMOUR = (
    "Info dari grup: mulai Senin depan Jembatan Kenanga di Kecamatan Melati ditutup tiga bulan, "
    "semua angkot lewat Jalan Cempaka. Katanya warga yang lewat jembatan akan didenda Rp250 ribu."
)
FACT = "Jembatan Kenanga tetap dibuka; perbaikan hanya dilakukan malam hari."


def say(page: Page, text: str) -> None:
    page.get_by_label("Tulis atau tempel pesan").fill(text)
    page.get_by_role("button", name="Kirim", exact=True).click()


def forward(page: Page, sample: str) -> None:
    page.locator(".composer [data-open]").click()
    page.get_by_role("button", name=sample).click()


def test_a_known_hoax_gets_its_verdict_with_fact_source_and_quote(installation, someone):
    page = someone()
    page.goto(f"{installation.url}/chat")
    forward(page, "Bantuan BPJS Rp125 juta")
    reply = page.locator(".ours").first
    expect(reply.locator(".strong").first).to_contain_text("SALAH")
    expect(reply).to_contain_text("Faktanya: BPJS tidak pernah mengumumkan")
    expect(reply).to_contain_text("TurnBackHoax")
    expect(reply.locator(".quoted")).to_contain_text("Assalamualaikum bapak ibu")
    expect(page.locator(".mine .ticks")).to_have_attribute("aria-label", "Dibaca")
    reply.get_by_role("button", name="Buktinya").click()
    expect(page.locator(".log")).to_contain_text("https://")
    page.reload()
    expect(page.locator(".mine")).to_have_count(1)
    expect(page.locator(".ours").first).to_contain_text("SALAH")


def test_the_number_in_a_reply_leads_to_its_public_page(installation, someone):
    page = someone()
    page.goto(f"{installation.url}/chat")
    forward(page, "Air dingin dan pembuluh darah")
    with page.context.expect_page() as opened:
        page.locator(".ours a[href*='/p/']").first.click()
    expect(opened.value.locator("h1")).to_contain_text("heat stroke")
    expect(opened.value.locator(".badge").first).to_contain_text("SALAH")


def test_an_unknown_rumour_is_answered_by_a_moderator_and_known_from_then_on(
    installation, someone, moderator
):
    asker = someone()
    asker.goto(f"{installation.url}/chat")
    say(asker, RUMOUR)
    receipt = asker.locator(".ours").first
    expect(receipt).to_contain_text("BELUM DIPERIKSA")
    say(asker, "status")
    expect(asker.locator(".ours").nth(1)).to_be_visible()

    desk = moderator("ani")
    desk.get_by_role("link", name="Jembatan Kenanga").click()
    expect(desk.locator(".asked")).to_contain_text("1 penanya")
    desk.locator(".options label").filter(has_text="SALAH").click()
    desk.get_by_label("Kabar yang diperiksa").fill("Jembatan Kenanga ditutup tiga bulan.")
    desk.get_by_label("Faktanya, dalam satu kalimat").fill(FACT)
    desk.get_by_label("Sumber pertama (wajib)").fill("https://dpu-melati.example/pengumuman")
    expect(desk.locator("#preview .ready")).to_be_visible()
    expect(desk.locator("#preview")).to_contain_text(FACT)
    desk.get_by_role("button", name="Terbitkan dan kabari penanya").click()
    expect(desk.get_by_role("status").filter(has_text="Terbit.")).to_be_visible()

    other = someone()
    other.goto(f"{installation.url}/chat")
    say(other, f"Assalamualaikum 🙏 {RUMOUR} Tolong sebarkan ya 🙏🙏")
    expect(other.locator(".ours").first).to_contain_text(FACT)

    told = asker.locator(".ours").filter(has_text=FACT)
    expect(told).to_be_visible(timeout=60_000)  # nothing goes out in the first 30 seconds
    expect(told.locator(".quoted")).to_contain_text("Info dari grup")


def test_choosing_another_language_changes_page_and_replies(installation, someone):
    page = someone()
    page.goto(f"{installation.url}/chat")
    page.get_by_label("Menu").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator(".ours").first).to_contain_text("English")
    page.get_by_role("button", name="Forward a sample message").click()
    page.get_by_role("button", name="BPJS aid").click()
    expect(page.locator(".ours").last).to_contain_text("FALSE")


def test_starting_over_is_another_person_with_an_empty_chat(installation, someone):
    page = someone()
    page.goto(f"{installation.url}/chat")
    forward(page, "Hanya menyapa")
    expect(page.locator(".ours").first).to_be_visible()
    page.get_by_label("Menu").click()
    page.get_by_role("button", name="Mulai dari awal").click()
    expect(page.get_by_role("button", name="Coba pesan contoh")).to_be_visible()
    expect(page.locator(".line")).to_have_count(0)
