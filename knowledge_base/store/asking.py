"""A new submission takes its place in the queue: the plain statements of the common case.

Most of what is asked was never asked by this message before, and every asker waits for it, so no
row objects are made. What is edited or asked twice goes the way of `Questions.ask`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, bindparam, select, update

from knowledge_base.facts import Question, QuestionState
from knowledge_base.store.codes import new_code
from knowledge_base.store.tables import QuestionRow, SubmissionRow, WordingRow, table_of
from knowledge_base.store.unit import Unit

REVISION = "questions"
OPEN = QuestionState.OPEN.value
CODE_LENGTH = 4
DRAWS = 8  # of one length before a code gets longer
WORDINGS = 20

QUESTIONS, TOLD = table_of(QuestionRow), table_of(SubmissionRow)
WORDED = table_of(WordingRow)
KNOWN = select(TOLD.c.id).where(TOLD.c.id == bindparam("submission"))
BY_CODE = select(QUESTIONS).where(QUESTIONS.c.code == bindparam("code"))
BY_ID = select(QUESTIONS).where(QUESTIONS.c.id == bindparam("number"))
# Locked (PostgreSQL) until the asker has joined: nobody merges or answers it in between, and
# everybody takes the question before the counter.
_JOINING, _MERGED_INTO = BY_CODE.with_for_update(), BY_ID.with_for_update()
_SAME_WORDS = (
    select(QUESTIONS)
    .join(WORDED, WORDED.c.question == QUESTIONS.c.id)
    .where(WORDED.c.fingerprint == bindparam("fingerprint"), QUESTIONS.c.state == OPEN)
    .order_by(QUESTIONS.c.id)
    .limit(1)
    .with_for_update(of=QUESTIONS)
)
_OF_QUESTION = select(TOLD.c.id).where(TOLD.c.question == bindparam("number")).limit(1)
_BY_PERSON = _OF_QUESTION.where(TOLD.c.person == bindparam("person"))
_BY_CHANNEL = _OF_QUESTION.where(TOLD.c.channel == bindparam("channel"), TOLD.c.person.is_not(None))
_WORDINGS = (
    select(WORDED.c.text)
    .where(WORDED.c.question == bindparam("number"))
    .order_by(WORDED.c.times.desc(), WORDED.c.id)
    .limit(WORDINGS)
)
_AGAIN = (
    update(WORDED)
    .where(WORDED.c.question == bindparam("of"), WORDED.c.fingerprint == bindparam("words"))
    .values(times=WORDED.c.times + 1)
)
_JOINED = (
    update(QUESTIONS)
    .where(QUESTIONS.c.id == bindparam("joined"))
    .values(
        askers=QUESTIONS.c.askers + bindparam("voices"),
        forwarded_many=QUESTIONS.c.forwarded_many + bindparam("forwarded"),
    )
)


def known(unit: Unit, submission: str) -> bool:
    """Is there a submission with this id?"""
    return unit.run(KNOWN, {"submission": submission}).first() is not None


def place(
    unit: Unit,
    values: Mapping[str, Any],
    same_as: str,
    forwarded: bool,
    nearest: Sequence[Mapping[str, Any]],
) -> Question:
    """Join the open question `same_as` (a code) or one with the same words, else open one.

    `values` is the new row of the submission, of a person who is still there, without its
    question; `nearest` are matches as plain data, kept where none are known.
    """
    row = _open(unit, same_as) or _first(unit, _SAME_WORDS, fingerprint=values["fingerprint"])
    if row is None:
        return _opened(unit, values, forwarded, nearest)
    return _joined(unit, row, values, forwarded, nearest)


def _first(unit: Unit, statement: Executable, **values: Any) -> Mapping[str, Any] | None:
    """The first question found, by column."""
    found = unit.run(statement, values).first()
    return None if found is None else {c.name: getattr(found, c.name) for c in QUESTIONS.c}


def _open(unit: Unit, code: str) -> Mapping[str, Any] | None:
    """The open question behind a code, at the end of its merges (which form no circle)."""
    row = _first(unit, _JOINING, code=code) if code else None
    while row is not None and row["merged_into"] is not None:
        row = _first(unit, _MERGED_INTO, number=row["merged_into"])
    return row if row is not None and row["state"] == OPEN else None


def _opened(
    unit: Unit,
    values: Mapping[str, Any],
    forwarded: bool,
    nearest: Sequence[Mapping[str, Any]],
) -> Question:
    """A question of its own."""
    row = {
        "text": values["text"],
        "state": OPEN,
        "lang": values["lang"],
        "askers": 1,
        "forwarded_many": int(forwarded),
        "channels": [values["channel"]],
        "first_asked": values["at"],
        "last_asked": values["at"],
        "neighbours": list(nearest),
        "revision": unit.revise(REVISION),
    }
    row["id"], row["code"] = _with_code(unit, row)
    unit.insert(SubmissionRow, {**values, "question": row["id"], "forwarded_many": forwarded})
    unit.insert(WordingRow, _wording(row, values))
    return _plain(row, [values["text"]])


def _with_code(unit: Unit, row: Mapping[str, Any]) -> tuple[int, str]:
    """Insert a question under a code nobody has; gives its id and the code."""
    tries = 0
    while True:
        code = new_code(CODE_LENGTH + tries // DRAWS)
        number = unit.insert(QuestionRow, {**row, "code": code})
        if number is not None:
            return int(number), code
        tries += 1


def _wording(row: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "question": row["id"],
        "fingerprint": values["fingerprint"],
        "text": values["text"],
        "times": 1,
    }


def _joined(
    unit: Unit,
    row: Mapping[str, Any],
    values: Mapping[str, Any],
    forwarded: bool,
    nearest: Sequence[Mapping[str, Any]],
) -> Question:
    """One asker more of an open question."""
    voices = 0 if _heard(unit, row["id"], values) else 1
    unit.insert(SubmissionRow, {**values, "question": row["id"], "forwarded_many": forwarded})
    changed: dict[str, Any] = {"last_asked": max(row["last_asked"], values["at"])}
    if values["channel"] not in row["channels"]:
        changed["channels"] = sorted({*row["channels"], values["channel"]})
    if nearest and not row["neighbours"]:
        changed["neighbours"] = list(nearest)
    if unit.insert(WordingRow, _wording(row, values)) is None:
        unit.run(_AGAIN, {"of": row["id"], "words": values["fingerprint"]})
    else:
        changed["revision"] = unit.revise(REVISION)
    raised = {"joined": row["id"], "voices": voices, "forwarded": int(forwarded)}
    unit.run(_JOINED, {**raised, **changed})
    fresh = _first(unit, BY_ID, number=row["id"]) or row
    return _plain(fresh, [text for (text,) in unit.run(_WORDINGS, {"number": row["id"]})])


def _heard(unit: Unit, question: int, values: Mapping[str, Any]) -> bool:
    """Has this person asked it before? A one-voice channel speaks as one."""
    if values["channel"] in unit.one_voice:
        found = unit.run(_BY_CHANNEL, {"number": question, "channel": values["channel"]})
    else:
        found = unit.run(_BY_PERSON, {"number": question, "person": values["person"]})
    return found.first() is not None


def _plain(row: Mapping[str, Any], wordings: Sequence[str]) -> Question:
    """An open question as plain data."""
    return Question(
        id=row["id"],
        code=row["code"],
        text=row["text"],
        state=QuestionState.OPEN,
        lang=row["lang"],
        askers=row["askers"],
        first_asked=row["first_asked"],
        last_asked=row["last_asked"],
        wordings=tuple(wordings),
        channels=tuple(row["channels"]),
        forwarded_many=row["forwarded_many"],
        version=row.get("version", 1),
    )
