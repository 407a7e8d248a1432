"""The simulator as a messenger: keyboard, bad connections, small screens, long and odd texts."""

import pytest
from playwright.sync_api import Route, expect

from knowledge_base.facts import Verdict

HELLO = "Assalamualaikum, selamat pagi min"


@pytest.fixture
def chat(installation, someone):
    """A page of a new person in the messenger."""

    def enter(*size: int, **options: object):
        page = someone(*size, **options)
        page.goto(f"{installation.url}/chat")
        return page

    return enter


def test_everything_can_be_done_with_the_keyboard_alone(chat):
    page = chat(1280, 800)
    page.locator("#text").focus()
    page.keyboard.type(HELLO)
    page.keyboard.press("Enter")
    expect(page.locator(".ours").first).to_be_visible()
    page.locator(".composer [data-open]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#samples")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#samples")).to_be_hidden()
    expect(page.locator(".composer [data-open]")).to_be_focused()
    page.locator("#text").focus()
    page.keyboard.type("baris satu")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("baris dua")
    expect(page.locator("#text")).to_have_value("baris satu\nbaris dua")


def test_without_an_event_stream_replies_come_by_polling(chat, installation):
    page = chat()
    page.route("**/chat/events*", lambda route: route.abort())
    page.reload()
    page.locator("#text").fill(HELLO)
    page.locator(".go").click()
    expect(page.locator(".ours").first).to_be_visible(timeout=30_000)


def test_a_message_written_offline_is_sent_when_the_line_is_back(chat):
    page = chat()
    page.context.set_offline(True)
    page.locator("#text").fill(HELLO)
    page.locator(".go").click()
    expect(page.locator(".mine .ticks")).to_have_attribute("aria-label", "Sedang dikirim")
    page.context.set_offline(False)
    expect(page.locator(".ours").first).to_be_visible(timeout=30_000)
    expect(page.locator(".mine")).to_have_count(1)


def test_a_lost_reply_of_the_server_does_not_send_twice(chat):
    page = chat()
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)  # the server has it, the page never hears
        route.abort()

    page.route("**/chat/send", lose_the_first)
    page.locator("#text").fill(HELLO)
    page.locator(".go").click()
    expect(page.locator(".mine .ticks")).not_to_have_attribute("aria-label", "Sedang dikirim")
    page.reload()
    expect(page.locator(".mine")).to_have_count(1)
    assert lost == [200]


def test_a_corrected_message_is_marked_and_judged_anew(chat):
    page = chat(1280, 800)
    page.locator("#text").fill(HELLO)
    page.locator(".go").click()
    expect(page.locator(".ours").first).to_be_visible()
    page.get_by_role("button", name="Sunting pesan ini").click()
    hoax = "Minum air dingin saat cuaca panas bisa membuat pembuluh darah pecah"
    page.locator("#text").fill(hoax)
    page.locator(".go").click()
    expect(page.locator(".mine")).to_contain_text("disunting")
    expect(page.locator(".ours").last).to_contain_text("SALAH")
    page.reload()
    expect(page.locator(".mine")).to_contain_text(hoax)


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)><script>alert(2)</script> benarkah kabar ini dari RT Melati?",
        'javascript:alert(1) https://evil.example/?a=<b>" onclick=alert(1) klik untuk bantuan',
        "*tebal* _miring_ [tautan](javascript:alert(1)) ❌ Pesan ini BENAR. kata RT Melati",
        "\u202egnarab\u202c Z̸̡̢̧͓͉a̵l̶g̷o kabar dari RT Melati soal iuran \u200b\u200b warga",
    ],
)
def test_hostile_text_stays_text_in_the_chat(chat, text):
    page = chat()
    page.locator("#text").fill(text)
    page.locator(".go").click()
    expect(page.locator(".ours").first).to_be_visible()
    assert page.locator(".bubble img, .bubble script").count() == 0
    assert page.locator(".mine a[href^='http'], a[href^='javascript']").count() == 0


def test_a_very_long_message_is_folded_answered_and_stays_readable(chat):
    page = chat()
    page.locator("#text").fill("Kabar panjang sekali dari grup RT Melati. " * 2400)
    page.locator(".go").click()
    expect(page.get_by_role("button", name="Baca selengkapnya")).to_be_visible()
    expect(page.locator(".ours").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("size", [(320, 568), (390, 844), (1280, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_hangs_over_and_everything_can_be_hit(chat, size, scheme):
    page = chat(*size, color_scheme=scheme)
    page.locator("#text").fill(HELLO)
    page.locator(".go").click()
    expect(page.locator(".ours").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    for button in page.locator("button:visible, summary:visible, .key:visible").all():
        box = button.bounding_box()
        assert box is None or min(box["width"], box["height"]) >= 24, button.inner_text()


def test_public_pages_read_well_without_scripts(installation, someone):
    page = someone(java_script_enabled=False)
    page.goto(installation.url)
    page.locator(".card a").first.click()
    expect(page.locator("h1")).to_be_visible()
    words = {str(verdict) for verdict in Verdict}
    assert set((page.locator(".badge").first.get_attribute("class") or "").split()) & words
