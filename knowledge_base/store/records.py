"""Fact-checks as plain data: what a record needs to be kept, and its way in and out of a row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from knowledge_base.facts import FactCheck, Kind, Refused, Source, State, Verdict
from knowledge_base.search.text import page_url
from knowledge_base.store.tables import clean

FACT_LENGTH = 160
SENTENCE = re.compile(r"(?<=[.!?])\s+")
DATES = ("claim_date", "checked_on")
COLUMNS = ("claim", "title", "fact", "explanation", "publisher", "topic", "lang", *DATES)
STANDING = ("outdated", "replaced_by", "public_figure", "concerns", "our_mistake")
TEXTS = ("identity", "claim", "title", "fact", "explanation", "publisher", "topic", "lang")


def first_sentence(text: str, length: int = FACT_LENGTH) -> str:
    """The first sentence, cut at a word when it is longer than `length` characters."""
    sentence = SENTENCE.split(text.strip(), maxsplit=1)[0]
    if len(sentence) <= length:
        return sentence
    return sentence[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def complete(fact_check: FactCheck) -> FactCheck:
    """The record as it is kept: trimmed, fact derived. Raises Refused when it is not complete
    enough for its state."""
    texts: dict[str, Any] = {name: clean(getattr(fact_check, name)).strip() for name in TEXTS}
    texts["fact"] = texts["fact"] or first_sentence(texts["explanation"])
    variants = tuple(dict.fromkeys(clean(v).strip() for v in fact_check.variants if v.strip()))
    sources = tuple(
        replace(s, url=clean(s.url).strip(), publisher=clean(s.publisher), title=clean(s.title))
        for s in fact_check.sources
    )
    kept = replace(fact_check, **texts, variants=variants, sources=sources)
    if kept.state is State.PUBLISHED:
        _publishable(kept)
    return kept


def _publishable(fact_check: FactCheck) -> None:
    if not fact_check.claim:
        raise Refused("A published fact-check needs a claim.", "claim")
    if len(fact_check.fact) > FACT_LENGTH:
        raise Refused(f"The fact has more than {FACT_LENGTH} characters.", "fact")
    if not fact_check.sources:
        raise Refused("A published fact-check needs at least one source.", "sources")
    for source in fact_check.sources:
        if not _is_web_address(source.url):
            raise Refused(f"Not a web address (http or https): {source.url[:80]}", "sources")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    clear = not any(c.isspace() or not c.isprintable() for c in url)
    return clear and parts.scheme in {"http", "https"} and bool(parts.hostname)


def digest(text: str) -> str:
    """Identity of a variant: equal texts are one."""
    return hashlib.sha256(text.encode()).hexdigest()


def addresses(urls: Iterable[str]) -> list[str]:
    """Digests of these addresses, each once, however it is spelt (see page_url). The name of
    a site alone leads to no fact-check in particular. Kept in `citations`: other spellings need a
    migration that makes those anew."""
    read = dict.fromkeys(map(page_url, map(clean, urls)))
    return [digest(address) for address in read if any(s in address for s in "/?#")]


def pack_sources(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Sources as plain data."""
    return [
        {key: str(value) for key, value in asdict(source).items() if value} for source in sources
    ]


def unpack_sources(data: Iterable[Mapping[str, str]]) -> tuple[Source, ...]:
    """Sources from plain data."""
    return tuple(
        Source(
            url=item.get("url", ""),
            publisher=item.get("publisher", ""),
            title=item.get("title", ""),
            date=date.fromisoformat(item["date"]) if item.get("date") else None,
        )
        for item in data
    )


def pack_standing(fact_check: FactCheck) -> dict[str, Any]:
    """Why a record ended, and what the approval policy asks of it."""
    return {
        "outdated": fact_check.outdated,
        "replaced_by": fact_check.replaced_by or None,
        "public_figure": fact_check.public_figure,
        "concerns": list(fact_check.concerns),
        "our_mistake": fact_check.our_mistake,
    }


def _standing(data: Mapping[str, Any]) -> dict[str, Any]:
    """The way back; versions from before these fields have none of them."""
    return {
        "outdated": bool(data.get("outdated")),
        "replaced_by": data.get("replaced_by") or 0,
        "public_figure": bool(data.get("public_figure")),
        "concerns": tuple(data.get("concerns") or ()),
        "our_mistake": bool(data.get("our_mistake")),
    }


def content(fact_check: FactCheck) -> dict[str, Any]:
    """What makes a version: everything but number, version and times, as plain data."""
    data = {name: getattr(fact_check, name) for name in COLUMNS}
    for name in DATES:
        data[name] = data[name].isoformat() if data[name] else None
    return data | {
        "identity": fact_check.identity,
        "verdict": fact_check.verdict.value,
        "kind": fact_check.kind.value if fact_check.kind else None,
        "state": fact_check.state.value,
        "sources": pack_sources(fact_check.sources),
        "variants": list(fact_check.variants),
        **pack_standing(fact_check),
    }


def from_content(data: Mapping[str, Any], number: int, version: int, at: datetime) -> FactCheck:
    """The record that `content` described."""
    dates = {name: date.fromisoformat(data[name]) if data[name] else None for name in DATES}
    return FactCheck(
        **{name: data[name] for name in COLUMNS} | dates,
        identity=data["identity"],
        verdict=Verdict(data["verdict"]),
        kind=Kind(data["kind"]) if data["kind"] else None,
        state=State(data["state"]),
        sources=unpack_sources(data["sources"]),
        variants=tuple(data["variants"]),
        **_standing(data),
        number=number,
        version=version,
        changed_at=at,
    )


def from_row(row: Any, variants: Sequence[str]) -> FactCheck:
    """A row of `facts`, an object or a tuple, as plain data."""
    return FactCheck(
        **{name: getattr(row, name) for name in COLUMNS},
        identity=row.identity,
        verdict=Verdict(row.verdict),
        kind=Kind(row.kind) if row.kind else None,
        state=State(row.state),
        sources=unpack_sources(row.sources),
        variants=tuple(variants),
        **_standing({name: getattr(row, name) for name in STANDING}),
        number=row.number or 0,
        version=row.version,
        changed_at=row.changed_at,
    )
