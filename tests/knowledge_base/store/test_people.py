"""People: a random id, an address nobody sees, and a deletion that leaves nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql

from knowledge_base.deliveries import Delivery, Turn
from knowledge_base.facts import (
    Address,
    KnowledgeError,
    Outcome,
    Person,
    Submission,
    Told,
    Unavailable,
)
from knowledge_base.store import Store, person_rows
from knowledge_base.store.people import rebased

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
SITI = Address("whatsapp", "15550001", "6281298765432")
BUDI = Address("telegram", "bot", "777000777")


def at(store: Store, address: Address) -> Person:
    with store.work() as work:
        return work.contacts.at(address, NOW)


def test_an_address_leads_to_the_same_person_each_time(store: Store):
    first = at(store, SITI)
    assert at(store, SITI) == first
    assert len(first.id) == 32
    assert first.channel == "whatsapp"
    with store.read() as work:
        assert work.contacts.address(first.id) == SITI
        assert work.contacts.known(BUDI) is None


@pytest.mark.parametrize(
    "other",
    [replace(SITI, channel="telegram"), replace(SITI, account="1555000"), replace(SITI, value="6")],
)
def test_another_channel_account_or_value_is_another_person(store: Store, other: Address):
    assert at(store, SITI).id != at(store, other).id


def test_neither_address_nor_dialogue_is_readable_in_the_files(store: Store, everything):
    siti = at(store, SITI)
    with store.work() as work:
        work.people.save(replace(siti, state={"draft": "CANARY-dialogue"}))
        work.outbox.add(siti.id, {"text": "CANARY-reply"}, now=NOW)
        work.inbox.add("whatsapp", "15550001", "wamid.CANARY", SITI.value, b"CANARY-raw", NOW)
        work.mailbox.put("CANARY-chat", False, {"text": "CANARY-line"}, NOW)
    with store.read() as work:
        assert work.people.get(siti.id).state == {"draft": "CANARY-dialogue"}
    found = everything()
    assert b"CANARY" not in found
    assert SITI.value.encode() not in found


def test_a_person_changes_and_an_erased_one_stays_erased(store: Store):
    siti = at(store, SITI)
    changed = replace(siti, language="en", greeted=True, once=True, notify=False, consent="v1")
    with store.work() as work:
        work.people.save(changed)
        assert work.people.get(siti.id) == changed
        work.people.erase(siti.id)
        work.people.save(changed)
        work.people.tell(Told(siti.id, 1, 1, NOW))
        assert work.people.get(siti.id) is None
        assert work.people.export(siti.id) == {}


@pytest.mark.parametrize(
    ("base", "mine", "present", "kept"),
    [
        ({}, {"menu": 1}, {}, {"menu": 1}),
        ({"menu": 1}, {"menu": 2}, {"menu": 1, "votes": 3}, {"menu": 2, "votes": 3}),
        ({"menu": 1, "asked": 2}, {"menu": 1}, {"menu": 5, "asked": 2}, {"menu": 5}),
        ({"menu": 1}, {}, {"menu": 1, "votes": 3}, {"votes": 3}),
        ({"menu": 1}, {"menu": 2}, {"menu": 7}, {"menu": 2}),
    ],
)
def test_two_who_remember_different_things_of_one_person_keep_both(base, mine, present, kept):
    assert rebased(base, mine, present) == kept


def test_the_dialogue_is_held_where_others_write_meanwhile():
    """On PostgreSQL two transactions would else each write what they had read."""
    assert "FOR NO KEY UPDATE" in str(person_rows._STATE.compile(dialect=postgresql.dialect()))


def test_the_newest_version_somebody_was_told_is_remembered(store: Store):
    siti, budi = at(store, SITI), at(store, BUDI)
    with store.work() as work:
        for who, number, version in ((siti, 1, 1), (siti, 1, 2), (siti, 2, 1), (budi, 1, 1)):
            work.people.tell(Told(who.id, number, version, NOW + timedelta(hours=number)))
        told = work.people.told(siti.id)
        first = work.people.told_about(1, limit=1)
        second = work.people.told_about(1, after=first[0].person, limit=5)
    assert [(item.fact_number, item.version) for item in told] == [(2, 1), (1, 2)]
    assert {first[0].person, second[0].person} == {siti.id, budi.id}


def answered(store: Store, person: Person, id: str, *numbers: int, hours: int = 0) -> None:
    """This message of theirs was answered with these fact-checks."""
    at = NOW + timedelta(hours=hours)
    with store.work() as work:
        work.questions.note(Submission(id, person.id, "Gempa?", Outcome.ANSWERED, NOW))
        for number in numbers:
            work.people.tell(Told(person.id, number, 1, at, id))


def test_every_message_a_fact_check_answered_is_remembered(store: Store):
    siti, budi = at(store, SITI), at(store, BUDI)
    answered(store, siti, "s1", 1, 2)
    answered(store, siti, "s2", 1, hours=1)
    answered(store, budi, "s3", 1, hours=2)
    with store.read() as work:
        assert [told.fact_number for told in work.people.told_of("s1")] == [2, 1]
        [(first, text)] = work.people.answered_with(1, NOW, limit=1)
        assert (first, text) == (Told(siti.id, 1, 1, NOW, "s1"), "Gempa?")
        others = work.people.answered_with(1, NOW, after=first.submission)
        assert [told.submission for told, _ in others] == ["s2", "s3"]
        late = work.people.answered_with(1, NOW + timedelta(hours=2))
        assert [told.person for told, _ in late] == [budi.id]


def test_a_message_told_again_counts_from_then_and_one_that_is_gone_not_at_all(store: Store):
    siti, budi = at(store, SITI), at(store, BUDI)
    for hours in (0, 3):
        answered(store, siti, "s1", 1, hours=hours)
    with store.work() as work:
        for person, submission in ((siti, "gone"), (siti, ""), (budi, "s1")):
            work.people.tell(Told(person.id, 1, 1, NOW, submission))
        assert work.people.answered_with(1, NOW) == (
            (Told(siti.id, 1, 1, NOW + timedelta(hours=3), "s1"), "Gempa?"),
        )
        work.questions.withdraw("s1")
        assert work.people.told_of("s1") == ()


def test_everything_held_is_shown_but_the_address(store: Store):
    siti = at(store, SITI)
    with store.work() as work:
        asked = Submission("s1", siti.id, "Gempa?", Outcome.QUEUED, NOW)
        code = work.questions.ask(asked).code
        work.people.tell(Told(siti.id, 4, 1, NOW))
        work.outbox.add(siti.id, {"text": "ya"}, now=NOW)
        held = work.people.export(siti.id)
    assert held["questions"] == [
        {
            "text": "Gempa?",
            "at": NOW,
            "outcome": "queued",
            "ticket": code,
            "fact_check": None,
        }
    ]
    assert (held["messages_waiting"], held["told"][0]["fact_check"]) == (1, 4)
    assert held["address_kept"] is True
    assert SITI.value not in str(held)


def test_the_reply_window_opens_with_their_own_message(store: Store, clock):
    siti = at(store, SITI)
    with store.work() as work:
        assert work.contacts.window_end(siti.id) is None
        work.contacts.lost(siti.id)
        assert work.people.get(siti.id).unreachable
        work.contacts.wrote(siti.id, clock.now)
        assert work.contacts.window_end(siti.id) == clock.now
        assert not work.people.get(siti.id).unreachable
        assert work.contacts.window_end("nobody") is None


def test_a_moved_chat_is_the_same_person(store: Store):
    siti = at(store, SITI)
    new = replace(SITI, value="6285511112222")
    with store.work() as work:
        work.contacts.moved(SITI, new)
        work.contacts.moved(BUDI, new)
        work.contacts.moved(new, new)
        assert work.contacts.known(new).id == siti.id
        assert work.contacts.known(SITI) is None
        assert work.contacts.address(siti.id) == new


def test_who_wrote_from_the_new_address_already_becomes_one_with_the_old(store: Store):
    new = replace(SITI, value="6285511112222")
    old_self, new_self = at(store, SITI), at(store, new)
    with store.work() as work:
        for who in (old_self, new_self):
            asked = Submission(f"s-{who.id}", who.id, "Gempa?", Outcome.QUEUED, NOW, ref=who.id)
            code = work.questions.ask(asked).code
            work.outbox.add(who.id, {"for": who.id}, now=NOW)
            work.people.tell(Told(who.id, 1, 1, NOW, asked.id))
        assert work.questions.get(code).askers == 2
        work.contacts.moved(SITI, new)
    with store.work() as work:
        person = work.contacts.known(new)
        assert person.id == old_self.id
        assert work.people.get(new_self.id) is None
        assert work.questions.get(code).askers == 1
        refs = {item.ref for item in work.questions.of_person(person.id)}
        assert refs == {old_self.id, new_self.id}
        told = work.people.answered_with(1, NOW)
        assert [(each.person, each.submission) for each, _ in told] == [
            (person.id, each) for each in sorted((f"s-{old_self.id}", f"s-{new_self.id}"))
        ]
        bodies = []
        for _ in range(2):
            (row,) = work.outbox.claim(NOW)
            bodies.append((row.body["for"], row.address))
            work.outbox.finish(row.id, Delivery.SENT, NOW)
    assert bodies == [(old_self.id, new.value), (new_self.id, new.value)]


def merged(store: Store, old: dict, new: dict) -> Person:
    """Two people who turn out to be one, the new one having written later."""
    address = replace(SITI, value="6285511112222")
    for where, values, at_ in ((SITI, old, NOW), (address, new, NOW + timedelta(hours=1))):
        with store.work() as work:
            person = work.contacts.at(where, NOW)
            work.people.save(replace(person, **values))
            work.contacts.wrote(person.id, at_)
    with store.work() as work:
        work.contacts.moved(SITI, address)
    with store.read() as work:
        return work.contacts.known(address)


def test_of_two_that_become_one_the_newer_word_counts(store: Store):
    earlier, later = "2026-11-1 2027-02-01T09:00:00+00:00", "2026-11-1 2027-02-09T09:00:00+00:00"
    person = merged(
        store,
        {"language": "id", "consent": later, "greeted": True, "state": {"menu": "old"}},
        {"language": "en", "consent": earlier, "state": {"votes": {"482:1": "up"}}},
    )
    assert (person.language, person.consent, person.greeted) == ("en", later, True)
    assert person.state == {"votes": {"482:1": "up"}}


def test_what_only_one_of_two_has_said_is_kept(store: Store):
    consent = "2026-11-1 2027-02-01T09:00:00+00:00"
    person = merged(store, {"language": "en", "state": {"menu": "x"}}, {"consent": consent})
    assert (person.language, person.consent, person.state) == ("en", consent, {"menu": "x"})


@pytest.mark.parametrize("stopped", ["old", "new"])
def test_a_stop_survives_whichever_of_two_said_it(store: Store, stopped: str):
    consent = "2026-11-1 2027-02-09T09:00:00+00:00"
    values = {"old": {"consent": consent}, "new": {"consent": consent}}
    values[stopped] |= {"notify": False, "once": True}
    person = merged(store, values["old"], values["new"])
    assert (person.notify, person.once, person.consent) == (False, True, consent)


def test_votes_of_two_that_become_one_are_kept_once(store: Store):
    address = replace(SITI, value="6285511112222")
    old_self, new_self = at(store, SITI), at(store, address)
    with store.work() as work:
        work.reviews.vote(old_self.id, 1, 1, helpful=True)
        work.reviews.vote(new_self.id, 1, 1, helpful=False)
        work.reviews.vote(new_self.id, 2, 1, helpful=False)
        work.contacts.moved(SITI, address)
    with store.read() as work:
        votes = work.people.export(old_self.id)["votes"]
    assert {(vote["fact_check"], vote["helpful"]) for vote in votes} == {(1, True), (2, False)}


def turns(store: Store, who: Address, *times) -> list[Turn]:
    """Messages of this person at these times, at most 3 a minute and 5 a day."""
    with store.work() as work:
        key = work.contacts.limit_key(who, NOW)
        return [work.contacts.turn(key, at, 3, 5) for at in times]


def test_a_limit_counts_within_its_minute_and_per_person(store: Store):
    every_20_seconds = [NOW + timedelta(seconds=20 * n) for n in range(5)]
    assert all(turn.taken for turn in turns(store, SITI, *every_20_seconds))
    assert turns(store, BUDI, NOW) == [Turn(taken=True)]


def test_what_is_not_taken_was_told_or_lies_before_the_time_that_was_told(store: Store):
    at = NOW + timedelta(seconds=30)
    first, second = turns(store, SITI, at, at, at, at, at)[3:]
    until = NOW + timedelta(minutes=2)
    assert first == Turn(taken=False, until=until)
    assert second == Turn(taken=False, until=until, told=True)
    assert turns(store, SITI, until - timedelta(seconds=1))[0].told
    assert turns(store, SITI, until) == [Turn(taken=True)]


def test_the_limit_of_a_day_lasts_until_a_day_after_the_first(store: Store):
    hourly = [NOW + timedelta(hours=n) for n in range(8)]
    found = turns(store, SITI, *hourly)
    until = NOW + timedelta(days=1)
    assert [turn.taken for turn in found] == [True] * 5 + [False] * 3
    assert found[5] == Turn(taken=False, until=until, daily=True)
    assert all(turn.told for turn in found[6:])
    assert turns(store, SITI, until)[0].taken


def test_a_limit_survives_erasure_and_holds_no_address(store: Store, clock):
    siti = at(store, SITI)
    with store.work() as work:
        before = work.contacts.limit_key(SITI, clock.now)
        work.people.erase(siti.id)
        assert work.contacts.limit_key(SITI, clock.now) == before
        assert work.contacts.limit_key(SITI, clock.forward(days=31)) != before


# --- erasure


def _live(store: Store, address: Address, mark: str) -> Person:
    """A person who has used everything there is, with `mark` in every text."""
    channel, account, value = address.channel, address.account, address.value
    with store.work() as work:
        work.inbox.add(channel, account, f"{mark}-1", value, f"{mark} raw".encode(), NOW)
        work.inbox.add(channel, account, f"{mark}-2", value, f"{mark} bad".encode(), NOW, "bad")
        (row,) = work.inbox.lease(NOW, 60)
        person = work.contacts.at(address, NOW)
        work.contacts.wrote(person.id, NOW)
        work.people.save(replace(person, language="en", consent=f"{mark} v1", state={"m": mark}))
        asked = Submission(f"s-{mark}", person.id, "Gempa?", Outcome.QUEUED, NOW, ref=f"{mark}-ref")
        work.questions.ask(asked, forwarded_many=True)
        work.people.tell(Told(person.id, 1, 1, NOW, asked.id))
        for text in ("first", "second", "third"):
            work.outbox.add(person.id, {"text": f"{mark} {text}"}, key=f"{mark} {text}", now=NOW)
        (sent,) = work.outbox.claim(NOW, channel=channel)
        work.outbox.finish(sent.id, Delivery.SENT, NOW, platform_id=f"{mark}-platform")
        work.mailbox.put(value, False, {"text": mark}, NOW)
        work.inbox.done([row.id], NOW, person.id)
    return person


def test_an_erased_person_leaves_no_trace_in_any_file(store: Store, everything):
    siti, budi = _live(store, SITI, "CANARY"), _live(store, BUDI, "other")
    with store.work() as work:
        work.people.erase(siti.id)
    with store.read() as work:
        assert work.contacts.known(SITI) is None
        assert work.people.told(siti.id) == ()
        assert work.people.told_of("s-CANARY") == ()
        assert work.people.told_about(1)[0].person == budi.id
        assert work.questions.of_person(siti.id) == ()
        assert work.questions.by_ref(siti.id, "CANARY-ref") is None
        assert work.mailbox.since(SITI.value, 0) == ()
    found = everything()
    assert b"CANARY" not in found
    assert SITI.value.encode() not in found
    assert siti.id.encode() not in found
    assert budi.id.encode() in found


@pytest.mark.sqlite
def test_the_log_is_emptied_once_nobody_reads_it(store: Store, tmp_path: Path):
    siti = at(store, SITI)
    log = tmp_path / "saring.db-wal"
    with store.read() as reading:
        assert reading.people.get(siti.id) is not None
        with store.work() as work:
            work.people.erase(siti.id)
        with pytest.raises(Unavailable):
            store.checkpoint()
        assert log.stat().st_size > 0
    at(store, BUDI)
    assert log.stat().st_size == 0
    gone = at(store, BUDI).id
    with store.work() as work:
        work.people.erase(gone)
    assert log.stat().st_size == 0


def test_erasure_keeps_the_question_without_the_person(store: Store):
    siti, _ = _live(store, SITI, "a"), _live(store, BUDI, "b")
    with store.work() as work:
        (question,) = work.questions.open()
        assert question.askers == 2
        work.people.erase(siti.id)
        (left,) = work.questions.open()
        assert (left.askers, left.text) == (1, "Gempa?")
        assert [item.id for item in work.questions.askers(left.code)] == ["s-b"]


def test_erasure_cancels_what_waits_and_recognises_repeats_still(store: Store):
    siti = _live(store, SITI, "a")
    with store.work() as work:
        work.people.erase(siti.id)
        work.outbox.add("0" * 32, {"text": "to nobody"}, now=NOW)
    with store.work() as work:
        assert work.outbox.claim(NOW + timedelta(hours=1)) == ()
        assert work.outbox.counts()["cancelled"] == 2
        assert not work.inbox.add("whatsapp", "15550001", "a-1", SITI.value, b"{}", NOW)
    assert at(store, SITI).id != siti.id


def test_the_farewell_is_delivered_once_and_then_gone(store: Store, everything):
    siti = _live(store, SITI, "a")
    with store.work() as work:
        work.people.erase(siti.id)
        work.outbox.add(siti.id, {"text": "CANARY bye"}, now=NOW)
    assert b"CANARY" not in everything()
    with store.work() as work:
        (row,) = work.outbox.claim(NOW)
        assert (row.address, row.body) == (SITI.value, {"text": "CANARY bye"})
        assert siti.id not in row.person
        work.outbox.finish(row.id, Delivery.SENT, NOW, platform_id="p")
        assert work.outbox.claim(NOW + timedelta(days=1)) == ()
        assert work.outbox.counts()["sent"] == 1  # the one from before the erasure


def test_a_farewell_nobody_could_ever_release_is_not_held(store: Store):
    siti = _live(store, SITI, "a")
    with store.work() as work:
        work.people.erase(siti.id)
        work.outbox.add(siti.id, {"text": "selesai"}, now=NOW)
        (row,) = work.outbox.claim(NOW)
        work.outbox.finish(row.id, Delivery.HELD, NOW, reason="blocked")
        assert work.outbox.counts()["held"] == 0


def test_an_update_handled_while_its_person_goes_keeps_no_body(store: Store):
    siti = at(store, SITI)
    with store.work() as work:
        work.inbox.add("whatsapp", "15550001", "u", SITI.value, b"/hapus", NOW)
        (row,) = work.inbox.lease(NOW, 60)
        work.people.erase(siti.id)
        work.inbox.done([row.id], NOW, siti.id)
    with store.work() as work:
        assert work.forget_old(NOW + timedelta(days=2))["raw bodies"] == 0
        assert work.inbox.counts()["done"] == 1


def test_a_rotated_master_key_still_finds_and_opens(store: Store, database: str):
    siti = at(store, SITI)
    new, old = b"a new master key, 32 bytes long!", b"a master key that only tests have"
    rotated = Store(database, new, older_keys=[old])
    rotated.ready()
    with rotated.work() as work:
        assert work.contacts.known(SITI).id == siti.id
        assert work.contacts.address(siti.id) == SITI
    rotated.close()
    lost = Store(database, new)
    with pytest.raises(KnowledgeError, match="another secret key"), lost.read() as work:
        work.contacts.address(siti.id)
    lost.close()


def test_the_verdicts_in_a_message_are_found_by_the_platforms_name_for_it(store: Store):
    siti, budi = at(store, SITI), at(store, BUDI)
    said = {"text": "SALAH", "fact": [482, 2], "more_facts": [[484, 1]]}
    with store.work() as work:
        work.outbox.add(siti.id, said, now=NOW)
        work.outbox.add(siti.id, {"text": "halo"}, now=NOW)
        for name in ("b1", "b2"):
            [row] = work.outbox.claim(NOW)
            work.outbox.finish(row.id, Delivery.SENT, NOW, platform_id=name)
    with store.read() as work:
        assert work.people.told_in(siti.id, "b1") == ((482, 2), (484, 1))
        for who, ref in ((siti.id, "b2"), (siti.id, ""), (budi.id, "b1"), ("nobody", "b1")):
            assert work.people.told_in(who, ref) == ()
