"""Each row of the error table leads to its behaviour; nothing Meta wrote reaches a text of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels import ChannelError
from bot.channels.whatsapp.errors import channel_error, seconds_to_wait
from handlers.messages import Block, Outgoing
from tests.bot.channels.whatsapp.conftest import at, number
from tests.servers.graph import TOKEN, FakeGraph, Person
from tests.servers.graph_rules import Refused

DEFAULTS = {
    "permanent": False,
    "everyone": False,
    "gone": False,
    "window_closed": False,
    "stop": False,
    "hold": False,
    "broadcasts": False,
    "opted_out": False,
    "alert": False,
    "tries": None,
}
NEVER = {"permanent": True}
BUG = {"permanent": True, "alert": True}
STOP = {"stop": True, "everyone": True, "alert": True}
HOLD = {"hold": True, "alert": True}
TABLE: dict[int, dict[str, Any]] = {
    code: wanted
    for codes, wanted in [
        ((1, 2, 131000, 131016, 131056), {}),
        ((4, 80007, 130429, 131057), {"everyone": True}),
        ((133016,), {"everyone": True, "alert": True}),
        ((131048,), {"broadcasts": True, "alert": True}),
        ((100, 131008, 131009, 132000, 132008, 132012, 132005, 132007), BUG),
        ((131051, 131021, 131030, 130472, 131049), NEVER),
        ((131026,), NEVER | {"gone": True, "hold": True}),
        ((131050,), NEVER | {"opted_out": True}),
        ((131047,), {"window_closed": True}),
        ((131062,), {"hold": True}),
        ((132001, 132015, 132016, 131063, 131064), HOLD),
        ((133010, 368, 131031, 0, 190, 10, 200, 299, 131042, 131045), STOP),
        ((131052, 131053), {"tries": 1}),
        ((3, 131005, 131037, 130497), BUG),
        ((135000, 987654), {"tries": 2, "alert": True}),
        ((137000, 132068, 138006, 613, 139100, 131020, 131041, 131059, 131215), NEVER),
    ]
    for code in codes
}


def answer(code: int, status: int = 400, **headers: str) -> ChannelError:
    body = Refused(code, "Sari +62 812-3456-7890 pakai " + TOKEN).body()
    return channel_error(status, headers, json.dumps(body).encode())


@pytest.mark.parametrize("code", TABLE)
def test_every_code_leads_to_its_behaviour(code: int) -> None:
    error = answer(code)
    found = {name: getattr(error, name) for name in DEFAULTS}
    assert found == DEFAULTS | TABLE[code]
    assert str(code) in str(error)
    assert "AFakeTrace_1" in str(error)


@pytest.mark.parametrize("code", TABLE)
def test_no_text_repeats_what_the_platform_wrote(code: int) -> None:
    assert TOKEN not in str(answer(code))
    assert "3456" not in str(answer(code))


def test_too_many_to_one_person_waits_six_seconds_for_that_person_alone() -> None:
    error = answer(131056)
    assert error.retry_after is not None
    assert error.retry_after >= 6
    assert not error.everyone


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (500, b"", {}),
        (503, b"<html>busy</html>", {}),
        (502, b'{"error": ', {}),
        (429, b"", {"everyone": True}),
        (401, b"", STOP),
        (403, b"[]", STOP),
        (404, b"{}", BUG),
        (400, b'{"error": {"code": "190"}}', BUG),
        (302, b"", BUG),
    ],
)
def test_an_answer_without_a_code_is_judged_by_its_status(
    status: int, body: bytes, wanted: dict[str, Any]
) -> None:
    error = channel_error(status, {}, body)
    assert {name: getattr(error, name) for name in DEFAULTS} == DEFAULTS | wanted


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"Retry-After": "99999999"}, 3600),
        ({"Retry-After": "²"}, None),
        (
            {
                "Retry-After": "5",
                "X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":2}]}',
            },
            120,
        ),
        ({"X-Business-Use-Case-Usage": "{"}, None),
        ({"X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":"x"}]}'}, None),
    ],
)
def test_the_platforms_own_wait_is_honoured(headers: dict[str, str], seconds: float | None) -> None:
    assert seconds_to_wait(headers) == seconds


def test_a_limit_waits_as_long_as_the_header_asks() -> None:
    assert answer(130429, 429, **{"Retry-After": "30"}).retry_after == 30


def test_a_429_slows_the_whole_number_whatever_its_code() -> None:
    error = answer(131000, 429)
    assert error.everyone
    assert error.retry_after


async def test_a_wrong_or_expired_token_stops_and_is_never_shown(
    fake: FakeGraph, sari: Person
) -> None:
    channel = number(fake)
    fake.expired = True
    with pytest.raises(ChannelError) as caught:
        await channel.send(at(sari), Outgoing("p", blocks=(Block("x"),)))
    assert caught.value.stop
    assert TOKEN not in f"{caught.value!r} {caught.value.__cause__} {caught.value.__context__}"
    await channel.close()
