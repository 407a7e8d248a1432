"""My data, delete, stop, and the consent that is recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import moderate, notify, privacy, texts
from handlers.privacy import CONSENT_VERSION
from knowledge_base.facts import Address, Outcome, Submission, Told
from knowledge_base.search.findings import Decision
from knowledge_base.store import Store
from tests.conftest import Clock
from tests.fakes import SARI, FakeHouse, spoken
from tests.handlers.callers import answers, asked, finds, house_with_facts, pressed, said

CLAIM = "Jembatan Melati roboh tadi malam"


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def test_data_shows_everything_that_is_held(house: FakeHouse) -> None:
    answers(house, said(CLAIM))
    shown = spoken(answers(house, said("/data")))
    assert "Lewat: browser" in shown
    assert f"Pertanyaan 1: isi {CLAIM}; waktu" in shown
    assert "hasil menunggu pemeriksa" in shown


def test_a_long_list_is_whole_and_its_end_is_told(house: FakeHouse) -> None:
    items = [{"text": f"kabar ke-{n}", "at": house.now} for n in range(230)]
    house.people.export = lambda person: {"questions": items}  # type: ignore[method-assign]
    (message,) = answers(house, said("/data"))
    assert "kabar ke-199" in message.text
    assert "kabar ke-200" not in message.text
    assert message.text.endswith("… dan 30 lagi yang lebih lama")
    assert not any(block.shorten for block in message.blocks)


@pytest.mark.parametrize("language", ["id", "en"])
def test_everything_the_database_holds_of_a_person_has_a_plain_name(
    store: Store, clock: Clock, language: str
) -> None:
    with store.work() as work:
        person = work.contacts.at(Address("whatsapp", "1", "628123"), clock())
        asked = Submission("s1", person.id, CLAIM, Outcome.QUEUED, clock(), ref="m1")
        work.questions.ask(asked)
        held = work.people.export(person.id)
    names = {*held, *held["questions"][0], "version", "helpful"} | {
        f"outcomes.{outcome}" for outcome in Outcome
    }
    assert not [name for name in names if f"data.{name}" not in texts.sentences(language)]


def test_data_says_so_when_there_is_nothing(house: FakeHouse) -> None:
    house.people.export = lambda person: {}  # type: ignore[method-assign]
    assert "tidak menyimpan apa pun" in spoken(answers(house, said("data saya")))


def confirm(house: FakeHouse) -> str:
    (ask,) = answers(house, said("/hapus"))
    return ask.buttons[0][0].data


def test_deleting_forgets_everything_and_says_so(house: FakeHouse) -> None:
    answers(house, said(CLAIM))
    house.people.tell(Told("p-ani", 482, 1, house.now))
    replies = answers(house, pressed(confirm(house)))
    assert "sudah dihapus" in spoken(replies)
    assert house.people.get("p-ani") is None
    assert not house.questions.submissions
    assert not house.people.ledger


def test_a_confirmation_older_than_ten_minutes_deletes_nothing(house: FakeHouse) -> None:
    button = confirm(house)
    house.now += timedelta(minutes=10, seconds=1)
    assert "10 menit" in spoken(answers(house, pressed(button)))
    assert house.people.get("p-ani") is not None


@pytest.mark.parametrize("until", ["", "²", "-1", "x" * 40, "0"])
def test_a_forged_confirmation_deletes_nothing(house: FakeHouse, until: str) -> None:
    house.person("ani")
    answers(house, pressed(f"v1|erase||{until}"))
    assert house.people.get("p-ani") is not None


def test_stop_ends_broadcasts_and_keeps_open_questions(house: FakeHouse) -> None:
    answers(house, said(CLAIM))
    answers(house, said("stop"))
    assert not house.person("ani").notify
    assert len(house.questions.open()) == 1


def test_tell_me_records_version_and_time_of_the_consent(house: FakeHouse) -> None:
    asked(house, CLAIM)
    answers(house, pressed("v1|tell|s1|"))
    person = house.person("ani")
    assert person.consent == f"{CONSENT_VERSION} {house.now.isoformat(timespec='seconds')}"
    assert not person.once


def test_once_only_can_be_taken_back(house: FakeHouse) -> None:
    asked(house, CLAIM)
    answers(house, pressed("v1|once|s1|"))
    assert house.person("ani").once
    answers(house, pressed("v1|tell|s1|"))
    assert not house.person("ani").once


def test_one_question_can_be_deleted_alone(house: FakeHouse) -> None:
    asked(house, CLAIM, id="s1")
    asked(house, "Listrik Melati padam dua hari", id="s2")
    answers(house, pressed("v1|drop|s1|"))
    assert set(house.questions.submissions) == {"s2"}


def test_who_never_tapped_is_forgotten_and_who_did_stays(house: FakeHouse) -> None:
    house.person("ani")
    house.people.save(replace(house.person("budi"), consent="v 2026"))
    for person in ("p-ani", "p-budi", "p-nobody"):
        privacy.forget_unconsented(house.ports(), person)
    assert house.people.get("p-ani") is None
    assert house.people.get("p-budi") is not None


def test_a_second_question_has_a_whole_day_for_its_own_tap(house: FakeHouse) -> None:
    asked(house, CLAIM, id="s1")
    house.now += timedelta(hours=20)
    asked(house, "Listrik Melati padam dua hari", id="s2")
    house.now += timedelta(hours=4)
    privacy.forget_unconsented(house.ports(), "p-ani")
    assert house.people.get("p-ani") is not None
    assert house.jobs.waiting[-1].due == house.now + timedelta(hours=20)
    house.now += timedelta(hours=20)
    privacy.forget_unconsented(house.ports(), "p-ani")
    assert house.people.get("p-ani") is None


def answered_meanwhile(house: FakeHouse) -> None:
    question = house.ports().questions.open()[0]
    moderate.merge_into_fact(house.ports(), SARI, question.code, question.version, 482)
    house.now += timedelta(hours=1)
    notify.tell_askers(house.ports(), question.code)


def test_a_late_yes_is_kept_and_gets_what_was_found_meanwhile(house: FakeHouse) -> None:
    house.rules = replace(house.rules, consent="tap")
    (asks,) = answers(house, said(CLAIM, ref="m1"))
    answered_meanwhile(house)
    *_, told = answers(house, pressed(asks.buttons[0][0].data), new_id="s2")
    assert told.fact == (482, 1)
    assert told.quote == "m1"
    assert house.person("ani").consent


def test_a_question_that_is_gone_is_named_by_its_words(house: FakeHouse) -> None:
    (asks,) = answers(house, said(CLAIM, ref="m1"), new_id="a1b2c3d4e5")
    answers(house, said(CLAIM, ref="m2"), finds(CLAIM, Decision.ANSWER, 482), "s2")
    *_, told = answers(house, pressed(asks.buttons[0][0].data), new_id="s3")
    assert "a1b2c3d4e5" not in told.text
    assert told.fact == (482, 1) or CLAIM in told.text


def test_a_yes_that_comes_beside_the_answer_does_not_bring_it_twice(house: FakeHouse) -> None:
    (asks,) = answers(house, said(CLAIM, ref="m1"))
    answered_meanwhile(house)  # ani is told, or the message is just on its way
    yes = next(one.data for one in asks.buttons[0] if "|tell|" in one.data)
    *_, reply = answers(house, pressed(yes), new_id="s2")
    assert (reply.fact, reply.quote) == ((482, 1), "m1")
    assert "7F3K: selesai, SALAH (nomor 482)." in reply.text
    assert "Faktanya" not in reply.text
    assert house.person("ani").consent
