"""Fact-checks with all their versions, and the variants they were seen in."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, tuple_
from sqlalchemy import select as core
from sqlmodel import col, delete, func, insert, or_, select, update

from knowledge_base.facts import Changes, FactCheck, Refused, Saved, Stale, State, Version
from knowledge_base.store.records import (
    COLUMNS,
    addresses,
    complete,
    content,
    digest,
    from_content,
    from_row,
    pack_sources,
    pack_standing,
)
from knowledge_base.store.tables import (
    CitationRow,
    DuplicateRow,
    FactRow,
    FactVersionRow,
    MarkRow,
    Row,
    VariantRow,
    clean,
    table_of,
)
from knowledge_base.store.unit import Door

REVISION = "facts"
MARKS = 1_000  # changes that keep their mark
CITING = 10  # fact-checks of one address
AT_ONCE = 400  # values in one IN list; SQLite takes at least 999 variables

FACTS, VARIANTS = table_of(FactRow), table_of(VariantRow)
PAIRS = table_of(DuplicateRow)
_FACT = (
    core(FACTS, VARIANTS.c.text.label("variant"))
    .outerjoin_from(FACTS, VARIANTS, VARIANTS.c.number == FACTS.c.number)
    .where(FACTS.c.number == bindparam("number"))
    .order_by(VARIANTS.c.id)
)
REVISED = core(FACTS.c.revision).where(FACTS.c.number.in_(bindparam("numbers", expanding=True)))
HELD = REVISED.order_by(FACTS.c.number).with_for_update(read=True)
TWINS = core(PAIRS.c.first, PAIRS.c.second).where(
    or_(PAIRS.c.first == bindparam("number"), PAIRS.c.second == bindparam("number")),
    PAIRS.c.dismissed.is_(False),
)


class Facts(Door):
    """Fact-checks of one transaction."""

    def get(self, number: int) -> FactCheck | None:
        """The current version, whatever its state; None if there is no such number."""
        if not 0 < number < 2**63:
            return None
        if self._unit.revised(REVISION):  # what we changed ourselves is not everybody's yet
            return self._read(number)
        kept = self._unit.memory.facts(self.revision())
        if number not in kept:
            fact = self._read(number)
            if fact is None or fact.state is not State.PUBLISHED:
                return fact  # changes without a new revision: see changes()
            kept[number] = fact
        return kept[number]

    def by_identity(self, identity: str) -> FactCheck | None:
        """The current version by the importer's stable identity."""
        query = select(FactRow).where(FactRow.identity == identity)
        return self._one(self._session.exec(query).first())

    def known(self, identities: Sequence[str]) -> frozenset[str]:
        """Those of these identities that are there, whatever their state."""
        found: set[str] = set()
        for start in range(0, len(identities), AT_ONCE):
            some = col(FactRow.identity).in_(identities[start : start + AT_ONCE])
            found.update(self._session.exec(select(FactRow.identity).where(some)))
        return frozenset(found)

    def twins(self, number: int) -> tuple[int, ...]:
        """Other fact-checks the matcher takes for this one, and nobody said that they are two."""
        pairs = self._unit.run(TWINS, {"number": number}).all()
        return tuple(sorted(second if first == number else first for first, second in pairs))

    def citing(self, urls: Sequence[str]) -> tuple[int, ...]:
        """Numbers of the fact-checks that name one of these addresses as a source and are
        published, then of those that were merged, the newest first, at most ten."""
        told = col(FactRow.state) == State.PUBLISHED.value
        query = (
            select(CitationRow.number)
            .join(FactRow, col(FactRow.number) == col(CitationRow.number))
            .where(
                col(CitationRow.address).in_(addresses(urls[:AT_ONCE])),
                told | col(FactRow.replaced_by).is_not(None),
            )
            .group_by(col(CitationRow.number), col(FactRow.state))
            .order_by(told.desc(), col(CitationRow.number).desc())
        )
        return tuple(self._session.exec(query.limit(CITING)))

    def published(self, limit: int = 50, offset: int = 0) -> tuple[FactCheck, ...]:
        """Published fact-checks, the newest change first."""
        query = (
            select(FactRow)
            .where(FactRow.state == State.PUBLISHED.value)
            .order_by(col(FactRow.changed_at).desc(), col(FactRow.number).desc())
        )
        return self._many(self._session.exec(query.limit(limit).offset(offset)).all())

    def browse(
        self,
        text: str = "",
        numbers: Sequence[int] | None = None,
        topic: str = "",
        verdict: str = "",
        state: str = "",
        checked_before: date | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[FactCheck, ...]:
        """Fact-checks that fit, the newest number first; aged ones the oldest check first;
        `numbers` in their own order. `text` is a number or words that stand in it."""
        row = FactRow
        query = select(row)
        if numbers is not None:
            query = query.where(col(row.number).in_(numbers[:AT_ONCE]))
        if text.lstrip("#").isdecimal() and len(text) < 12:
            query = query.where(row.number == int(text.lstrip("#")))
        elif text:
            part = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            found = [
                col(column).ilike(f"%{part}%", escape="\\")
                for column in (row.claim, row.title, row.fact)
            ]
            query = query.where(or_(*found))
        for column, value in ((row.topic, topic), (row.verdict, verdict), (row.state, state)):
            if value:
                query = query.where(column == value)
        if checked_before is not None:
            query = query.where(col(row.checked_on) < checked_before)
            query = query.order_by(col(row.checked_on), col(row.number))
        if numbers is not None:
            place = {number: place for place, number in enumerate(numbers)}
            rows = sorted(self._session.exec(query), key=lambda one: place[one.number or 0])
            return self._many(rows[offset : offset + limit])
        query = query.order_by(col(row.number).desc())
        return self._many(self._session.exec(query.limit(limit).offset(offset)).all())

    def count(self) -> Mapping[str, int]:
        """How many fact-checks there are in each state."""
        query = select(FactRow.state, func.count()).group_by(FactRow.state)
        return dict(self._session.exec(query).all())

    def topics(self) -> frozenset[str]:
        """Every topic that a fact-check has."""
        return frozenset(self._session.exec(select(FactRow.topic).distinct()))

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
            flips=tuple(
                (old.number, old.verdict.value, new.verdict.value)
                for _, old, new in changed
                if old.verdict is not new.verdict
            ),
            touched=(
                *((None, new) for new in fresh),
                *((old, new) for _, old, new in changed),
            ),
        )

    def by_actor(self, actor: str, since: datetime) -> tuple[int, ...]:
        """Numbers of the fact-checks this person made a version of since then, oldest first."""
        query = (
            select(FactVersionRow.number)
            .where(FactVersionRow.actor == actor, FactVersionRow.at >= since)
            .group_by(col(FactVersionRow.number))
            .order_by(func.min(FactVersionRow.at), col(FactVersionRow.number))
        )
        return tuple(self._session.exec(query))

    def wordings_by(self, actor: str, since: datetime) -> tuple[tuple[int, str], ...]:
        """(number, wording) of what this person taught since then, in the order they did."""
        query = (
            select(VariantRow.number, VariantRow.text)
            .where(VariantRow.actor == actor, VariantRow.at >= since)
            .order_by(col(VariantRow.id))
        )
        return tuple(self._session.exec(query).all())

    def add_variant(self, number: int, text: str, actor: str) -> None:
        """Remember one more masked wording this claim has been seen in (no new version)."""
        text = clean(text).strip()
        row = self._session.get(FactRow, number)
        if row is None:
            raise Refused(f"There is no fact-check {number}.", "number")
        if text and text != row.claim and self._add_variants(number, [text], actor):
            row.revision = self._revise()

    def drop_variant(self, number: int, text: str, actor: str = "") -> bool:
        """Forget a wording that led to wrong answers, with `actor` only if it came from them;
        False when there is none such."""
        which = [
            col(VariantRow.number) == number,
            col(VariantRow.digest) == digest(clean(text).strip()),
        ]
        if actor:
            which.append(col(VariantRow.actor) == actor)
        gone = self._session.exec(delete(VariantRow).where(*which)).rowcount
        row = self._session.get(FactRow, number)
        if row is not None and gone:
            row.revision = self._revise()
        return bool(gone)

    def _revise(self) -> int:
        """The revision of what changes in this transaction, with a mark nobody else draws."""
        new = not self._unit.revised(REVISION)
        revision = self._unit.revise(REVISION)
        if new:
            mark = MarkRow(name=_mark(revision), value=secrets.token_hex(16))
            self._session.add(mark)
            old = col(MarkRow.name) == _mark(revision - MARKS)
            self._session.exec(delete(MarkRow).where(old))
        return revision

    def changed(self, numbers: Collection[int], since: int) -> bool:
        """Has one of these changed after revision `since`? Otherwise none of them does until this
        transaction ends: on PostgreSQL, where others write beside us, they wait for that."""
        if self._unit.dialect == "sqlite" and self.revision() == since:
            return False
        which = [number for number in numbers if 0 < number < 2**63]
        self._unit.flush()
        statement = HELD if self._unit.writing else REVISED
        found = self._session.connection().execute(statement, {"numbers": which}).scalars()
        return any(revision > since for revision in found)

    def mark(self, revision: int) -> str:
        """The random mark of this change; empty when it is too long ago."""
        row = self._session.get(MarkRow, _mark(revision))
        return row.value if row else ""

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

    def after(self, revision: int, number: int, limit: int) -> tuple[tuple[int, FactCheck], ...]:
        """Published fact-checks after this place in the order of their last change: each with
        its revision, so that a long walk can be done in parts and goes on with what is new."""
        place = tuple_(col(FactRow.revision), col(FactRow.number))
        query = (
            select(FactRow)
            .where(place > (revision, number), FactRow.state == State.PUBLISHED.value)
            .order_by(col(FactRow.revision), col(FactRow.number))
            .limit(limit)
        )
        rows = self._session.exec(query).all()
        facts = self._many(rows)
        return tuple((row.revision, fact) for row, fact in zip(rows, facts, strict=True))

    def _read(self, number: int) -> FactCheck | None:
        rows = self._unit.run(_FACT, {"number": number}).all()
        texts = [row.variant for row in rows if row.variant is not None]
        return from_row(rows[0], texts) if rows else None

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
        """New rows with numbers in the order given; one revision for all of them.

        Plain inserts, not row objects: an import of 10,000 takes seconds this way.
        """
        if not records:
            return []
        now, revision = self._unit.now, self._revise()
        rows = [_columns(replace(record, version=1), actor, revision, now) for record in records]
        statement = insert(FactRow).returning(col(FactRow.number), sort_by_parameter_order=True)
        numbers = self._session.connection().execute(statement, rows).scalars().all()
        kept = [
            replace(
                record,
                number=number or 0,
                version=1,
                changed_at=now,
                identity=record.identity or f"saring:{number}",
            )
            for record, number in zip(records, numbers, strict=True)
        ]
        self._name([new for new, record in zip(kept, records, strict=True) if not record.identity])
        self._add(FactVersionRow, [_version(record, actor, reason) for record in kept])
        self._add(
            VariantRow,
            [_variant(new.number, text, actor, now) for new in kept for text in new.variants],
        )
        self._add(CitationRow, [row for new in kept for row in _citations(new)])
        return kept

    def _name(self, records: Sequence[FactCheck]) -> None:
        for record in records:
            self._session.exec(
                update(FactRow)
                .where(col(FactRow.number) == record.number)
                .values(identity=record.identity)
            )

    def _add(self, table: type[Row], rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._session.connection().execute(insert(table), rows)

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
        known = {old.state, new.state}
        revision = self._revise() if State.PUBLISHED in known else row.revision
        for name, value in _columns(new, actor, revision, self._unit.now).items():
            setattr(row, name, value)
        self._session.flush()
        self._add(FactVersionRow, [_version(new, actor, reason)])
        if old.sources != new.sources:
            self._session.exec(delete(CitationRow).where(col(CitationRow.number) == new.number))
            self._add(CitationRow, _citations(new))
        return new

    def _add_variants(self, number: int, texts: Sequence[str], actor: str) -> int:
        now = self._unit.now
        return sum(
            self._unit.insert_new(VariantRow(**_variant(number, text, actor, now)))
            for text in texts
        )


def _mark(revision: int) -> str:
    return f"{REVISION}:{revision}"


def _columns(record: FactCheck, actor: str, revision: int, now: datetime) -> dict[str, Any]:
    identity = record.identity or f"new:{secrets.token_hex(8)}"  # until it has a number
    return {name: getattr(record, name) for name in COLUMNS} | {
        "identity": identity,
        "verdict": record.verdict.value,
        "kind": record.kind.value if record.kind else None,
        "sources": pack_sources(record.sources),
        **pack_standing(record),
        "state": record.state.value,
        "version": record.version,
        "changed_at": now,
        "changed_by": actor,
        "revision": revision,
    }


def _version(record: FactCheck, actor: str, reason: str) -> dict[str, Any]:
    return {
        "number": record.number,
        "version": record.version,
        "at": record.changed_at,
        "actor": actor,
        "reason": reason,
        "snapshot": content(record),
    }


def _variant(number: int, text: str, actor: str, now: datetime) -> dict[str, Any]:
    return {"number": number, "digest": digest(text), "text": text, "actor": actor, "at": now}


def _citations(record: FactCheck) -> list[dict[str, Any]]:
    urls = (source.url for source in record.sources)
    return [{"address": address, "number": record.number} for address in addresses(urls)]


def _identified(fact_check: FactCheck) -> FactCheck:
    if fact_check.identity:
        return fact_check
    if not fact_check.sources:
        raise Refused("Needs an id or at least one source.", "sources")
    return replace(fact_check, identity=fact_check.sources[0].url)


def _keeping(stored: FactCheck, new: FactCheck) -> FactCheck:
    kept = ("state", "outdated", "replaced_by", "public_figure", "concerns")
    return replace(new, **{name: getattr(stored, name) for name in kept})


def _same(stored: FactCheck, new: FactCheck) -> bool:
    known = set(stored.variants) >= set(new.variants)
    return known and content(replace(stored, variants=())) == content(replace(new, variants=()))
