"""The answer form and the draft it stands for, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.web.pages import words
from handlers.moderate import Draft
from knowledge_base.facts import Kind, Question, Refused, Source, Verdict

SOURCES = (1, 2, 3)
FIELDS = (
    *("verdict", "kind", "claim", "title", "fact", "explanation", "topic", "lang", "claim_date"),
    *("public_figure", "concerns"),
)
SOURCE_FIELDS = ("url", "publisher", "title", "date")
KEPT = FIELDS + tuple(f"{name}_{number}" for number in SOURCES for name in SOURCE_FIELDS)
LONGEST = 10_000  # characters of one field


def fields_of(form: Mapping[str, object]) -> dict[str, str]:
    """The fields of the form as text; what is not ours is left out."""
    return {name: _text(form.get(name)) for name in KEPT}


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "").replace("\r\n", "\n")[:LONGEST]


def fresh(question: Question) -> dict[str, str]:
    """The form of a question nobody has begun to answer."""
    return dict.fromkeys(KEPT, "") | {"lang": question.lang or "id"}


def to_draft(fields: Mapping[str, str]) -> Draft:
    """What the fields say; unknown choices count as not chosen. Raises Refused for a bad date."""
    return Draft(
        verdict=Verdict(fields["verdict"]) if fields["verdict"] in set(Verdict) else None,
        kind=Kind(fields["kind"]) if fields["kind"] in set(Kind) else None,
        claim=fields["claim"],
        title=fields["title"],
        fact=fields["fact"],
        explanation=fields["explanation"],
        sources=tuple(_source(fields, number) for number in SOURCES if _named(fields, number)),
        topic=fields["topic"],
        lang=fields["lang"] or "id",
        claim_date=_date(fields, "claim_date"),
        public_figure=bool(fields.get("public_figure")),
        concerns=_names(fields.get("concerns", "")),
    )


def read(fields: Mapping[str, str], language: str) -> Draft:
    """The same; a date nobody can read is refused in words of this language."""
    try:
        return to_draft(fields)
    except Refused as refused:
        raise Refused(words(language)("desk.date_bad", text=str(refused)), "date") from refused


def _names(text: str) -> tuple[str, ...]:
    """Organisations, separated by commas."""
    return tuple(dict.fromkeys(name.strip()[:80] for name in text.split(",") if name.strip()))


def _named(fields: Mapping[str, str], number: int) -> bool:
    return any(fields[f"{name}_{number}"].strip() for name in SOURCE_FIELDS)


def _source(fields: Mapping[str, str], number: int) -> Source:
    return Source(
        url=fields[f"url_{number}"].strip(),
        publisher=fields[f"publisher_{number}"].strip(),
        title=fields[f"title_{number}"].strip(),
        date=_date(fields, f"date_{number}"),
    )


def _date(fields: Mapping[str, str], name: str) -> date | None:
    text = fields[name].strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(text[:20], "date") from error
