"""One-time codes: the vectors of RFC 4226 and RFC 6238, each code once, clocks that differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers.factor import STEP, address, base32, good_step, hotp, step_of
from knowledge_base.accounts import CodeKey

SECRET = b"12345678901234567890"  # of both RFCs
NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
HOTP = [
    "755224",
    "287082",
    "359152",
    "969429",
    "338314",
    "254676",
    "287922",
    "162583",
    "399871",
    "520489",
]
TOTP = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_the_vectors_of_rfc_4226(counter, code):
    assert hotp(SECRET, counter) == code


@pytest.mark.parametrize(("seconds", "code"), list(TOTP.items()))
def test_the_vectors_of_rfc_6238(seconds, code):
    then = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert hotp(SECRET, step_of(then), 8) == code


@pytest.mark.parametrize(
    ("off", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_half_a_minute_off(off, good):
    code = hotp(SECRET, step_of(NOW) + off)
    assert (good_step(CodeKey(SECRET), code, NOW) is not None) is good


def test_a_code_is_good_once_and_no_older_one_after_it():
    used = step_of(NOW)
    key = CodeKey(SECRET, used, confirmed=True)
    assert good_step(key, hotp(SECRET, used), NOW) is None
    assert good_step(key, hotp(SECRET, used - 1), NOW) is None
    later = NOW + timedelta(seconds=STEP)
    assert good_step(key, hotp(SECRET, used + 1), later) == used + 1


@pytest.mark.parametrize(
    "text", ["", "12345", "1234567", "abcdef", "１２３４５６", "\ud800", "0" * 4000]
)
def test_anything_else_is_no_code(text):
    assert good_step(CodeKey(SECRET), text, NOW) is None
    assert good_step(CodeKey(SECRET), text + chr(0xD800), NOW) is None


def test_spaces_as_apps_show_them_do_no_harm():
    code = hotp(SECRET, step_of(NOW))
    assert good_step(CodeKey(SECRET), f" {code[:3]} {code[3:]} ", NOW) == step_of(NOW)


def test_the_address_names_us_and_hides_nothing_in_the_name():
    uri = address(SECRET, "Sari & Co/?", "Saring")
    assert uri.startswith("otpauth://totp/Saring%3ASari%20%26%20Co%2F%3F?secret=")
    assert uri.endswith(f"secret={base32(SECRET)}&issuer=Saring")
