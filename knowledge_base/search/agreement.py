"""Do two values say the same, contradict each other, or have nothing to do with each other?"""

from __future__ import annotations

from dataclasses import replace

from knowledge_base.search import vocabulary
from knowledge_base.search.values import MEASURES, ZONES, Kind, Value


def agree(one: Value, other: Value) -> bool | None:
    """True: the same value; False: a contradiction; None: the two cannot be compared."""
    if {one.kind, other.kind} == {Kind.DATE, Kind.NUMBER}:
        if _short_year(one, other) or _short_year(other, one):
            return True
        one, other = _plain_number(one), _plain_number(other)
    if {one.kind, other.kind} <= {Kind.NUMBER, Kind.MONEY, Kind.PERCENT}:
        return _amounts_agree(one, other)
    if one.kind != other.kind:
        return None
    if one.kind is Kind.TIME:
        return _times_agree(one, other)
    if one.kind is Kind.ORDINAL:
        return _ordinals_agree(one, other)
    return _dates_agree(one, other) if one.kind is Kind.DATE else _elections_agree(one, other)


def _plain_number(value: Value) -> Value:
    """ "1900" alone may be a year or a count: a count, when it stands against a count."""
    if value.kind is not Kind.DATE or not value.text.isdecimal():
        return value
    amount = float(value.text)
    return replace(value, kind=Kind.NUMBER, amount=amount, figure=amount, count=amount)


def _short_year(short: Value, year: Value) -> bool:
    """ "UUD 45" and "UUD 1945": the last two figures of a year."""
    figures = short.kind is Kind.NUMBER and short.text.isdecimal() and len(short.text) == 2
    return figures and year.text.isdecimal() and year.text[2:] == short.text


def _unsure(equal: bool, one: Value, other: Value) -> bool | None:
    """An unequal value that was not surely read proves nothing."""
    return True if equal else (False if one.sure and other.sure else None)


def _amounts_agree(one: Value, other: Value) -> bool | None:
    equal = one.amount == other.amount or _rounded(one, other)
    if not equal and (_cut_off(one, other) or _cut_off(other, one)):
        return None
    units = {one.unit, other.unit}
    if one.kind != other.kind:
        # "50 ribu" may be money without its "rupiah"; "50 persen" and "50 orang" are two things.
        loose = any(not unit or unit.startswith("?") for unit in units)
        bare = loose and Kind.PERCENT not in (one.kind, other.kind)
        return _unsure(equal, one, other) if bare else None
    guessed = any(unit.startswith("?") for unit in units)
    if (guessed or "" in units) and one.count == other.count:
        return True
    if not equal and "" in units and units & MEASURES and not (one.scaled or other.scaled):
        return None  # "token 59" and "3 bulan" count different things
    if len(units) == 1 or "" in units or guessed or one.kind is Kind.PERCENT:
        return _unsure(equal, one, other)
    # "Rp 100 juta" against "100 juta dolar", "3 hari" against "3 bulan".
    return False if one.kind is Kind.MONEY or _same_count(one, other) else None


def apart(one: Value, other: Value) -> bool:
    """Values of unlike things: money and litres, percent and money, tons and people."""
    if agree(one, other) is False:
        return False  # a conflict of like things, told as one
    sorts = {_dimension(one), _dimension(other)}
    return "" not in sorts and len(sorts) == 2


def _dimension(value: Value) -> str:
    """What kind of thing it measures; "" where the words do not say."""
    if value.kind in (Kind.MONEY, Kind.PERCENT):
        return str(value.kind)
    if value.kind is not Kind.NUMBER:
        return ""
    if value.unit in MEASURES:
        return value.unit
    return "counted" if value.unit.startswith("?") and len(value.unit) > 4 else ""


def _cut_off(one: Value, other: Value) -> bool:
    """The figure of the other whose "juta" or unit is missing or misspelt: no contradiction."""
    if one.figure != other.figure or one.scaled or not one.figure:
        return False
    if one.unit and one.unit == other.unit and one.kind is Kind.NUMBER:
        return False  # "100 mahasiswa" against "100 ribu mahasiswa": what is counted follows both
    bare = one.kind is Kind.NUMBER and (not one.unit or one.unit.startswith("?"))
    return bare or (one.kind is Kind.MONEY and other.scaled and one.figure < 1000)


def _same_count(one: Value, other: Value) -> bool:
    """The same figure with another unit of measure: 3 hari, 3 minggu, 3 bulan, 3 tahun."""
    return one.unit in MEASURES and other.unit in MEASURES


def _rounded(one: Value, other: Value) -> bool:
    """ "1,5 juta" says the same as "1.487.250": a figure in words of scale is a rounded one."""
    if one.amount and abs(1 - other.amount / one.amount) < 1e-4:
        return one.kind is Kind.PERCENT  # 54,99294 and 54,9924 percent
    if not (one.scaled or other.scaled) or not (one.amount and other.amount):
        return False
    round_one, exact = (one, other) if one.scaled else (other, one)
    if exact.scaled or round_one.amount < 1000:
        return False
    return exact.amount % 1000 != 0 and abs(1 - exact.amount / round_one.amount) <= 0.03


def _times_agree(one: Value, other: Value) -> bool:
    first, second = one.amount, other.amount
    if one.unit != other.unit and one.unit in ZONES and other.unit in ZONES:
        first = (first - 60 * ZONES[one.unit]) % 1440
        second = (second - 60 * ZONES[other.unit]) % 1440
    half = one.scaled or other.scaled
    return first % 720 == second % 720 if half else first == second


def _ordinals_agree(one: Value, other: Value) -> bool | None:
    if one.unit and other.unit and one.unit != other.unit:
        return None
    return _unsure(one.amount == other.amount, one, other)


def _dates_agree(one: Value, other: Value) -> bool | None:
    pairs = (
        (one.day, other.day),
        (one.month, other.month),
        (one.year, other.year),
        (one.weekday, other.weekday),
    )
    known = [pair for pair in pairs if None not in pair]
    if not known and one.shift is not None and other.shift is not None:
        return one.shift == other.shift
    if not known:
        return None
    return _unsure(all(first == second for first, second in known), one, other)


def _elections_agree(one: Value, other: Value) -> bool | None:
    if one.year and other.year and one.year != other.year:
        return False
    if one.unit == other.unit:
        return True
    parts = vocabulary.table("election_parts")
    inside = (
        other.unit in parts.get(one.unit, "").split()
        or one.unit in parts.get(other.unit, "").split()
    )
    return None if inside or "psu" in (one.unit, other.unit) else False
