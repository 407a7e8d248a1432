"""Fact-checks with all their versions, the variants they were seen in, and labelled pairs."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import col, delete, func, select

from knowledge_base.facts import (
    Changes,
    FactCheck,
    Kind,
    Pair,
    Refused,
    Saved,
    Source,
    Stale,
    State,
    Verdict,
    Version,
)
from knowledge_base.store.tables import EvidenceRow, FactRow, FactVersionRow, VariantRow, clean
from knowledge_base.store.unit import Unit

REVISION = "facts"
FACT_LENGTH = 160
AT_ONCE = 400  # values in one IN list; SQLite takes at least 999 variables
SENTENCE = re.compile(r"(?<=[.!?])\s+")
DATES = ("claim_date", "checked_on")
COLUMNS = ("claim", "title", "fact", "explanation", "publisher", "topic", "lang", *DATES)
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


def pack_sources(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Sources as plain data."""
    return [
        {key: str(value) for key, value in asdict(source).items() if value} for source in sources
    ]


def unpack_sources(data: Iterable[Mapping[str, str]]) -> tuple[Source, ...]:
    """Sources from plain data."""
    return tuple(
        Source(
            url=item["url"],
            publisher=item.get("publisher", ""),
            title=item.get("title", ""),
            date=date.fromisoformat(item["date"]) if item.get("date") else None,
        )
        for item in data
    )


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
        number=number,
        version=version,
        changed_at=at,
    )


def from_row(row: FactRow, variants: Sequence[str]) -> FactCheck:
    """A row as plain data."""
    return FactCheck(
        **{name: getattr(row, name) for name in COLUMNS},
        identity=row.identity,
        verdict=Verdict(row.verdict),
        kind=Kind(row.kind) if row.kind else None,
        state=State(row.state),
        sources=unpack_sources(row.sources),
        variants=tuple(variants),
        number=row.number or 0,
        version=row.version,
        changed_at=row.changed_at,
    )


class Facts:
    """Fact-checks of one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._session = unit.session

    def get(self, number: int) -> FactCheck | None:
        """The current version, whatever its state; None if there is no such number."""
        if not 0 < number < 2**63:
            return None
        return self._one(self._session.get(FactRow, number))

    def by_identity(self, identity: str) -> FactCheck | None:
        """The current version by the importer's stable identity."""
        query = select(FactRow).where(FactRow.identity == identity)
        return self._one(self._session.exec(query).first())

    def published(self, limit: int = 50, offset: int = 0) -> tuple[FactCheck, ...]:
        """Published fact-checks, the newest change first."""
        query = (
            select(FactRow)
            .where(FactRow.state == State.PUBLISHED.value)
            .order_by(col(FactRow.changed_at).desc(), col(FactRow.number).desc())
        )
        return self._many(self._session.exec(query.limit(limit).offset(offset)).all())

    def count(self) -> Mapping[str, int]:
        """How many fact-checks there are in each state."""
        query = select(FactRow.state, func.count()).group_by(FactRow.state)
        return dict(self._session.exec(query).all())

    def history(self, number: int) -> tuple[Version, ...]:
        """Every version, newest first."""
        query = (
            select(FactVersionRow)
            .where(FactVersionRow.number == number)
            .order_by(col(FactVersionRow.version).desc())
        )
        return tuple(
            Version(
                row.version,
                row.at,
                row.actor,
                row.reason,
                from_content(row.snapshot, number, row.version, row.at),
            )
            for row in self._session.exec(query)
        )

    def save(self, fact_check: FactCheck, actor: str, reason: str) -> FactCheck:
        """Insert (number 0) or make a new version; unchanged content makes none.

        Without an identity a new record gets `saring:<number>`. One that was retracted comes
        back under its number when its identity is saved anew. Variants are added, never taken
        away. Raises Refused when the record is not complete enough for its state or its
        identity belongs to another one, Stale when `fact_check.version` is not the stored one.
        """
        kept = complete(fact_check)
        earlier = self.by_identity(kept.identity) if kept.number == 0 and kept.identity else None
        if earlier is not None and earlier.state is State.RETRACTED:
            kept = replace(kept, number=earlier.number, version=earlier.version)
        elif earlier is not None:
            raise Refused(f"There is a fact-check {kept.identity[:80]} already.", "identity")
        if kept.number == 0:
            return self._insert([kept], actor, reason)[0]
        row = self._session.get(FactRow, kept.number)
        if row is None:
            raise Refused(f"There is no fact-check {kept.number}.", "number")
        if row.version != kept.version:
            raise Stale(f"Fact-check {kept.number} has been changed meanwhile.", by=row.changed_by)
        stored = from_row(row, self._variants([kept.number])[kept.number])
        return self._change(row, stored, replace(kept, identity=stored.identity), actor, reason)

    def save_many(
        self, fact_checks: Iterable[FactCheck], actor: str, reason: str, *, dry: bool = False
    ) -> Saved:
        """Import: insert or change by identity (without one: the first source's address).

        The state of a known record stays as it is, so that no import brings back what was
        retracted. Records that cannot be taken are counted and named, the others are kept;
        with `dry` nothing is written. The last one wins when an identity comes twice.
        """
        saved = Saved()
        rows: dict[str, tuple[int, FactCheck]] = {}
        for index, fact_check in enumerate(fact_checks):
            try:
                kept = complete(_identified(fact_check))
            except Refused as error:
                saved = saved.refuse(index, error.field, str(error))
            else:
                rows[kept.identity] = (index, kept)
        stored = self._by_identities(list(rows))
        fresh = [kept for identity, (_, kept) in rows.items() if identity not in stored]
        known = [
            (*stored[identity], _keeping(stored[identity][1], kept))
            for identity, (_, kept) in rows.items()
            if identity in stored
        ]
        changed = [(row, old, new) for row, old, new in known if not _same(old, new)]
        if not dry:
            self._insert(fresh, actor, reason)
            for row, old, new in changed:
                self._change(row, old, new, actor, reason)
        return replace(
            saved,
            added=len(fresh),
            changed=len(changed),
            unchanged=len(rows) - len(fresh) - len(changed),
        )

    def add_variant(self, number: int, text: str, actor: str) -> None:
        """Remember one more masked wording this claim has been seen in (no new version)."""
        text = clean(text).strip()
        row = self._session.get(FactRow, number)
        if row is None:
            raise Refused(f"There is no fact-check {number}.", "number")
        if text and text != row.claim and self._add_variants(number, [text], actor):
            row.revision = self._unit.raise_counter(REVISION)

    def drop_variant(self, number: int, text: str) -> None:
        """Forget a wording that led to wrong answers."""
        same = col(VariantRow.digest) == digest(clean(text).strip())
        self._session.exec(delete(VariantRow).where(col(VariantRow.number) == number, same))
        row = self._session.get(FactRow, number)
        if row is not None:
            row.revision = self._unit.raise_counter(REVISION)

    def revision(self) -> int:
        """Number of the newest change the search has to know of; cheap."""
        return self._unit.counter(REVISION)

    def changes(self, since: int) -> Changes[FactCheck]:
        """Published fact-checks that are new or other since revision `since`, and the numbers
        of those that must not be found any more."""
        query = select(FactRow).where(FactRow.revision > since).order_by(col(FactRow.number))
        rows = self._session.exec(query).all()
        found = self._many([row for row in rows if row.state == State.PUBLISHED.value])
        removed = tuple(str(row.number) for row in rows if row.state != State.PUBLISHED.value)
        return Changes(self.revision(), found, removed)

    def _one(self, row: FactRow | None) -> FactCheck | None:
        return None if row is None else self._many([row])[0]

    def _many(self, rows: Sequence[FactRow]) -> tuple[FactCheck, ...]:
        variants = self._variants([row.number or 0 for row in rows])
        return tuple(from_row(row, variants[row.number or 0]) for row in rows)

    def _variants(self, numbers: Sequence[int]) -> defaultdict[int, list[str]]:
        found: defaultdict[int, list[str]] = defaultdict(list)
        for start in range(0, len(numbers), AT_ONCE):
            query = (
                select(VariantRow.number, VariantRow.text)
                .where(col(VariantRow.number).in_(numbers[start : start + AT_ONCE]))
                .order_by(col(VariantRow.id))
            )
            for number, text in self._session.exec(query):
                found[number].append(text)
        return found

    def _by_identities(self, identities: Sequence[str]) -> dict[str, tuple[FactRow, FactCheck]]:
        rows: list[FactRow] = []
        for start in range(0, len(identities), AT_ONCE):
            part = identities[start : start + AT_ONCE]
            rows += self._session.exec(select(FactRow).where(col(FactRow.identity).in_(part)))
        return {
            row.identity: (row, fact_check)
            for row, fact_check in zip(rows, self._many(rows), strict=True)
        }

    def _insert(self, records: Sequence[FactCheck], actor: str, reason: str) -> list[FactCheck]:
        """New rows with numbers in the order given; one revision for all of them."""
        if not records:
            return []
        revision = self._unit.raise_counter(REVISION)
        rows = [self._row(record, actor, revision) for record in records]
        self._session.add_all(rows)
        self._session.flush()
        for row, record in zip(rows, records, strict=True):
            row.identity = record.identity or f"saring:{row.number}"
        kept = [
            replace(
                record, number=row.number or 0, identity=row.identity, version=1,
                changed_at=row.changed_at,
            )
            for row, record in zip(rows, records, strict=True)
        ]  # fmt: skip
        self._session.add_all(self._version(record, actor, reason) for record in kept)
        self._session.add_all(
            self._variant(record.number, text, actor) for record in kept for text in record.variants
        )
        self._session.flush()
        return kept

    def _change(
        self, row: FactRow, old: FactCheck, new: FactCheck, actor: str, reason: str
    ) -> FactCheck:
        if _same(old, new):
            return old
        wordings = tuple(dict.fromkeys((*old.variants, *new.variants)))
        new = replace(
            new, number=old.number, version=old.version + 1, changed_at=self._unit.now,
            variants=wordings,
        )  # fmt: skip
        self._add_variants(old.number, new.variants[len(old.variants) :], actor)
        for name in COLUMNS:
            setattr(row, name, getattr(new, name))
        row.verdict, row.state = new.verdict.value, new.state.value
        row.kind = new.kind.value if new.kind else None
        row.sources = pack_sources(new.sources)
        row.version, row.changed_at, row.changed_by = new.version, self._unit.now, actor
        if State.PUBLISHED in {old.state, new.state}:
            row.revision = self._unit.raise_counter(REVISION)
        self._session.add(self._version(new, actor, reason))
        self._session.flush()
        return new

    def _row(self, record: FactCheck, actor: str, revision: int) -> FactRow:
        return FactRow(
            **{name: getattr(record, name) for name in COLUMNS},
            identity=record.identity or f"new:{secrets.token_hex(8)}",  # until it has a number
            verdict=record.verdict.value,
            kind=record.kind.value if record.kind else None,
            sources=pack_sources(record.sources),
            state=record.state.value,
            version=1,
            changed_at=self._unit.now,
            changed_by=actor,
            revision=revision,
        )

    def _version(self, record: FactCheck, actor: str, reason: str) -> FactVersionRow:
        return FactVersionRow(
            number=record.number,
            version=record.version,
            at=self._unit.now,
            actor=actor,
            reason=reason,
            snapshot=content(record),
        )

    def _variant(self, number: int, text: str, actor: str) -> VariantRow:
        return VariantRow(
            number=number, digest=digest(text), text=text, actor=actor, at=self._unit.now
        )

    def _add_variants(self, number: int, texts: Sequence[str], actor: str) -> int:
        return sum(self._unit.insert_new(self._variant(number, text, actor)) for text in texts)


def _identified(fact_check: FactCheck) -> FactCheck:
    if fact_check.identity:
        return fact_check
    if not fact_check.sources:
        raise Refused("Needs an id or at least one source.", "sources")
    return replace(fact_check, identity=fact_check.sources[0].url)


def _keeping(stored: FactCheck, new: FactCheck) -> FactCheck:
    return replace(new, state=stored.state)


def _same(stored: FactCheck, new: FactCheck) -> bool:
    known = set(stored.variants) >= set(new.variants)
    return known and content(replace(stored, variants=())) == content(replace(new, variants=()))


class Evidence:
    """What people and moderators confirmed or refused; nothing in it leads to a person."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def add(self, text: str, fact_number: int, *, right: bool, by: str, lang: str = "id") -> None:
        """Text (masked), the fact-check, whether it was the right one, and who says so."""
        self._unit.session.add(
            EvidenceRow(
                text=text, number=fact_number, right=right, by=by, lang=lang, at=self._unit.now
            )
        )

    def pairs(self, after: int = 0, limit: int = 1000) -> tuple[Pair, ...]:
        """Labelled pairs in order, one page after pair `after`."""
        query = (
            select(EvidenceRow)
            .where(col(EvidenceRow.id) > after)
            .order_by(col(EvidenceRow.id))
            .limit(limit)
        )
        return tuple(
            Pair(row.id or 0, row.text, row.number, row.right, row.by, row.lang, row.at)
            for row in self._unit.session.exec(query)
        )
