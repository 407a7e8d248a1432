"""Only Meta gets in: the signature covers every bit, the address check gives back digits alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bot.channels.whatsapp.conftest import number
from tests.servers.graph import FakeGraph

DELIVERY = {"object": "whatsapp_business_account", "entry": []}
HEADERS, BODY = FakeGraph().signed(DELIVERY)
HEADER = "X-Hub-Signature-256"
CHANNEL = number()
RIGHT = HEADERS[HEADER]
MAC = RIGHT.removeprefix("sha256=")


def test_accents_and_emoji_are_signed_as_they_are_sent() -> None:
    fake = FakeGraph()
    fake.person("Sari").sends("Kapan? é 😀 https://x.id/a")
    [payload] = fake.payloads()
    headers, body = fake.signed(payload)
    assert body.isascii()
    assert b"\\u00e9" in body
    assert CHANNEL.verify(headers, body)


def test_the_name_of_the_header_may_be_written_in_any_case() -> None:
    assert CHANNEL.verify({HEADER.lower(): RIGHT}, BODY)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: "sha256="},
        {HEADER: MAC},
        {HEADER: f"sha1={MAC}"},
        {HEADER: RIGHT[:-1]},
        {HEADER: RIGHT + "0"},
        {HEADER: RIGHT.upper()},
        {HEADER: f"sha256={MAC.upper()}"},
        {HEADER: f"{RIGHT}, {RIGHT}"},
        {HEADER: f" {RIGHT}"},
        {HEADER: RIGHT, HEADER.lower(): RIGHT},
        {HEADER: f"sha256=é{MAC[1:]}"},
        {HEADER: "sha256=\ud800"},
        {"X-Hub-Signature": RIGHT},
    ],
)
def test_anything_but_the_one_right_header_is_refused(headers: dict[str, str]) -> None:
    assert CHANNEL.verify(headers, BODY) is False


@given(bit=st.integers(0, 8 * len(BODY) - 1))
def test_a_flipped_bit_in_the_body_is_refused(bit: int) -> None:
    forged = bytearray(BODY)
    forged[bit // 8] ^= 1 << (bit % 8)
    assert CHANNEL.verify(HEADERS, BODY)
    assert CHANNEL.verify(HEADERS, bytes(forged)) is False


@given(bit=st.integers(0, 8 * len(RIGHT) - 1))
def test_a_flipped_bit_in_the_mac_is_refused(bit: int) -> None:
    mac = bytearray(RIGHT.encode())
    mac[bit // 8] ^= 1 << (bit % 8)
    assert CHANNEL.verify({HEADER: mac.decode("latin-1")}, BODY) is False


def test_another_apps_secret_opens_nothing() -> None:
    headers, body = FakeGraph(secret="somebody else").signed(DELIVERY)
    assert CHANNEL.verify(headers, body) is False


ASKED = {"hub.mode": "subscribe", "hub.verify_token": "kata-rahasia", "hub.challenge": "1158201444"}


def test_the_address_check_gives_the_challenge_back() -> None:
    assert CHANNEL.handshake(ASKED) == "1158201444"


@pytest.mark.parametrize(
    "change",
    [
        {"hub.mode": "unsubscribe"},
        {"hub.mode": ""},
        {"hub.verify_token": "kata-rahasi"},
        {"hub.verify_token": ""},
        {"hub.verify_token": "kata-rahasia\ud800"},
        {"hub.challenge": ""},
        {"hub.challenge": "<script>1</script>"},
        {"hub.challenge": "1" * 65},
        {"hub.challenge": "١٢٣"},
        {"hub.challenge": "12 3"},
    ],
)
def test_any_other_address_check_is_refused(change: dict[str, str]) -> None:
    assert CHANNEL.handshake(ASKED | change) is None
    assert CHANNEL.handshake({}) is None


@pytest.mark.parametrize("missing", ["app_secret", "verify_token"])
def test_a_number_without_its_secrets_does_not_start(missing: str) -> None:
    with pytest.raises(ValueError, match="needs its token"):
        number(**{missing: ""})
