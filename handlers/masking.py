"""Hide what belongs to a person before a text is kept or seen: numbers, mail, home, plate.

Telephone, identity-card and account numbers, e-mail and postal addresses and plates are replaced
by short marks (decision 16). What a claim is about stays: amounts, dates, years, times, hotlines
of three to five digits. Every pattern is bounded, so the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

NUMBER, MAIL, HOME, PLATE = "[nomor]", "[surel]", "[alamat]", "[pelat]"

_GAP = "[ .()/\u2010-\u2015\u00a0\u00ad\u200b-\u200f\u2060\ufeff-]{0,3}"
_URL = re.compile(r"(?:https?://|www\.)\S+|\b(?:wa\.me|t\.me)/\S+", re.IGNORECASE)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_MOBILE = re.compile(rf"(?<!\d)(?:\+{_GAP})?(?:6{_GAP}2|0){_GAP}8(?:{_GAP}\d){{7,12}}(?!\d)")
_ABROAD = re.compile(rf"\+{_GAP}[1-9](?:{_GAP}\d){{7,14}}(?!\d)")
_LANDLINE = re.compile(r"(?<![\d.,])\(?0[2-9]\d{1,2}\)?[ .-]{0,2}\d{3,4}[ .-]?\d{3,5}(?![\d.,]?\d)")
_IDENTITY = re.compile(
    r"(?<!\d)(?:\d{6}[ .-]\d{6}[ .-]\d{4}|(?:\d{4}[ .-]){3}\d{4}"
    r"|\d{2}\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3})(?!\d)"
)
_DASHED = re.compile(r"(?<![\d.,-])\d{2,6}(?:-\d{2,6}){2,4}(?![\d-])")
_LONG = re.compile(r"(?<!\d)(?<!\d[.,])\d{10,}")
_NAMED = re.compile(
    r"\b(?:no\.?\s?rek|norek|rek(?:ening)?|virtual account|va|nik|ktp|no\.?\s?kk|npwp|otp|pin"
    r"|bca|bni|bri|bsi|mandiri|btn|cimb|danamon|permata|gopay|ovo|dana|shopeepay)\b"
    r"[^\d\n]{0,24}(?P<number>\d(?:[ .-]?\d){5,24})",
    re.IGNORECASE,
)
_HOME = re.compile(
    r"\b(?:jl|jln|jalan|gg|gang|blok|perum(?:ahan)?|komp(?:leks?)?)\b\.?[ ]{1,3}[^\n;]{1,48}?"
    r"\b(?:no|nomor|blok)\b[. ]{0,3}[a-z]{0,2}\d{1,4}[a-z]?\b",
    re.IGNORECASE,
)
_NEIGHBOURS = re.compile(
    r"\brt[. ]{0,3}\d{1,3}(?: ?/ ?(?:rw[. ]{0,3})?|[ ,.-]{1,3}rw[. ]{0,3})\d{1,3}\b", re.IGNORECASE
)
_STREET = re.compile(
    r"(?<!\d)\d{1,4}[a-z]? (?:[A-Z][a-z]{1,20} ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane)\b"
)
_PLATE = re.compile(
    r"\b(?:[ABDEFGHKLMNRSTWZ]|A[ABDEG]|B[ABDEGHKLMNP]|D[ABCDEGHKLMNPRSTW]|E[ABD]|K[BHTU]|P[AB])"
    r"(?: (?!19|20)\d{3,4} |(?!19|20)\d{3,4}|(?:19|20)\d{2})[A-Z]{1,3}\b"
)
_MONEY_BEFORE = re.compile(r"(?:rp|idr|usd|us\$|\$|€|£)[ .]{0,2}$", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?")
_DIGIT = re.compile(r"\d")
_DATE = re.compile(
    r"\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)?\d{2}|(?:19|20)\d{2}-\d{1,2}-\d{1,2}"
    r"|(?:19|20)\d{2}[- ]+(?:19|20)\d{2}"
)
_TIME_FIRST = re.compile(r"\d{1,2}[.:]\d{2}(?!\d)[^\d]{1,3}\d{1,2}[.:]\d{2}(?!\d)")


def _public(text: str, start: int, number: str) -> bool:
    """Is this number what a claim is about: money, a grouped amount, a date, opening hours?"""
    if _MONEY_BEFORE.search(text[max(0, start - 6) : start]):
        return True
    return bool(_GROUPED.fullmatch(number) or _DATE.fullmatch(number) or _TIME_FIRST.match(number))


def _unless_public(match: re.Match[str]) -> str:
    number = match.group()
    return number if _public(match.string, match.start(), number) else NUMBER


def _named(match: re.Match[str]) -> str:
    number, before = match["number"], match.start("number")
    if _public(match.string, before, number):
        return match.group()
    return match.string[match.start() : before] + NUMBER


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_HOME, lambda _: HOME),
    (_STREET, lambda _: HOME),
    (_NEIGHBOURS, lambda _: HOME),
    (_PLATE, lambda _: PLATE),
    (_IDENTITY, _unless_public),
    (_ABROAD, _unless_public),
    (_MOBILE, _unless_public),
    (_LANDLINE, _unless_public),
    (_NAMED, _named),
    (_DASHED, _unless_public),
    (_LONG, _unless_public),
)
_URL_RULES = ((_MAIL, MAIL), (_MOBILE, NUMBER), (_ABROAD, NUMBER))


def _mask_url(url: str) -> str:
    for pattern, mark in _URL_RULES:
        url = pattern.sub(mark, url)
    return url


def _mask_words(text: str) -> str:
    if "@" in text:
        text = _MAIL.sub(MAIL, text)
    if not _DIGIT.search(text):
        return text  # every other rule hangs on a number
    for pattern, replace in _RULES:
        text = pattern.sub(replace, text)
    return text


def mask(text: str) -> str:
    """The text with everything that points at a person replaced by a mark.

    Links keep their path, except telephone numbers and mail addresses inside them. Masking a
    masked text changes nothing.
    """
    pieces: list[str] = []
    end = 0
    for match in _URL.finditer(text):
        pieces += [_mask_words(text[end : match.start()]), _mask_url(match.group())]
        end = match.end()
    return "".join([*pieces, _mask_words(text[end:])])
