"""Hints for whoever writes an answer: short sentences, plain words, a title that stays neutral.

A hint keeps nothing from being published. Fifteen words a sentence is the usual advice for
plain language; the office words and what to say instead stand in texts/office.<language>.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from handlers import texts
from handlers.moderate import Draft
from handlers.reading import cut
from knowledge_base.facts import Verdict
from knowledge_base.search.text import common_stems, frame_stems, normalise

WORDS = 15  # of one sentence
FACT = 120  # characters that fit a telephone's screen in two lines
SAME = 0.8  # part of the title's words that stand in the claim
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"[^\W_][\w'-]*")
_FALSE = (Verdict.FALSE, Verdict.SCAM, Verdict.MISLEADING)


@cache
def office_words(language: str) -> Mapping[str, str]:
    """Office words of a language with the plain ones, from its text file."""
    name = f"office.{texts.readable(language)}.txt"
    lines = files("handlers.texts").joinpath(name).read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {word.strip().casefold(): plain.strip() for word, plain in pairs}


def hints(draft: Draft, language: str) -> tuple[str, ...]:
    """What could be easier to read, in the writer's `language`; empty when nothing."""
    found = (texts.say(language, f"plain.{key}", **values) for key, values in _hints(draft))
    return tuple(dict.fromkeys(found))


def _hints(draft: Draft) -> Iterator[tuple[str, dict[str, object]]]:
    if draft.claim.strip() and not _telling(draft.claim):
        yield "general", {}
    if len(draft.fact.strip()) > FACT:
        yield "fact_long", {"count": len(draft.fact.strip()), "limit": FACT}
    for text in (draft.fact, draft.explanation):
        for sentence in _SENTENCE.split(text):
            count = len(_WORD.findall(sentence))
            if count > WORDS:
                yield "sentence", {"start": cut(sentence.strip(), 40), "count": count}
    yield from _office(draft)
    if draft.verdict in _FALSE and _repeats(draft.title, draft.claim):
        yield "title", {}


def _telling(claim: str) -> bool:
    """Has the claim a word of its own? Without one ("bagikan ke semua grup!") its verdict would
    fit whatever such words stand around (F7)."""
    return bool(set(normalise(claim).stems) - frame_stems() - common_stems())


def _office(draft: Draft) -> Iterator[tuple[str, dict[str, object]]]:
    text = f" {' '.join(_WORD.findall(f'{draft.fact} {draft.explanation}'.casefold()))} "
    for word, instead in office_words(draft.lang).items():
        if f" {word} " in text:
            yield "office", {"word": word, "instead": instead}


def _repeats(title: str, claim: str) -> bool:
    """Does the title say the false sentence once more?"""
    words, known = set(_WORD.findall(title.casefold())), set(_WORD.findall(claim.casefold()))
    return len(words) > 3 and len(words & known) >= SAME * len(words)
