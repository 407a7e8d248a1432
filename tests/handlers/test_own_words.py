"""F5: whatever we said, forwarded back, is recognised and never becomes a question."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from handlers.messages import Act, Address, Incoming, Outgoing
from handlers.ports import Call, Found
from handlers.reading import Ours, own_reply, text_to_check
from handlers.routes import route
from knowledge_base.search.findings import Decision, Result
from knowledge_base.search.text import checkable
from tests.fakes import FakeHouse
from tests.handlers.player import START, Player

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
URL = "https://saring.example"


class Listener(Player):
    """Plays a transcript and keeps every message that was sent."""

    def _show(self, messages: list[Outgoing]) -> list[str]:
        self.__dict__.setdefault("heard", []).extend(messages)
        return super()._show(messages)


def said_in(path: Path) -> list[Outgoing]:
    listener = Listener()
    listener.play(path.read_text(encoding="utf-8"))
    return [message for message in listener.__dict__["heard"] if message.text]


def forwarded(text: str) -> Incoming:
    address = Address("browser", "demo", "ani")
    return Incoming(address, Act.MESSAGE, START, ref="m1", text=text, forwarded=True)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_every_message_we_send_is_known_when_it_comes_back(path: Path) -> None:
    house = FakeHouse(START)
    for number, message in enumerate(said_in(path)):
        incoming = forwarded(message.text)
        result = Result(Decision.ASK_HUMAN, 0.0, checkable=checkable(message.text))
        unknown = Found(result, fingerprint="x")
        call = Call(incoming, house.person("ani"), house.ports(), unknown, f"s{number}")
        assert route(incoming).handler(call)
        assert not house.questions.rows, message.text


def test_the_number_of_our_answer_is_read_from_its_link() -> None:
    assert own_reply(f"❌ Pesan ini SALAH.\n\nNomor 482: {URL}/p/482", URL) == Ours(number=482)
    assert own_reply(f"{URL}/p/17", URL) == Ours(number=17)
    assert own_reply(f"Nomor 17: {URL}/p/17", URL) == Ours(number=17)


def test_somebody_elses_words_with_our_link_are_not_ours() -> None:
    text = f"Jembatan Melati roboh tadi malam, lihat saja {URL}/p/482"
    assert own_reply(text, URL) is None


def test_another_sites_page_is_not_ours() -> None:
    assert own_reply("https://lain.example/p/482", URL) is None


def test_a_verdict_word_alone_is_not_ours() -> None:
    assert own_reply("❌ SALAH besar kalau TPS Melati tutup jam 10", URL) is None


def test_our_words_survive_the_stars_a_messenger_puts_around_them() -> None:
    text = "*🔎 BELUM DIPERIKSA. Sebaiknya jangan disebar dulu.*"
    assert own_reply(text, URL) == Ours()
    assert own_reply(replace(forwarded(text)).text, URL) == own_reply(
        text_to_check(forwarded(text)), URL
    )


def test_our_answer_is_known_when_its_lines_have_run_into_one() -> None:
    text = f"❌ Pesan ini SALAH. Faktanya: TPS buka. Nomor 482: {URL}/p/482"
    assert own_reply(text, URL) == Ours(number=482)
    forwarded_text = f"Sumber: KPU, 1 Jan. Lengkapnya: {URL}/p/482 sebarkan ya"
    assert own_reply(forwarded_text, URL) == Ours(number=482)
