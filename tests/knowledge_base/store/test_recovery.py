"""After a crash of the one process: what it had under way waits again, at once."""

from __future__ import annotations

from datetime import UTC, datetime

from knowledge_base.facts import Address
from knowledge_base.store import Store

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
SITI = Address("telegram", "bot", "5550001")


def test_a_leased_update_waits_again_and_is_parked_when_its_last_word_failed_too(store: Store):
    with store.work() as work:
        work.inbox.add("telegram", "bot", "u1", "chat", b"{}", NOW)
    for crash in range(6):  # the last one only to say a word
        with store.work() as work:
            [row] = work.inbox.lease(NOW, 60.0)
            assert row.tries == crash
        with store.work() as work:
            assert work.inbox.recover() == 1
            assert work.inbox.recover() == 0
    with store.read() as work:
        assert work.inbox.counts()["parked"] == 1


def test_a_message_under_way_is_sent_again_and_marked(store: Store):
    with store.work() as work:
        person = work.contacts.at(SITI, NOW)
        work.outbox.add(person.id, {"text": "halo"}, now=NOW)
        work.outbox.claim(NOW)
    with store.work() as work:
        assert work.outbox.claim(NOW) == ()
        assert work.outbox.recover() == 1
        [row] = work.outbox.claim(NOW)
    assert row.maybe_duplicate
