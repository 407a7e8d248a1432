"""The queue and the work on a question, on the real store: order, filters, events, splits."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.places import Places
from bot.web.case_view import BARS, growth
from bot.web.desk_queue import stream
from bot.web.limits import Limiter
from bot.web.services import Limits
from knowledge_base.facts import Address, Outcome, Role, Submission


@pytest.fixture
def ask(store, clock):
    def send(text, who="1", channel="telegram", same_as="", media=()):
        with store.work() as work:
            person = work.contacts.at(Address(channel, "main", who), clock())
            sent = Submission(
                f"{who}x{len(text)}", person.id, text, Outcome.QUEUED, clock(), media=media
            )
            return work.questions.ask(sent, same_as=same_as)

    return send


async def test_a_card_says_why_it_stands_there_as_soon_as_its_place_is_known(
    enter, ask, store, clock
):
    for who in "123":
        ask("Katanya TPS di Melati tutup pukul sepuluh", who)
    desk = await enter("ani", Role.MODERATOR)
    assert await Places(store, clock).step() == 1
    assert await Places(store, clock).step() == 0
    page = (await desk.get("/desk")).text
    assert "3 penanya" in page
    assert "tentang pemilu" in page
    assert "ditanya 3× dalam satu jam" in page


async def test_filters_and_views_keep_only_what_fits(enter, ask):
    one, two = ask("jembatan ditutup", channel="whatsapp"), ask("pasar pindah", who="2")
    desk = await enter("ani", Role.MODERATOR)
    page = (await desk.get("/desk/cards?channel=whatsapp")).text
    assert f"card-{one.code}" in page
    assert f"card-{two.code}" not in page
    assert f"card-{two.code}" in (await desk.get("/desk/cards?text=PASAR")).text
    saved = await desk.post("/desk/views", data={"name": "<b>WA", "channel": "whatsapp"})
    assert saved.headers["location"] == "/desk?channel=whatsapp"
    assert "&lt;b&gt;WA" in (await desk.get("/desk")).text
    assert 'aria-current="page"' in (await desk.get("/desk?channel=whatsapp")).text
    assert (await desk.post("/desk/views", data={"name": ""})).status_code == 422
    assert (await desk.get("/desk?state=x&hours=9e9&topic=%00&lang_of=xx")).status_code == 200


async def test_a_new_question_is_told_to_an_open_page(enter, ask, at_desk, store, clock):
    desk = await enter("ani", Role.MODERATOR)
    token = desk.cookies["saring_desk"]
    with store.read() as work:
        me, seen = work.desk.by_name("ani"), work.queue.pulse()
    events = stream(at_desk, me, token, seen)
    assert "retry" in await anext(events)
    ask("jembatan ditutup")
    assert "event: changed" in await anext(events)
    with store.work() as work:
        work.desk.end(token)
    at_desk.hub.tell(f"desk/{me.id}")
    assert "event: ended" in await anext(events)


async def test_what_somebody_took_is_shown_to_the_others_and_handed_over(enter, ask, clock):
    code = ask("jembatan ditutup").code
    ani, budi = await enter("ani", Role.MODERATOR), await enter("budi", Role.MODERATOR)
    assert (await ani.post(f"/desk/q/{code}/take")).status_code == 303
    assert "Diambil ani" in (await budi.get("/desk")).text
    assert (await budi.post(f"/desk/q/{code}/take")).status_code == 422
    clock.forward(minutes=29)
    assert "Anda ambil" in (await ani.post(f"/desk/q/{code}/alive")).text
    assert (await budi.get("/desk")).status_code == 200
    clock.forward(minutes=20)
    given = await ani.post(f"/desk/q/{code}/hand", data={"to": "budi"})
    assert given.status_code == 303
    page = (await budi.get("/desk")).text
    assert "Anda ambil" in page
    assert "Anda disebut di sini" in page
    await budi.post(f"/desk/q/{code}/seen")
    assert "Anda disebut di sini" not in (await budi.get("/desk")).text
    clock.forward(minutes=25)
    await budi.get("/desk")
    clock.forward(minutes=6)
    assert "Diambil" not in (await budi.get("/desk/cards")).text


async def test_cards_renewed_for_all_show_everybody_their_own_and_what_was_just_done(enter, ask):
    code = ask("jembatan ditutup").code
    ani, budi = await enter("ani", Role.MODERATOR), await enter("budi", Role.MODERATOR)
    shown = [(await desk.get("/desk/cards")).text for desk in (ani, budi)]
    assert shown[0] == shown[1]
    assert "Diambil" not in shown[0]
    await ani.post(f"/desk/q/{code}/take")
    assert "Anda ambil" in (await ani.get("/desk/cards")).text
    assert "Diambil ani" in (await budi.get("/desk/cards")).text
    assert f"card-{code}" in (await ani.get("/desk/cards?state=mine")).text
    assert f"card-{code}" not in (await budi.get("/desk/cards?state=mine")).text
    english = await budi.get("/desk/cards?lang=en")
    assert "Taken by ani" in english.text
    assert english.headers["content-language"] == "en"


async def test_comments_name_people_and_carry_no_code(enter, ask):
    code = ask("jembatan ditutup").code
    ani, budi = await enter("ani", Role.MODERATOR), await enter("budi", Role.MODERATOR)
    said = {"comment": "@Budi <script>alert(1)</script> lihat ini"}
    assert (await ani.post(f"/desk/q/{code}/comment", data=said)).status_code == 303
    for page in ((await budi.get("/desk")).text, (await budi.get(f"/desk/q/{code}")).text):
        assert "&lt;script&gt;alert(1)" in page
    assert "Anda disebut" not in (await ani.get("/desk")).text


async def test_who_opens_questions_by_the_hundred_is_stopped_and_noted(
    enter, ask, at_desk, store, clock
):
    code = ask("jembatan ditutup").code
    few = replace(at_desk, limits=Limits(questions=Limiter(2, timedelta(hours=1))))
    ani = await enter("ani", Role.MODERATOR, few)
    pages = [await ani.get(f"/desk/q/{code}") for _ in range(5)]
    assert [page.status_code for page in pages] == [200, 200, 429, 429, 429]
    assert int(pages[-1].headers["retry-after"]) > 0
    assert (await ani.get("/desk/cards")).status_code == 200
    edo = await enter("edo", Role.EDITOR, few)
    assert (await edo.get(f"/desk/q/{code}")).status_code == 200
    with store.read() as work:
        noted = [entry.action for entry in work.audit.about("moderator/ani")]
    assert noted.count("questions.copied") == 1


async def test_wordings_are_split_off_and_merged_again(enter, ask, store):
    asked = ask("jembatan ditutup")
    ask("sekolah diliburkan besok", who="2", same_as=asked.code)
    desk = await enter("ani", Role.MODERATOR)
    with store.read() as work:
        version = work.questions.get(asked.code).version
        chosen = [w.id for w in work.cases.wordings(asked.code) if "sekolah" in w.text]
    form = {"version": version, "wording": chosen}
    assert (await desk.post(f"/desk/q/{asked.code}/split", data=form)).status_code == 303
    assert (await desk.post(f"/desk/q/{asked.code}/split", data=form)).status_code == 422
    with store.read() as work:
        new = next(q for q in work.questions.open() if q.code != asked.code)
        assert (new.text, new.askers) == ("sekolah diliburkan besok", 1)
    for here, there in ((asked.code, new.code), (new.code, asked.code)):
        page = (await desk.get(f"/desk/q/{here}")).text
        assert f'<a href="/desk/q/{there}">#{there}</a>' in page.split('class="small log"')[1]
    form = {"version": new.version, "into": asked.code}
    assert (await desk.post(f"/desk/q/{new.code}/join", data=form)).status_code == 303
    with store.read() as work:
        assert work.questions.get(asked.code).askers == 2
        actions = [entry.action for entry in work.audit.about(f"question/{asked.code}")]
    assert "split" in actions


@pytest.mark.parametrize("kind", ["spam", "not_a_claim"])
async def test_spam_and_what_is_no_claim_are_closed_politely(enter, ask, store, kind):
    asked = ask("PROMO murah klik sekarang")
    desk = await enter("ani", Role.MODERATOR)
    form = {"version": asked.version, "kind": kind}
    assert (await desk.post(f"/desk/q/{asked.code}/close", data={"kind": "x"})).status_code == 422
    assert (await desk.post(f"/desk/q/{asked.code}/close", data=form)).status_code == 303
    with store.read() as work:
        closed = work.questions.get(asked.code)
        last = work.audit.about(f"question/{asked.code}", 1)[0]
    assert closed.state == "rejected"
    assert "spam" not in closed.reason.lower()
    assert last.action == f"closed as {kind.replace('_', ' ')}"


async def test_an_escalation_is_settled_by_an_editor_only(enter, ask, at_desk):
    code = ask("jembatan ditutup").code
    ani, edo = await enter("ani", Role.MODERATOR), await enter("edo", Role.EDITOR)
    assert (
        await ani.post(f"/desk/q/{code}/escalate", data={"reason": "sensitif"})
    ).status_code == 303
    assert f"card-{code}" in (await edo.get("/desk/cards?state=escalated")).text
    assert "1 pertanyaan meminta editor melihat" in (await edo.get("/desk")).text
    assert "meminta editor melihat</a>" not in (await ani.get("/desk")).text
    assert (await ani.post(f"/desk/q/{code}/calm")).status_code == 403
    assert (await edo.post(f"/desk/q/{code}/calm")).status_code == 303
    assert f"card-{code}" not in (await edo.get("/desk/cards?state=escalated")).text


async def test_hand_over_is_offered_to_who_has_it_and_names_who_could_go_on(enter, ask):
    code = ask("jembatan ditutup").code
    ani, budi = await enter("ani", Role.MODERATOR), await enter("budi", Role.MODERATOR)
    edo = await enter("edo", Role.EDITOR)
    await enter("rara", Role.READER)
    await ani.post(f"/desk/q/{code}/take")
    page = f"/desk/q/{code}"
    assert offered((await ani.get(page)).text) == ["budi", "edo"]
    assert offered((await budi.get(page)).text) == []
    assert offered((await edo.get(page)).text) == ["budi"]
    assert "@rara" in (await ani.get(page)).text


def offered(page):
    """Whom the hand-over of this page offers."""
    return re.findall(r"<option>(.*?)</option>", page)


async def test_what_came_with_a_question_is_noted_by_kind_and_time(enter, ask, clock):
    code = ask("jembatan ditutup", media=("image", "image", "voice")).code
    clock.forward(hours=2)
    ask("jembatan ditutup", who="2", same_as=code, media=("image", "a new kind"))
    page = (await (await enter("ani", Role.MODERATOR)).get(f"/desk/q/{code}")).text
    assert "3 gambar" in page
    assert "1 pesan suara" in page
    assert "1 lampiran lain" in page
    assert "Isinya tidak disimpan" in page


async def test_a_reader_is_offered_nothing_to_press(enter, ask):
    code = ask("jembatan ditutup").code
    page = (await (await enter("rara", Role.READER)).get(f"/desk/q/{code}")).text
    assert "jembatan ditutup" in page
    assert f'action="/desk/q/{code}' not in page


def test_the_growth_curve_counts_every_asking_once(clock):
    now = clock()
    for days in (0, 1, 3, 40):
        asked = [now - timedelta(days=days) * n / 10 for n in range(11)]
        bars = growth(asked, now)
        assert 1 <= len(bars) <= BARS
        assert sum(bar.count for bar in bars) == 11
        assert all(bar.y >= 0 and bar.y + bar.height == 90 for bar in bars)
    assert growth([], now) == ()
