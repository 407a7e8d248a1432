"""Does a message tell what a short claim says, or only speak of the same people and things?

A claim of a few words ("Italia memutus hubungan dengan Trump") shares most of them with every
other piece of news about its topic, so a share of its words proves little. Here every word of it
is looked for in one stretch of the message: what is missing while something else stands there is
a word exchanged or another piece of news, and "batal", "semoga", "rencana" inside the stretch make
another statement of it. Such a match is shown as a suggestion; the asker decides.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from knowledge_base.search import swaps, vocabulary
from knowledge_base.search.alignment import like
from knowledge_base.search.entries import Entry, View
from knowledge_base.search.text import Text, frame_stems, lexicon, stem

SHORT = 12  # content words of a claim up to which every one of them is looked for
FEW = 9  # of those, where no word may be added in between
BESIDE = 3  # words before and behind the stretch that still belong to it
CUT = 0.7  # of a claim's words, where the message says nothing else
LOST = 6  # content words of a claim of which one may be lost without another in its place …
HALF = 0.5  # … or, where all else speaks for the claim, any but so many
SLIPS = 8  # words of either text that may be spelt otherwise in the other where they are the same
_ENDINGS = ("kan", "in", "i")
_NASALS = ("meny", "meng", "mem", "men", "ny", "ng", "n", "m")
_PREFIXES = (*_NASALS, "di", "ber", "ter")
_MELTING, _VOWELS = tuple("kpstcn"), tuple("aiueo")


@dataclass(frozen=True, slots=True)
class Word:
    """A content word: its stem as compared, as written."""

    stem: str
    surface: str


def tells(message: Text, entry: Entry, *, refutes: bool = False) -> bool:
    """Does the message say what one of the record's wordings says, its headline aside?

    True for wordings too long to be looked through word by word: there shares of words tell.
    `refutes`: the message is a debunk, whose "tidak" and "bukan" are its own.
    """
    views = [view for view in entry.views if view.via != "title"]
    known = frozenset().union(*(view.distinct for view in entry.views))
    return any(_told(message, view, known, refutes) for view in views)


def _told(message: Text, view: View, known: frozenset[str], refutes: bool) -> bool:
    claim = content_words(view)
    if not 1 < len(claim) <= SHORT:
        return True
    places = stretch_of(message, claim)
    if not places:
        return False
    first, last = places[0], places[-1] + 1
    words = [Word(*pair) for pair in zip(message.stems, message.surface, strict=True)]
    beyond = Beyond(view, known, refutes)
    around = words[max(0, first - BESIDE) : last + BESIDE]
    missing = lacking(claim, around)
    inside = beyond.of(words[first:last])
    if refutes:
        return not (missing and inside) and len(missing) <= (1 - CUT) * len(claim)
    if turned(message, first, last, view, vocabulary.words_of("telling", "turns")):
        return False
    if not missing:
        return not inside or (len(inside) == 1 and len(claim) > FEW)
    if not beyond.of(around):
        figures = sum(not one.isalpha() for one in view.distinct)
        given = sum(not one.isalpha() for one in set(message.stems))
        lost = len(missing) + max(0, figures - given)
        return lost <= (1 - CUT) * (len(claim) + figures)
    beside = beyond.of(words[max(0, first - 1) : last + 1])
    return len(missing) == 1 and len(claim) >= LOST and not beside and not _acts(missing[0])


def nearly(message: Text, entry: Entry) -> bool:
    """Does one stretch of the message say more than half of a short wording, its headline aside?
    Of one of a few words that may be no more than its topic: there it says no."""
    claims = [content_words(view) for view in entry.views if view.via != "title"]
    return any(_nearly(message, claim) for claim in claims if LOST <= len(claim) <= SHORT)


def _nearly(message: Text, claim: Sequence[Word]) -> bool:
    places = stretch_of(message, claim)
    if not places:
        return False
    around = slice(max(0, places[0] - BESIDE), places[-1] + 1 + BESIDE)
    words = map(Word, message.stems[around], message.surface[around])
    return len(lacking(claim, list(words))) < HALF * len(claim)


def same_words(message: Text, entry: Entry) -> bool:
    """Are the content words of the message those of one of the record's wordings, in any order,
    figures aside?"""
    said = content_words(message)
    claims = (content_words(view) for view in entry.views if view.via != "title")
    return any(said and _same_words(said, claim) for claim in claims)


def _same_words(some: Sequence[Word], others: Sequence[Word]) -> bool:
    mine, theirs = ({word.stem: word for word in words} for words in (some, others))
    left = [word for one, word in mine.items() if one not in theirs]
    right = [word for one, word in theirs.items() if one not in mine]
    if max(len(left), len(right)) > SLIPS:
        return False
    return not (lacking(left, list(theirs.values())) or lacking(right, list(mine.values())))


def lacking(claim: Sequence[Word], words: Sequence[Word]) -> list[Word]:
    """Words of the claim that have none of their own among these."""
    left, missing = list(words), []
    for one in claim:
        same = [at for at, other in enumerate(left) if same_word(one, other)]
        if not same:
            missing.append(one)
            continue
        del left[next((at for at in same if left[at].stem == one.stem), same[0])]
    return missing


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a message says that a record's wordings do not."""

    view: View
    known: frozenset[str]
    refutes: bool

    def of(self, words: Sequence[Word]) -> list[Word]:
        """Those of the words that the record does not have."""
        return [word for word in words if self._new(word)]

    def _new(self, word: Word) -> bool:
        if word.stem in self.known or idle(word.stem, word.surface):
            return False
        if self.refutes and word.surface in vocabulary.words_of("polarity", "not"):
            return False
        claimed = zip(self.view.stems, self.view.surface, strict=True)
        if any(same_word(Word(*pair), word) for pair in claimed):
            return False
        return not any(_slip(word.surface, small) for small in self.view.raw.casefold().split())


def turned(message: Text, first: int, last: int, view: View, turning: Set[str]) -> bool:
    """Beside or in the stretch stands a turning word like "batal" or "semoga", small words
    included, that the claim does not have."""
    place, at = [], 0
    for word in message.words:
        place.append(at)
        at += at < len(message.surface) and word == message.surface[at]
    beside = [
        word
        for word, there in zip(message.words, place, strict=True)
        if first - BESIDE <= there < last + BESIDE
    ]
    claimed = {stem(word, "id") for word in (*view.raw.casefold().split(), *view.stems)}
    return any(
        (word in turning or stem(word, "id") in turning) and stem(word, "id") not in claimed
        for word in beside
    )


def content_words(view: View | Text) -> list[Word]:
    """The content words, those about the form of a rumour aside."""
    aside, pairs = _aside(), zip(view.stems, view.surface, strict=True)
    return [
        Word(one, surface)
        for one, surface in pairs
        if one not in aside and surface not in aside and surface.isalpha()
    ]


def idle(one: str, surface: str) -> bool:
    return one in _aside() or surface in _aside() or not surface.isalpha()


def hollow(word: Word) -> bool:
    """A word of which it does not matter whether a text has it: idle, or a head or word of talk."""
    return idle(word.stem, word.surface) or word.stem in _common() or word.surface in _common()


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Heads and words of talk that change nothing where they stand for another."""
    talk = lexicon("id")
    return frozenset(vocabulary.heads().longest) | vocabulary.skipped() | talk.filler | talk.stop


@lru_cache(maxsize=1)
def _aside() -> frozenset[str]:
    """Words that prove nothing either way, as written and as stems; the guards compare how much,
    how surely and how many, by value and not by word."""
    words = vocabulary.words_of("telling", "aside") | figures()
    for section, keys in _MARKERS.items():
        words |= frozenset().union(*(vocabulary.words_of(section, key) for key in keys))
    return frame_stems() | words | {stem(word, lang) for word in words for lang in ("id", "en")}


_MARKERS = {
    "modality": ("must", "may", "perhaps"),
    "aspect": ("future", "done", "ongoing"),
    "quantity": ("all", "most", "some", "only"),
}
_COUNTING = ("units", "months", "weekdays", "days", "clock", "counted", "money")


@cache
def figures() -> frozenset[str]:
    """Words of numbers, units and dates."""
    found: set[str] = set()
    for language in vocabulary.languages():
        found.update(*(language.get("numbers", {}).values()))
        for section in _COUNTING:
            found.update(language.get(section, ()))
    return frozenset(found) - vocabulary.words_of("telling", "things")


def stretch_of(message: Text, claim: Sequence[Word]) -> list[int]:
    """Places of the claim's words in the stretch of the message that holds most of them; it ends
    where the last of them is said for the first time."""
    wanted = {word.stem for word in claim}
    places = [at for at, one in enumerate(message.stems) if one in wanted]
    width = 2 * len(claim) + BESIDE
    best: list[int] = []
    for start, first in enumerate(places):
        held: dict[str, int] = {}
        for at in places[start : start + width]:
            if at < first + width:
                held.setdefault(message.stems[at], at)
        if len(held) > len(best):
            best = list(held.values())
    return best


def _acts(word: Word) -> bool:
    """By its form a verb: "memutus", "diganti"."""
    return word.surface != word.stem and word.surface.startswith(("me", "di", "ber", "ter"))


@lru_cache(maxsize=4096)
def same_word(one: Word, other: Word) -> bool:
    """The same word, by a slip, in chat spelling ("nyopot"), or one that says the same."""
    if one.stem == other.stem:
        return True
    if one.stem.isdecimal() or other.stem.isdecimal():
        return False
    if like(one.surface, other.surface) or like(one.stem, other.stem):
        return True
    mine, theirs = _bare(one.surface), _bare(other.surface)
    if len(mine) > 2 and OSA.distance(mine, theirs) <= (len(mine) > 5):
        return True
    return swaps.alike_words(one.surface, other.surface)


def _slip(one: str, other: str) -> bool:
    """A small word of the claim with a slip in it ("menjaadi") or without vowels ("smpe")."""
    if min(len(one), len(other)) < 3 or abs(len(one) - len(other)) > 2:
        return False
    return like(one, other, 4) or (one[:1] == other[:1] and bones(one) == bones(other))


def bones(word: str) -> str:
    return "".join(letter for letter in word if letter not in "aiueo")


def _bare(word: str) -> str:
    """A verb without prefix and ending, so that "nyembuhin" and "menyembuhkan" are one."""
    start = next(
        (one for one in _PREFIXES if word.startswith(one) and len(word) > len(one) + 2), ""
    )
    rest = word[len(start) :]
    ends = (one for one in _ENDINGS if rest.endswith(one) and len(rest) - len(one) > 3)
    end = "nya" if rest.endswith("nya") else next(ends, "")
    rest = rest[: len(rest) - len(end)]
    melts = start in _NASALS or not start
    return rest[1:] if melts and rest[:1] in _MELTING and rest[1:2] in _VOWELS else rest
