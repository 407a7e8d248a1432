"""The fields of an answer and the draft they stand for, both ways: the same for every door, so
that nothing written at one is lost at another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from handlers import texts
from handlers.moderate import Draft
from knowledge_base.facts import FactCheck, Kind, Question, Refused, Source, Verdict

PLACES = (1, 2, 3)  # sources of a form
FIELDS = (
    *("verdict", "kind", "claim", "title", "fact", "explanation", "topic", "lang", "claim_date"),
    *("public_figure", "concerns"),
)
_OF_A_SOURCE = ("url", "publisher", "title", "date")
SOURCE_FIELDS = tuple(f"{name}_{place}" for place in PLACES for name in _OF_A_SOURCE)
KEPT = FIELDS + SOURCE_FIELDS
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
# "sumber.Nanti" and "dr.Tirta" lack a space: nobody begins the end of a host with a capital
_BARE = re.compile(r"(?:[\w-]{1,63}\.){1,8}(?:[a-z]{2,24}|[A-Z]{2,24})(?:[/?]\S*)?")


def fresh(question: Question) -> dict[str, str]:
    """The fields of a question nobody has begun to answer."""
    return dict.fromkeys(KEPT, "") | {"lang": question.lang or "id"}


def fields_of(record: FactCheck) -> dict[str, str]:
    """A fact-check as fields; sources beyond the form's are kept aside."""
    fields = dict.fromkeys(KEPT, "") | {
        "verdict": record.verdict.value,
        "kind": record.kind.value if record.kind else "",
        "claim_date": record.claim_date.isoformat() if record.claim_date else "",
        "public_figure": "yes" if record.public_figure else "",
        "concerns": ", ".join(record.concerns),
    }
    for name in ("claim", "title", "fact", "explanation", "topic", "lang"):
        fields[name] = getattr(record, name)
    for place, source in zip(PLACES, record.sources, strict=False):
        fields |= {f"url_{place}": source.url, f"publisher_{place}": source.publisher}
        fields |= {f"title_{place}": source.title}
        fields[f"date_{place}"] = source.date.isoformat() if source.date else ""
    return fields


def read(fields: Mapping[str, str], language: str) -> Draft:
    """What the fields say; unknown choices count as not chosen. Raises Refused, in words of
    this language, for a date nobody can read."""
    known = dict.fromkeys(KEPT, "") | {name: fields[name] for name in KEPT if name in fields}
    return Draft(
        verdict=Verdict(known["verdict"]) if known["verdict"] in set(Verdict) else None,
        kind=Kind(known["kind"]) if known["kind"] in set(Kind) else None,
        claim=known["claim"],
        title=known["title"],
        fact=known["fact"],
        explanation=known["explanation"],
        sources=tuple(_source(known, n, language) for n in PLACES if _named(known, n)),
        topic=known["topic"],
        lang=known["lang"] or "id",
        claim_date=_date(known["claim_date"], language),
        public_figure=bool(known["public_figure"]),
        concerns=_names(known["concerns"]),
    )


def so_far(fields: Mapping[str, str]) -> Draft:
    """The same as far as it goes, for a preview: a date nobody can read is left out."""
    try:
        return read(fields, texts.FALLBACK)
    except Refused:
        dated = {name: "" for name in KEPT if "date" in name}
        return read({**fields, **dated}, texts.FALLBACK)


def _names(text: str) -> tuple[str, ...]:
    """Organisations, separated by commas."""
    return tuple(dict.fromkeys(name.strip()[:80] for name in text.split(",") if name.strip()))


def _named(fields: Mapping[str, str], place: int) -> bool:
    return any(fields[f"{name}_{place}"].strip() for name in _OF_A_SOURCE)


def _source(fields: Mapping[str, str], place: int, language: str) -> Source:
    return Source(
        url=address(fields[f"url_{place}"]),
        publisher=fields[f"publisher_{place}"].strip(),
        title=fields[f"title_{place}"].strip(),
        date=_date(fields[f"date_{place}"], language),
    )


def address(text: str) -> str:
    """A web address as it is typed on a telephone ("Https://…", "kpu.go.id/…"), as it is meant."""
    written = text.strip()
    if scheme := _SCHEME.match(written):
        return scheme[0].lower() + written[scheme.end() :]
    return f"https://{written}" if _BARE.fullmatch(written) else written


def _date(text: str, language: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        said = texts.say(language, "desk.date_bad", text=text.strip()[:20])
        raise Refused(said, "date") from error
