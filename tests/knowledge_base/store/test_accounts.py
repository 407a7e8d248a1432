"""Accounts in the store: invitations work once and for a week, presence, who sleeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from knowledge_base.facts import Address, Refused, Role, Stale
from knowledge_base.store import Store

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)


def person(work) -> str:
    return work.contacts.at(Address("telegram", "bot", "sari"), NOW).id


def test_an_invitation_makes_one_influencer_within_a_week(store: Store):
    with store.work() as work:
        who, token = person(work), work.accounts.invite("Ani", "komunitas A", NOW)
        late = work.accounts.invite("Ani", "", NOW)
        assert work.people.join(late, who, NOW + timedelta(days=7)) == ""
        assert not work.people.get(who).influencer
        assert work.people.join(token, who, NOW + timedelta(days=6)) == "Ani"
        assert work.people.get(who).influencer
        assert work.people.join(token, who, NOW + timedelta(days=6)) == ""
        assert work.people.export(who)["influencer"] is True


def test_who_used_an_invitation_is_not_kept(store: Store):
    with store.work() as work:
        who, token = person(work), work.accounts.invite("Ani", "", NOW)
        work.people.join(token, who, NOW)
        (used,) = work.accounts.invitations(NOW)
    assert used.used == NOW
    assert who not in repr(used)
    assert token not in repr(used)


def test_an_invitation_can_be_withdrawn_while_it_is_open(store: Store):
    with store.work() as work:
        token = work.accounts.invite("Ani", "", NOW)
        (open_,) = work.accounts.invitations(NOW)
        assert work.accounts.withdraw(open_.handle)
        assert not work.accounts.withdraw(open_.handle)
        assert work.people.join(token, person(work), NOW) == ""


def test_a_change_to_somebody_who_changed_is_stale_and_one_admin_stays(store: Store):
    with store.work() as work:
        ani = work.desk.add("Ani", Role.ADMIN, "", NOW)
        with pytest.raises(Refused, match="last active admin"):
            work.accounts.change(ani, Role.READER, "")
        moved = work.accounts.change(ani, Role.ADMIN, "KPU")
        assert moved.org == "KPU"
        with pytest.raises(Stale):
            work.accounts.change(ani, Role.ADMIN, "Redaksi")


def test_here_is_who_clicked_within_ten_minutes(store: Store):
    with store.work() as work:
        for name, ago in (("Ani", 3), ("Budi", 11)):
            work.desk.add(name, Role.READER, "", NOW)
            at = NOW - timedelta(minutes=ago)
            assert work.desk.redeem(work.desk.link(name, at), at)
        assert [one.who.name for one in work.accounts.present(NOW)] == ["Ani"]


def test_the_last_admin_never_sleeps(store: Store):
    with store.work() as work:
        for name, role in (("Ani", Role.ADMIN), ("Budi", Role.ADMIN), ("Cici", Role.READER)):
            work.desk.add(name, role, "", NOW)
        assert work.accounts.sleep(NOW + timedelta(days=29)) == ()
        asleep = work.accounts.sleep(NOW + timedelta(days=30))
        assert len(asleep) == 2
        assert "Cici" in asleep
        assert sum(one.active for one in work.desk.list()) == 1
