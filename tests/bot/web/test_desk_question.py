"""The page of one question after it was settled: undo while there is time, what it says then."""

from __future__ import annotations

import re

import pytest

from knowledge_base.facts import (
    Address,
    FactCheck,
    Outcome,
    QuestionState,
    Role,
    Source,
    Submission,
    Told,
    Verdict,
)

ANSWER = {
    "version": "1", "verdict": "false", "claim": "TPS di Melati tutup pukul 10.",
    "fact": "TPS di Melati buka sampai 13.00.", "url_1": "https://kpu.example/1", "lang": "id",
    "explanation": "Jadwal yang beredar adalah foto lama.",
}  # fmt: skip
KNOWN = FactCheck(
    identity="k-1",
    claim="Jembatan Kenanga ditutup.",
    verdict=Verdict.FALSE,
    fact="Jembatan Kenanga dibuka.",
    sources=(Source("https://dpu.example/1", "Dinas PU"),),
)


def asks(store, clock, who="sari", text="Jembatan Kenanga ditutup?"):
    with store.work() as work:
        person = work.contacts.at(Address("telegram", "bot", who), clock())
        sent = Submission(f"s-{who}-{len(text)}", person.id, text, Outcome.QUEUED, clock(),
                          fingerprint=text.lower())  # fmt: skip
        return work.questions.ask(sent)


@pytest.fixture
def question(store, clock):
    return asks(store, clock)


@pytest.fixture
def known(store):
    with store.work() as work:
        return work.facts.save(KNOWN, "seed", "bundled")


@pytest.fixture
async def ani(enter):
    return await enter("ani", Role.MODERATOR)


def undo_of(text):
    return re.search(r'/undo" class="undo" data-vanish="(\d+)"', text)


async def test_a_merge_can_be_taken_back_as_long_as_the_page_says_so(ani, question, known, clock):
    path = f"/desk/q/{question.code}"
    await ani.post(f"{path}/merge", data={"version": "1", "number": str(known.number)})
    clock.forward(seconds=10)
    assert undo_of((await ani.get(f"{path}?done=merged")).text).group(1) == "20"
    assert undo_of((await ani.get(path)).text)  # also for who went away and came back
    clock.forward(seconds=21)
    late = (await ani.get(f"{path}?done=merged")).text
    assert not undo_of(late)
    assert f'<a href="/desk/facts/{known.number}">Ada yang keliru? Ralat' in late


async def test_who_undoes_too_late_is_not_told_that_somebody_was_faster(ani, question, clock):
    path = f"/desk/q/{question.code}"
    await ani.post(f"{path}/answer", data=ANSWER)
    clock.forward(seconds=40)
    late = await ani.post(f"{path}/undo", data={"version": "2"})
    assert late.status_code == 409
    assert "Sudah lewat 30 detik" in late.text
    assert "baru saja diselesaikan oleh" not in late.text
    assert 'id="answering"' not in late.text


async def test_an_editor_can_take_back_what_they_approved(ani, enter, question):
    budi, dewi = await enter("budi", Role.EDITOR), await enter("dewi", Role.EDITOR)
    await ani.post(f"/desk/q/{question.code}/answer", data=ANSWER | {"topic": "election"})
    done = await dewi.post("/desk/review/1/approve")
    page = (await dewi.get(done.headers["location"])).text
    assert undo_of(page)
    assert not undo_of((await budi.get("/desk/review")).text)
    undone = await dewi.post(f"/desk/q/{question.code}/undo", data={"version": "2"})
    assert undone.headers["location"].endswith("done=undone")


async def test_a_colleague_without_the_right_gets_no_undo(ani, enter, question):
    await ani.post(f"/desk/q/{question.code}/answer", data=ANSWER)
    other = await enter("cici", Role.MODERATOR)
    assert not undo_of((await other.get(f"/desk/q/{question.code}")).text)


async def test_only_the_askers_of_this_question_are_counted(ani, question, known, store, clock):
    elsewhere = asks(store, clock, "budi", "Apakah jembatan di Melati itu ditutup tiga bulan?")
    path = f"/desk/q/{question.code}"
    for asked in (question, elsewhere):
        form = {"version": "1", "number": str(known.number)}
        await ani.post(f"/desk/q/{asked.code}/merge", data=form)
    with store.work() as work:
        for who in ("sari", "budi"):
            person = work.contacts.at(Address("telegram", "bot", who), clock())
            version = work.facts.get(known.number).version
            work.people.tell(Told(person.id, known.number, version, clock(), "s"))
    assert "1 dari 1 penanya sudah dikabari hasil ini." in (await ani.get(path)).text


async def test_an_answered_question_follows_its_fact_check(ani, enter, question, known, store):
    form = {"version": "1", "number": str(known.number)}
    await ani.post(f"/desk/q/{question.code}/take")
    await ani.post(f"/desk/q/{question.code}/merge", data=form)
    dewi = await enter("dewi", Role.EDITOR)
    with store.read() as work:
        version = work.facts.get(known.number).version
    gone = await dewi.post(
        f"/desk/facts/{known.number}/retract", data={"version": version, "reason": "Keliru."}
    )
    assert gone.headers["location"].endswith("done=retracted")
    page = (await ani.get(f"/desk/q/{question.code}")).text
    assert f"Pemeriksaan nomor {known.number} sudah ditarik" in page
    assert 'class="badge' not in page.split('id="case"')[0].split("Keadaan")[1].split("<h2")[0]
    assert 'id="lease"' not in page
    assert "Kerjakan" not in page


@pytest.mark.parametrize(
    ("deed", "form"),
    [
        ("answer", ANSWER),
        ("merge", {"number": "1"}),
        ("reject", {"reason": "Ini pendapat."}),
        ("close", {"kind": "spam"}),
    ],
)
async def test_what_a_colleague_has_taken_is_settled_only_when_said_twice(
    ani, enter, question, known, store, deed, form
):
    path, budi = f"/desk/q/{question.code}", await enter("budi", Role.MODERATOR)
    await budi.post(f"{path}/take")
    held = await ani.post(f"{path}/{deed}", data=form | {"version": "1"})
    assert held.status_code == 422
    assert "budi sedang mengerjakan pertanyaan ini." in held.text
    with store.read() as work:
        assert work.questions.get(question.code).state is QuestionState.OPEN
    despite = re.search(r'name="despite" value="(\d+)"', held.text).group(1)
    done = await ani.post(f"{path}/{deed}", data=form | {"version": "1", "despite": despite})
    assert done.status_code == 303


async def test_an_open_page_hears_who_takes_and_who_settles_the_question(ani, enter, question):
    budi, path = await enter("budi", Role.MODERATOR), f"/desk/q/{question.code}"
    live = f"/desk/live?code={question.code}&version=1&seen="
    page = (await ani.get(path)).text
    seen = re.search(r'data-pulse="([^"]+)"', page).group(1)
    assert (await ani.get(live + seen)).status_code == 204
    await budi.post(f"{path}/take")
    taken = await ani.get(live)
    assert "Diambil budi" in taken.text
    assert "/take" not in taken.text
    await budi.post(f"{path}/answer", data=ANSWER)
    settled = (await ani.get(live)).text
    assert "Sementara itu pertanyaan ini diselesaikan oleh budi." in settled
    assert "Tulisan Anda tetap tersimpan" in settled


async def test_an_open_page_alone_keeps_nobody_logged_in(ani, question, clock):
    for _ in range(5):
        clock.forward(minutes=7)
        await ani.get(f"/desk/live?code={question.code}&version=1")
    assert (await ani.get("/desk")).status_code == 303


async def test_the_form_begins_with_the_topic_the_queue_guesses(ani, store, clock):
    asked = asks(store, clock, "budi", "Kabarnya TPS tutup pukul 10 pagi saat pemilu besok")
    path = f"/desk/q/{asked.code}"
    assert '<option value="election" selected>' in (await ani.get(path)).text
    await ani.post(f"{path}/draft", data=ANSWER | {"topic": "other"})
    page = (await ani.get(path)).text
    assert '<option value="election" selected>' not in page
    assert '<option value="other" selected>' in page


async def test_who_only_reads_puts_a_mention_away_by_reading_it(ani, enter, question):
    lia = await enter("lia", Role.READER)
    path = f"/desk/q/{question.code}"
    await ani.post(f"{path}/comment", data={"comment": "Tolong lihat, @lia"})
    assert "Tolong lihat" in (await lia.get("/desk")).text
    assert (await lia.post(f"{path}/seen")).status_code == 204
    assert "Tolong lihat" not in (await lia.get("/desk")).text


async def test_closing_as_spam_claims_no_reason_of_ones_own(ani, question):
    path = f"/desk/q/{question.code}"
    done = await ani.post(f"{path}/close", data={"version": "1", "kind": "spam"})
    page = (await ani.get(done.headers["location"])).text
    assert "Penanya menerima kalimat siap pakai" in page
    assert "menerima alasan Anda" not in page


async def test_after_a_split_the_new_question_is_one_click_away(ani, store, clock, question):
    with store.work() as work:
        person = work.contacts.at(Address("telegram", "bot", "dewi"), clock())
        sent = Submission("s9", person.id, "Pasar ditutup?", Outcome.QUEUED, clock(),
                          fingerprint="pasar")  # fmt: skip
        work.questions.ask(sent, same_as=question.code)
        wordings = work.cases.wordings(question.code)
    path = f"/desk/q/{question.code}"
    form = {"version": "1", "wording": str(wordings[1].id)}
    done = await ani.post(f"{path}/split", data=form)
    page = (await ani.get(done.headers["location"])).text
    new = re.search(r"new=(\w+)", done.headers["location"]).group(1)
    assert new != question.code
    assert f'<a href="/desk/q/{new}">#{new}</a>' in page
