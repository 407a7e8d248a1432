"""The outbox: nothing lost, order kept, replies first, states only forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from knowledge_base.deliveries import Delivery
from knowledge_base.facts import Address
from knowledge_base.store import Store

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def person(store: Store, name: str = "siti", channel: str = "telegram") -> str:
    with store.work() as work:
        return work.contacts.at(Address(channel, "bot", name), NOW).id


def add(store: Store, who: str, text: str, **values) -> None:
    with store.work() as work:
        work.outbox.add(who, {"text": text}, now=NOW, **values)


def claim(store: Store, at: datetime = NOW, **values) -> list:
    with store.work() as work:
        return list(work.outbox.claim(at, **values))


def finish(store: Store, row, state: Delivery = Delivery.SENT, **values) -> None:
    with store.work() as work:
        work.outbox.finish(row.id, state, NOW, **values)


def texts(rows) -> list[str]:
    return [row.body["text"] for row in rows]


def counts(store: Store) -> dict[str, int]:
    with store.read() as work:
        return {state: count for state, count in work.outbox.counts().items() if count}


def test_a_message_arrives_with_address_and_body(store: Store):
    siti = person(store)
    add(store, siti, "halo\ud800")
    (row,) = claim(store)
    assert (row.person, row.channel, row.account, row.address) == (siti, "telegram", "bot", "siti")
    assert (row.body, row.tries, row.created) == ({"text": "halo\ufffd"}, 0, NOW)


def test_of_each_person_one_at_a_time_and_in_order(store: Store):
    a, b = person(store, "a"), person(store, "b")
    for who, text in ((a, "a1"), (a, "a2"), (b, "b1")):
        add(store, who, text)
    first = claim(store)
    assert texts(first) == ["a1", "b1"]
    assert claim(store) == []
    finish(store, first[0])
    assert texts(claim(store)) == ["a2"]


def test_a_message_that_waits_for_its_next_try_is_not_overtaken(store: Store):
    a = person(store)
    add(store, a, "one")
    add(store, a, "two")
    (row,) = claim(store)
    with store.work() as work:
        work.outbox.later(row.id, LATER, "429")
        assert work.outbox.next_due() == LATER
    assert claim(store) == []
    (again,) = claim(store, LATER)
    assert (again.body["text"], again.tries, again.maybe_duplicate) == ("one", 1, False)


def test_replies_overtake_broadcasts(store: Store):
    for n in range(5):
        add(store, person(store, str(n)), f"bulk {n}", broadcast=True)
    zero = person(store, "0")
    add(store, zero, "reply")
    assert texts(claim(store, limit=2)) == ["reply", "bulk 1"]
    assert texts(claim(store, limit=9)) == ["bulk 2", "bulk 3", "bulk 4"]


def test_the_same_key_is_queued_once(store: Store):
    siti = person(store)
    add(store, siti, "one", key="tell:1")
    add(store, siti, "one again", key="tell:1")
    add(store, siti, "other", key="tell:2")
    assert counts(store) == {"waiting": 2}


def test_nothing_is_claimed_before_it_is_due_nor_for_another_channel(store: Store):
    add(store, person(store), "later", due=LATER)
    add(store, person(store, "x", "whatsapp"), "now")
    assert claim(store, channel="telegram") == []
    assert texts(claim(store, channel="whatsapp")) == ["now"]
    assert texts(claim(store, LATER, channel="telegram")) == ["later"]


def test_a_row_found_in_sending_is_given_again_and_marked(store: Store):
    add(store, person(store), "one")
    claim(store, lease=60)
    assert claim(store, NOW + timedelta(seconds=59)) == []
    (row,) = claim(store, NOW + timedelta(seconds=60))
    assert (row.maybe_duplicate, row.tries) == (True, 1)


def test_what_was_being_sent_when_the_process_died_waits_for_no_reply(store: Store):
    siti = person(store)
    add(store, siti, "bulk", broadcast=True)
    claim(store)
    add(store, siti, "reply")  # replies stand before broadcasts, and wait while one is under way
    with store.work() as work:
        work.outbox.recover()
    (bulk,) = claim(store, LATER)
    assert (bulk.body["text"], bulk.maybe_duplicate) == ("bulk", True)
    finish(store, bulk)
    assert texts(claim(store, LATER)) == ["reply"]


DEEDS = st.sampled_from(["reply", "bulk", "claim", "sent", "later", "dies"])


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(DEEDS, st.integers(0, 1)), max_size=14))
def test_whatever_died_meanwhile_everything_goes_out_in_the_end(store: Store, deeds):
    people, at, taken = [person(store, name) for name in "ab"], NOW, []
    for number, (deed, who) in enumerate(deeds):
        at += timedelta(minutes=2)  # longer than a lease
        if deed in {"reply", "bulk"}:
            add(store, people[who], f"{number}", broadcast=deed == "bulk")
        elif deed in {"claim", "dies"}:
            taken = claim(store, at, limit=1 + who) if deed == "claim" else []
        elif taken and deed == "sent":
            finish(store, taken.pop())
        elif taken:
            with store.work() as work:
                work.outbox.later(taken.pop().id, at, "")
    for _ in deeds:
        for row in claim(store, at := at + timedelta(minutes=2)):
            finish(store, row)
    with store.read() as work:
        assert work.outbox.next_due() is None


def test_held_messages_wait_until_the_person_writes(store: Store):
    siti = person(store)
    add(store, siti, "held")
    finish(store, claim(store)[0], Delivery.HELD, reason="window")
    add(store, siti, "next")
    assert texts(claim(store)) == ["next"]
    with store.work() as work:
        assert work.outbox.release_held(siti, NOW) == 1
        assert work.outbox.release_held(siti, NOW) == 0
    assert counts(store) == {"sending": 1, "waiting": 1}


def test_the_platforms_word_moves_a_message_forward_only(store: Store):
    add(store, person(store), "one")
    finish(store, claim(store)[0], platform_id="wamid.1")
    seen = []
    for state in (Delivery.READ, Delivery.DELIVERED, Delivery.FAILED, Delivery.SENT):
        with store.work() as work:
            work.outbox.follow("telegram", "bot", "wamid.1", state)
            work.outbox.follow("telegram", "bot", "wamid.unknown", state)
            work.outbox.follow("telegram", "another bot", "wamid.1", state)
        seen.append(counts(store))
    assert seen == [{"read": 1}] * 4


def undelivered(store: Store, hold: bool, platform_id: str = "wamid.1") -> None:
    with store.work() as work:
        work.outbox.undelivered("telegram", "bot", platform_id, NOW, hold=hold)


def test_what_was_taken_and_not_delivered_is_held_or_tried_again(store: Store):
    siti = person(store)
    add(store, siti, "one")
    finish(store, claim(store)[0], platform_id="wamid.1")
    undelivered(store, hold=True, platform_id="wamid.unknown")
    assert counts(store) == {"sent": 1}
    undelivered(store, hold=True)
    assert counts(store) == {"held": 1}
    with store.work() as work:
        work.outbox.release_held(siti, NOW)
    finish(store, claim(store)[0], platform_id="wamid.2")
    undelivered(store, hold=False, platform_id="wamid.2")
    assert claim(store) == []
    assert texts(claim(store, LATER)) == ["one"]


def test_trying_again_has_an_end(store: Store):
    add(store, person(store), "one")
    now = NOW
    for n in range(5):
        finish(store, claim(store, now)[0], platform_id=f"wamid.{n}")
        undelivered(store, hold=False, platform_id=f"wamid.{n}")
        now += timedelta(hours=2)
    assert counts(store) == {"failed": 1}


def test_what_was_delivered_is_not_taken_back(store: Store):
    add(store, person(store), "one")
    finish(store, claim(store)[0], platform_id="wamid.1")
    with store.work() as work:
        work.outbox.follow("telegram", "bot", "wamid.1", Delivery.DELIVERED)
    undelivered(store, hold=True)
    assert counts(store) == {"delivered": 1}


def settle(store: Store, row, state: Delivery = Delivery.SENT, account: str = "bot") -> None:
    with store.work() as work:
        work.outbox.settle(row.id, "telegram", account, "wamid.1", state, NOW)


def test_a_status_settles_a_send_whose_answer_was_lost(store: Store):
    add(store, person(store), "one")
    (row,) = claim(store)
    with store.work() as work:
        work.outbox.later(row.id, LATER, "no answer")
    settle(store, row, account="another bot")
    settle(store, row, state=Delivery.FAILED)
    assert counts(store) == {"waiting": 1}
    settle(store, row, state=Delivery.DELIVERED)
    assert counts(store) == {"delivered": 1}
    assert claim(store, LATER) == []
    with store.work() as work:
        work.outbox.later(row.id, LATER, "no answer")
        work.outbox.follow("telegram", "bot", "wamid.1", Delivery.READ)
        work.outbox.settle(999, "telegram", "bot", "wamid.1", Delivery.SENT, NOW)
    assert counts(store) == {"read": 1}


def test_a_message_held_for_days_gets_its_full_time_again(store: Store):
    siti = person(store)
    add(store, siti, "held")
    finish(store, claim(store)[0], Delivery.HELD)
    days_later = NOW + timedelta(days=3)
    with store.work() as work:
        work.outbox.release_held(siti, days_later)
    (row,) = claim(store, days_later)
    assert (row.created, row.tries) == (days_later, 0)


def test_a_row_that_is_gone_can_be_finished_without_harm(store: Store):
    with store.work() as work:
        work.outbox.finish(999, Delivery.SENT, NOW)
        work.outbox.later(999, NOW, "")


ORDER = {"waiting": 0, "held": 0, "sending": 1, "sent": 2, "delivered": 3, "read": 4}
STEPS = st.one_of(
    st.tuples(st.just("claim"), st.just(Delivery.WAITING)),
    st.tuples(st.just("later"), st.just(Delivery.WAITING)),
    st.tuples(st.just("release"), st.just(Delivery.WAITING)),
    st.tuples(st.just("finish"), st.sampled_from(sorted(set(Delivery) - {Delivery.WAITING}))),
    st.tuples(st.just("follow"), st.sampled_from(list(Delivery))),
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(STEPS, max_size=12))
def test_whatever_happens_a_final_state_is_final(store: Store, steps):
    """Sent may still become delivered, read or failed; nothing else moves once it is final."""
    with store.work() as work:
        siti = work.contacts.at(Address("telegram", "bot", "hypothesis"), NOW).id
        work.people.erase(siti)
    siti = person(store, "hypothesis")
    add(store, siti, "one")
    at, before, last, baseline = NOW, "waiting", None, counts(store)
    for step, state in steps:
        at += timedelta(minutes=2)
        with store.work() as work:
            if step == "claim":
                last = next(iter(work.outbox.claim(at)), last)
            elif step == "release":
                work.outbox.release_held(siti, at)
            elif step == "follow":
                work.outbox.follow("telegram", "bot", f"p{siti}", state)
            elif last is not None and step == "later":
                work.outbox.later(last.id, at, "")
            elif last is not None:
                work.outbox.finish(last.id, state, at, platform_id=f"p{siti}")
            after = _state(baseline, work.outbox.counts(), before)
        assert _allowed(before, after), (before, after, step, state)
        before, baseline = after, counts(store)


def _state(before: dict[str, int], after, known: str) -> str:
    grown = [name for name, count in after.items() if count > before.get(name, 0)]
    return grown[0] if grown else known


def _allowed(before: str, after: str) -> bool:
    if before == after or before in {"waiting", "sending", "held"}:
        return True
    return before in {"sent", "delivered"} and (
        ORDER.get(after, 0) > ORDER[before] or (before, after) == ("sent", "failed")
    )


def test_a_message_that_cannot_be_decrypted_has_failed_and_holds_up_nobody(store: Store):
    siti = person(store)
    for text in ("rusak", "utuh"):
        add(store, siti, text)
    add(store, person(store, "budi"), "lain")
    with store._engines.writer.begin() as connection:
        change = sql("update outbox set body = :body where id = 1")
        connection.execute(change, {"body": b"\0"})
    assert texts(claim(store)) == ["lain"]
    assert texts(claim(store)) == ["utuh"]
    assert counts(store) == {"failed": 1, "sending": 2}


def test_an_older_copy_counts_on_from_what_was_noted_outside(store: Store):
    """K9: once for all processes, and what it lacks is known until it is too old."""
    for _ in range(2):
        with store.work() as work:
            assert work.outbox.count_sending() == work.outbox.count_sending()
    for upto in (5, 5, 4, 7):
        with store.work() as work:
            work.outbox.lacks(upto, NOW)
    with store.read() as work:
        assert work.outbox.sendings() == 7
        assert sorted(work.outbox.lacking(NOW - timedelta(days=1))) == [(2, 5), (5, 7)]
        assert work.outbox.lacking(NOW) == ()
