"""Numbers, money, times, dates and election rounds read out of a text, with where they stand.

One pass over the words of the text, left to right, looking a few words ahead: linear time. The
words come from `lexicons/meaning/*.toml`, so Indonesian, English and mixed texts are read alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from itertools import accumulate, product
from typing import Any

from knowledge_base.search import vocabulary
from knowledge_base.search.numerals import (
    LONGEST_RUN,
    Slips,
    clock,
    date_parts,
    decimal,
    fold_digits,
    integer,
    spelled_number,
    year_of,
)

LIMIT = 8192  # characters read of a text; the match window
ROMAN = 5  # letters of a Roman numeral at most
MOST = 500  # values read of a text; more is noise


class Kind(StrEnum):
    """What a value is."""

    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    TIME = "time"
    DATE = "date"
    ORDINAL = "ordinal"
    ELECTION = "election"


@dataclass(frozen=True, slots=True)
class Value:
    """One value and its stretch [start, end) of the text.

    `amount` is in base units (seconds, grams, minutes after midnight for a time). `unit` is what
    is counted: a base unit, a currency, a time zone, what an ordinal counts, an election.
    `sure` is False when the words could mean something else: such a value never contradicts.
    """

    kind: Kind
    start: int
    end: int
    text: str
    amount: float = 0.0
    unit: str = ""
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    shift: int | None = None
    figure: float = 0.0  # the number as written, before "juta" is counted in
    count: float = 0.0  # with "juta", before the unit is counted in
    scaled: bool = False
    sure: bool = True


# Digits with their inner signs, words of letters, single signs. No nested quantifier.
_TOKENS = re.compile(r"([0-9][0-9.,:/\-]*|[jJ][uU][mM]['’`][aA][tT]|[^\W\d_]+|[.,:;()%٪$€£¥₹/–—-])")
_ASCII_TOKENS = re.compile(r"(jum['`]at|[a-z]+|[0-9][0-9.,:/\-]*|[.,:;()%$/-])")  # twice as fast
_COUNTING = re.compile(r"[\d_'’`]")  # figures, and signs at which words are cut in two ways
_FRIDAY = frozenset(("jum'at", "jum’at", "jum`at"))
_ROMAN = {"I": 1, "V": 5, "X": 10}
_CURRENCY_SIGNS = {"$": "dollar", "€": "euro", "£": "pound sterling", "¥": "yen", "₹": "rupee"}
ZONES = {"wib": 7, "wita": 8, "wit": 9}


@dataclass(slots=True)
class _Words:
    """The words of a text side by side: in small letters, where each begins and ends in the text,
    and the places of those that are numbers."""

    low: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)

    def take(self, low: list[str], starts: list[int], ends: list[int]) -> None:
        """Add words."""
        self.low += low
        self.starts += starts
        self.ends += ends

    def take_run(self, run: str, start: int) -> None:
        """Add a run of digits and signs: a date, a clock time, numbers with "-" or "/" between."""
        for piece, at in _pieces_of(run.rstrip(".,:/-")):
            if piece not in "-/":
                self.numbers.add(len(self.low))
            self.take([piece], [start + at], [start + at + len(piece)])


def _pieces_of(run: str) -> Iterator[tuple[str, int]]:
    """The pieces of a run and where each begins in it."""
    if not ("-" in run or "/" in run) or len(run) > LONGEST_RUN or _whole(run):
        yield run, 0
        return
    at = 0
    for piece in re.split(r"([-/])", run):
        clean = piece.rstrip(".,:")
        if clean:
            yield clean, at
        at += len(piece)


def _whole(run: str) -> bool:
    """A date or a telephone number."""
    return bool(date_parts(run)) or ("-" in run and sum(map(str.isdecimal, run)) >= 9)


def _scan(text: str) -> _Words:
    """The words of a text: what stands between them is measured, not looked at."""
    plain = text.isascii()
    parts = _ASCII_TOKENS.split(text.lower()) if plain else _TOKENS.split(text)
    edges = list(accumulate(map(len, parts)))
    low, starts, ends = parts[1::2], edges[:-1:2], edges[1::2]
    runs = [at for at, word in enumerate(low) if "/" < word < ":"]  # they begin with a digit
    if not plain:
        low = [word.casefold() if word[0].isalpha() else word for word in low]
    if not _FRIDAY.isdisjoint(low):
        low = ["jumat" if word in _FRIDAY else word for word in low]
    words, done = _Words(), 0
    for at in runs:
        words.take(low[done:at], starts[done:at], ends[done:at])
        words.take_run(low[at], starts[at])
        done = at + 1
    words.take(low[done:], starts[done:], ends[done:])
    return words


class _Reader:
    """Walks over the words of one text and collects values."""

    def __init__(self, text: str, today: date | None) -> None:
        self.text = text
        self.words = _scan(text)
        self.low = self.words.low
        self.today = today
        self.found: list[Value] = []

    def read(self) -> tuple[Value, ...]:
        begins, numbers = _beginnings(), self.words.numbers
        places = [at for at, low in enumerate(self.low) if low in begins or at in numbers]
        done = 0
        for at in places:
            if at >= done and len(self.found) < MOST:
                done = at + (self._at(at) or 1)
        return tuple(self.found)

    def _at(self, at: int) -> int:
        """Read a value that begins at word `at`; how many words it takes, 0 for none."""
        kind = self._kind(at)
        if kind == "n":
            if self._magnitude(at):
                return 1
            if self._glued(at):
                return 1
            return self._date(at) or self._time(at) or self._quantity(at)
        return self._word(at) if kind == "w" else self._money_before(at)

    def _word(self, at: int) -> int:
        low = self.low[at]
        if low in _money() and self._number_after(at):
            return self._money_before(at)
        if low in vocabulary.words_of("clock", "before") or low in _date_heads():
            taken = self._headed(at)
            if taken:
                return taken
        return (
            self._election(at)
            or self._month_first(at)
            or self._day_word(at)
            or self._share(at)
            or self._spelled(at)
            or self._one(at)
            or self._ordinal(at)
            or self._roman(at)
        )

    def _put(self, kind: Kind, at: int, taken: int, **fields: Any) -> int:
        """Keep a value made of words at … at+taken-1; gives `taken`."""
        start, end = self.words.starts[at], self.words.ends[at + taken - 1]
        self.found.append(Value(kind, start, end, self.text[start:end], **fields))
        return taken

    def _kind(self, at: int) -> str:
        """What stands there: n number, w word, s sign."""
        if at in self.words.numbers:
            return "n"
        return "w" if self.low[at][0].isalpha() else "s"

    def _is(self, at: int, kind: str) -> bool:
        return 0 <= at < len(self.low) and self._kind(at) == kind

    def _near(self, at: int, other: int) -> bool:
        """Two neighbouring words with nothing between them."""
        words = self.words
        return 0 <= at < other < len(self.low) and words.ends[at] == words.starts[other]

    def _glued(self, at: int) -> bool:
        """A number grown onto letters ("h5n1", "covid-19") or "+62" is part of a name."""
        start = self.words.starts[at]
        if start and self.text[start - 1] == "+":
            return True
        if self._near(at - 1, at) and self._is(at - 1, "w"):
            low = self.low[at - 1]
            heads = vocabulary.words_of("clock", "before") | _date_heads()
            return low not in _money() and low not in heads
        dashed = self._near(at - 1, at) and self.low[at - 1] == "-" and self._is(at - 2, "w")
        return dashed and self._near(at - 2, at - 1) and self.low[at - 2] != "ke"

    def _magnitude(self, at: int) -> bool:
        """ "M6,0" and "M 6,0" of an earthquake; without a decimal it may be any name."""
        run = self.low[at]
        named = (
            at > 0
            and self.low[at - 1] == "m"
            and self.words.ends[at - 1] + 1 >= self.words.starts[at]
        )
        amount = decimal(run) if named and len(run) in (3, 4) and run[1:2] in (".", ",") else None
        if amount is not None:
            fields = {"amount": amount, "figure": amount, "count": amount}
            self._put(Kind.NUMBER, at - 1, 2, unit="magnitude", **fields)
        return amount is not None

    def _number_after(self, at: int) -> int:
        """How many words after `at` the next number comes, over one dot; 0 if none does."""
        if self._is(at + 1, "n"):
            return 1
        return (
            2 if self._is(at + 1, "s") and self.low[at + 1] == "." and self._is(at + 2, "n") else 0
        )

    def _amount(self, at: int) -> tuple[float | None, int, bool]:
        """(amount, words taken, has a scale word) of a number in digits, "juta" read along."""
        amount = decimal(self.low[at])
        taken, scaled = 1, False
        scales = vocabulary.table("numbers.scale")
        while amount is not None and at + taken < len(self.low) and taken < 4:
            factor = scales.get(_mended(self.low[at + taken]))
            if factor is None and self.low[at + taken : at + taken + 2] == ["m", "rupiah"]:
                factor = 1e9
            if factor is None:
                break
            amount, taken, scaled = amount * factor, taken + 1, True
        return amount, taken, scaled

    def _money_before(self, at: int) -> int:
        """Money with the currency in front: "Rp 600 rb", "$5 million"."""
        low = self.low[at]
        gap = self._number_after(at)
        if not gap:
            return 0
        amount, taken, scaled = self._amount(at + gap)
        if amount is None:
            return 0
        taken += gap
        big = (
            {"m": 1e9, "t": 1e12}.get(self.low[at + taken]) if at + taken < len(self.low) else None
        )
        if big and low in ("rp", "idr"):
            amount, taken, scaled = amount * big, taken + 1, True
        unit = _CURRENCY_SIGNS.get(low) or _money()[low]
        if at + taken < len(self.low) and self.low[at + taken] == "rupiah":
            taken += 1
        figure = decimal(self.low[at + gap]) or 0.0
        fields = {"amount": amount, "figure": figure, "count": amount, "scaled": scaled}
        return self._put(Kind.MONEY, at, taken, unit=unit, **fields)

    def _quantity(self, at: int) -> int:
        """A number in digits with what it counts."""
        if self._enumerates(at):
            return 1
        if self._ordinal_digits(at):
            return self._ordinal_digits_read(at)
        amount, taken, scaled = self._amount(at)
        if amount is None:
            return 1
        return self._counted(at, taken, amount, scaled)

    def _counted(self, at: int, taken: int, amount: float, scaled: bool) -> int:
        """Decide by the word after a number whether it is money, a percentage or a count."""
        after = _mended(self.low[at + taken]) if at + taken < len(self.low) else ""
        figure = (decimal(self.low[at]) or 0.0) if self._is(at, "n") else 0.0
        fields = {"amount": amount, "figure": figure or amount, "count": amount, "scaled": scaled}
        unit = vocabulary.table("units_before").get(self.low[at - 1] if at else "", "")
        if unit:  # "bermagnitudo 6,3 dina 25 April": "dina" counts nothing here
            return self._put(Kind.NUMBER, at, taken, unit=unit, **fields)
        if after in ("%", "٪") or after in vocabulary.words_of("percent", "words"):
            return self._put(Kind.PERCENT, at, taken + 1, **fields)
        if after in _money() and after != "rp":
            return self._put(Kind.MONEY, at, taken + 1, unit=_money()[after], **fields)
        base = vocabulary.table("units").get(after)
        years = after in vocabulary.words_of("dates", "year") and self._is(at + taken + 1, "n")
        if base and not (years and year_of(self.low[at + taken + 1])):  # "Angkasa Pura 2 Thn 2019"
            fields["amount"] = amount * base[1]
            return self._put(Kind.NUMBER, at, taken + 1, unit=base[0], **fields)
        year = year_of(self.low[at]) if taken == 1 else None
        if year:
            return self._put(Kind.DATE, at, 1, year=year)
        unit = f"?{after}" if self._is(at + taken, "w") and len(after) > 2 else ""
        if after in vocabulary.skipped() or after in vocabulary.table("months"):
            unit = ""
        return self._put(Kind.NUMBER, at, taken, unit=unit, **fields)

    def _enumerates(self, at: int) -> bool:
        """ "1." or "2)" before the items of a list."""
        end = self.words.ends[at]
        if len(self.low[at]) > 2 or self.text[end : end + 1] not in (".", ")"):
            return False
        opens = at == 0 or self._kind(at - 1) == "s" or "\n" in self._between(at - 1, at)
        return opens and self.text[end + 1 : end + 2].isspace()

    def _between(self, at: int, other: int) -> str:
        return self.text[self.words.ends[at] : self.words.starts[other]]

    def _ordinal_digits(self, at: int) -> bool:
        """ "ke-2" or "2nd"."""
        suffix = self._near(at, at + 1) and self.low[at + 1] in ("st", "nd", "rd", "th")
        dashed = self._near(at - 1, at) and self.low[at - 1] == "-" and self._is(at - 2, "w")
        return (
            suffix
            or (dashed and self.low[at - 2] == "ke")
            or (self._near(at - 1, at) and self.low[at - 1] == "ke")
        )

    def _ordinal_digits_read(self, at: int) -> int:
        number = integer(self.low[at])
        suffix = self._near(at, at + 1) and self.low[at + 1] in ("st", "nd", "rd", "th")
        taken = 2 if suffix else 1
        if number is None:
            return taken
        before = at - 1 if suffix else (at - 3 if self.low[at - 1] == "-" else at - 2)
        unit = self._counts(before, at + taken)
        return self._put(Kind.ORDINAL, at, taken, amount=float(number), unit=unit)

    def _counts(self, before: int, after: int) -> str:
        """What an ordinal between these two words counts ("round", "dose"), "" if unknown."""
        table = _counted_words()
        if before >= 0 and self.low[before] in table:
            return table[self.low[before]]
        return table.get(self.low[after], "") if after < len(self.low) else ""

    def _ordinal(self, at: int) -> int:
        number = vocabulary.table("numbers.ordinal").get(self.low[at])
        if number is not None and vocabulary.names().find(self.low, at)[1] > 1:
            return 0  # "Perdana Menteri"
        if number is None and self.low[at] == "second" and self._counts(-1, at + 1):
            number = 2
        if number is None:
            return 0
        unit = self._counts(at - 1, at + 1)
        # "kedua" may be "both", "pertama" "first of all", unless they stand behind a noun.
        before = self.low[at - 1] if self._is(at - 1, "w") else ""
        behind = before not in vocabulary.skipped() and len(before) > 2
        sure = bool(unit) or number > 2 or behind
        return self._put(Kind.ORDINAL, at, 1, amount=float(number), unit=unit, sure=sure)

    def _roman(self, at: int) -> int:
        """Roman numerals in capitals after a word that is counted, or after a name."""
        raw = self.text[self.words.starts[at] : self.words.ends[at]]
        if len(raw) > ROMAN or not raw.isupper() or raw.strip("IVX") or not self._is(at - 1, "w"):
            return 0
        before = self.low[at - 1]
        unit = _counted_words().get(before, "")
        capital = self.text[self.words.starts[at - 1]].isupper()
        if not unit and (len(raw) == 1 or not capital):
            return 0
        numbers = [_ROMAN[char] for char in raw]
        pairs = zip(numbers, [*numbers[1:], 0], strict=True)
        total = sum(-here if here < after else here for here, after in pairs)
        return self._put(Kind.ORDINAL, at, 1, amount=float(total), unit=unit or f"?{before}")

    def _spelled(self, at: int) -> int:
        """A number in words: "dua puluh tujuh", "one and a half" is left alone."""
        amount, taken, scaled = spelled_number(self.low, at)
        if not taken:
            return 0
        dashed = self._near(at + taken - 1, at + taken) and self.low[at + taken] == "-"
        if dashed and self._is(at + taken + 1, "w"):
            return taken + 2  # "satu-satunya", "dua-duanya"
        if self.low[at - 1 if at else at] in ("salah", "no"):
            return taken
        month = self._month_after(at + taken)
        if month and 1 <= amount <= 31:
            return self._day_and_month(at, int(amount), taken, month)
        before = len(self.found)
        used = self._counted(at, taken, amount, scaled)
        lone = amount == 1 and taken == 1
        if lone and self.found[before:] and used == 1:
            self.found[-1] = replace(self.found[-1], sure=False)
        return used

    def _one(self, at: int) -> int:
        """One of a measure in one word: "seminggu", "sebulan", "seliter"; not "sehari-hari"."""
        measure = _ones().get(self.low[at])
        dashed = at + 1 < len(self.low) and self.low[at + 1] == "-" and self._near(at, at + 1)
        if measure is None or dashed:
            return 0
        unit, factor = measure
        fields = {"amount": float(factor), "figure": 1.0, "count": 1.0}
        return self._put(Kind.NUMBER, at, 1, unit=unit, **fields)

    def _month_after(self, at: int) -> int | None:
        if not self._is(at, "w"):
            return None
        month: int | None = vocabulary.table("months").get(_mended(self.low[at]))
        return month

    def _date(self, at: int) -> int:
        parts = date_parts(self.low[at])
        if parts and not (self.low[at].count(".") == 1 or self.low[at].count("-") == 1):
            year, month, day, sure = parts
            return self._put(Kind.DATE, at, 1, year=year, month=month, day=day, sure=sure)
        day_number = integer(self.low[at])
        if day_number is None or not 1 <= day_number <= 31 or len(self.low[at]) > 2:
            return 0
        after = at + 2 if self._near(at, at + 1) and self.low[at + 1] in _SUFFIXES else at + 1
        if after < len(self.low) and self.low[after] == "of":
            after += 1
        month_number = self._month_after(after)
        if month_number:
            return self._day_and_month(at, day_number, after - at, month_number)
        return self._range_start(at, day_number)

    def _day_and_month(self, at: int, day: int, taken: int, month: int) -> int:
        """ "27 November 2024" from the day on; `taken` words stand before the month."""
        taken += 1
        here = at + taken
        if here < len(self.low) and self.low[here] in (",", "."):
            here += 1
        year = year_of(self.low[here]) if self._is(here, "n") else None
        taken = here - at + 1 if year else taken
        return self._put(Kind.DATE, at, taken, year=year, month=month, day=day)

    def _range_start(self, at: int, day: int) -> int:
        """The first day of "27-28 November" and "27 sampai 28 November"."""
        if at + 3 >= len(self.low) or self.low[at + 1] not in _range_words():
            return 0
        month = self._month_after(at + 3)
        last = integer(self.low[at + 2])
        if not month or last is None or not day < last <= 31:
            return 0
        return self._put(Kind.DATE, at, 1, month=month, day=day)

    def _month_first(self, at: int) -> int:
        """ "November 27, 2024", "November 2024", "Desember"."""
        month = self._month_after(at)
        if not month:
            return 0
        after = at + 1
        day = (
            integer(self.low[after]) if self._is(after, "n") and len(self.low[after]) <= 2 else None
        )
        if day and 1 <= day <= 31:
            taken = 3 if self._near(after, after + 1) and self.low[after + 1] in _SUFFIXES else 2
            here = at + taken
            here += here < len(self.low) and self.low[here] == ","
            year = year_of(self.low[here]) if self._is(here, "n") else None
            taken = here - at + 1 if year else taken
            return self._put(Kind.DATE, at, taken, year=year, month=month, day=day)
        year = year_of(self.low[after]) if self._is(after, "n") else None
        if year:
            return self._put(Kind.DATE, at, 2, year=year, month=month)
        told = self.low[at] == "mei" or self.low[at - 1 if at else at] in ("bulan", "bln")
        if (len(self.low[at]) <= 3 and not told) or self.low[at] in ("march", "sept"):
            return 0  # "mar", "may", "jan" alone are too often something else
        return self._put(Kind.DATE, at, 1, month=month)

    def _day_word(self, at: int) -> int:
        """Weekdays, and "besok", a full date when the day of writing is known."""
        weekday = vocabulary.table("weekdays").get(self.low[at])
        if weekday is not None:
            return self._put(Kind.DATE, at, 1, weekday=weekday)
        shift, taken = _day_phrases().find(self.low, at)
        if shift is None:
            return 0
        shift -= 10
        if self.today is None:
            return self._put(Kind.DATE, at, taken, shift=shift)
        day = self.today + timedelta(days=shift)
        return self._put(
            Kind.DATE, at, taken, year=day.year, month=day.month, day=day.day, shift=shift
        )

    def _share(self, at: int) -> int:
        """ "separuh", "seperempat": a percentage in one word."""
        share = vocabulary.table("numbers.share").get(self.low[at])
        if share is None:
            return 0
        amount = float(share)
        return self._put(Kind.PERCENT, at, 1, amount=amount, figure=amount, count=amount)

    def _headed(self, at: int) -> int:
        """ "pukul 13.00", "jam 1 siang", "tanggal 27", "tahun 2024"."""
        after = at + 1
        if after < len(self.low) and self.low[after] in (".", ":"):
            after += 1
        if after >= len(self.low):
            return 0
        number, taken = None, 1
        if self._is(after, "n"):
            number = integer(self.low[after])
        elif self._is(after, "w"):
            spelled, taken, _ = spelled_number(self.low, after)
            number = int(spelled) if taken else None
        if self.low[at] in _date_heads():
            return self._headed_date(at, after, taken, number)
        if self.low[at] == "at" and not self._is(after, "n"):
            return 0
        return self._headed_time(at, after, taken, number)

    def _headed_date(self, at: int, after: int, taken: int, number: int | None) -> int:
        if self.low[at] in vocabulary.words_of("dates", "year"):
            year = year_of(self.low[after]) if number else None
            if year is None and number is not None and 1000 <= number < 2100:
                year = number  # "tahun 1717"
            return self._put(Kind.DATE, at, after - at + 1, year=year) if year else 0
        parts = date_parts(self.low[after])
        if parts:
            year, month, day, _ = parts
            return self._put(Kind.DATE, at, after - at + 1, year=year, month=month, day=day)
        if number is None or not 1 <= number <= 31 or self._month_after(after + taken):
            return 0
        if self._is(after, "n") and self._range_start(after, number):
            return after - at + 1
        return self._put(Kind.DATE, at, after - at + taken, day=number)

    def _headed_time(self, at: int, after: int, taken: int, number: int | None) -> int:
        minutes = clock(self.low[after]) if self._is(after, "n") else None
        if minutes is None and number is not None and 0 <= number <= 24:
            if self.low[at] == "at":
                return 0
            minutes = number * 60
        if minutes is None:
            return 0
        exact = self._is(after, "n") and len(self.low[after]) > 2
        return self._put_time(at, after - at + taken, minutes, exact)

    def _time(self, at: int) -> int:
        """A clock time without a word before it: "13:00", "13.00 WIB", "1 pm"."""
        run = self.low[at]
        minutes = clock(run)
        mark = self._mark(at + 1)
        if minutes is not None and (":" in run or mark or self._in_clock_range(at)):
            return self._put_time(at, 1, minutes, True)
        number = integer(run)
        if mark in ("am", "pm") and number is not None and 1 <= number <= 12:
            return self._put_time(at, 1, number * 60, False)
        return 0

    def _in_clock_range(self, at: int) -> bool:
        """ "07.00–13.00 WIB": the first one has no zone of its own."""
        if at + 2 < len(self.low) and self.low[at + 1] in _range_words():
            return clock(self.low[at + 2]) is not None and bool(self._mark(at + 3))
        return False

    def _mark(self, at: int) -> str:
        """am, pm, noon, night or a time zone written after a time."""
        if at >= len(self.low):
            return ""
        marks = vocabulary.table("clock")
        word = self.low[at]
        if word in ("a", "p") and self.low[at + 1 : at + 3] == [".", "m"]:
            return f"{word}m"
        return str(marks.get(word, "")) if word != "before" else ""

    def _put_time(self, at: int, taken: int, minutes: int, exact: bool) -> int:
        part = zone = ""
        for _ in range(2):
            mark = self._mark(at + taken)
            if not mark:
                break
            zone, part = (mark, part) if mark in ZONES else (zone, mark)
            taken += 3 if self.low[at + taken] in ("a", "p") else 1
        minutes = _of_day(minutes, part)
        # "jam 7" may be morning or evening; "07.00" and "19.00" are written in full.
        sure = exact or bool(part) or minutes > 720
        fields = {"amount": float(minutes % 1440), "unit": zone, "scaled": not sure}
        return self._put(Kind.TIME, at, taken, **fields)

    def _election(self, at: int) -> int:
        """ "Pilpres 2024", "Pilkada serentak 2024"."""
        name, taken = vocabulary.phrases_of("elections").find(self.low, at)
        if name is None:
            return 0
        here = at + taken
        while here < len(self.low) and here < at + taken + 3 and self.low[here] in _FILL:
            here += 1
        year = year_of(self.low[here]) if self._is(here, "n") else None
        if year is None and self._is(at - 1, "n"):
            year = year_of(self.low[at - 1])
        if year and here < len(self.low) and self._is(here, "n"):
            taken = here - at + 1
        return self._put(Kind.ELECTION, at, taken, unit=name, year=year)


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    """A word after a number without the slip of the finger in it: "perssen", "agusuts"."""
    slips, shortened = _followers()
    if len(word) < 5 or word in slips.words:
        return word
    return shortened.get(word) or slips.undone(word) or word


@cache
def _followers() -> tuple[Slips, dict[str, str]]:
    """Long words that stand after numbers, and each with one letter missing."""
    names = ("units", "months", "money", "numbers.scale")
    found = {word for name in names for word in vocabulary.table(name)}
    found |= vocabulary.words_of("percent", "words")
    whole = frozenset(word for word in found if len(word) >= 6)
    missing = {word[:at] + word[at + 1 :]: word for word in whole for at in range(1, len(word))}
    return Slips(whole), missing


_SUFFIXES = ("st", "nd", "rd", "th")
MEASURES = frozenset(("second", "month", "gram", "litre", "metre", "mile", "pound"))
_FILL = frozenset({"serentak", "tahun", "thn", "ri", "in", "of", "nasional", "dki", "the", "'"})


def _money() -> dict[str, str]:
    return vocabulary.table("money")  # type: ignore[return-value]


@cache
def _date_heads() -> frozenset[str]:
    return vocabulary.words_of("dates", "before") | vocabulary.words_of("dates", "year")


@cache
def _range_words() -> frozenset[str]:
    return vocabulary.words_of("dates", "to") | {"-", "–", "—"}


@cache
def _openers() -> frozenset[str]:
    """Every word a value in letters can begin with."""
    tables = ("months", "weekdays", "numbers.digit", "numbers.fixed", "numbers.tens", "money")
    found = {word for name in tables for word in vocabulary.table(name)}
    found |= set(vocabulary.table("numbers.share")) | _ones().keys()
    found |= {*vocabulary.table("numbers.ordinal"), *vocabulary.table("numbers.scale"), "second"}
    found |= vocabulary.words_of("clock", "before") | _date_heads()
    found |= vocabulary.phrases_of("elections").longest.keys() | _day_phrases().longest.keys()
    return frozenset(found)


@cache
def _ones() -> dict[str, tuple[str, float]]:
    """se- before a measure: what it is one of."""
    units = vocabulary.table("units")
    return {f"se{low}": (unit, one) for low, (unit, one) in units.items() if unit in MEASURES}


@cache
def _beginnings() -> frozenset[str]:
    """Every word or sign a value can begin with, digits aside: those words, currency signs and
    Roman numerals."""
    romans = (
        "".join(letters) for size in range(1, ROMAN + 1) for letters in product("ivx", repeat=size)
    )
    return _openers() | frozenset(_CURRENCY_SIGNS) | frozenset(romans)


_COUNTED: dict[str, str] = {}


def _counted_words() -> dict[str, str]:
    """word → what it counts, of all languages ("putaran" and "round" are one)."""
    if not _COUNTED:
        for language in vocabulary.languages():
            for name, words in language.get("counted", {}).items():
                _COUNTED.update(dict.fromkeys(words.split(), name))
    return _COUNTED


_DAYS = vocabulary.Phrases()


def _day_phrases() -> vocabulary.Phrases:
    if not _DAYS.table:
        for words, shift in vocabulary.table("days").items():
            _DAYS.add(vocabulary.phrase(words), shift + 10)  # never 0, which would be "nothing"
    return _DAYS


def _of_day(minutes: int, part: str) -> int:
    """Minutes of the whole day from a half-day time: "jam 1 siang" is 13.00, "12 malam" 24.00."""
    if part in ("pm", "noon") and minutes < 720 and not (part == "noon" and minutes >= 600):
        return minutes + 720
    if part == "am" and minutes // 60 == 12:
        return minutes - 720
    if part == "night" and 300 <= minutes <= 779:
        return minutes + 720
    return minutes


def holds_none(text: str, words: Iterable[str]) -> bool:
    """Is it plain that the text has no value? `words` are its words in small letters. Never wrongly
    yes; most claims are so."""
    return not _COUNTING.search(text) and _beginnings().isdisjoint(words)


def read_values(text: str, today: date | None = None) -> tuple[Value, ...]:
    """The values of the first 8,192 characters of a text, at most 500, in reading order.

    `today` is the day the text was written, for "besok" and "hari ini". Never raises.
    """
    return _Reader(fold_digits(text[:LIMIT]), today).read()
