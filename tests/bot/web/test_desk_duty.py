"""The page of upkeep: what was given up is started again or dropped; counts; admins only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from knowledge_base.facts import Role


@pytest.fixture
async def admin(enter, store, clock):
    browser = await enter("Ani", Role.ADMIN)
    with store.work() as work:
        work.jobs.enqueue("tell_askers", {"code": "7F3K"})
        job = work.job_table.claim(clock())
        work.job_table.failed(job.id, clock(), "KeyError <at> tell", tries=1)
    return browser


def jobs(store) -> dict[str, int]:
    with store.read() as work:
        return {state: count for state, count in work.job_table.counts().items() if count}


async def test_what_was_given_up_is_named_with_its_reason(admin):
    page = (await admin.get("/desk/duty")).text
    assert "tell_askers" in page
    assert "KeyError &lt;at&gt; tell" in page


async def test_what_nobody_works_on_is_said_on_top(admin, store, clock):
    """A worker that died in silence (L5)."""
    with store.work() as work:
        work.inbox.add("fake", "bot", "m1", "chat-1", b"{}", clock())
    assert "tidak ada yang mengerjakannya" not in (await admin.get("/desk/duty")).text
    clock.forward(minutes=3)
    assert "Pesan orang sudah menunggu 3 menit" in (await admin.get("/desk/duty")).text


async def test_it_is_started_again_and_the_audit_says_by_whom(admin, store):
    answer = await admin.post("/desk/duty/task/1/again")
    assert (answer.status_code, jobs(store)) == (303, {"waiting": 1})
    with store.read() as work:
        [entry] = work.audit.about("task/1")
    assert (entry.actor, entry.action) == ("Ani", "task.again")
    again = await admin.post("/desk/duty/task/1/again")
    assert again.status_code == 409
    assert "Sudah tidak ada" in again.text


async def test_it_is_dropped(admin, store):
    await admin.post("/desk/duty/task/1/drop")
    assert jobs(store) == {}
    assert "Tidak ada yang gagal" in (await admin.get("/desk/duty?done=drop")).text


async def test_nothing_else_can_be_named(admin):
    assert (await admin.post("/desk/duty/person/1/drop")).status_code == 422
    assert (await admin.post("/desk/duty/task/x/drop")).status_code == 422


async def test_what_is_billed_and_left_out_is_counted(admin, store, clock):
    today = clock().date()
    with store.work() as work:
        work.tally.ignored("telegram", "channel_post")
        for _ in range(101):
            work.tally.billed("whatsapp", today)
        work.tally.billed("whatsapp", today - timedelta(days=1))
    page = (await admin.get("/desk/duty")).text
    assert "channel_post" in page
    assert "<td>101</td>" in page
    assert "jauh lebih banyak" in page
