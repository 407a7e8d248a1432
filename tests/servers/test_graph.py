"""Is the fake strict, and is what it emits what other readers expect? It must not judge itself."""

from __future__ import annotations

import json
import sys
from typing import Any

import httpx
import pytest
import pywa
from pywa import types

from tests.conftest import SHARED
from tests.servers.graph import DAY, TOKEN, FakeGraph, Person
from tests.servers.graph_rules import MB, Refused, Template, check_file

NUMBER = FakeGraph.number_id


@pytest.fixture
def fake() -> FakeGraph:
    return FakeGraph()


@pytest.fixture
def sari(fake: FakeGraph) -> Person:
    person = fake.person("Sari", number="6281234567890", bsuid="ID.7719228840172635")
    person.sends("Halo")
    return person


async def post(fake: FakeGraph, body: Any, token: str = TOKEN) -> tuple[int, int]:
    """Status and error code of one send."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(transport=fake.transport(), base_url=fake.url) as client:
        answer = await client.post(f"/v25.0/{NUMBER}/messages", json=body, headers=headers)
    return answer.status_code, answer.json().get("error", {}).get("code", 0)


def text(**changes: Any) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "6281234567890",
        "type": "text",
        "text": {"body": "Halo"},
    } | changes


def of(kind: str, content: Any) -> dict[str, Any]:
    return {key: part for key, part in text(type=kind).items() if key != "text"} | {kind: content}


def interactive(kind: str, action: dict[str, Any], words: str = "x") -> dict[str, Any]:
    content = {"type": kind, "body": {"text": words}, "action": action}
    return (
        text(type="interactive", interactive=content) | {"text": {}}
        if False
        else {
            key: part
            for key, part in text(type="interactive", interactive=content).items()
            if key != "text"
        }
    )


def buttons(*titles: str) -> dict[str, Any]:
    replies = [
        {"type": "reply", "reply": {"id": f"b{n}", "title": title}}
        for n, title in enumerate(titles)
    ]
    return interactive("button", {"buttons": replies})


def rows(count: int, **changes: str) -> dict[str, Any]:
    listed = [{"id": f"r{n}", "title": "Baris"} | changes for n in range(count)]
    return interactive("list", {"button": "Menu", "sections": [{"rows": listed}]})


REFUSED = [
    (text(messaging_product="telegram"), 100),
    (of("hologram", {}), 131009),
    (text(text={"body": ""}), 131008),
    (text(text={"body": "x" * 4097}), 100),
    (text(text={"body": "😀" * 2049}), 100),
    (text(nonsense=1), 100),
    (text(recipient="ID.7719228840172635"), 100),
    (text(to="+62 812"), 100),
    (text(to="6280000000000"), 131026),
    (text(context={"message_id": "wamid.unknown"}), 131009),
    (text(biz_opaque_callback_data="x" * 513), 100),
    (buttons("1", "2", "3", "4"), 131009),
    (buttons("x" * 21), 100),
    (buttons(""), 131008),
    (rows(11), 131009),
    (rows(1, title="x" * 25), 100),
    (rows(1, description="x" * 73), 100),
    (rows(2, id="same"), 131009),
    (interactive("button", {"buttons": []}), 131008),
    (interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": "x", "url": "ftp://x"}}), 131009),
    (interactive("button", {"buttons": [{"reply": {"id": "a", "title": "A"}}]}, "x" * 1025), 100),
    ({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.ours"}, 100),
    ("not an object", 100),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code"), REFUSED)
async def test_it_refuses_what_the_cloud_api_refuses(
    fake: FakeGraph, sari: Person, body: Any, code: int
) -> None:
    assert await post(fake, body) == (400, code)
    assert fake.billable == 0


@pytest.mark.parametrize(
    "body",
    [
        text(),
        text(text={"body": "x" * 4096}),
        buttons("x" * 20, "b"),
        rows(10, description="d" * 72),
    ],
)
async def test_it_takes_what_stays_within_the_limits(
    fake: FakeGraph, sari: Person, body: Any
) -> None:
    assert (await post(fake, body))[0] == 200
    assert fake.billable == 1


async def test_without_the_right_token_nothing_is_taken(fake: FakeGraph, sari: Person) -> None:
    assert await post(fake, text(), token="") == (401, 190)
    assert await post(fake, text(), token="EAAwrong") == (401, 190)


async def test_the_window_closes_after_exactly_a_day(fake: FakeGraph, sari: Person) -> None:
    fake.passes(DAY - 1)
    assert (await post(fake, text()))[0] == 200
    fake.passes(1)
    assert await post(fake, text()) == (400, 131047)
    sari.sends("masih di sini")
    assert (await post(fake, text()))[0] == 200


async def test_one_person_gets_a_burst_that_is_paid_back(sari: Person) -> None:
    fake = sari.fake
    fake.paced, fake.pair_burst = True, 3
    codes = [(await post(fake, text()))[1] for _ in range(4)]
    assert codes == [0, 0, 0, 131056]
    fake.passes(6)
    assert [(await post(fake, text()))[1] for _ in range(2)] == [0, 131056]


async def test_the_whole_number_has_a_limit_too(fake: FakeGraph) -> None:
    fake.paced, fake.per_second = True, 2
    people = [fake.person(f"P{n}", number=f"62811000000{n}") for n in range(3)]
    for person in people:
        person.sends("x")
    answers = [await post(fake, text(to=person.number)) for person in people]
    assert answers[-1] == (429, 130429)


def template(*values: Any, **changes: Any) -> dict[str, Any]:
    """saring_result with these values."""
    parameters = [{"type": "text", "text": value} for value in values]
    content = {
        "name": "saring_result",
        "language": {"code": "id"},
        "components": [{"type": "body", "parameters": parameters}],
    }
    return of("template", content | changes)


def quick_reply(index: str, payload: str = "show") -> dict[str, Any]:
    parameters = [{"type": "payload", "payload": payload}]
    kind = {"type": "button", "sub_type": "quick_reply", "index": index}
    return template("7F3K", components=[BODY, kind | {"parameters": parameters}])


BODY = {"type": "body", "parameters": [{"type": "text", "text": "7F3K"}]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (template(), 132000),
        (template("7F3K", "too many"), 132000),
        (template(" "), 132008),
        (template("two\nlines"), 132012),
        (template("a     b"), 132012),
        (template("x" * 1000), 132005),
        (template("7F3K", language={"code": "jv"}), 132001),
        (template("7F3K", name="saring_unheard_of"), 132001),
        (template("7F3K", header="x"), 100),
        (template("7F3K", components=[BODY, {"type": "header", "parameters": []}]), 132012),
        (quick_reply("2"), 131009),
        (quick_reply("0", "x" * 129), 100),
        (of("image", {"id": "1", "link": "https://x.example/a.png"}), 131009),
        (of("image", {"id": "4711"}), 131053),
        (of("image", {"link": "https://x.example/a.png", "caption": "x" * 1025}), 100),
        (of("audio", {"link": "https://x.example/a.ogg", "caption": "x"}), 100),
    ],
)
async def test_it_refuses_templates_and_files_that_are_not_as_approved(
    fake: FakeGraph, sari: Person, body: Any, code: int
) -> None:
    assert await post(fake, body) == (400, code)
    assert (await post(fake, quick_reply("1")))[0] == 200


async def test_only_so_many_people_a_day_hear_of_us_unasked(fake: FakeGraph) -> None:
    fake.tier = 2
    people = [fake.person(f"P{n}", number=f"62811000000{n}") for n in range(3)]
    answers = [await post(fake, template("7F3K") | {"to": one.number}) for one in people]
    assert [code for _, code in answers] == [0, 0, 131048]
    assert (await post(fake, template("9C2D") | {"to": people[0].number}))[0] == 200
    people[2].sends("halo")
    assert (await post(fake, text(to=people[2].number)))[0] == 200
    fake.passes(DAY)
    people[2].last_wrote = None
    assert (await post(fake, template("7F3K") | {"to": people[2].number}))[0] == 200


async def test_a_kind_may_not_go_to_a_user_id(fake: FakeGraph) -> None:
    fake.templates["saring_result"] = Template(to_user_ids=False)
    ayu = fake.person("Ayu", bsuid="ID.5501827364550918", hidden=True)
    body = {key: part for key, part in template("7F3K").items() if key != "to"}
    assert await post(fake, body | {"recipient": ayu.bsuid}) == (400, 131062)


@pytest.mark.parametrize(
    ("mime", "size", "taken"),
    [
        ("image/jpeg", 5 * MB, True),
        ("image/jpeg", 5 * MB + 1, False),
        ("image/gif", 10, False),
        ("audio/ogg; codecs=opus", 16 * MB, True),
        ("video/mp4", 16 * MB + 1, False),
        ("image/webp", 500 * 1024 + 1, False),
        ("application/pdf", 17 * MB, True),
    ],
)
def test_files_have_a_size_for_each_kind(mime: str, size: int, taken: bool) -> None:
    if taken:
        check_file(mime, size)
        return
    with pytest.raises(Refused):
        check_file(mime, size)


@pytest.mark.parametrize(("mime", "status"), [("image/png", 200), ("image/gif", 400)])
async def test_a_file_is_looked_at_when_it_is_uploaded(
    fake: FakeGraph, mime: str, status: int
) -> None:
    form = {"messaging_product": "whatsapp", "type": mime}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=fake.transport(), base_url=fake.url) as client:
        files = {"file": ("a", b"x", mime)}
        path = f"/v25.0/{NUMBER}/media"
        answer = await client.post(path, data=form, files=files, headers=headers)
    assert answer.status_code == status


def test_people_cannot_send_what_whatsapp_does_not_carry(sari: Person) -> None:
    sari.sends_file("sticker", b"x" * 200_000, "image/webp", animated=True)
    for kind, size in (("sticker", 200_000), ("image", 5 * MB + 1)):
        with pytest.raises(ValueError, match="lets nobody send"):
            sari.sends_file(kind, b"x" * size)


async def test_a_scheduled_fault_comes_before_or_after_acting(
    fake: FakeGraph, sari: Person
) -> None:
    fake.fails(131000)
    fake.fails(131000, after=True)
    assert await post(fake, text()) == (500, 131000)
    assert fake.sent_to(sari) == []
    assert await post(fake, text()) == (500, 131000)
    assert len(fake.sent_to(sari)) == 1


async def test_what_is_not_acknowledged_comes_again_and_later_each_time(
    fake: FakeGraph, sari: Person
) -> None:
    bodies: list[bytes] = []

    async def refuse(headers: dict[str, str], body: bytes) -> int:
        bodies.append(body)
        return 503

    began = fake.now()
    await fake.push(refuse, tries=3)
    assert len(bodies) == 3
    assert len(set(bodies)) == 1
    assert fake.now() - began == 70


def everything(fake: FakeGraph, sari: Person) -> None:
    """One of each kind of thing a person with number and user id can do."""
    sari.sends("Apa kabar? 😀")
    sari.forwards("Sebarkan!", many=True)
    asked = sari.forwards("Sebarkan!")
    for kind, mime in [("image", "image/jpeg"), ("video", "video/mp4"), ("sticker", "image/webp")]:
        sari.sends_file(kind, mime=mime, **({"animated": False} if kind == "sticker" else {}))
    sari.sends_file("audio", mime="audio/ogg", voice=True)
    sari.sends_file("document", mime="application/pdf", filename="surat.pdf")
    sari.does("location", {"latitude": -6.2, "longitude": 106.8, "name": "TPS", "address": "Jl."})
    sari.edits(asked, "Maksud saya")
    sari.revokes(asked)


async def answered(fake: FakeGraph, sari: Person) -> None:
    """Our messages, and what people and the platform do with them."""
    await post(fake, buttons("Ya", "Tidak"))
    sari.presses("Ya")
    await post(fake, rows(4))
    sari.presses("Baris")
    sent = fake.last_to(sari)
    sari.replies_to(sent, "Terima kasih")
    sari.reacts(sent, "👍")
    for status in ("sent", "delivered", "read"):
        fake.progresses(sent, status)
    fake.progresses(sent, "failed", code=131026)


def reader(payload: dict[str, Any]) -> Any:
    value = payload["entry"][0]["changes"][0]["value"]
    if "statuses" in value:
        return types.MessageStatus
    content = value["messages"][0]
    if content["type"] == "interactive":
        chosen = content["interactive"]["type"]
        return types.CallbackButton if chosen == "button_reply" else types.CallbackSelection
    special = {"edit": types.EditedMessage, "revoke": types.DeletedMessage}
    return special.get(content["type"], types.Message)


async def test_pywa_reads_everything_the_fake_emits(fake: FakeGraph, sari: Person) -> None:
    everything(fake, sari)
    await answered(fake, sari)
    client = pywa.WhatsApp(phone_id=NUMBER, token=TOKEN)
    payloads = fake.payloads()
    for payload in payloads:
        found = reader(payload).from_update(client, payload)
        assert found.metadata.phone_number_id == NUMBER
    assert len(payloads) > 15


def test_pywa_agrees_with_our_signatures(fake: FakeGraph, sari: Person) -> None:
    from pywa.utils import webhook_updates_validator

    sari.sends("é 😀 /")
    for payload in fake.payloads():
        headers, body = fake.signed(payload)
        signature = headers["X-Hub-Signature-256"]
        assert webhook_updates_validator(fake.secret, body, signature)
        assert json.loads(body) == payload


# What Meta's own description does not know: edits, revocations, failed statuses' short errors.
UNDESCRIBED = {"edit", "revoke", "location"}


@pytest.mark.shared
async def test_metas_description_knows_what_goes_in_and_out(fake: FakeGraph, sari: Person) -> None:
    sys.path.insert(0, str(SHARED / "validators"))
    try:
        import wa_openapi  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    everything(fake, sari)
    await answered(fake, sari)
    for payload in fake.payloads():
        messages = payload["entry"][0]["changes"][0]["value"].get("messages", [{"type": ""}])
        if messages[0]["type"] not in UNDESCRIBED:
            problems = [problem.message[:200] for problem in wa_openapi.incoming(payload)]
            assert problems == [], messages[0]
    for call in fake.calls:
        assert wa_openapi.outgoing(call) == []
