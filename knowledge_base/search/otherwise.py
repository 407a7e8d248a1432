"""Does a short message make another statement of what it shares with a record?

Short news share most words with a claim of the same people and places. Another kind of statement is
told from a repeat in a base of any size: the sentence opens with a condition or a wish; somebody
asks for it; something else is only likened to it; a word that takes it back ("menolak", "batal",
"sempat") stands in it; the claim tells of a death and the message of none. Other words are looked
at in a small base, where no rivals show them for what they are: one word stands in the place of
another, or two of two; much of the claim is missing while as much else is said. Such a match is
only suggested. A long message has room for all of them beside the claim, and a long claim is
damaged by its way through many chats, so they are left to the shares of their words, where not
most of it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import cache, lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA, LCSseq

from knowledge_base.search import vocabulary
from knowledge_base.search.alignment import align, like
from knowledge_base.search.contrasts import core
from knowledge_base.search.entries import Entry, View
from knowledge_base.search.reading import cached_read
from knowledge_base.search.swaps import other_filling
from knowledge_base.search.telling import (
    SHORT,
    Beyond,
    Word,
    bones,
    content_words,
    figures,
    hollow,
    lacking,
    same_word,
    stretch_of,
    turned,
)
from knowledge_base.search.text import Text, english, guess_language, respell, stem

OPEN = 1.5  # times the claim's content words: a longer message is not looked at
WIDE = 2.5  # the same for what opens a sentence
MISSING = 0.4  # of the claim's words …
ELSE = 0.4  # … while so many of the message's are not in the record: other news of the topic
LONG = 24  # content words of a claim of which most may be missing; a longer one was an article
MOSTLY_ELSE = 0.6  # the same where one word of a bare claim is missing
BARE = 4  # content words of such a claim
ELSE_WORDS = 3  # at least
MOSTLY_MISSING = 0.6  # of the claim's words, whatever else is said
FEW = 4  # words more than the claim's that are looked at in any case
LEADING = 3  # words at the beginning of a sentence, one of which opens it …
BEGINS = 3  # … so many words at most before the first one of the claim
POINTING = ("itu", "ini", "berikut")
ADDRESSED = 3  # words behind "kalau" that tell whether it speaks of the rumour or to the reader
DENIED = 2  # words before a made-up setting, one of which denies it
MAINLY = 0.7  # of what is told of the claim that stands before "kalau"
LIKENED = 0.7  # of what is told of the claim that stands behind "kayak"
NEWS = 2  # content words behind "usai …" that make it other news
SLIP = 2  # letters by which a longer word may differ and still be that word
HEARD = 16  # messages whose sentences are kept

_SENTENCE = re.compile(r"(?:[!?…;\n]|\.(?!\d))+")  # not at "Rp2.000"
_WORD = re.compile(r"[^\W\d_]+")
_WORD_OR_FIGURE = re.compile(r"[^\W\d_]+|\d+")


class Otherwise(IntEnum):
    """What speaks against a repeat: nothing, other words, or another kind of statement."""

    NOT = 0
    IN_WORDS = 1  # which may still say the same
    IN_KIND = 2  # a condition, a wish, a plan, a comparison; it is taken back, or over


def otherwise(message: Text, entry: Entry, heard: Callable[[str], bool] | None = None) -> Otherwise:
    """Does a short message make another statement than each of the record's wordings? By the one
    that speaks least against it.

    `heard` says whether the records have a stem at all: one that none of them has may be a slip, or
    the same word in another language, and is not taken for another one. Without it only other kinds
    of statement are looked for.
    """
    known = frozenset().union(*(view.distinct for view in entry.views))
    views = [view for view in entry.views if view.via != "title"]
    least = Otherwise.IN_KIND
    for view in views:
        least = min(least, _otherwise(message, view, known, heard))
        if not least:
            break
    return least


def _otherwise(
    message: Text, view: View, known: frozenset[str], heard: Callable[[str], bool] | None
) -> Otherwise:
    claim, said = content_words(view), content_words(message)
    beyond = Beyond(view, known, refutes=False)
    if len(claim) > SHORT:
        return _words(heard is not None and _hardly_told(claim, said, beyond))
    if not claim or len(said) > max(WIDE * len(claim), len(claim) + FEW):
        return Otherwise.NOT
    told = _telling_sentence(message, view)
    if (
        _supposed(view, *told)
        or _asked_for(view, *told)
        or _likened(view, *told)
        or _depends(view, told[0])
        or _made_up(view, told[0])
    ):
        return Otherwise.IN_KIND
    beside = heard is not None and len(claim) <= BARE and _beside(claim, said, beyond)
    if beside or len(said) > max(OPEN * len(claim), len(claim) + FEW):
        return _words(beside)
    if (
        _taken_back(message, claim, view)
        or _only_planned(message, claim, view)
        or _over(message, view, known)
        or _survived(message, view)
    ):
        return Otherwise.IN_KIND
    if heard is None:
        return Otherwise.NOT
    return _words(
        _exchanged(message, view, heard)
        or _other_news(claim, said, beyond)
        or _filled_otherwise(message, view, heard)
    )


def _words(other: bool) -> Otherwise:
    return Otherwise.IN_WORDS if other else Otherwise.NOT


def _supposed(view: View, words: Sequence[str], begins: int | None) -> bool:
    """ "Kalau …", "Semoga …", "Kapan …" opens the sentence that tells the claim."""
    opening = vocabulary.words_of("telling", "opens").difference(_spelled(view.raw))
    first = next((at for at, word in enumerate(words[:LEADING]) if word in opening), None)
    if first is None or begins is None:
        return False
    before = frozenset(words[:first])
    small = _small() | vocabulary.words_of("telling", "wonders")
    opens = before <= small and before.isdisjoint(vocabulary.words_of("telling", "that"))
    asked = not vocabulary.words_of("telling", "right").isdisjoint(words[first + 1 : begins])
    return opens and not asked and begins - first <= BEGINS


def _telling_sentence(message: Text, view: View) -> tuple[list[str], int | None]:
    """The words of the sentence that tells most of the claim, and where the claim begins in it."""
    claimed = {*view.stems, *view.surface}
    pieces = [piece for piece in _sentences(message.letters) if piece] or [()]
    shared = [[at for at, (w, s) in enumerate(p) if w in claimed or s in claimed] for p in pieces]
    told = max(range(len(pieces)), key=lambda at: len(shared[at]))
    return [word for word, _ in pieces[told]], next(iter(shared[told]), None)


def _asked_for(view: View, words: Sequence[str], begins: int | None) -> bool:
    """ "Warga minta …", "Komisi VIII mendesak agar …": wanted by somebody, and not done. Where the
    sentence begins with "minta" it is the sender who wants something, of us."""
    before = list(words[: begins or 0])
    while before and before[-1] in vocabulary.words_of("telling", "asks_that"):
        before.pop()
    asking = _listed("asks", "demands").difference(_spelled(view.raw))
    return len(before) > 1 and before[-1] in asking


def _likened(view: View, words: Sequence[str], begins: int | None) -> bool:
    """ "Istri mengunci kulkas kayak …": something else is told, the claim only likened to it."""
    claimed = _claimed(view)
    likening = vocabulary.words_of("telling", "likens").difference(claimed)
    pairs = zip(words, [*words, ""][1:], strict=True)  # "seperti itu" likens to nothing
    at = next((i for i, (w, n) in enumerate(pairs) if w in likening and n not in POINTING), None)
    if at is None or begins is None:
        return False
    told = _places(words, claimed)
    other = [w for w in words[:at] if w not in claimed and w not in _small()]
    return bool(other) and sum(i > at for i in told) >= LIKENED * len(told)


def _depends(view: View, words: Sequence[str]) -> bool:
    """ "… kalau DPR setuju", "… except children": what is told hangs on something, or leaves some
    of it out. Not "… kalau benar ngeri", which speaks of the rumour or to whoever reads it."""
    hangs = _listed("conditions", "excepts")
    if hangs.isdisjoint(words):
        return False
    claimed = _claimed(view)
    if not hangs.isdisjoint(claimed):
        return False
    told = _places(words, claimed)
    first = told[0] if told else len(words)
    on = next((at for at, word in enumerate(words) if word in hangs and at > first), None)
    if on is None or sum(at < on for at in told) < MAINLY * len(told):
        return False
    if words[on - 1] in vocabulary.words_of("telling", "that"):
        return False  # "yang tahu kalau …"
    behind = words[on + 1 :]
    if not vocabulary.words_of("telling", "spoken_to").isdisjoint(behind[:ADDRESSED]):
        return False
    return any(word not in claimed and word not in _small() for word in behind)


def _claimed(view: View) -> frozenset[str]:
    """Every word of the wording, as it is spelled and as its stem."""
    return frozenset((*_spelled(view.raw), *view.stems, *view.surface))


def _places(words: Sequence[str], claimed: frozenset[str]) -> list[int]:
    """Where a sentence has the wording's words."""
    return [at for at, word in enumerate(words) if word in claimed or stem(word, "id") in claimed]


@cache
def _listed(*lists: str) -> frozenset[str]:
    """The words of some lists that tell one statement from another."""
    return frozenset().union(*(vocabulary.words_of("telling", one) for one in lists))


@cache
def _small() -> frozenset[str]:
    """Words that may stand anywhere and say nothing."""
    return vocabulary.skipped() | _aside()


def _survived(message: Text, view: View) -> bool:
    """The claim says that somebody died, the message does not."""
    died = not vocabulary.words_of("telling", "died").isdisjoint(_spelled(view.raw))
    if not died:
        return False
    told = {*_spelled(message.letters), *message.stems}
    return vocabulary.words_of("telling", "dead").isdisjoint(told)


@lru_cache(maxsize=HEARD)
def _sentences(letters: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Each sentence as its words with their stems: one message is held against every wording."""
    pieces = (_spelled(piece) for piece in _SENTENCE.split(letters))
    return tuple(tuple((word, stem(word, "id")) for word in piece) for piece in pieces)


@lru_cache(maxsize=HEARD)
def _spelled(text: str) -> tuple[str, ...]:
    return tuple([respell(word, "id") for word in _WORD.findall(text.casefold())])


def _taken_back(message: Text, claim: list[Word], view: View) -> bool:
    places = stretch_of(message, claim)
    back = _listed("takes_back", "undone")
    return bool(places) and turned(message, places[0], places[-1] + 1, view, back)


def _made_up(view: View, words: Sequence[str]) -> bool:
    """ "Di film itu …", "translate: …": it is played, practised or bet on, not "bukan parodi"."""
    found = vocabulary.words_of("telling", "made_up").intersection(words)
    found -= {*view.stems, *_spelled(view.raw)}
    negated = vocabulary.words_of("polarity", "not") | vocabulary.words_of("stance", "unless")
    at = [place for place, word in enumerate(words) if word in found]
    return any(negated.isdisjoint(words[max(0, place - DENIED) : place]) for place in at)


def _only_planned(message: Text, claim: list[Word], view: View) -> bool:
    """ "Berencana menampung" for "menampung", unless the claim speaks of what is to come too."""
    said = set(_spelled(message.letters))
    plans = _listed("plans", "planned") - _roughly(message.letters)
    if plans.isdisjoint(said) and plans.isdisjoint(message.stems):
        return False
    coming = vocabulary.words_of("telling", "to_come")
    if not coming.isdisjoint(_spelled(view.raw)):
        return False
    places = stretch_of(message, claim)
    return bool(places) and turned(message, places[0], places[-1] + 1, view, plans)


def _roughly(letters: str) -> frozenset[str]:
    """ "Nyaris 500 orang tewas": of how many, not of what nearly came to pass."""
    words = _WORD_OR_FIGURE.findall(letters.casefold())
    counts = (
        one for one, behind in pairwise(words) if behind[0].isdecimal() or behind in figures()
    )
    return vocabulary.words_of("telling", "roughly").intersection(counts)


def _over(message: Text, view: View, known: frozenset[str]) -> bool:
    """ "Usai …" opens the sentence that tells the claim, and other news follow in it."""
    words, begins = _telling_sentence(message, view)
    over = vocabulary.words_of("telling", "over").difference(_spelled(view.raw))
    first = next((at for at, word in enumerate(words[:LEADING]) if word in over), None)
    if first is None or begins is None or not 0 < begins - first <= BEGINS:
        return False
    claimed = {*view.stems, *view.surface}
    stems = [stem(word, "id") for word in words]
    last = max(at for at, word in enumerate(words) if word in claimed or stems[at] in claimed)
    after = zip(words[last + 1 :], stems[last + 1 :], strict=True)
    news = [word for word, one in after if one not in known and not hollow(Word(one, word))]
    return len(news) >= NEWS


def _exchanged(message: Text, view: View, heard: Callable[[str], bool]) -> bool:
    """Between the same neighbours one telling word stands for another: "nanas" for "lemon"."""
    claim = [word for word in _all_words(view) if word.stem not in _aside()]
    said = [word for word in _all_words(message) if word.stem not in _aside()]
    mine, theirs = {word.stem for word in claim}, {word.stem for word in said}
    new = [at for at, word in enumerate(said) if word.stem not in mine and not hollow(word)]
    new = [at for at in new if heard(said[at].stem)]
    if not _both_english(message, view):  # an English word may be the same in another language
        new = [at for at in new if not english(said[at].surface)]
    for at, one in enumerate(claim):
        if one.stem in theirs or hollow(one):
            continue
        if any(_in_place(claim, at, said, there) and _unlike(one, said[there]) for there in new):
            return True
    gone = [at for at, word in enumerate(claim) if word.stem not in theirs and not hollow(word)]
    return any(_two_in_place(claim, at, said, there) for at in gone for there in new)


def _two_in_place(claim: list[Word], at: int, said: list[Word], there: int) -> bool:
    """ "daun salam" for "kayu manis" between the same neighbours, all unlike each other."""
    ends = at + 2 < len(claim) and there + 2 < len(said)
    if not (at and there and ends and claim[at - 1].stem == said[there - 1].stem):
        return False
    ours, others = claim[at : at + 2], said[there : there + 2]
    if claim[at + 2].stem != said[there + 2].stem or any(map(hollow, (*ours, *others))):
        return False
    return all(_unlike(one, other) for one in ours for other in others)


def _filled_otherwise(message: Text, view: View, heard: Callable[[str], bool]) -> bool:
    """All but one stretch of the claim is told, and there stands something else that the base
    knows."""
    found = align(cached_read(message.letters), cached_read(view.raw))
    other = other_filling(found)
    if not other and (inner := core(found)) is not None:
        other = other_filling(inner)
    return any(heard(stem(token.text.casefold(), "id")) for token in other)


def _both_english(message: Text, view: View) -> bool:
    return message.lang == "en" and guess_language(view.raw.casefold().split()) == "en"


def _all_words(text: Text | View) -> list[Word]:
    """Every content word, those about the form of a rumour too."""
    return [Word(*pair) for pair in zip(text.stems, text.surface, strict=True)]


@cache
def _aside() -> frozenset[str]:
    """Small words that part neighbours: "utuh (meski) dikubur"."""
    return vocabulary.words_of("telling", "aside")


def _in_place(claim: list[Word], at: int, said: list[Word], there: int) -> bool:
    """The neighbours on both sides are the same; at both texts' edge two of one side are."""

    def agree(step: int) -> bool:
        mine, theirs = at + step, there + step
        inside = 0 <= mine < len(claim) and 0 <= theirs < len(said)
        return inside and claim[mine].stem == said[theirs].stem

    if at == there == 0:
        return agree(1) and agree(2)
    if at == len(claim) - 1 and there == len(said) - 1:
        return agree(-1) and agree(-2)
    return agree(-1) and agree(1)


def _unlike(one: Word, other: Word) -> bool:
    """Not the same word with slips in it, nor one that says the same."""
    near = len(one.surface) > 4 and OSA.distance(one.surface, other.surface) <= SLIP
    near = near or like(one.surface, other.surface, 4)
    short, long = sorted((bones(one.surface), bones(other.surface)), key=len)
    cut = len(short) > 2 and long.startswith(short)  # "sktar" for "sekitarnya"
    return not near and not cut and not same_word(one, other)


def _other_news(claim: list[Word], said: list[Word], beyond: Beyond) -> bool:
    """Much of the claim is missing, and much of the message is not in the record."""
    lost = len(lacking(claim, said)) / len(claim)
    most = lost >= MOSTLY_MISSING and not _cut(claim, said)
    return most or (lost >= MISSING and _much_else(said, beyond, ELSE))


def _hardly_told(claim: list[Word], said: list[Word], beyond: Beyond) -> bool:
    """Most of a long claim is missing, and what is there does not look like a cut message."""
    stems = {word.stem for word in said}
    if len(claim) > LONG or len(said) > WIDE * SHORT:
        return False
    if sum(word.stem not in stems for word in claim) < MOSTLY_MISSING * len(claim):
        return False  # slips of the finger can only make it less
    lost = len(lacking(claim, said)) / len(claim)
    return lost >= MOSTLY_MISSING and _much_else(said, beyond, ELSE) and not _cut(claim, said)


def _beside(claim: list[Word], said: list[Word], beyond: Beyond) -> bool:
    """Of a claim of a few words one is missing, and most of the message is about something else:
    "nasi di magic com …" for "racun dari nasi di magic com"."""
    return bool(lacking(claim, said)) and _much_else(said, beyond, MOSTLY_ELSE)


def _much_else(said: list[Word], beyond: Beyond, share: float) -> bool:
    return len(beyond.of(said)) >= max(ELSE_WORDS, share * len(said))


def _cut(claim: list[Word], said: list[Word]) -> bool:
    """What it has of the claim stands in the claim's order: the message was cut."""
    mine = [word.stem for word in claim]
    theirs = [word.stem for word in said if word.stem in mine]
    return LCSseq.similarity(mine, theirs) == len(theirs)
