"""Digits and number words into plain numbers: "1.500.000", "27/11", "dua puluh tujuh", "07.30"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from knowledge_base.search import vocabulary

LONGEST_RUN = 40  # digits and signs written together; longer runs are noise
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
LONGEST_NUMBER = 15  # digits; longer runs are telephone or account numbers, not amounts


def cuts(word: str) -> Iterator[str]:
    """The word with neighbouring letters swapped or one left out: common slips undone."""
    for at in range(min(len(word) - 1, 20)):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        yield word[:at] + word[at + 1 :]


class Slips:
    """Words that are known with a slip of the finger in them too."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)
        self.ends = frozenset((len(word), word[0], word[-1]) for word in self.words)

    def undone(self, word: str) -> str:
        """The first of the words that undoing a slip makes of this one of two letters or more;
        "" for most, which their length and outer letters tell apart at once."""
        size, first, last = len(word), word[0], word[-1]
        ends = self.ends
        may = (
            (size, first, last) in ends
            or (size - 1, first, last) in ends
            or (size, word[1], last) in ends
            or (size - 1, word[1], last) in ends
            or (size, first, word[-2]) in ends
        )
        return next((cut for cut in cuts(word) if cut in self.words), "") if may else ""


def fold_digits(text: str) -> str:
    """Decimal digits of any script as 0-9, one for one; signs such as "²" stay as they are."""
    if text.isascii():
        return text
    return _FOREIGN_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), text)


def integer(text: str) -> int | None:
    """A short run of ASCII digits as a number."""
    if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER:
        return int(text)
    return None


def year_of(text: str) -> int | None:
    """The year a run of four digits may mean."""
    number = integer(text) if len(text) == 4 else None
    return number if number is not None and 1900 <= number <= 2100 else None


def _valid(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


def date_parts(run: str) -> tuple[int | None, int, int, bool] | None:
    """(year, month, day, sure) of "27-11-2024", "2024/11/27", "27.11.24" or "27/11"."""
    for sign in "/-.":
        parts = run.split(sign)
        numbers = [integer(part) for part in parts]
        if None in numbers or not 2 <= len(parts) <= 3 or max(map(len, parts)) > 4:
            continue
        whole = [number for number in numbers if number is not None]
        if len(whole) == 3:
            return _three_parts(parts, whole)
        if sign == "/":
            return _two_parts(parts, whole)
    return None


def _three_parts(parts: list[str], n: list[int]) -> tuple[int | None, int, int, bool] | None:
    if year_of(parts[0]) and _valid(n[2], n[1]):
        return n[0], n[1], n[2], True
    if not (year_of(parts[2]) or (len(parts[2]) == 2 and len(parts[0]) == 2)):
        return None
    year = n[2] if n[2] > 99 else 2000 + n[2]
    if _valid(n[0], n[1]):
        return year, n[1], n[0], True
    return (year, n[0], n[1], True) if _valid(n[1], n[0]) else None


def _two_parts(parts: list[str], n: list[int]) -> tuple[int | None, int, int, bool] | None:
    if max(map(len, parts)) > 2 or parts == ["24", "7"]:
        return None
    sure = n[0] > 12 or n[1] > 12 or parts[0][0] == "0" or parts[1][0] == "0"
    if _valid(n[0], n[1]):
        return None, n[1], n[0], sure
    return (None, n[0], n[1], sure) if _valid(n[1], n[0]) else None


def decimal(run: str) -> float | None:
    """The number a run of digits, dots and commas means, Indonesian or English way.

    "1.500.000" and "1,500,000" are grouped; "1,5" and "1.5" are decimal; "1.500" is grouped.
    None for what is no amount: version numbers, telephone numbers.
    """
    digits = run[: LONGEST_RUN + 1].replace(".", "").replace(",", "")
    if not digits.isdecimal() or len(digits) > LONGEST_NUMBER:
        return None
    dots, commas = run.count("."), run.count(",")
    if dots and commas:
        point = "." if run.rfind(".") > run.rfind(",") else ","
        whole, _, rest = run.rpartition(point)
        return float(f"{whole.replace('.', '').replace(',', '')}.{rest}") if whole else None
    sign = "." if dots else ","
    parts = run.split(sign)
    if len(parts) == 1:
        return float(digits)
    if parts[0] not in ("", "0") and len(parts[0]) <= 3 and all(len(p) == 3 for p in parts[1:]):
        return float(digits)
    return float(f"{parts[0]}.{parts[1]}") if len(parts) == 2 and parts[0] and parts[1] else None


def clock(run: str) -> int | None:
    """Minutes after midnight of "07.30" or "7:30"."""
    sign = ":" if ":" in run else "."
    parts = run.split(sign)
    if len(parts) not in (2, 3) or len(parts[0]) > 2 or len(parts[1]) != 2:
        return None
    hour, minute = integer(parts[0]), integer(parts[1])
    if hour is None or minute is None or hour > 24 or minute > 59:
        return None
    return hour * 60 + minute


def spelled_number(low: list[str], at: int) -> tuple[float, int, bool]:
    """(amount, words taken, has a scale word) of a number in words; 0 words when there is none."""
    spelled = _Spelled()
    taken = 0
    while at + taken < len(low) and taken < 12 and spelled.take(low[at + taken]):
        taken += 1
    return (spelled.amount(), taken, spelled.scaled) if spelled.began else (0.0, 0, False)


class _Spelled:
    """Adds up number words: "dua ratus ribu", "twenty seven", "dua koma lima"."""

    def __init__(self) -> None:
        self.total = 0.0
        self.part = 0.0
        self.digit: float | None = None
        self.scaled = self.began = False

    def amount(self) -> float:
        return self.total + self.part + (self.digit or 0)

    def take(self, word: str) -> bool:
        """Take one word; False when it does not go on with this number."""
        table = vocabulary.table
        took = (
            self._digit(table("numbers.digit").get(word))
            or self._whole(table("numbers.fixed").get(word))
            or self._tens(table("numbers.tens").get(word))
            or self._plus(table("numbers.plus").get(word))
            or self._times(table("numbers.times").get(word))
            or self._scale(table("numbers.scale").get(word))
        )
        self.began = self.began or took
        return took

    def _digit(self, number: float | None) -> bool:
        if number is None or self.digit is not None:
            return False
        self.digit = float(number)
        return True

    def _whole(self, number: float | None) -> bool:
        if number is None or self.digit is not None or (self.part % 100 and self.part):
            return False
        if number >= 1000:
            self.total, self.scaled = self.total + number, True
        else:
            self.part += number
        return True

    def _tens(self, number: float | None) -> bool:
        if number is None or self.digit is not None or self.part % 100:
            return False
        self.part += number
        return True

    def _plus(self, number: float | None) -> bool:
        if number is None or self.digit is None:
            return False
        self.part, self.digit = self.part + self.digit + number, None
        return True

    def _times(self, number: float | None) -> bool:
        if number is None or self.digit is None:
            return False
        self.part, self.digit = self.part + self.digit * number, None
        return True

    def _scale(self, number: float | None) -> bool:
        if number is None or not self.began:
            return False
        self.total += ((self.part + (self.digit or 0)) or 1) * number
        self.part, self.digit, self.scaled = 0.0, None, True
        return True
