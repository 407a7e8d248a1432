"""Corrections: who was told the old one is told once, after the pause, in their language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import corrections, curating, moderate, notify
from handlers.corrections import PAGE, PAUSE
from handlers.moderate import Draft
from handlers.rights import Denied
from knowledge_base.facts import Refused, Stale, State, Told, Verdict
from tests.fakes import EDITOR, SARI, FakeHouse, spoken
from tests.handlers.callers import house_with_facts

DRAFT = Draft(
    Verdict.PARTLY, "TPS di Melati tutup pukul 10.00.", "Jam TPS Melati", "Tiga TPS tutup 11.00.",
    topic="health",
)  # fmt: skip


@pytest.fixture
def house() -> FakeHouse:
    """Ani and Budi were told number 482."""
    house = house_with_facts()
    for name in ("ani", "budi"):
        house.person(name)
        house.people.tell(Told(f"p-{name}", 482, 1, house.now))
    return house


def revise(house: FakeHouse, who=EDITOR, **changes):
    now = house.facts.rows[482]
    draft = replace(DRAFT, sources=now.sources, **changes)
    return curating.revise(house.ports(), who, 482, now.version, draft, "Jadwal baru terbit.")


def run(house: FakeHouse) -> list[str]:
    """Do what is due; gives who was written to."""
    out = []
    while job := house.due_job():
        task, payload = job
        if task == "tell_corrected":
            out += corrections.tell_corrected(house.ports(), **payload)
    return [message.to for message in out]


def test_a_revision_is_told_once_after_the_pause(house: FakeHouse) -> None:
    revise(house)
    assert run(house) == []
    house.now += PAUSE
    assert run(house) == ["p-ani", "p-budi"]
    house.now += timedelta(days=1)
    assert run(house) == []


def test_a_change_dated_tomorrow_is_not_told_only_then(house: FakeHouse) -> None:
    """The clock was set back since (J12)."""
    revise(house)
    [job] = (job for job in house.jobs.waiting if job.task == corrections.TASK)
    house.now -= timedelta(days=1)
    out = corrections.tell_corrected(house.ports(), **job.payload)
    assert [message.to for message in out] == ["p-ani", "p-budi"]


def test_five_edits_in_ten_minutes_are_one_message(house: FakeHouse) -> None:
    for minute in range(5):
        revise(house, fact=f"Tiga TPS tutup pukul 11.{minute:02d}.")
        house.now += timedelta(minutes=2)
        assert run(house) == []
    house.now += timedelta(minutes=8)
    assert run(house) == ["p-ani", "p-budi"]


def test_somebody_who_edits_for_ever_does_not_keep_people_waiting(house: FakeHouse) -> None:
    told = []
    for minute in range(14):
        revise(house, fact=f"Tiga TPS tutup pukul 11.{minute:02d}.")
        house.now += timedelta(minutes=5)
        told += run(house)
    assert told == ["p-ani", "p-budi"]


def test_an_edit_that_is_taken_back_is_no_correction(house: FakeHouse) -> None:
    before = house.facts.rows[482]
    revise(house)
    revise(house, verdict=before.verdict, fact=before.fact)
    house.now += PAUSE
    assert run(house) == []


def test_a_better_explanation_bothers_nobody(house: FakeHouse) -> None:
    before = house.facts.rows[482]
    revise(house, verdict=before.verdict, fact=before.fact, explanation="Lebih jelas.")
    house.now += PAUSE
    assert run(house) == []


def test_a_withdrawal_goes_at_once_and_says_why(house: FakeHouse) -> None:
    saved = curating.retract(house.ports(), EDITOR, 482, 1, "Sumbernya palsu.", ours=True)
    (message, _) = corrections.tell_corrected(house.ports(), 482)
    assert message.fact == (482, saved.version)
    assert "Kami yang keliru. Maaf. Sumbernya palsu." in message.text
    assert not message.buttons
    assert message.template == "correction"


def test_who_said_stop_is_left_alone(house: FakeHouse) -> None:
    house.people.save(replace(house.people.rows["p-ani"], notify=False))
    revise(house)
    house.now += PAUSE
    assert run(house) == ["p-budi"]


def test_for_who_cannot_be_reached_now_a_correction_is_written_to_be_held(
    house: FakeHouse,
) -> None:
    house.people.save(replace(house.people.rows["p-ani"], unreachable=True))
    revise(house)
    house.now += PAUSE
    assert run(house) == ["p-ani", "p-budi"]


def test_pages_follow_each_other(house: FakeHouse) -> None:
    for number in range(PAGE):
        house.person(f"x{number:03d}")
        house.people.tell(Told(f"p-x{number:03d}", 482, 1, house.now))
    curating.retract(house.ports(), EDITOR, 482, 1, "Sumbernya palsu.")
    told = run(house)
    assert len(told) == len(set(told)) == PAGE + 2


def test_after_a_merge_the_other_one_holds(house: FakeHouse) -> None:
    curating.merge_facts(house.ports(), EDITOR, 482, 1, 483)
    assert run(house) == ["p-ani", "p-budi"]  # the fact in it is another one
    ended = house.facts.rows[482]
    assert (ended.state, ended.replaced_by) == (State.RETRACTED, 483)
    assert ended.claim in house.facts.rows[483].variants
    assert {t.fact_number for t in house.people.told("p-ani")} == {482, 483}


def test_what_was_overtaken_before_it_went_out_is_said_as_it_stands(house: FakeHouse) -> None:
    saved = revise(house)
    (said,) = notify.tell_current(house.ports(), "p-ani", 482, "m1", 1, True)
    assert said.fact == (482, saved.version)
    assert spoken([said]).startswith("🔁 RALAT atas jawaban kami (nomor 482).")
    assert notify.tell_current(house.ports(), "p-ani", 482, "m1", 1, True) == []
    assert notify.tell_current(house.ports(), "p-ani", 482, "m1", 1) == []


def test_what_was_merged_before_it_went_out_is_told_by_the_other_one(house: FakeHouse) -> None:
    curating.merge_facts(house.ports(), EDITOR, 482, 1, 483)
    (said,) = notify.tell_current(house.ports(), "p-ani", 482, "m1", 1)
    assert said.fact == (483, house.facts.rows[483].version)
    assert 483 in {t.fact_number for t in house.people.told("p-ani")}
    (said,) = notify.tell_current(house.ports(), "p-budi", 482, "m1", 1, True)
    assert said.fact == (483, house.facts.rows[483].version)


def test_who_said_stop_still_hears_the_answer_a_correction_overtook(house: FakeHouse) -> None:
    saved = revise(house)
    house.people.tell(Told("p-ani", 482, saved.version, house.now))  # the correction that waits
    house.people.save(replace(house.people.get("p-ani"), notify=False))
    (said,) = notify.tell_current(house.ports(), "p-ani", 482, "m1", 1)
    assert said.fact == (482, saved.version)


def test_a_change_needs_a_reason_a_right_and_the_version_seen(house: FakeHouse) -> None:
    ports, draft = house.ports(), replace(DRAFT, sources=house.facts.rows[482].sources)
    with pytest.raises(Refused):
        curating.revise(ports, SARI, 482, 1, draft, "  ")
    with pytest.raises(Stale):
        curating.revise(ports, SARI, 482, 7, draft, "Jadwal baru.")
    with pytest.raises(Denied):
        curating.retract(ports, SARI, 482, 1, "Sumbernya palsu.")
    assert house.facts.rows[482].version == 1


def test_an_undo_corrects_whom_the_matcher_had_told(house: FakeHouse) -> None:
    from tests.handlers.callers import asked

    asked(house, "Jembatan Melati roboh tadi malam", "cici", "s9")
    draft = replace(DRAFT, sources=house.facts.rows[482].sources)
    saved = moderate.answer_question(house.ports(), SARI, "7F3K", 1, draft)
    house.people.tell(Told("p-ani", saved.number, 1, house.now))
    moderate.undo(house.ports(), SARI, "7F3K", 2)
    assert run(house) == ["p-ani"]


def test_an_import_announces_what_it_changed(house: FakeHouse) -> None:
    changed = replace(house.facts.rows[482], fact="Semua TPS tutup 12.00.")
    house.desk.people = []
    curating.import_facts(house.ports(), EDITOR, "kpu.csv", [changed])
    tasks = ["find_outdated", "rematch_open", "find_duplicates"]
    assert [job.task for job in house.jobs.waiting] == tasks
    corrections.find_outdated(house.ports())
    house.now += PAUSE
    assert run(house) == ["p-ani", "p-budi"]


@pytest.mark.parametrize("note", ["undo", "question 7F3K", "import cek-fakta.csv"])
def test_a_correction_never_gives_a_note_of_the_program_as_its_reason(house, note) -> None:
    house.facts.save(replace(house.facts.rows[482], verdict=Verdict.PARTLY), "ani", note)
    house.now += PAUSE
    said = spoken(corrections.tell_corrected(house.ports(), 482)[:1])
    assert "SEBAGIAN BENAR" in said
    assert note not in said
    assert "Kenapa berubah" not in said


def test_a_reason_of_a_person_is_told_whatever_word_it_begins_with() -> None:
    for reason in ("Import beras naik.", "import duties were raised", "question the source"):
        assert corrections.public_reason(reason) == reason
