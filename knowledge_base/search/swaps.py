"""Where everything around agrees: another verb in the place of the claim's, two words exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from rapidfuzz.distance import OSA

from knowledge_base.search import causes, lone, vocabulary
from knowledge_base.search.alignment import Alignment, contrary, like, stems_of
from knowledge_base.search.findings import Difference
from knowledge_base.search.reading import EMPTY, Token
from knowledge_base.search.text import english, frame_stems, lexicon, stem
from knowledge_base.search.values import Kind

LEAST_SHARE = 0.6  # of the shorter text; below it a paraphrase is likelier than another deed
FORMS = frozenset(("active", "passive"))
NEXT_RUNS = 6  # runs of agreeing words within which two may be exchanged
LONGEST_NAME = 3  # words
LEAST_TOLD = 4  # content words of a claim of which all but one slot are told
LONGEST_FILLING = 3  # words
NAMES = frozenset(("person", "name", "place", "agency"))


def other_verbs(found: Alignment) -> Iterator[Difference]:
    """ "memulihkan hubungan" for "memutus hubungan": beside the same word, another verb.

    Verbs that say nearly the same (`[verbs] alike` of the data files) are no conflict, nor are
    those that stand elsewhere in the other text.
    """
    if found.share() < LEAST_SHARE:
        return
    for mine, theirs in found.slots:
        left = [found.claim.tokens[at] for at in mine]
        right = [found.message.tokens[at] for at in theirs]
        if any(_alike(ours, other) for ours, other in product(left, right)):
            continue
        for end, step in ((0, -1), (-1, 1)):
            anchored = found.pairs.get(mine[end] + step, -9) == theirs[end] + step
            if anchored and _excludes(found, left[end], right[end]):
                yield Difference("thing", right[end].text, left[end].text)
                break


def other_filling(found: Alignment) -> list[Token]:
    """The message's words in the only slot that is filled otherwise, every other word of the claim
    being told in its order: "busi" for "garam" in "garam dan air ludah memecahkan kaca"."""
    size = len(found.claim.keys)
    if not lone.same_sentence(found) or size < LEAST_TOLD:
        return []
    for mine, theirs in found.slots:
        rest = [at for at in range(size) if at not in mine and not _of_form(found, at)]
        if max(len(mine), len(theirs)) > LONGEST_FILLING or not found.enclosed(mine, theirs):
            continue
        places = [found.pairs.get(at, -1) for at in rest]
        if not places or places != sorted(places) or places[0] < 0:
            continue
        left = [found.claim.tokens[at] for at in mine]
        right = [found.message.tokens[at] for at in theirs]
        both = found.claim.lang == "en"
        fills = all(_fills(token, english_too=both) for token in (*left, *right))
        if fills and not _related(found, left, right):
            return right
    return []


def _of_form(found: Alignment, at: int) -> bool:
    """ "Video", "Foto" in front: the message need not say so."""
    return at not in found.pairs and found.claim.keys[at] in frame_stems()


def _fills(token: Token, *, english_too: bool) -> bool:
    """A word that says what or who: nothing that only marks, and no verb, English word in an
    Indonesian text or letters replaced by figures, which may say the same."""
    low = token.text.casefold()
    talk = lexicon("id")
    idle = low in talk.filler or low in talk.stop or low in frame_stems()
    aside = low in vocabulary.words_of("telling", "aside") or token.key in frame_stems()
    plain = token.value is None and token.state is EMPTY and len(token.text) > 2
    verb = low.startswith(("me", "di", "ber", "ter")) or low.endswith(("nya", "in"))
    word = low.isdecimal() or (low.isalpha() and (english_too or not (english(low) or verb)))
    return plain and word and not (idle or aside)


def _related(found: Alignment, left: list[Token], right: list[Token]) -> bool:
    there = any(token.key in found.message.places for token in left)
    here = any(token.key in found.claim.places for token in right)
    pairs = list(product(left, right))
    alike = any(_alike(a, b) or alike_words(a.text.casefold(), b.text.casefold()) for a, b in pairs)
    alike = alike or any(_near(a.text.casefold(), b.text.casefold()) for a, b in pairs)
    return there or here or alike or any(contrary(a, b) for a, b in pairs)


def _near(one: str, other: str) -> bool:
    """Slips of the finger, or vowels left out."""
    bones = [word.translate(_NO_VOWELS) for word in (one, other)]
    slips = 2 if min(len(one), len(other)) > 4 else 1
    return OSA.distance(one, other) <= slips or bones[0] == bones[1] or sorted(one) == sorted(other)


_NO_VOWELS = str.maketrans("", "", "aiueo")


def _excludes(found: Alignment, ours: Token, other: Token) -> bool:
    """Two verbs, both negated or neither, that the other text has nowhere else."""
    if ours.key in found.message.places or other.key in found.claim.places:
        return False
    if contrary(ours, other):
        return False  # compared as contraries
    plain = ours.kind == other.kind == "word" and ours.state.negative == other.state.negative
    return plain and ours.verb in FORMS and other.verb in FORMS


def _alike(ours: Token, other: Token) -> bool:
    if like(ours.text, other.text, 4) or like(ours.key, other.key, 4):
        return True
    mine = _groups().get(ours.key, frozenset()) | _groups().get(_clipped(ours.key), frozenset())
    said = _groups().get(other.key, frozenset()) | _groups().get(_clipped(other.key), frozenset())
    return not mine.isdisjoint(said)


def _clipped(key: str) -> str:
    """Without the ending of talk: "dimatiin" is "dimatikan"."""
    return key.removesuffix("in") if len(key) > 5 else key


def alike_words(one: str, other: str) -> bool:
    """Are two words, as written, in one group of those that say nearly the same?"""
    groups = _groups()
    mine = {group for key in (one, stem(one, "id")) for group in groups.get(key, ())}
    return any(not mine.isdisjoint(groups.get(key, ())) for key in (other, stem(other, "id")))


@cache
def _groups() -> dict[str, frozenset[int]]:
    """stem → the groups of verbs it is in."""
    found: dict[str, set[int]] = {}
    for number, group in enumerate(vocabulary.alike_verbs()):
        for key in {key for word in group for key in stems_of(word)}:
            found.setdefault(key, set()).add(number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


@dataclass(frozen=True, slots=True)
class _Run:
    """Words of the claim [start, end) that stand together in the message, from `there` on."""

    start: int
    end: int
    there: int

    @property
    def after(self) -> int:
        """The place behind it in the message."""
        return self.there + self.end - self.start


def exchanged(found: Alignment) -> Iterator[Difference]:
    """Two words or names that changed places round others that kept theirs: "air panas saat
    cuaca dingin" for "air dingin saat cuaca panas".

    Each stands beside the neighbour the other one has in the claim. A neighbour in another voice
    does not count: "A menggugat B" and "B digugat A" say the same.
    """
    runs = _runs(found)
    for at, first in enumerate(runs):
        for step, last in enumerate(runs[at + 2 : at + NEXT_RUNS], start=at + 2):
            means = [_aside(found, run) for run in (first, last)]
            if any(means) and not all(means):
                continue  # "tanpa surat" may stand anywhere
            if _moved(found, first) or _moved(found, last) or _unlike(found, first, last):
                continue
            kept = any(last.there < run.there < first.there for run in runs[at + 1 : step])
            short = max(first.end - first.start, last.end - last.start) <= LONGEST_NAME
            if not (kept and short and _in_place(found, first, last)):
                continue
            if _in_place(found, last, first) and not causes.told_alike(
                found, first.start, last.start
            ):
                one, two = _said(found, first), _said(found, last)
                yield Difference("roles", f"{two} … {one}", f"{one} … {two}")


def _moved(found: Alignment, run: _Run) -> bool:
    """A day or an hour may stand anywhere ("10 Januari badai menerjang …"), and so may a verb that
    has become passive."""
    tokens = [found.claim.tokens[at] for at in range(run.start, run.end)]
    there = [found.message.tokens[found.pairs[at]] for at in range(run.start, run.end)]
    when = any(token.value is not None and token.value.kind in _WHEN for token in tokens)
    turned = any(ours.verb != other.verb for ours, other in zip(tokens, there, strict=True))
    shown = all(token.key in frame_stems() for token in tokens)  # "ini fotonya"
    return when or turned or shown


def _aside(found: Alignment, run: _Run) -> bool:
    """A means, behind the same small word in both texts: "tanpa surat"."""
    lead = found.claim.tokens[run.start].lead
    return lead in _ASIDE and lead == found.message.tokens[run.there].lead


def _unlike(found: Alignment, one: _Run, other: _Run) -> bool:
    """A figure and a word do not change places ("20 ribu ton bantuan", "bantuan 20 ribu ton"), nor
    does where it was with who did it."""
    claim, at = found.claim.tokens, vocabulary.words_of("direction", "at")
    of_figures = [all(token.value for token in claim[run.start : run.end]) for run in (one, other)]
    where = [
        claim[run.start].lead in at and found.message.tokens[run.there].lead in at
        for run in (one, other)
    ]
    return of_figures[0] is not of_figures[1] or where[0] is not where[1]


_WHEN = (Kind.DATE, Kind.TIME)
_ASIDE = frozenset(
    ("dengan", "tanpa", "pakai", "sejak", "selama", "sepanjang", "without", "during")
)


def _runs(found: Alignment) -> list[_Run]:
    pairs = found.pairs
    begins = [at for at in sorted(pairs) if pairs.get(at - 1, -9) != pairs[at] - 1]
    runs = []
    for start in begins:
        end = start + 1
        while pairs.get(end, -9) == pairs[start] + end - start:
            end += 1
        runs.append(_Run(start, end, pairs[start]))
    return runs


def _in_place(found: Alignment, gone: _Run, come: _Run) -> bool:
    """A neighbour that `gone` has in the claim stands in the message beside `come`."""
    behind = gone.end if gone.end in found.pairs else gone.end + 1  # "ringgit (Malaysia) ditolak"
    sides = ((gone.start - 1, come.there - 1), (behind, come.after))
    for mine, theirs in sides:
        if mine in found.pairs and found.pairs[mine] == theirs:
            ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
            if ours.value is not None:
                ends = found.claim.tokens[gone.start], found.claim.tokens[come.start]
                return all(token.kind in NAMES for token in ends)  # "Gibran 2029, Kaesang 2034"
            if _same_voice(found, ours, other) and not happens(found, mine, theirs):
                return True
    return False


def _same_voice(found: Alignment, ours: Token, other: Token) -> bool:
    """In English the small word before it tells: "was sued"; elsewhere "terendam" beside "rendam"
    as well."""
    if found.claim.lang == "en":
        return ours.verb == other.verb and ours.lead == other.lead
    low, said = ours.text.casefold(), other.text.casefold()
    suffered = low.startswith(("ter", "ke")) is not said.startswith(("ter", "ke"))
    return ours.verb == other.verb and not suffered


def happens(found: Alignment, mine: int, theirs: int) -> bool:
    """ "Rumah meledak" beside "gas meledakkan rumah": it happens, and somebody brings it about. Not
    where it is done to whoever stands right behind it ("melapor Larasati", "mengalahi …")."""
    sides = ((found.claim, mine, found.pairs), (found.message, theirs, found.taken))
    brought = [reading.tokens[at].text.casefold().endswith("kan") for reading, at, _ in sides]
    if brought[0] is brought[1]:
        return False
    reading, at, aligned = sides[brought.index(False)]
    here, behind = reading.tokens[at], reading.tokens[at + 1 : at + 2]
    done_to = any(
        at + 1 in aligned and t.clause == here.clause and not (t.lead or t.value) for t in behind
    )
    return here.verb == "active" and not done_to


def _said(found: Alignment, run: _Run) -> str:
    return " ".join(token.text for token in found.claim.tokens[run.start : run.end])
