"""The queue in a real browser: live, by keyboard, and shared by two moderators."""

import re

from playwright.sync_api import expect

from tests.browser.asking import ask

RUMOUR = "Stadion Cempaka di Seruni katanya akan dibongkar bulan depan"


def test_a_card_comes_by_itself_and_is_taken_by_keyboard(installation, someone, moderator):
    ani, budi = moderator("ani"), moderator("budi")
    for page in (ani, budi):
        page.evaluate("window.notReloaded = true")
    ask(someone(), installation.url, RUMOUR)
    link = ani.get_by_role("link", name="Stadion Cempaka")
    expect(link).to_be_visible()
    ani.keyboard.press("/")
    expect(ani.locator("#f-text")).to_be_focused()
    ani.locator("#f-text").blur()
    for _ in range(ani.locator(".card").count()):
        ani.keyboard.press("j")
        if link.evaluate("element => element === document.activeElement"):
            break
    expect(link).to_be_focused()
    ani.keyboard.press("t")
    expect(ani.get_by_role("status").filter(has_text="Diambil.")).to_be_visible()
    expect(ani.locator("#lease [data-until]")).to_have_text(re.compile(r"^\d+:\d\d$"))
    taken = budi.locator(".card").filter(has_text="Stadion Cempaka")
    expect(taken).to_contain_text("Diambil ani")
    assert budi.evaluate("window.notReloaded") is True


def test_two_questions_are_merged_by_a_tap_and_split_again(installation, someone, moderator):
    ask(someone(), installation.url, "Menara Jati di Desa Lontar akan dirobohkan awal tahun depan")
    second = "Kata lurah, Menara Jati di Desa Lontar dijual kepada juragan tambak udang"
    ask(someone(), installation.url, second)
    desk = moderator("citra")
    desk.locator("#f-text").fill("dirobohkan")
    desk.get_by_role("button", name="Tampilkan").click()
    desk.get_by_role("link", name="Menara Jati").click()
    alike = desk.locator(".match").filter(has_text="juragan tambak")
    expect(alike.locator("mark.same").first).to_be_visible()
    expect(alike).to_contain_text("2 kalimat")
    alike.get_by_role("button", name="Gabungkan dengan").click()
    expect(desk.get_by_role("status").filter(has_text="Digabung")).to_be_visible()
    expect(desk.locator(".asked")).to_contain_text("juragan tambak")
    desk.get_by_text("Pisahkan", exact=True).first.click()
    desk.locator("label.tick").filter(has_text="dirobohkan").click()
    desk.get_by_role("button", name="Pisahkan").click()
    expect(desk.get_by_role("status").filter(has_text="Dipisah")).to_be_visible()
    expect(desk.locator("label.tick")).to_have_count(0)
    desk.goto(f"{installation.url}/desk?text=Menara+Jati")
    expect(desk.locator(".card")).to_have_count(2)


def test_an_open_question_is_live_and_keeps_what_is_typed(installation, someone, moderator):
    ask(someone(), installation.url, "Balai Desa Gambir kabarnya dipindah ke Seruni tahun ini")
    ani, budi = moderator("ani"), moderator("budi")
    for desk in (ani, budi):
        desk.goto(f"{installation.url}/desk?text=Balai+Desa+Gambir")
        desk.get_by_role("link", name="Balai Desa Gambir").click()
    ani.get_by_role("button", name="Ambil").click()
    expect(budi.locator("#lease")).to_contain_text("Diambil ani")
    expect(budi.get_by_role("button", name="Ambil")).to_have_count(0)
    budi.context.clear_cookies()  # the session has ended
    budi.locator("#fact").fill("Balai desa tetap di tempatnya.")
    notice = budi.locator("#notice")
    expect(notice).to_contain_text("Sesi Anda sudah berakhir")
    expect(notice.get_by_role("link")).to_have_attribute("target", "_blank")
    expect(budi.locator("#fact")).to_have_value("Balai desa tetap di tempatnya.")
    ani.get_by_text("Bukan klaim, atau spam").click()
    ani.get_by_role("button", name="Spam").click()
    expect(ani.get_by_role("status").filter(has_text="Ditutup")).to_be_visible()


def test_a_queue_whose_line_is_cut_says_so_until_it_is_back(moderator):
    desk = moderator("dodi")
    desk.route("**/desk/events*", lambda route: route.abort())
    desk.reload()
    expect(desk.locator("#stale")).to_be_visible()
    desk.unroute("**/desk/events*")
    expect(desk.locator("#stale")).to_be_hidden(timeout=20_000)
