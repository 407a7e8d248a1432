"""The knowledge base on the desk: browse, revise with history, withdraw, merge, import."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from handlers import corrections
from handlers.moderate import UNDO
from knowledge_base.facts import Address, Outcome, Role, State, Submission, Told, Verdict
from tests.audit_log import entries
from tests.bot.edge import save_fact

HOSTILE = '<img src=x onerror="alert(1)"></script><script>alert(2)</script>'
CSV = "id,claim,verdict,sources\n{id},{claim},{verdict},https://kpu.example/a\n"


@pytest.fixture
def record(store):
    return save_fact(
        store, fact="Itu tidak benar sama sekali.", topic="health", variants=("Katanya begitu",)
    )


@pytest.fixture
async def editor(enter):
    return await enter("dewi", Role.EDITOR)


def form(record, **changes):
    fields = {
        "version": str(record.version), "verdict": record.verdict.value, "claim": record.claim,
        "fact": record.fact, "url_1": record.sources[0].url, "topic": record.topic,
        "reason": "Ada data baru.",
    }  # fmt: skip
    return {**fields, **changes}


def now(store, number):
    with store.read() as work:
        return work.facts.get(number)


async def test_it_is_found_by_number_words_and_filters(editor, record, store):
    save_fact(store, 2, verdict=Verdict.TRUE, topic="election")
    for query, there in (
        (f"q={record.number}", True),
        ("q=klaim+nomor+1&state=retracted", False),
        ("topic=health", True),
        ("topic=election", False),
        ("verdict=true", False),
        ("q=pemungutan", True),
        ("aged=1", False),
    ):
        page = await editor.get(f"/desk/facts?{query}")
        assert (query, f'href="/desk/facts/{record.number}"' in page.text) == (query, there)


async def test_a_revision_is_published_with_its_words_compared(editor, record, store):
    sent = form(record, fact="Itu hanya sebagian benar.", verdict="partly")
    answer = await editor.post(f"/desk/facts/{record.number}/revise", data=sent)
    assert answer.headers["location"].endswith("?done=revised")
    assert now(store, record.number).verdict is Verdict.PARTLY
    page = (await editor.get(f"/desk/facts/{record.number}")).text
    assert "<del>tidak</del>" in page
    assert "Ada data baru." in page
    assert "Katanya begitu" in page


async def test_what_was_written_stays_when_it_cannot_be_published(editor, record, store):
    sent = form(record, fact="Kalimat saya.", reason="")
    answer = await editor.post(f"/desk/facts/{record.number}/revise", data=sent)
    assert (answer.status_code, "Kalimat saya." in answer.text) == (422, True)
    stale = form(record, fact="Kalimat saya.", version="7")
    answer = await editor.post(f"/desk/facts/{record.number}/revise", data=stale)
    assert (answer.status_code, "Kalimat saya." in answer.text) == (409, True)
    assert now(store, record.number).version == 1


async def test_what_is_checked_again_and_still_holds_counts_as_checked_today(
    editor, record, store, clock
):
    with store.work() as work:
        old = replace(record, publisher="TurnBackHoax", checked_on=date(2024, 1, 2))
        old = work.facts.save(old, "seed", "lama")
        person = work.contacts.at(Address("fake", "bot", "budi"), clock())
        work.people.tell(Told(person.id, record.number, old.version, clock()))
    answer = await editor.post(
        f"/desk/facts/{record.number}/confirm", data={"version": str(old.version)}
    )
    assert answer.headers["location"].endswith("?done=confirmed")
    new = now(store, record.number)
    assert (new.publisher, new.checked_on) == ("Saring", clock().date())
    with store.read() as work:
        assert work.audit.about(f"fact/{record.number}", 1)[0].reason.startswith("Diperiksa lagi")
    assert not corrections.differs(old, new)
    stale = await editor.post(f"/desk/facts/{record.number}/confirm", data={"version": "1"})
    assert stale.status_code == 409


async def test_who_checked_it_stays_true_when_it_is_edited(editor, record, store):
    with store.work() as work:
        old = replace(record, publisher="TurnBackHoax", checked_on=date(2024, 1, 2))
        old = work.facts.save(old, "seed", "lama")
    address = f"/desk/facts/{record.number}/revise"
    await editor.post(address, data=form(old, topic="disaster"))
    topic = now(store, record.number)
    assert (topic.topic, topic.publisher, topic.checked_on) == (
        "disaster", "TurnBackHoax", date(2024, 1, 2),
    )  # fmt: skip
    await editor.post(address, data=form(topic, fact="Itu sebagian benar.", verdict="partly"))
    ours = now(store, record.number)
    assert (ours.publisher, ours.checked_on > date(2024, 1, 2)) == ("Saring", True)


async def test_a_withdrawn_one_says_so_in_public_with_the_reason(editor, record, store):
    sent = {"version": "1", "reason": "Sumbernya palsu.", "outdated": "yes"}
    await editor.post(f"/desk/facts/{record.number}/retract", data=sent)
    gone = now(store, record.number)
    assert (gone.state, gone.outdated) == (State.RETRACTED, True)
    page = await editor.get(f"/p/{record.number}")
    assert page.status_code == 410
    assert "Sumbernya palsu." in page.text
    assert "tidak berlaku lagi</h1>" in page.text
    history = (await editor.get(f"/desk/facts/{record.number}")).text
    assert "<del>Terbit</del> → <ins>Ditarik</ins>" in history


async def test_a_fact_check_is_not_merged_with_itself(editor, record, store):
    sent = {"version": "1", "into": str(record.number)}
    answer = await editor.post(f"/desk/facts/{record.number}/merge", data=sent)
    assert answer.status_code == 422
    assert f"Ini pemeriksaan nomor {record.number} sendiri." in answer.text
    assert now(store, record.number).state is State.PUBLISHED


async def test_a_merged_number_leads_to_the_other(editor, record, store):
    other = save_fact(store, 2)
    await editor.post(
        f"/desk/facts/{record.number}/merge", data={"version": "1", "into": f"#{other.number}"}
    )
    answer = await editor.get(f"/p/{record.number}")
    assert answer.headers["location"] == f"/p/{other.number}"
    assert record.claim in now(store, other.number).variants


def answered_through(store, clock, record, text):
    """Somebody was told this about their message."""
    with store.work() as work:
        person = work.contacts.at(Address("fake", "bot", "budi"), clock()).id
        work.questions.note(Submission("s1", person, text, Outcome.ANSWERED, clock()))
        work.people.tell(Told(person, record.number, 1, clock(), "s1"))


async def test_a_wording_is_removed_once_it_is_seen_whom_it_answered(editor, record, store, clock):
    answered_through(store, clock, record, "Eh, katanya begitu")
    here, sent = f"/desk/facts/{record.number}/variants/drop", {"text": "Katanya begitu"}
    page = (await editor.post(here, data=sent)).text
    assert f"1 orang pernah dijawab dengan nomor {record.number}" in page
    assert now(store, record.number).variants == ("Katanya begitu",)
    answer = await editor.post(here, data={**sent, "sure": "yes"})
    assert answer.headers["location"].endswith("?done=dropped")
    assert now(store, record.number).variants == ()
    with store.work() as work:
        job = work.job_table.claim(clock() + UNDO)
    assert (job.task, job.payload["wordings"]) == ("tell_mistaken", ["Katanya begitu"])


async def test_a_wording_removed_by_mistake_is_put_back(editor, record, store, clock):
    here = f"/desk/facts/{record.number}/variants"
    await editor.post(f"{here}/drop", data={"text": "Katanya begitu", "sure": "yes"})
    clock.forward(seconds=10)
    assert "Kembalikan (masih 20 detik)" in (await editor.get(here[:-9])).text
    await editor.post(f"{here}/back")
    assert now(store, record.number).variants == ("Katanya begitu",)
    assert "Kembalikan (" not in (await editor.get(here[:-9])).text
    assert (await editor.post(f"{here}/back")).status_code == 303
    await editor.post(f"{here}/drop", data={"text": "Katanya begitu", "sure": "yes"})
    clock.forward(seconds=31)
    late = await editor.post(f"{here}/back")
    assert (late.status_code, "Sudah lewat 30 detik" in late.text) == (409, True)
    assert now(store, record.number).variants == ()


async def test_a_wording_that_is_not_there_is_no_deed(editor, record, store):
    here = f"/desk/facts/{record.number}/variants/drop"
    unknown = await editor.post("/desk/facts/99/variants/drop", data={"text": "x"})
    assert unknown.status_code == 404
    sent = {"text": "x", "sure": "yes"}
    assert (await editor.post(here, data=sent)).status_code == 303
    with store.read() as work:
        assert "drop variant" not in [entry.action for entry in entries(work)]


async def test_the_public_page_tells_who_by_role_when_and_why(editor, record, store):
    await editor.post(f"/desk/facts/{record.number}/revise", data=form(record, verdict="partly"))
    page = (await editor.get(f"/p/{record.number}")).text
    assert "Ada data baru." in page
    assert "dewi" not in page
    assert "editor" in page.lower()


async def test_progress_of_a_correction_is_shown(editor, record, store, clock):
    with store.work() as work:
        for name in ("ani", "budi"):
            person = work.contacts.at(Address("fake", "bot", name), clock())
            work.people.tell(Told(person.id, record.number, 1, clock()))
        work.facts.save(replace(record, fact="Lain."), "dewi", "diperjelas")
        work.people.tell(Told(person.id, record.number, 2, clock()))
    page = (await editor.get(f"/desk/facts/{record.number}")).text
    assert 'data-told="1/2"' in page


async def test_a_moderator_revises_but_does_not_withdraw(enter, record):
    moderator = await enter("ani", Role.MODERATOR)
    page = await moderator.get(f"/desk/facts/{record.number}")
    assert "/revise" in page.text
    assert "/retract" not in page.text
    answer = await moderator.post(
        f"/desk/facts/{record.number}/retract", data={"version": "1", "reason": "x"}
    )
    assert answer.status_code == 403


async def test_hostile_words_stay_words(editor, record, store):
    with store.work() as work:
        work.facts.save(replace(record, fact=HOSTILE, explanation=HOSTILE), "dewi", HOSTILE)
        work.facts.add_variant(record.number, HOSTILE, "dewi")
    for path in (f"/desk/facts/{record.number}", "/desk/facts", f"/p/{record.number}"):
        page = (await editor.get(path)).text
        assert not re.search(r"<(img|script)[^>]*(onerror|>alert)", page)


# ── import ──────────────────────────────────────────────────────────────────────────────────


async def send(editor, text, do="preview"):
    files = {"file": ("kpu.csv", text.encode(), "text/csv")}
    return await editor.post("/desk/import", files=files, data={"do": do})


async def test_a_preview_writes_nothing(editor, store):
    answer = await send(
        editor, CSV.format(id="x1", claim="Klaim baru", verdict="salah") + "x2,,?,\n"
    )
    assert "menambah 1" in answer.text
    assert now(store, 1) is None
    done = await send(editor, CSV.format(id="x1", claim="Klaim baru", verdict="salah"), "import")
    assert "Ditambah 1" in done.text
    assert now(store, 1).claim == "Klaim baru"


async def test_an_import_that_turns_verdicts_waits_for_a_second_person(
    editor, enter, record, store
):
    await enter("budi", Role.EDITOR)
    text = CSV.format(id=record.identity, claim=record.claim, verdict="benar")
    preview = await send(editor, text)
    assert "Impor akan menunggu orang kedua" in preview.text
    held = await send(editor, text, "import")
    assert "/desk/review/" in held.text
    assert now(store, record.number).verdict is Verdict.FALSE


async def test_a_record_the_store_refuses_is_named_with_its_row(editor):
    text = CSV.format(id="x1", claim="Klaim baru", verdict="salah")
    answer = await send(editor, text + "x2,Klaim lain,salah,ftp://kpu.example/b\n")
    assert (answer.status_code, "1 tidak bisa dipakai" in answer.text) == (200, True)
    assert "ftp://kpu.example/b" in answer.text
    assert "Baris 3: Perlu sedikitnya satu sumber" in answer.text


async def test_a_file_that_is_too_large_says_what_to_do(editor):
    answer = await send(editor, "x" * (1024 * 1024 + 1))
    assert (answer.status_code, "saring import" in answer.text) == (413, True)


async def test_a_file_nobody_can_read_is_named(editor):
    assert (await editor.post("/desk/import", data={"do": "import"})).status_code == 422
    files = {"file": ("x.pdf", b"%PDF", "application/pdf")}
    assert (await editor.post("/desk/import", files=files)).status_code == 422


async def test_the_form_shows_the_reply_on_both_messengers_while_it_is_written(
    editor, record, store
):
    page = (await editor.get(f"/desk/facts/{record.number}")).text
    assert ('class="wall telegram"' in page, 'class="wall whatsapp"' in page) == (True, True)
    sent = form(record, fact=f"Kalimat baru {HOSTILE}", verdict="partly")
    shown = (await editor.post(f"/desk/facts/{record.number}/preview", data=sent)).text
    assert shown.count("Kalimat baru") >= 2
    assert shown.count(f"/p/{record.number}<") == 2
    assert "<img" not in shown
    assert now(store, record.number).version == 1
    nothing = await editor.post(f"/desk/facts/{record.number}/preview", data={"date_1": "kemarin"})
    assert (nothing.status_code, "wall telegram" in nothing.text) == (200, False)


async def test_the_form_shows_the_correction_where_somebody_was_told(editor, record, store, clock):
    sent = form(record, fact="Kalimat baru.", verdict="partly", reason="Ada data baru.")
    address = f"/desk/facts/{record.number}/preview"
    assert "sudah diberi tahu" not in (await editor.post(address, data=sent)).text
    with store.work() as work:
        person = work.contacts.at(Address("fake", "bot", "budi"), clock())
        work.people.tell(Told(person.id, record.number, 1, clock()))
    shown = (await editor.post(address, data=sent)).text
    assert "Yang dibaca orang yang sudah diberi tahu" in shown
    assert "Ada data baru." in shown
    same = (await editor.post(address, data=form(record))).text
    assert "sudah diberi tahu" not in same


async def test_a_preview_names_the_topics_nobody_knows(editor):
    row = "{},SALAH,https://a.example/{},{}\n"
    body = "claim,verdict,sources,topic\n" + row.format("Satu", 1, "kuliner")
    body += row.format("Dua", 2, "pemilu")
    files = {"file": ("topics.csv", body.encode())}
    page = (await editor.post("/desk/import", files=files, data={"do": "preview"})).text
    assert "Topik yang tidak dikenal: kuliner." in page


async def test_a_preview_names_publishers_nobody_has_listed_and_refuses_stolen_names(editor):
    def review(name: str, url: str) -> dict:
        rating = {"alternateName": "Salah"}
        return {
            "claimReviewed": "x y z",
            "url": url,
            "author": {"name": name},
            "reviewRating": rating,
        }

    feed = [
        review("Redaksi Seruni", "https://seruni.example/1"),
        review("AFP", "https://evil.example/2"),
    ]
    files = {"file": ("feed.json", json.dumps(feed).encode())}
    page = (await editor.post("/desk/import", files=files, data={"do": "preview"})).text
    assert "tidak ada di daftar kami: Redaksi Seruni." in page
    assert "tidak menerbitkan di alamat itu" in page
    assert "evil.example" in page


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.txt", b"x", "Berkas jenis ini tidak dibaca"),
        ("a.csv", b"\xff\xfe\x00", "bukan teks UTF-8"),
        ("a.csv", b"judul,hasil\nx,y\n", "Baris pertama harus menyebut nama kolom"),
        ("a.xlsx", b"junk", "tidak bisa dibaca sebagai lembar kerja"),
        ("a.json", b"{", "tidak bisa dibaca sebagai JSON"),
        ("a.json", b"{}", "Tidak ada ClaimReview"),
    ],
)
async def test_a_file_nobody_can_read_is_refused_in_the_words_of_the_page(
    editor, name, body, words
):
    files = {"file": (name, body)}
    page = await editor.post("/desk/import", files=files, data={"do": "preview"})
    assert page.status_code == 422
    assert words in page.text


async def test_rows_that_cannot_be_used_are_named_in_the_words_of_the_page(editor):
    lines = (
        "claim,verdict,sources,id", "Satu,HOAKSS?,https://a.example/1,a",
        "Dua,SALAH,https://a.example/2,b", "Tiga,SALAH,https://a.example/3,b",
        f"Empat,SALAH,https://a.example/4,{'x' * 20_001}", "Lima,SALAH,https://a.example/5,c,d,e",
    )  # fmt: skip
    files = {"file": ("rows.csv", "\n".join(lines).encode())}
    page = (await editor.post("/desk/import", files=files, data={"do": "preview"})).text
    for words in ("“HOAKSS?”", "Pengenal (id) ini sudah ada", "Kolom id", "selnya lebih banyak"):
        assert words in page, words
    for words in ("known label", "already stands", "longer than", "more cells"):
        assert words not in page, words
