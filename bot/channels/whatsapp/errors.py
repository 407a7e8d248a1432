"""What the Graph API's refusals mean for a delivery: one table, by code.

Source: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes (2026-05-15);
codes after it from the field. Texts are our own words: Meta's may hold a telephone number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels import ChannelError
from bot.channels.whatsapp.envelope import mapping, mappings, text

PAIR_PAUSE = 6.0  # seconds between two messages to one person
SLOW_DOWN = 5.0
MUCH_LATER = 3600.0
LONGEST_WAIT = 3600.0
OUT_OF_ORDER = 300.0  # seconds until a stopped account is tried again
UNTRUSTED_TRIES = 2
_TRACE = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says, and what to do; the fields are those of ChannelError."""

    words: str
    permanent: bool = False
    retry_after: float | None = None
    everyone: bool = False
    gone: bool = False
    window_closed: bool = False
    stop: bool = False
    hold: bool = False
    broadcasts: bool = False
    opted_out: bool = False
    alert: bool = False
    tries: int | None = None


def _never(words: str, *, alert: bool = False) -> Meaning:
    return Meaning(words, permanent=True, alert=alert)


def _later(words: str, **fields: Any) -> Meaning:
    return Meaning(words, **fields)


def _stop(words: str) -> Meaning:
    return Meaning(words, stop=True, everyone=True, retry_after=OUT_OF_ORDER, alert=True)


def _hold(words: str) -> Meaning:
    return Meaning(words, hold=True, alert=True)


UNKNOWN = Meaning("a code we do not know", tries=UNTRUSTED_TRIES, alert=True)

MEANINGS: Mapping[int, Meaning] = {
    # passing trouble
    1: _later("unknown trouble"),
    2: _later("temporarily not available"),
    131000: _later("something went wrong"),
    131016: _later("the service is not available"),
    131057: _later("the account is being serviced", retry_after=MUCH_LATER, everyone=True),
    # too fast
    4: _later("too many calls of this app", retry_after=SLOW_DOWN, everyone=True),
    80007: _later("too many calls of this account", retry_after=SLOW_DOWN, everyone=True),
    130429: _later("too many messages from this number", retry_after=SLOW_DOWN, everyone=True),
    131056: _later("too many messages to this person", retry_after=PAIR_PAUSE),
    133016: _later("registered too often", retry_after=MUCH_LATER, everyone=True, alert=True),
    131048: _later("held to be spam", retry_after=MUCH_LATER, broadcasts=True, alert=True),
    # never again
    100: _never("a parameter is wrong or the object is gone", alert=True),
    131008: _never("a parameter is missing", alert=True),
    131009: _never("a parameter has a wrong value", alert=True),
    131051: _never("this kind of message is not supported"),
    131021: _never("the recipient is the sender"),
    131030: _never("a test number may only write to the people on its list"),
    131026: Meaning("cannot be delivered to this person", permanent=True, gone=True, hold=True),
    130472: _never("the person is part of an experiment"),
    131049: _never("held back to keep the person from too many messages"),
    131050: Meaning("the person wants no such messages", permanent=True, opted_out=True),
    # the window and the address
    131047: Meaning("more than 24 hours since they last wrote", window_closed=True),
    131062: Meaning("not possible to a user id without a number", hold=True),
    # templates
    132000: _never("the template has another number of values", alert=True),
    132008: _never("a value of the template is wrong", alert=True),
    132012: _never("a value of the template has a wrong form", alert=True),
    132005: _never("the template's text is too long", alert=True),
    132007: _never("the template is against the policy", alert=True),
    132001: _hold("the template does not exist in this language or is not approved"),
    132015: _hold("the template is paused"),
    132016: _hold("the template is disabled"),
    131063: _hold("templates of this kind are disabled"),
    131064: _hold("templates are limited after violations"),
    # the account
    0: _stop("the token is not valid"),
    190: _stop("the token is not valid or has expired"),
    10: _stop("a permission is missing"),
    133010: _stop("the number is not registered"),
    368: _stop("the account is restricted"),
    131031: _stop("the account is locked"),
    131042: _stop("the payment method does not work"),
    131045: _stop("the number's certificate or registration is wrong"),
    3: _never("the app lacks a capability", alert=True),
    131005: _never("access denied", alert=True),
    131037: _never("the display name is not approved", alert=True),
    130497: _never("messages to this country are not allowed", alert=True),
    # media
    131052: _later("the file could not be fetched", tries=1),
    131053: _later("the file could not be uploaded", tries=1),
    135000: UNKNOWN,
    # features that are not used here
    **{
        code: _never("a feature that is not used here")
        for code in (137000, 132068, 132069, 613, 131020, 131041, 131059)
    },
}
_RANGES = (
    (range(200, 300), _stop("a permission is missing")),
    (range(138000, 140000), _never("a feature that is not used here")),
    (range(131200, 131300), _never("a feature that is not used here")),
)


def meaning(code: int) -> Meaning:
    """What a code of the Graph API means; an unknown one is tried twice more, with an alarm."""
    found = MEANINGS.get(code)
    if found is not None:
        return found
    return next((what for codes, what in _RANGES if code in codes), UNKNOWN)


def channel_error(status: int, headers: Mapping[str, str], body: bytes) -> ChannelError:
    """A refusal over HTTP in the words of the seam, without anything the platform wrote."""
    error = mapping(_object(body), "error")
    code = error.get("code")
    trace = text(error, "fbtrace_id")
    suffix = f", trace {trace}" if _TRACE.fullmatch(trace) else ""
    if isinstance(code, int) and not isinstance(code, bool):
        what = meaning(code)
        words = f"WhatsApp {code}: {what.words}{suffix}"
        if status == 429 and not (what.retry_after or what.permanent or what.stop or what.hold):
            what = Meaning(what.words, retry_after=SLOW_DOWN, everyone=True)
    else:
        what = _by_status(status)
        words = f"WhatsApp answered {status}: {what.words}"
    return as_error(words, what, seconds_to_wait(headers))


def as_error(words: str, what: Meaning, seconds: float | None = None) -> ChannelError:
    """The error a meaning stands for; the platform's own wait counts when it is longer."""
    wait = what.retry_after
    if seconds is not None and not what.permanent and not what.hold:
        wait = max(seconds, wait or 0.0)
    return ChannelError(
        words,
        permanent=what.permanent,
        retry_after=wait,
        everyone=what.everyone,
        gone=what.gone,
        window_closed=what.window_closed,
        stop=what.stop,
        hold=what.hold,
        broadcasts=what.broadcasts,
        opted_out=what.opted_out,
        alert=what.alert,
        tries=what.tries,
    )


def _by_status(status: int) -> Meaning:
    if status == 429:
        return _later("too fast", retry_after=SLOW_DOWN, everyone=True)
    if status >= 500:
        return _later("not available")
    if status in {401, 403}:
        return _stop("the token is refused")
    if 300 <= status < 400:
        return _never("another address, which we do not follow", alert=True)
    return _never("refused without a reason", alert=True)


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """What Retry-After (seconds) and X-Business-Use-Case-Usage (minutes) ask for, at most 1 h."""
    lower = {name.lower(): value for name, value in headers.items()}
    wanted: list[float] = []
    plain = lower.get("retry-after", "").strip()
    if plain.isascii() and plain.isdecimal():
        wanted.append(float(plain[:6]))
    usage = _object(lower.get("x-business-use-case-usage", "").encode("utf-8", "replace"))
    for parts in usage.values():
        for part in mappings(parts):
            minutes = part.get("estimated_time_to_regain_access")
            if isinstance(minutes, int) and not isinstance(minutes, bool) and minutes > 0:
                wanted.append(60.0 * min(minutes, 1000))
    return min(LONGEST_WAIT, max(wanted)) if wanted else None


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, Mapping) else {}
