"""The audit log: append-only, every tampering found, bodies may go."""

from __future__ import annotations

import pytest

from knowledge_base.deeds import Deed
from knowledge_base.facts import AuditFilter, KnowledgeError
from knowledge_base.store import Store, audit
from tests.audit_log import entries, tamper


@pytest.fixture
def log(store: Store) -> Store:
    """A store with five entries, in two transactions."""
    for numbers in ((1, 2), (3, 4, 5)):
        with store.work() as work:
            for number in numbers:
                work.audit.write("ani", "publish", f"fact/{number}", "karena", number=number)
    return store


def verify(store: Store) -> int | None:
    with store.read() as work:
        return work.audit.verify()


def test_entries_are_read_with_reason_and_details(log: Store, clock):
    with log.read() as work:
        page = work.audit.search(AuditFilter(), before=4, limit=2)
        (about,) = work.audit.about("fact/3")
    assert [entry.seq for entry in page] == [3, 2]
    assert (about.actor, about.action, about.reason) == ("ani", "publish", "karena")
    assert (about.details, about.at) == ({"number": 3}, clock.now)


def test_an_untouched_chain_is_whole(log: Store, store: Store, monkeypatch):
    assert verify(log) is None
    monkeypatch.setattr(audit, "PAGE", 2)
    assert verify(log) is None


def test_an_empty_log_is_whole(store: Store):
    assert verify(store) is None


@pytest.mark.parametrize(
    ("statements", "wrong"),
    [
        (["update audit set actor = 'budi' where seq = 3"], 3),
        (["update audit set at = '2020-01-01 00:00:00.000000' where seq = 2"], 2),
        (["update audit_bodies set body = '{}' where seq = 4"], 4),
        (["delete from audit where seq = 2"], 2),
        (["delete from audit where seq = 5"], 5),
        (["update audit set seq = 9 where seq = 1"], 1),
        (
            [
                "update audit set seq = 9 where seq = 3",
                "update audit set seq = 3 where seq = 4",
                "update audit set seq = 4 where seq = 9",
            ],
            3,
        ),
    ],
)
def test_tampering_is_found_where_it_begins(log: Store, statements, wrong):
    tamper(log, *statements)
    assert verify(log) == wrong


def test_a_body_may_be_erased(log: Store):
    tamper(log, "delete from audit_bodies where seq = 3")
    assert verify(log) is None
    with log.read() as work:
        assert work.audit.about("fact/3")[0].details == {}


def test_a_new_head_shows_what_was_cut_off(log: Store):
    with log.read() as work:
        noted = work.audit.head()
    tamper(
        log,
        "delete from audit where seq > 3",
        "update counters set value = 3 where name = 'audit'",
    )
    assert verify(log) is None
    with log.read() as work:
        assert work.audit.head() != noted


@pytest.mark.parametrize("statement", ["update audit set actor = 'x'", "delete from audit"])
def test_the_database_itself_refuses_a_change(log: Store, statement):
    with pytest.raises(KnowledgeError, match=r"never changed|P0001"), log.work() as work:
        work.audit._session.connection().exec_driver_sql(statement)


def test_a_person_is_never_in_the_chain(store: Store):
    person = "0123456789abcdef" * 2
    with store.work() as work:
        work.audit.write(person, "erase", f"person/{person}", f"by {person}", who=[person])
        (entry,) = entries(work)
    assert (entry.actor, entry.what) == ("asker", "person/asker")
    assert person not in str(entry)


def test_any_text_can_be_written(store: Store):
    with store.work() as work:
        work.audit.write("a\x00b", "c\ud800", "d\u202e", "alasan\x00", text="\udfff")
    assert verify(store) is None


def test_reasons_go_after_half_a_year_and_the_chain_still_verifies(log: Store, clock):
    clock.forward(days=100)
    with log.work() as work:
        work.audit.write("ani", "publish", "fact/6", "alasan baru")
    clock.forward(days=81)
    with log.work() as work:
        assert work.forget_old(clock())["audit bodies"] == 5
        assert work.forget_old(clock())["audit bodies"] == 0
    with log.read() as work:
        reasons = [(entry.actor, entry.reason) for entry in entries(work)]
    assert reasons == [("ani", "")] * 5 + [("ani", "alasan baru")]
    assert verify(log) is None


def test_a_person_is_found_however_they_were_filed(store: Store):
    with store.work() as work:
        work.audit.write("rina", Deed.MODERATOR_ADD, "budi")  # as it once was
        work.audit.write("dewi", Deed.MODERATOR_LINK, "moderator/budi")
        work.audit.write("dewi", Deed.ANSWER, "question/budi")
        for what in ("budi", "moderator/budi"):
            found = work.audit.search(AuditFilter(what=what))
            assert [entry.actor for entry in found] == ["dewi", "rina"]
            assert len(work.audit.about(what)) == 2
            done = work.audit.deeds_on(what, (Deed.MODERATOR_ADD, Deed.MODERATOR_LINK))
            assert [entry.actor for entry in done] == ["rina", "dewi"]
            later = work.audit.deeds_on(what, (Deed.MODERATOR_LINK,), after=done[0].seq)
            assert later == done[1:]
            assert not work.audit.deeds_on(what, (Deed.MODERATOR_LINK,), after=done[1].seq)
            assert work.audit.deeds_on(what, (Deed.MODERATOR_REVOKE,)) == ()
