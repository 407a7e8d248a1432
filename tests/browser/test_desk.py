"""The desk in a real browser: two moderators, hostile texts, a phone."""

from playwright.sync_api import Page, expect

from tests.browser.asking import ask

FACT = "Iuran kebersihan di RT Seruni tidak naik tahun ini."


def write(page: Page, fact: str) -> None:
    """Fill in what an answer needs."""
    page.locator(".options label").filter(has_text="SALAH").click()
    page.get_by_label("Kabar yang diperiksa").fill("Iuran kebersihan RT Seruni naik.")
    page.get_by_label("Faktanya, dalam satu kalimat").fill(fact)
    page.get_by_label("Sumber pertama (wajib)").fill("https://rt-seruni.example/iuran")
    expect(page.locator("#preview .ready")).to_be_visible()


def test_the_slower_of_two_moderators_keeps_the_draft(installation, someone, moderator):
    ask(someone(), installation.url, "Katanya iuran kebersihan RT Seruni naik tiga kali lipat")
    ani, budi = moderator("ani"), moderator("budi")
    budi.route("**/desk/live?*", lambda look: look.fulfill(status=204))  # it has not seen it yet
    for page in (ani, budi):
        page.get_by_role("link", name="iuran kebersihan RT Seruni").click()
    write(ani, FACT)
    write(budi, "Tulisan budi yang kedua.")
    ani.get_by_role("button", name="Terbitkan").click()
    expect(ani.get_by_role("status").filter(has_text="Terbit.")).to_be_visible()
    budi.get_by_role("button", name="Terbitkan").click()
    expect(budi.get_by_role("alert")).to_contain_text("diselesaikan oleh ani")
    expect(budi.get_by_label("Faktanya, dalam satu kalimat")).to_have_value(
        "Tulisan budi yang kedua."
    )
    expect(budi.get_by_role("button", name="Terbitkan")).to_have_count(0)


def test_an_answer_can_be_taken_back_at_once(installation, someone, moderator):
    ask(someone(), installation.url, "Lapangan Anggrek di Kenanga mau dijual ke pengembang besok")
    desk = moderator("cici")
    desk.get_by_role("link", name="Lapangan Anggrek").click()
    write(desk, "Lapangan Anggrek milik desa dan tidak dijual.")
    desk.get_by_role("button", name="Terbitkan").click()
    desk.get_by_role("button", name="Batalkan").click()
    expect(desk.get_by_role("status").filter(has_text="Dibatalkan.")).to_be_visible()
    expect(desk.get_by_role("button", name="Terbitkan")).to_be_visible()
    expect(desk.get_by_label("Faktanya, dalam satu kalimat")).to_have_value(
        "Lapangan Anggrek milik desa dan tidak dijual."
    )


def test_a_question_can_be_closed_with_a_ready_made_reason(installation, someone, moderator):
    ask(
        someone(),
        installation.url,
        "Kata orang sate di warung Pak Darmo Seruni paling enak sedunia",
    )
    desk = moderator("dewi")
    desk.get_by_role("link", name="warung Pak Darmo").click()
    desk.get_by_text("Tutup tanpa hasil").click()
    desk.get_by_role("button", name="Pendapat", exact=True).click()
    desk.get_by_role("button", name="Tutup dan kabari penanya").click()
    expect(desk.get_by_role("status").filter(has_text="Ditutup.")).to_be_visible()
    expect(desk.locator(".asked")).to_contain_text("Ini pendapat")
    expect(desk.get_by_role("button", name="Terbitkan")).to_have_count(0)


def test_hostile_text_runs_nowhere_on_the_desk(installation, someone, moderator):
    payload = '<img src=x onerror=alert(1)><script>alert(2)</script>" autofocus onfocus=alert(3) '
    rumour = "pasar Dahlia tutup selamanya mulai besok karena pedagang pindah ke pasar Kamboja"
    ask(someone(), installation.url, f"<svg/onload=alert(4)> {rumour}")
    desk = moderator("eko")
    desk.get_by_role("link", name="pasar Dahlia").click()
    desk.get_by_text("Judul, tanggal").click()
    for field in ("Kabar yang diperiksa", "Faktanya, dalam satu kalimat", "Penjelasan", "Judul"):
        desk.get_by_label(field, exact=True).fill(payload)
    desk.locator(".options label").first.click()
    desk.get_by_label("Sumber pertama (wajib)").fill("javascript:alert(4)")
    expect(desk.locator(".asked")).to_contain_text("<svg/onload=alert(4)>")
    expect(desk.locator("#preview .bubble").first).to_contain_text("<img src=x")
    desk.get_by_role("button", name="Terbitkan").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    assert desk.locator("main img, main script, main blockquote svg").count() == 0


def test_the_desk_works_on_a_phone(installation, someone, moderator):
    ask(someone(), installation.url, "Posyandu Mawar di Melati tutup karena tidak ada bidan lagi")
    desk = moderator("fitri")
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.reload()
    assert desk.evaluate("document.documentElement.scrollWidth") == 390
    desk.get_by_role("link", name="Posyandu Mawar").click()
    write(desk, "Posyandu Mawar buka setiap Rabu dengan bidan baru.")
    assert desk.evaluate("document.documentElement.scrollWidth") == 390


def test_the_queue_renews_itself(installation, someone, moderator):
    desk = moderator("gita")
    ask(someone(), installation.url, "Gedung Teratai di Kenanga katanya miring dan akan roboh")
    expect(desk.get_by_role("link", name="Gedung Teratai")).to_be_visible(timeout=30_000)
