"""A second look on the desk: propose, approve, send back, doubts, roll back."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from handlers.factor import hotp, step_of
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import Address, Outcome, QuestionState, Role, State, Submission, Told
from tests.bot.edge import save_fact
from tests.bot.web.test_desk_factor import give, set_up

ANSWER = {
    "version": "1", "verdict": "false", "claim": "TPS di Melati tutup pukul 10.",
    "fact": "TPS di Melati buka sampai 13.00.", "url_1": "https://kpu.example/1",
    "topic": "election", "lang": "id",
}  # fmt: skip


@pytest.fixture
def question(store, clock):
    with store.work() as work:
        person = work.contacts.at(Address("telegram", "bot", "sari"), clock())
        submission = Submission("s1", person.id, "TPS tutup jam 10?", Outcome.QUEUED, clock())
        return work.questions.ask(submission)


@pytest.fixture
async def team(enter):
    """A moderator, and two editors of the same house."""
    people = (("ani", Role.MODERATOR), ("dewi", Role.EDITOR), ("budi", Role.EDITOR))
    return {name: await enter(name, role) for name, role in people}


async def propose(team, question):
    answer = await team["ani"].post(f"/desk/q/{question.code}/answer", data=ANSWER)
    assert answer.headers["location"].endswith("done=proposed")


def state(store, question):
    with store.read() as work:
        return work.questions.get(question.code).state, work.facts.count()


async def test_an_election_answer_waits_until_somebody_approves(team, question, store):
    await propose(team, question)
    assert state(store, question) == (QuestionState.OPEN, {})
    asked = (await team["budi"].get(f"/desk/q/{question.code}")).text
    assert "Jawaban dari ani menunggu persetujuan" in asked
    listed = (await team["dewi"].get("/desk/review")).text
    assert '<a href="/desk/review/1"' in listed
    shown = (await team["dewi"].get("/desk/review/1")).text
    assert ANSWER["fact"] in shown
    done = await team["dewi"].post("/desk/review/1/approve")
    assert done.headers["location"].endswith("done=approved")
    assert state(store, question) == (QuestionState.ANSWERED, {"published": 1})


async def test_who_answers_what_waits_reads_whose_answer_it_is(team, question, store):
    await propose(team, question)
    late = await team["budi"].post(f"/desk/q/{question.code}/answer", data=ANSWER)
    assert late.status_code == 409
    assert "diselesaikan oleh ani" in late.text
    assert "sementara itu berubah" not in late.text
    assert state(store, question) == (QuestionState.OPEN, {})


async def test_a_link_made_by_the_author_approves_nothing_and_that_is_noted(team, question, store):
    await propose(team, question)
    with store.work() as work:
        work.audit.write("ani", Deed.MODERATOR_LINK, of_person("dewi"))
    shown = (await team["dewi"].get("/desk/review/1")).text
    assert "saring moderator link" in shown
    assert "/desk/review/1/approve" not in shown
    assert "Bisa memutuskan: budi" in shown
    assert (await team["dewi"].post("/desk/review/1/approve")).status_code == 403
    assert state(store, question)[0] is QuestionState.OPEN
    with store.read() as work:
        noted = work.audit.about(f"question/{question.code}")[0]
    assert (noted.actor, noted.action) == ("dewi", "approval refused")


@pytest.mark.parametrize(("behind", "status"), [("command line", 303), ("ani", 403)])
async def test_links_of_the_author_are_no_matter_behind_a_factor_of_ones_own(
    enter, team, question, store, clock, behind, status
):
    with store.work() as work:
        work.audit.write(behind, Deed.MODERATOR_LINK, of_person("dewi"))
    secret, _ = await set_up(await enter("dewi", Role.EDITOR), clock)
    clock.forward(hours=13)
    with store.work() as work:
        work.audit.write("ani", Deed.MODERATOR_LINK, of_person("dewi"))
    dewi = await enter("dewi", Role.EDITOR)
    assert (await give(dewi, hotp(secret, step_of(clock())))).status_code == 303
    again = {"ani": await enter("ani", Role.MODERATOR)}
    await propose(again, question)
    assert (await dewi.post("/desk/review/1/approve")).status_code == status


async def test_who_approves_reads_all_of_it_and_where_each_source_leads(team, question):
    long = "Jadwal resmi tidak berubah. " * 60
    whole = {
        "explanation": long, "title": "Jam buka TPS", "kind": "false_context",
        "publisher_1": "KPU RI", "url_1": "https://bukan-kpu.example/palsu",
        "date_1": "2027-02-09", "claim_date": "2027-02-08", "concerns": "Bawaslu Melati",
        "public_figure": "yes",
    }  # fmt: skip
    await team["ani"].post(f"/desk/q/{question.code}/answer", data=ANSWER | whole)
    page = (await team["dewi"].get("/desk/review/1")).text
    shown = page.split('<dl class="whole')[1].split("</dl>")[0]
    for words in (
        long.strip(), "Jam buka TPS", ">https://bukan-kpu.example/palsu</a>", "KPU RI", "pemilu",
        "8 Februari 2027", "9 Februari 2027", "Bawaslu Melati", "Indonesia",
        "<dt>Menyangkut tokoh publik</dt><dd>ya</dd>",
    ):  # fmt: skip
        assert words in shown, words


async def test_a_held_import_shows_the_claims_it_turns(team, store):
    old = save_fact(store)
    review = {
        "id": old.identity, "claim": old.claim, "verdict": "true", "fact": "Ternyata benar.",
        "sources": [{"url": "https://kpu.example/baru", "publisher": "KPU"}],
    }  # fmt: skip
    files = {"file": ("b.jsonl", json.dumps(review).encode())}
    await team["dewi"].post("/desk/import", files=files, data={"do": "import"})
    page = (await team["budi"].get("/desk/review/1")).text
    listed = page.split('id="records"')[1].split("</ul>")[0]
    assert f"#{old.number}</a>" in listed
    for words in (old.claim, "SALAH", "BENAR", "Ternyata benar.", ">https://kpu.example/baru</a>"):
        assert words in listed, words


async def test_the_author_sees_no_way_to_approve(team, question, store):
    answer = await team["dewi"].post(f"/desk/q/{question.code}/answer", data=ANSWER)
    assert answer.status_code == 303
    assert "/approve" not in (await team["dewi"].get("/desk/review/1")).text
    refused = await team["dewi"].post("/desk/review/1/approve")
    assert refused.status_code == 403
    assert state(store, question)[0] is QuestionState.OPEN


async def test_sent_back_its_author_reads_why(team, question):
    await propose(team, question)
    empty = await team["budi"].post("/desk/review/1/return", data={"reason": " "})
    assert empty.status_code == 422
    await team["budi"].post("/desk/review/1/return", data={"reason": "Tambah sumber kedua."})
    for page in ("/desk/review", "/desk", f"/desk/q/{question.code}"):
        assert "Tambah sumber kedua." in (await team["ani"].get(page)).text, page
    again = await team["dewi"].post("/desk/review/1/approve")
    assert again.status_code == 409


async def test_who_may_decide_is_told_on_the_queue_page_and_the_author_no_more(team, question):
    await propose(team, question)
    assert "1 usulan menunggu mata kedua" in (await team["dewi"].get("/desk")).text
    assert "menunggu mata kedua" not in (await team["ani"].get("/desk")).text
    await team["budi"].post("/desk/review/1/return", data={"reason": "Tambah sumber."})
    assert "mengembalikan jawaban Anda" in (await team["ani"].get("/desk")).text
    await propose(team, question)
    assert "mengembalikan jawaban Anda" not in (await team["ani"].get("/desk")).text


async def test_an_answer_one_took_back_oneself_is_not_news(team, question):
    await propose(team, question)
    await team["ani"].post("/desk/review/1/return", data={"reason": "Salah ketik."})
    for page in ("/desk", f"/desk/q/{question.code}"):
        assert "mengembalikan jawaban Anda" not in (await team["ani"].get(page)).text


async def test_doubts_and_objections_are_listed(team, store, clock):
    saved = save_fact(store)
    with store.work() as work:
        for number in range(5):
            person = work.contacts.at(Address("fake", "bot", f"p{number}"), clock())
            work.reviews.vote(person.id, saved.number, 1, helpful=False)
        asked = work.questions.ask(
            Submission("s9", person.id, "Sumbernya salah", Outcome.QUEUED, clock())
        )
        work.reviews.dispute(saved.number, asked.code)
    page = (await team["ani"].get("/desk/review")).text
    assert "👎 5" in page
    assert "Sumbernya salah" in page


async def test_an_admin_rolls_back_what_somebody_published(enter, store, clock):
    old = save_fact(store)
    clock.forward(hours=1)
    admin = await enter("rina", Role.ADMIN)
    await enter("budi", Role.EDITOR)
    with store.work() as work:
        work.facts.save(replace(old, fact="Palsu."), "budi", "palsu")
    since = "2027-02-10T16:30"  # 09:30 UTC
    assert 'name="since"' in (await admin.get("/desk/review")).text
    missing = await admin.post("/desk/rollback", data={"name": "budi", "since": since})
    assert missing.status_code == 422
    assert f'value="{since}"' in missing.text
    assert "<option selected>budi</option>" in missing.text
    sent = {"name": "budi", "since": since, "reason": "Akun diambil alih."}
    page = await admin.post("/desk/rollback", data=sent)
    assert f'/desk/facts/{old.number}"' in page.text
    with store.read() as work:
        assert work.facts.get(old.number).fact == "Palsu."  # only shown
    page = await admin.post("/desk/rollback", data=sent | {"seen": mark(page)})
    assert f'/desk/facts/{old.number}"' in page.text
    with store.read() as work:
        now = work.facts.get(old.number)
    assert (now.fact, now.state) == (old.fact, State.PUBLISHED)


def mark(page):
    return re.search(r'name="seen" value="(\w+)"', page.text)[1]


async def test_before_a_rollback_it_is_listed_and_counted(enter, store, clock, question):
    old = save_fact(store)
    clock.forward(hours=1)
    admin = await enter("rina", Role.ADMIN)
    await enter("budi", Role.EDITOR)
    with store.work() as work:
        saved = work.facts.save(replace(old, fact="Palsu."), "budi", "palsu")
        person = work.contacts.at(Address("telegram", "bot", "sari"), clock())
        work.people.tell(Told(person.id, old.number, saved.version, clock()))
        work.questions.reject(question.code, "Ini pendapat.", "budi", question.version)
    sent = {"name": "budi", "since": "2027-02-10T16:30", "reason": "Akun diambil alih."}
    page = await admin.post("/desk/rollback", data=sent)
    assert "1 pemeriksaan, 1 pertanyaan, dan 0 rumusan. 1 orang akan dikabari." in page.text
    for words in (f"kembali ke: {old.fact}", question.text, 'value="Akun diambil alih."'):
        assert words in page.text, words
    with store.work() as work:
        work.facts.save(replace(saved, fact="Palsu lagi."), "budi", "palsu")
    again = await admin.post("/desk/rollback", data=sent | {"seen": mark(page)})
    assert again.status_code == 409
    assert "Palsu lagi." in again.text
    with store.read() as work:
        assert work.facts.get(old.number).fact == "Palsu lagi."


async def test_a_rollback_that_finds_nothing_says_so(enter):
    admin = await enter("rina", Role.ADMIN)
    await enter("budi", Role.EDITOR)
    assert '<option value="">' in (await admin.get("/desk/review")).text  # nobody is preselected
    sent = {"name": "budi", "since": "2027-02-10T16:30", "reason": "Coba."}
    page = await admin.post("/desk/rollback", data=sent)
    assert "Tidak ada yang bisa dibatalkan untuk budi" in page.text
    assert 'name="seen"' not in page.text


async def test_a_burst_of_results_is_said_to_those_who_may_see_the_audit(enter, store, clock):
    with store.work() as work:
        work.audit.write("budi", Deed.BURST, of_person("budi"), count=30)
    editor, reader = await enter("dewi", Role.EDITOR), await enter("rani", Role.READER)
    page = (await editor.get("/desk/review")).text
    assert "budi menerbitkan 30 hasil dalam sepuluh menit" in page
    assert 'href="/desk/audit?actor=budi"' in page
    assert "dalam sepuluh menit" not in (await reader.get("/desk/review")).text
    clock.forward(days=2)
    later = await enter("dewi", Role.EDITOR)
    assert "dalam sepuluh menit" not in (await later.get("/desk/review")).text
