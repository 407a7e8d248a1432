"""Whole conversations on WhatsApp: people and Meta on one side, the real application on the other."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.store import Store
from tests.by_hand import CLAIM
from tests.servers.graph import DAY, HOUR, SECRET, TOKEN, FakeGraph, Person
from tests.servers.graph_rules import Template
from tests.whatsapp_by_hand import VERIFY, WhatsAppByHand

HOUSE = Path(__file__).resolve().parents[2]
RUMOUR = "Kabarnya sumur warga di Dukuh Awan-awan Atas mendadak berisi sirup jambu"
TRUTH = "Air sumur di Dukuh Awan-awan Atas jernih seperti biasa."


@pytest.fixture
def fake() -> Iterator[FakeGraph]:
    server = FakeGraph()
    yield server
    assert server.leaked == []


@pytest.fixture
async def saring(store: Store, fake: FakeGraph) -> AsyncIterator[WhatsAppByHand]:
    by_hand = WhatsAppByHand(store, fake)
    yield by_hand
    await by_hand.channel.close()
    assert by_hand.parked() == by_hand.unreadable


@pytest.fixture
def sari(fake: FakeGraph) -> Person:
    return fake.person("Sari", number="6281234567890", bsuid="ID.7719228840172635")


async def test_a_forwarded_hoax_gets_one_billed_reply(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    asked = sari.forwards(CLAIM, many=True)
    assert await saring.settle() == [200]
    [answer] = fake.sent_to(sari)
    assert answer.shown("bold") == ["❌ Pesan ini SALAH."]
    assert "tetap buka pukul 07.00–13.00" in answer.text
    assert answer.quotes == asked
    assert len(answer.taps) == 3
    assert set(fake.read) == set(fake.typing) == {asked}
    assert fake.billable == 1


async def test_an_unknown_rumour_gets_a_ticket_and_later_its_answer(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    asked = sari.forwards(RUMOUR)
    await saring.settle()
    [receipt] = fake.sent_to(sari)
    assert receipt.shown("bold") == ["🔎 BELUM DIPERIKSA. Sebaiknya jangan disebar dulu."]
    fake.passes(3 * HOUR)
    await saring.answers_the_question(TRUTH)
    answer = fake.last_to(sari)
    assert TRUTH in answer.text
    assert answer.quotes == asked
    assert fake.billable == 2


async def test_repeats_have_one_effect(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(CLAIM)
    sari.forwards(RUMOUR)
    [first, second] = payloads = fake.payloads()
    for payload in (*payloads, second, first):
        assert await saring.post(*fake.signed(payload)) == 200
    await saring.settle()
    fake.passes(7 * DAY)
    for payload in payloads:
        assert await saring.post(*fake.signed(payload)) == 200
    await saring.settle()
    assert len(fake.sent_to(sari)) == 2
    assert saring.open_questions() == 1


async def test_a_batch_of_several_people_reaches_each(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    people = [sari, fake.person("Budi"), fake.person("Ayu", bsuid="ID.5501", hidden=True)]
    for person in people:
        person.forwards(CLAIM)
    await saring.settle(batch=5, spread=True, shuffle=3)
    assert [len(fake.sent_to(person)) for person in people] == [1, 1, 1]


async def test_every_button_of_a_verdict_answers(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(CLAIM)
    await saring.settle()
    [answer] = fake.sent_to(sari)
    for label in answer.taps:
        before = len(fake.sent_to(sari))
        sari.presses(label, on=answer)
        await saring.settle()
        assert len(fake.sent_to(sari)) > before, label


async def test_who_deletes_everything_hears_that_it_is_done(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    for word in (RUMOUR, "hapus", "ya"):
        sari.sends(word)
        await saring.settle()
    assert "Data Anda sudah dihapus" in fake.last_to(sari).text
    assert (saring.known(sari), saring.states()) == (None, {"sent": 2})


async def test_words_are_commands_in_any_case(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    for word in ("MENU", "Bantuan", "status", "PRIVASI", "bahasa", "stop"):
        sari.sends(word)
        before = len(fake.sent_to(sari))
        await saring.settle()
        assert len(fake.sent_to(sari)) == before + 1, word


WORDS = ("status", "bahasa", "tentang", "metode", "privasi", "data saya", "hapus", "stop")


@pytest.mark.parametrize("place", range(len(WORDS)))
async def test_each_row_of_the_menu_does_what_its_word_does(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person, place: int
) -> None:
    sari.sends("menu")
    await saring.settle()
    menu = fake.last_to(sari)
    rows = menu.body["interactive"]["action"]["sections"][0]["rows"]
    assert (len(rows), rows[0]["description"]) == (len(WORDS), "pertanyaan saya")
    sari.presses(rows[place]["title"], on=menu)
    await saring.settle()
    tapped = re.sub(r"\d+", "0", fake.last_to(sari).text)
    sari.sends(WORDS[place])
    await saring.settle()
    assert re.sub(r"\d+", "0", fake.last_to(sari).text) == tapped


@pytest.mark.parametrize(
    ("kind", "content", "replies"),
    [
        ("location", {"latitude": -6.2, "longitude": 106.8, "name": "Balai Desa"}, 1),
        ("contacts", [{"name": {"formatted_name": "Budi"}, "phones": [{"phone": "1"}]}], 1),
        ("order", {"catalog_id": "1", "product_items": []}, 1),
        ("hologram", {"body": "x"}, 1),
        ("reaction", {"message_id": "wamid.x", "emoji": "👍"}, 0),
        ("revoke", {"original_message_id": "wamid.x"}, 0),
    ],
)
async def test_every_kind_is_answered_or_silent_on_purpose(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person, kind: str, content: Any, replies: int
) -> None:
    sari.does(kind, content)
    await saring.settle()
    assert (len(fake.sent_to(sari)), saring.parked()) == (replies, 0)


async def test_a_correction_that_overtakes_its_message_is_what_counts(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.edits(sari.sends(RUMOUR), CLAIM)
    for payload in reversed(fake.payloads()):
        assert await saring.post(*fake.signed(payload)) == 200
    await saring.settle()
    [answer] = fake.sent_to(sari)
    assert "SALAH" in answer.text
    assert saring.open_questions() == 0


async def test_a_deletion_that_overtakes_its_message_still_counts(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.revokes(sari.sends(RUMOUR))
    for payload in reversed(fake.payloads()):
        assert await saring.post(*fake.signed(payload)) == 200
    await saring.settle()
    assert (fake.sent_to(sari), saring.open_questions()) == ([], 0)
    sari.sends(RUMOUR)
    await saring.settle()
    assert (len(fake.sent_to(sari)), saring.open_questions()) == (1, 1)


async def test_what_whatsapp_cannot_show_us_gets_an_honest_word(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.does("unsupported", errors=[{"code": 131051, "title": "Message type unknown"}])
    await saring.settle()
    assert len(fake.sent_to(sari)) == 1


async def test_a_thumb_on_the_answer_is_a_vote_and_no_message(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(CLAIM)
    await saring.settle()
    sari.reacts(fake.last_to(sari), "👎")
    await saring.settle()
    with saring.store.read() as work:
        [votes] = work.reviews.votes(1)
    assert (votes.unhelpful, len(fake.sent_to(sari))) == (1, 1)


async def test_forwarded_many_times_is_a_signal_for_the_queue(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(RUMOUR, many=True)
    fake.person("Budi").forwards(RUMOUR)
    await saring.settle()
    with saring.store.read() as work:
        [question] = work.questions.open()
    assert (question.askers, question.forwarded_many) == (2, 1)


@pytest.mark.parametrize("kind", ["image", "audio", "video", "document", "sticker"])
async def test_what_cannot_be_read_yet_gets_an_honest_word_and_is_not_fetched(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person, kind: str
) -> None:
    media_id = sari.sends_file(kind)
    await saring.settle()
    assert len(fake.sent_to(sari)) == 1
    assert fake.file(media_id).urls == {}


async def test_an_edit_corrects_and_a_revocation_forgets(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    asked = sari.sends(RUMOUR)
    await saring.settle()
    sari.edits(asked, CLAIM)
    await saring.settle()
    assert "SALAH" in fake.last_to(sari).text
    other = sari.sends("mulai besok kucing di Kelurahan Mawar wajib punya kartu identitas")
    await saring.settle()
    before = saring.known(sari)
    sari.revokes(other)
    said = len(fake.sent_to(sari))
    await saring.settle()
    assert len(fake.sent_to(sari)) == said
    assert saring.known(sari) == before


async def asked_and_agreed(saring: WhatsAppByHand, sari: Person) -> str:
    """An open question of somebody who taps "tell me"; gives the wamid of the question."""
    asked = sari.forwards(RUMOUR)
    await saring.settle()
    sari.presses("Kabari")
    await saring.settle()
    return asked


async def test_a_late_answer_comes_by_template_and_a_tap_brings_it(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    asked = await asked_and_agreed(saring, sari)
    fake.passes(2 * DAY)
    await saring.answers_the_question(TRUTH)
    announced = fake.last_to(sari)
    assert (announced.kind, announced.text) == ("template", "saring_result")
    assert saring.states()["held"] == 1
    sari.presses("#0", on=announced)
    await saring.settle()
    assert TRUTH in fake.last_to(sari).text
    assert fake.last_to(sari).quotes == asked
    assert "held" not in saring.states()


async def test_the_templates_other_button_stops_what_was_not_asked_for(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    await asked_and_agreed(saring, sari)
    fake.passes(2 * DAY)
    await saring.answers_the_question(TRUTH)
    sari.presses("#1")
    await saring.settle()
    assert not saring.known(sari).notify
    assert any(TRUTH in sent.text for sent in fake.sent_to(sari)), "what was asked is answered"


async def test_the_pages_show_what_is_really_said(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    for rumour in (CLAIM, RUMOUR):
        sari.forwards(rumour)
        await saring.settle()
    sari.presses("Kabari")
    await saring.settle()
    fake.passes(2 * DAY)
    await saring.answers_the_question(TRUTH)
    sari.presses("#0")
    await saring.settle()
    page, readme = (
        " ".join((HOUSE / name).read_text(encoding="utf-8").split())
        for name in ("docs/whatsapp.md", "README.md")
    )
    told = []
    for sent in (sent for sent in fake.sent_to(sari) if sent.kind != "template"):
        said = re.sub(r"([Nn]omor:? )[0-9A-Z]{4}\b", r"\g<1>7F3K", sent.text)
        labels = " ".join(f"[{label}]" for label in sent.taps)
        told.append(" ".join(f"{said} {labels}".split()))
    assert [words for words in told if words not in page] == []
    assert [words for words in told[1:] if words not in readme] == []


async def test_without_consent_it_is_held_until_they_write_again(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(RUMOUR)
    await saring.settle()
    fake.passes(2 * DAY)
    await saring.answers_the_question(TRUTH)
    assert TRUTH not in fake.last_to(sari).text
    fake.passes(5 * DAY)
    sari.sends("halo")
    await saring.settle()
    assert any(TRUTH in sent.text for sent in fake.sent_to(sari))
    assert all(sent.kind != "template" for sent in fake.sent_to(sari))


async def test_who_said_stop_gets_no_template(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    await asked_and_agreed(saring, sari)
    sari.sends("stop")
    await saring.settle()
    fake.passes(2 * DAY)
    await saring.answers_the_question(TRUTH)
    assert all(sent.kind != "template" for sent in fake.sent_to(sari))


@pytest.mark.parametrize("state", ["PAUSED", "DISABLED"])
async def test_a_template_meta_took_away_holds_the_answer_and_never_loops(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person, state: str
) -> None:
    await asked_and_agreed(saring, sari)
    fake.passes(2 * DAY)
    fake.templates["saring_result"] = Template(state=state)
    calls = len(fake.calls)
    await saring.answers_the_question(TRUTH)
    await saring.settle()
    assert len(fake.calls) == calls + 1
    sari.sends("halo")
    await saring.settle()
    assert any(TRUTH in sent.text for sent in fake.sent_to(sari))


@pytest.mark.parametrize("code", [131048, 130429, 80007, 131049, 132000, 131999])
async def test_whatever_refuses_a_template_the_answer_is_there_when_they_write_again(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person, code: int
) -> None:
    await asked_and_agreed(saring, sari)
    fake.passes(2 * DAY)
    fake.tier, fake.tier_code = 0, code
    await saring.answers_the_question(TRUTH)
    for _ in range(30):  # more than a day of trying, where that makes sense
        fake.passes(HOUR)
        saring.starts()  # forgets pauses, which are measured in real seconds
        await saring.settle()
    assert saring.states().get("held") == 1
    sari.sends("halo")
    await saring.settle()
    assert any(TRUTH in sent.text for sent in fake.sent_to(sari))


@pytest.mark.parametrize(("seconds", "kind"), [(DAY - 1, "interactive"), (DAY + 1, "template")])
async def test_the_window_is_open_to_the_last_second(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person, seconds: int, kind: str
) -> None:
    await asked_and_agreed(saring, sari)
    assert sari.last_wrote is not None
    fake.passes(sari.last_wrote + seconds - fake.now() - 62)  # what answering takes
    await saring.answers_the_question(TRUTH)
    assert fake.now() == sari.last_wrote + seconds
    assert fake.last_to(sari).kind == kind


async def test_the_window_counts_from_when_they_wrote_not_from_when_we_read_it(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(RUMOUR)
    fake.passes(10 * HOUR)  # an outage: Meta repeats what was not acknowledged
    await saring.settle()
    with saring.store.read() as work:
        person = saring.known(sari)
        opened = work.contacts.window_end(person.id)
    assert opened is not None
    assert saring.clock() - opened >= timedelta(hours=10)


async def test_an_hour_before_the_window_closes_who_waits_hears_a_word(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    asked = sari.forwards(RUMOUR)
    await saring.settle()
    fake.passes(23 * HOUR - 60)
    await saring.settle()
    assert len(fake.sent_to(sari)) == 1
    fake.passes(60)
    await saring.settle()
    word = fake.last_to(sari)
    assert "masih diperiksa" in word.text
    assert word.quotes == asked
    fake.passes(10 * DAY)
    await saring.settle()
    assert len(fake.sent_to(sari)) == 2


async def test_who_has_an_answer_or_wrote_again_hears_no_word_too_early(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    budi = fake.person("Budi")
    sari.forwards(RUMOUR)
    await saring.settle()
    fake.passes(20 * HOUR)
    budi.forwards(CLAIM)
    sari.sends("halo")
    await saring.settle()
    said = [len(fake.sent_to(person)) for person in (sari, budi)]
    fake.passes(4 * HOUR)
    await saring.settle()
    assert [len(fake.sent_to(person)) for person in (sari, budi)] == said
    fake.passes(19 * HOUR)
    await saring.settle()
    assert "masih diperiksa" in fake.last_to(sari).text
    assert len(fake.sent_to(budi)) == said[1]


async def test_statuses_are_followed_in_any_order(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(CLAIM)
    await saring.settle()
    for status in ("read", "sent", "delivered"):
        fake.progresses(fake.last_to(sari), status)
    await saring.settle(times=2, shuffle=1)
    assert saring.states()["read"] == 1


async def test_what_meta_bills_is_counted_once_for_each_message(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(CLAIM)
    await saring.settle()
    for status in ("sent", "delivered", "read"):
        fake.progresses(fake.last_to(sari), status)
    await saring.settle(times=2)
    with saring.store.read() as work:
        assert sum(work.tally.all_billed().values()) == fake.billable == 1


async def test_a_failure_told_later_is_tried_again_or_held(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(CLAIM)
    await saring.settle()
    fake.progresses(fake.last_to(sari), "failed", code=131000)
    await saring.settle()
    fake.passes(60)
    await saring.settle()
    assert len(fake.sent_to(sari)) == 2
    fake.progresses(fake.last_to(sari), "failed", code=131026)
    await saring.settle()
    assert saring.states()["held"] == 1
    assert saring.known(sari).unreachable
    sari.sends("menu")
    await saring.settle()
    assert "SALAH" in fake.sent_to(sari)[2].text
    assert not saring.known(sari).unreachable


async def test_a_window_that_closed_on_the_way_holds_the_answer(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(CLAIM)
    await saring.settle()
    fake.progresses(fake.last_to(sari), "failed", code=131047)
    await saring.settle()
    assert saring.states()["held"] == 1


async def test_a_lost_answer_is_settled_by_the_status(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.sends("menu")
    fake.fails(-1, after=True)
    await saring.settle()
    [arrived] = fake.sent_to(sari)
    fake.progresses(arrived, "delivered")
    await saring.settle()
    fake.passes(HOUR)
    await saring.settle()
    assert len(fake.sent_to(sari)) == 1
    assert saring.states()["delivered"] == 1


@pytest.mark.parametrize("code", [131000, 131016, 130429, 131056])
async def test_passing_trouble_delays_and_loses_nothing(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person, code: int
) -> None:
    sari.forwards(CLAIM)
    fake.fails(code)
    await saring.settle()
    assert fake.sent_to(sari) == []
    fake.passes(HOUR)
    saring.starts()  # a pause is measured in real seconds
    await saring.settle()
    assert [sent.quotes != "" for sent in fake.sent_to(sari)] == [True]


async def test_a_dead_token_stops_sending_and_keeps_the_answer(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(CLAIM)
    fake.expired = True
    await saring.settle()
    assert saring.states() == {"waiting": 1}
    fake.expired = False
    fake.passes(HOUR)
    saring.starts()
    await saring.settle()
    assert len(fake.sent_to(sari)) == 1


async def test_spam_pauses_what_was_not_asked_for_and_answers_go_on(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    budi = fake.person("Budi")
    sari.forwards(RUMOUR)
    await saring.settle()
    fake.fails(131048)
    await saring.answers_the_question(TRUTH)
    budi.forwards(CLAIM)
    await saring.settle()
    assert len(fake.sent_to(budi)) == 1
    assert len(fake.sent_to(sari)) == 1
    fake.passes(2 * HOUR)
    saring.starts()
    await saring.settle()
    assert TRUTH in fake.last_to(sari).text


async def test_a_changed_number_stays_the_same_person(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(RUMOUR)
    await saring.settle()
    before = saring.known(sari)
    sari.changes_number("6285700001111", "ID.9900")
    await saring.settle()
    assert saring.known(sari).id == before.id
    await saring.answers_the_question(TRUTH)
    assert fake.calls[-1]["recipient"] == "ID.9900"


async def test_a_stranger_with_an_old_number_sees_no_history(
    saring: WhatsAppByHand, fake: FakeGraph
) -> None:
    budi = fake.person("Budi", number="6281299990000")
    budi.forwards(RUMOUR)
    await saring.settle()
    stranger = fake.person("Orang lain", number="6281299990000", bsuid="ID.4711")
    stranger.sends("status")
    await saring.settle()
    assert saring.known(stranger).id != saring.known(budi).id
    assert "Belum ada pertanyaan" in fake.last_to(stranger).text


async def test_what_is_not_signed_touches_nothing(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    sari.forwards(CLAIM)
    [payload] = fake.payloads()
    headers, body = fake.signed(payload)
    assert await saring.post({}, body) == 401
    assert await saring.post(headers, body.replace(b"TPS", b"tps")) == 401
    assert await saring.post({"X-Hub-Signature-256": "sha256=" + "0" * 64}, body) == 401
    twice = [*headers.items(), ("X-Hub-Signature-256", "sha256=" + "0" * 64)]
    async with saring.visitor() as client:
        answer = await client.post("/webhooks/whatsapp", content=body, headers=twice)
    assert (answer.status_code, answer.text) == (401, "")
    await saring.settle()
    assert fake.calls == []


async def test_signed_nonsense_is_kept_and_acknowledged(
    saring: WhatsAppByHand, fake: FakeGraph
) -> None:
    from bot.channels.whatsapp.signature import sign

    for body in (b"{", b"[]", b"\xff\xfe", b'{"entry": NaN}', b"[" * 50_000):
        headers = {"X-Hub-Signature-256": sign(fake.secret, body)}
        assert await saring.post(headers, body) == 200
    await saring.settle()
    saring.unreadable = 5
    assert fake.calls == []


async def test_no_log_line_names_a_person_a_secret_or_a_text(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    sari.forwards(CLAIM)
    sari.sends("kenari-rahasia-42")
    for code in (131000, 131026, 190, 987654, 100):
        fake.fails(code)
        sari.sends(f"bantuan {code}")
        await saring.settle(times=2)
    fake.fails(-1, after=True)
    sari.does("hologram", {"kenari-rahasia-42": sari.number})
    await saring.settle()
    out, err = capsys.readouterr()
    assert "delivery failed" in out + err
    secrets = (TOKEN, SECRET, VERIFY, sari.number, sari.bsuid, "wamid.", "kenari-rahasia")
    assert [secret for secret in secrets if secret in out + err] == []


async def test_meta_may_check_the_address(saring: WhatsAppByHand) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "4711"}
    async with saring.visitor() as client:
        answer = await client.get("/webhooks/whatsapp", params=asked)
        wrong = await client.get("/webhooks/whatsapp", params=asked | {"hub.verify_token": "x"})
    assert (answer.status_code, answer.text) == (200, "4711")
    assert answer.headers["content-type"].startswith("text/plain")
    assert (wrong.status_code, wrong.text) == (403, "")


async def test_notices_of_other_kinds_are_kept_and_say_nothing(
    saring: WhatsAppByHand, fake: FakeGraph, sari: Person
) -> None:
    fake.happens({"event": "PAUSED"}, field="message_template_status_update")
    fake.happens({"errors": [{"code": 130429, "title": "x"}]})
    sari.forwards(CLAIM)
    assert await saring.settle(batch=9) == [200]
    assert len(fake.sent_to(sari)) == 1
    assert json.dumps(fake.calls).count("interactive") > 0
