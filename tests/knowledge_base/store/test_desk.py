"""The people of the desk: links work once, sessions end, the last admin stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from knowledge_base.facts import Refused, Role
from knowledge_base.store import Store

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def session(store: Store) -> str:
    """A login session of Ani, who is an admin."""
    with store.work() as work:
        work.desk.add("Ani", Role.ADMIN, "Mafindo", NOW)
        return work.desk.redeem(work.desk.link("Ani", NOW), NOW)


def test_a_name_is_taken_once_and_readable(store: Store):
    with store.work() as work:
        ani = work.desk.add(" Ani ", Role.EDITOR, "Mafindo", NOW)
        assert work.desk.by_name("Ani") == ani
        work.desk.add("Aan", Role.READER, "", NOW)
        assert [person.name for person in work.desk.list()] == ["Aan", "Ani"]
    for name in ("Ani", "ani", "", "a\nb", "x" * 81, "Matcher", "command line", "asker"):
        with pytest.raises(Refused) as caught, store.work() as work:
            work.desk.add(name, Role.READER, "", NOW)
        assert caught.value.field == "name"


def test_tries_to_log_in_are_counted_by_house_and_keep_no_address(store: Store):
    with store.work() as work:
        for n in range(20):
            assert work.desk.knock("203.0.113.9", NOW + n * MINUTE) == 0
        assert work.desk.knock("203.0.113.9", NOW + 20 * MINUTE) == 40 * 60
        assert work.desk.knock("198.51.100.4", NOW + 20 * MINUTE) == 0
        assert work.desk.knock("203.0.113.9", NOW + 60 * MINUTE) == 0
        assert work.desk.knock("203.0.113.9", NOW + 60 * MINUTE) == 60
    with store._engines.writer.begin() as connection:
        keys = connection.execute(text("select key from hits")).scalars().all()
    assert len(keys) == 22
    assert not [key for key in keys if "203.0" in key]  # three figures stand in a digest by chance


def test_a_link_works_once_and_for_15_minutes(store: Store, session: str):
    with store.work() as work:
        link = work.desk.link("Ani", NOW)
        assert work.desk.redeem(link, NOW + 15 * MINUTE) is None
        link = work.desk.link("Ani", NOW)
        assert work.desk.redeem(link, NOW + 14 * MINUTE) is not None
        assert work.desk.redeem(link, NOW + 14 * MINUTE) is None
        assert work.desk.redeem("no such token \ud800", NOW) is None


def test_a_new_link_ends_the_older_one(store: Store, session: str):
    with store.work() as work:
        old, new = work.desk.link("Ani", NOW), work.desk.link("Ani", NOW)
        assert work.desk.redeem(old, NOW) is None
        assert work.desk.redeem(new, NOW) is not None


def test_a_session_ends_when_idle_and_after_12_hours(store: Store, session: str):
    with store.work() as work:
        assert work.accounts.session(session, NOW + 29 * MINUTE).who.name == "Ani"
        assert work.accounts.session(session, NOW + 58 * MINUTE).who.name == "Ani"
        assert work.accounts.session(session, NOW + 88 * MINUTE) is None
        again = work.desk.redeem(work.desk.link("Ani", NOW), NOW)
        for step in range(1, 36):
            assert work.accounts.session(again, NOW + step * 20 * MINUTE) is not None
        assert work.accounts.session(again, NOW + 36 * 20 * MINUTE) is None


def test_a_session_is_read_without_writing(store: Store, session: str):
    with store.read() as work:
        assert work.accounts.session(session, NOW + 5 * MINUTE).who.name == "Ani"
        assert work.accounts.session("something else", NOW) is None


def test_logging_out_and_revoking_end_a_session_at_once(store: Store, session: str):
    with store.work() as work:
        work.desk.end(session)
        assert work.accounts.session(session, NOW) is None
        work.desk.add("Budi", Role.ADMIN, "", NOW)
        budi = work.desk.redeem(work.desk.link("Budi", NOW), NOW)
        link = work.desk.link("Budi", NOW)
        work.desk.revoke("Budi", NOW)
        assert work.accounts.session(budi, NOW) is None
        assert work.desk.redeem(link, NOW) is None
        assert not work.desk.by_name("Budi").active
    for call in ("link", "revoke"):
        with pytest.raises(Refused), store.work() as work:
            getattr(work.desk, call)("nobody", NOW)
    with pytest.raises(Refused), store.work() as work:
        work.desk.link("Budi", NOW)


def test_the_last_active_admin_cannot_be_revoked(store: Store, session: str):
    with pytest.raises(Refused, match="last active admin"), store.work() as work:
        work.desk.add("Budi", Role.EDITOR, "", NOW)
        work.desk.revoke("Ani", NOW)


def test_no_token_is_in_the_files(store: Store, session: str, everything):
    with store.work() as work:
        link = work.desk.link("Ani", NOW)
    found = everything()
    assert session.encode() not in found
    assert link.encode() not in found


def test_a_draft_is_kept_per_moderator_and_question(store: Store, session: str):
    with store.work() as work:
        ani, budi = work.desk.by_name("Ani").id, work.desk.add("Budi", Role.READER, "", NOW).id
        work.desk.save_draft(ani, "7F3K", {"fact": "satu"})
        work.desk.save_draft(ani, "7F3K", {"fact": "dua", "sources": ["https://x.id"]})
    with store.read() as work:
        assert work.desk.draft(ani, "7F3K") == {"fact": "dua", "sources": ["https://x.id"]}
        assert work.desk.draft(budi, "7F3K") is None
