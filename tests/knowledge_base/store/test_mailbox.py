"""Browser and terminal chats: both sides in order, for one chat only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from knowledge_base.store import Store

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)


def test_lines_come_in_order_after_the_last_one_seen(store: Store):
    with store.work() as work:
        seqs = [work.mailbox.put("chat", n % 2 == 0, {"n": n}, NOW) for n in range(4)]
        work.mailbox.put("other chat", True, {"n": 99}, NOW)
    with store.read() as work:
        rows = work.mailbox.since("chat", seqs[0], limit=2)
        assert [(row.body["n"], row.ours) for row in rows] == [(1, False), (2, True)]
        assert work.mailbox.since("chat", seqs[-1]) == ()


def test_a_line_is_changed_only_by_its_own_chat(store: Store):
    with store.work() as work:
        seq = work.mailbox.put("chat", True, {"n": 1}, NOW)
        work.mailbox.change("other chat", seq, {"n": 2})
        assert work.mailbox.since("chat", 0)[0].body == {"n": 1}
        work.mailbox.change("chat", seq, {"n": 3})
        work.mailbox.change("chat", seq + 100, {"n": 4})
    with store.read() as work:
        assert [row.body for row in work.mailbox.since("chat", 0)] == [{"n": 3}]


def test_a_day_later_it_is_empty(store: Store):
    with store.work() as work:
        work.mailbox.put("chat", True, {}, NOW)
        work.mailbox.put("chat", True, {}, NOW + timedelta(hours=1))
        assert work.forget_old(NOW + timedelta(hours=24))["mailbox"] == 1
        assert len(work.mailbox.since("chat", 0)) == 1
