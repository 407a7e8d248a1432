"""Signs of whether a message says what a claim says: how alike the two are written, what of the
claim it lacks, what it has instead, in what order, and what it says of it (not, may, only, if).

The scorecard (`paraphrase.py`) weighs them. Counted is only the part of the message that tells the
claim, the sentences which share a word with it: a chain message has room for much beside.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, pairwise

from rapidfuzz import fuzz

from knowledge_base.search import swaps, vocabulary
from knowledge_base.search.agreement import agree
from knowledge_base.search.alignment import Alignment, align, like, two_offices
from knowledge_base.search.entries import Entry
from knowledge_base.search.findings import Stance
from knowledge_base.search.names import LISTED, TYPES
from knowledge_base.search.reading import EMPTY, Reading, Token, cached_read
from knowledge_base.search.runs import RUNS, runs
from knowledge_base.search.telling import Word, hollow, same_word
from knowledge_base.search.text import respell, root
from knowledge_base.search.values import Value

SEEN = (
    "sorted_ratio",  # likeness of the letters, words sorted, 0 to 1
    "partial_ratio",  # likeness of the claim and the stretch most like it, 0 to 1
    "set_ratio",  # likeness of the words that both have with those that only the shorter one has
    "claim_words",  # logarithm of the claim's words
)
ORDERED = (
    "aligned",  # share of the claim's words that the message has in their place
    "adjacent",  # share of the claim's neighbours that are neighbours there
    "inverted",  # share of the pairs of aligned words that stand the other way round
    "broken",  # number of times their order begins anew
    "led",  # share of the aligned words behind another small word ("di", "by")
)
EXCHANGED = (  # shares of the claim's rarity, except the logarithm
    "exchanged",  # lost in slots that something else fills
    "lost",  # without any counterpart
    "lost_most",  # the rarest word of these
    "new",  # what the sentences that tell the claim have beyond it; may be above 1
    "new_words",  # logarithm of the number of these
    "inside",  # of these what stands between the claim's words
    "together",  # what one sentence of the message tells, at most
)
NAMED = (  # numbers of them
    *("new_names", "new_values"),
    "other_values",  # values lost for others of their kind
)
SAID = (
    "negated",  # aligned words negated in one of the two only
    "negations",  # negations more than in the claim
    "modalities",  # words like "wajib", "may", "perhaps" more than in the claim
    "quantities",  # words like "semua", "only", "some" more than in the claim
    "turning",  # words that make another statement of it ("kalau", "batal", "khusus"), not in it
    "shifting",  # the same in the sentences that tell it, with words of time, rank and number
    "single",  # of these those of one or a few
    "less_all",  # "semua", "most" less than in the claim
)
NAMES = (*SEEN, *ORDERED, *EXCHANGED, *NAMED, *SAID, *RUNS)
LETTERS = 2_048  # of a message or a wording whose likeness is looked at
STRETCH = 256  # of the shorter one, in the other: twice as many take eight times as long
SLIP = 4  # letters of a word in which one may be wrong
PLACES = 200  # aligned words whose order is compared
SLOTS = 40  # whose words are compared one by one
VALUES = 24  # figures and dates of either that are held against those of the other
PARTED = 8  # names of several words that are looked for word by word
SIGNS = ".,!?:;\"'()“”…"

Rarities = Callable[[Sequence[str]], Sequence[float]]
Words = dict[int, Word]  # by their place among the tokens


def signs(said: Reading, entry: Entry, rarities: Rarities) -> tuple[float, ...]:
    """All of them, in the order of NAMES, for the wording most like the message, the headline
    aside. `rarities` of stems in the installation's own records, on any scale. Never raises."""
    claimed, ratio = _likest(said, entry)
    both = _Both.of(said, claimed, rarities)
    seen = (ratio, *_seen(said, claimed))
    order = _ordered(both.found)
    return (*seen, *order, *both.words(), *both.names(), *both.states(), *both.runs())


def _likest(said: Reading, entry: Entry) -> tuple[Reading, float]:
    """The wording most like the message, read, and how like. The others are left aside: in one
    about something else nothing can be exchanged."""
    heard = _letters(said.text)
    wordings = [view.raw for view in entry.views if view.via != "title"]
    ratios = [fuzz.token_sort_ratio(heard, _letters(wording)) for wording in wordings]
    likest = max(range(len(ratios)), key=ratios.__getitem__)
    return cached_read(wordings[likest], date=entry.date), ratios[likest] / 100


def _seen(said: Reading, claimed: Reading) -> tuple[float, float, float]:
    heard, told = _letters(said.text), _letters(claimed.text)
    short, long = sorted((heard, told), key=len)
    within = fuzz.partial_ratio(short[:STRETCH], long) / 100
    return within, fuzz.token_set_ratio(heard, told) / 100, math.log1p(len(claimed.tokens))


def _letters(text: str) -> str:
    return text[:LETTERS].casefold()


def _ordered(found: Alignment) -> tuple[float, ...]:
    claim, message = found.claim.tokens, found.message.tokens
    order = [found.pairs[at] for at in sorted(found.pairs)][:PLACES]
    turned = sum(there < before for at, there in enumerate(order) for before in order[:at])
    beside = sum(found.pairs.get(at + 1, -9) == there + 1 for at, there in found.pairs.items())
    broken = sum(there < before for before, there in pairwise(order))
    led = sum(claim[at].lead != message[there].lead for at, there in found.pairs.items())
    return (
        len(found.pairs) / max(1, len(claim)),
        beside / max(1, len(claim) - 1),
        turned / max(1, math.comb(len(order), 2)),
        float(broken),
        led / max(1, len(found.pairs)),
    )


@dataclass(frozen=True, slots=True)
class _Both:
    """An alignment, how rare the claim's words are (by place), which have no counterpart in the
    message, how rare those of the message are that have none in the claim, what the message has of
    it, how much of it one sentence has, and the places of the sentences that tell it."""

    found: Alignment
    rare: dict[int, float]
    lost: frozenset[int]
    new: dict[int, float]
    taken: frozenset[int]
    together: float
    telling: list[int]

    @classmethod
    def of(cls, said: Reading, claimed: Reading, rarities: Rarities) -> _Both:
        found = align(said, claimed)
        mine = _words(claimed, range(len(claimed.tokens)))
        theirs = _words(said, (at for at in range(len(said.tokens)) if at not in found.taken))
        loose, parts = _loose(found, mine, theirs), _in_parts(found, mine, theirs)
        where = {at: min(places) for at, places in parts.items()} | loose | found.pairs
        lost = frozenset(mine.keys() - where.keys())
        taken = found.taken.union(loose.values(), *parts.values())
        sentences = {said.tokens[at].sentence for at in taken}
        telling = [at for at, token in enumerate(said.tokens) if token.sentence in sentences]
        fresh = [at for at in telling if at in theirs and at not in taken]
        words = [*map(theirs.__getitem__, fresh), *mine.values()]
        weights = rarities([word.stem for word in words])
        new = dict(zip(fresh, weights, strict=False))  # first theirs …
        rare = dict(zip(mine, weights[len(fresh) :], strict=True))  # … then mine
        shares: dict[int, float] = defaultdict(float)
        for at in mine.keys() & where.keys():
            shares[said.tokens[where[at]].sentence] += rare[at]
        together = max(shares.values(), default=0.0)
        return cls(found, rare, lost, new, taken, together, telling)

    def words(self) -> tuple[float, ...]:
        """EXCHANGED."""
        whole = sum(self.rare.values()) or 1.0
        gone = [self.rare[at] for at in self.lost]
        first, last = min(self.taken, default=0), max(self.taken, default=-1)
        inside = sum(rare for at, rare in self.new.items() if first < at < last)
        return (
            sum(self._filled()) / whole,
            sum(gone) / whole,
            max(gone, default=0.0) / whole,
            sum(self.new.values()) / whole,
            math.log1p(len(self.new)),
            inside / whole,
            self.together / whole,
        )

    def _filled(self) -> Iterator[float]:
        """What was lost for something else, slot by slot."""
        for slot, filling in self.found.slots:
            new = sum(self.new.get(at, 0.0) for at in filling)
            yield min(new, sum(self.rare[at] for at in slot if at in self.lost))

    def names(self) -> tuple[float, ...]:
        """NAMED."""
        claim, message = self.found.claim.tokens, self.found.message.tokens
        new = sum(_named(message[at]) for at in self.telling if at not in self.taken)
        ours = [token.value for token in claim if token.value][:VALUES]
        theirs = [token.value for token in message if token.value][: 2 * VALUES]
        here = [value for at in self.telling if (value := message[at].value)][:VALUES]
        gone = Counter(value.kind for value in ours if not _among(value, theirs))
        come = Counter(value.kind for value in here if not _among(value, ours))
        return float(new), float(come.total()), float((gone & come).total())

    def runs(self) -> tuple[float, ...]:
        """RUNS."""
        tokens = self.found.message.tokens
        return runs(self.rare, self.lost, self.new, self.taken, tokens, self.telling)

    def states(self) -> tuple[float, ...]:
        """SAID. A debunk says "tidak" of what the claim says: nothing is counted of it."""
        if self.found.message.stance is Stance.DEBUNK:
            return (0.0,) * len(SAID)
        claim, message = self.found.claim.tokens, self.found.message.tokens
        pairs = self.found.pairs.items()
        negated = sum(claim[a].state.negative != message[b].state.negative for a, b in pairs)
        ours, theirs = _marked(claim), _marked([message[at] for at in self.telling])
        more = sum(token.state.negative for token in theirs)
        more -= sum(token.state.negative for token in ours)
        modal = [Counter(token.state.modality for token in side) for side in (theirs, ours)]
        many = [Counter(token.state.quantity for token in side) for side in (theirs, ours)]
        beyond = [sum(n for said, n in (new - old).items() if said) for new, old in (modal, many)]
        turning = _turning() & _spoken(self.found.message.text)
        turning -= _spoken(self.found.claim.text)
        less = (many[1] - many[0])["all"] + (many[1] - many[0])["most"]
        said = _told([message[at] for at in self.telling]), _told(claim)
        words = (len(turning), *_shifted(*said), less)
        return float(negated), float(more), *map(float, beyond), *map(float, words)


def _named(token: Token) -> bool:
    return token.kind in TYPES or token.case == "name"


def _among(value: Value, others: Sequence[Value]) -> bool:
    return any(agree(value, other) for other in others)


def _marked(tokens: Sequence[Token]) -> list[Token]:
    """Those right behind a marker, once for each."""
    return [token for token in tokens if token.first and token.state is not EMPTY]


def _spoken(text: str) -> set[str]:
    return {word.strip(SIGNS) for word in text[:LETTERS].casefold().split()}


def _told(tokens: Iterable[Token]) -> set[str]:
    """The words of a text, the small ones and the markers before them, too."""
    found: set[str] = set()
    for token in tokens:
        found.update((token.text.casefold(), token.lead))
        if token.first:
            found.update(token.state.text.casefold().split())
    return found


def _shifted(said: set[str], told: set[str]) -> tuple[int, int]:
    """How many words shift what is told, and of these, how many say one or a few. A rank lost
    ("mantan") shifts it, too."""
    new, few = said - told, vocabulary.words_of("shifts", "few")
    ranks = (said ^ told) & vocabulary.words_of("shifts", "rank")
    return len(new & _shifting()) + len(ranks), len(new & few)


@cache
def _shifting() -> frozenset[str]:
    kinds = ("few", "time", "doubt")
    return frozenset().union(*(vocabulary.words_of("shifts", kind) for kind in kinds))


@cache
def _turning() -> frozenset[str]:
    """Words that make another statement of what stands beside them."""
    kinds = ("turns", "takes_back", "plans", "asks", "conditions", "narrows", "sets_right")
    perhaps = vocabulary.words_of("modality", "perhaps")
    return perhaps.union(*(vocabulary.words_of("telling", kind) for kind in kinds))


def _loose(found: Alignment, mine: Words, theirs: Words) -> dict[int, int]:
    """Unaligned words of the claim that the message has elsewhere, or in their slot in another form
    or as a synonym."""
    left = {word.stem: at for at, word in theirs.items()}
    lost = {at: word for at, word in mine.items() if at not in found.pairs}
    pairs = {at: left[word.stem] for at, word in lost.items() if word.stem in left}
    for slot, filling in found.slots[:SLOTS]:
        for at in slot:
            if at in lost and at not in pairs:
                there = (o for o in filling if o in theirs and not _two_bodies(found, at, o))
                same = (o for o in there if _same(lost[at], theirs[o]) or _slip(found, at, o))
                pairs.update((at, other) for other in same)
    return pairs


def _same(one: Word, other: Word) -> bool:
    alike = swaps.alike_words(one.stem, other.stem)  # of an English word the Indonesian root
    return alike or same_word(one, other) or like(one.surface, other.surface, SLIP)


def _in_parts(found: Alignment, mine: Words, theirs: Words) -> dict[int, set[int]]:
    """Names of several words that the message has word by word, with slips: "mentri esdm"."""
    pairs: dict[int, set[int]] = {}
    names = (at for at, word in mine.items() if at not in found.pairs and " " in word.surface)
    for at in islice(names, PARTED):
        words = mine[at].surface.split()
        there = [{o for o, w in theirs.items() if like(word, w.surface, SLIP)} for word in words]
        if all(there):
            pairs[at] = set().union(*there)
    return pairs


def _two_bodies(found: Alignment, mine: int, theirs: int) -> bool:
    """ "MUI" and "Muhammadiyah": agencies are known by name, not by their letters. So are offices,
    which may be cut short ("menteri")."""
    ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
    if ours.kind == other.kind == "office":
        return two_offices(ours, other)
    return ours.kind == other.kind == "agency" and ours.key != other.key


def _slip(found: Alignment, mine: int, theirs: int) -> bool:
    """ "tionkok" for "Tiongkok", whose usual spelling is another word, "China"."""
    ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
    return ours.value is other.value is None and like(ours.text, other.text, SLIP)


def _words(read: Reading, places: Iterable[int]) -> Words:
    """The words at these places that say anything."""
    found: Words = {}
    for at in places:
        token = read.tokens[at]
        word, says_nothing = _word(token.text.casefold(), read.lang)
        if token.kind in LISTED:
            found[at] = Word(token.key, word.surface)
        elif token.value is not None or not says_nothing:
            found[at] = word
    return found


@lru_cache(maxsize=1 << 14)
def _word(text: str, lang: str) -> tuple[Word, bool]:
    """A word in small letters, as it is compared, and does it say nothing?"""
    spelled = respell(text, "id")
    word = Word(root(spelled, lang), spelled)
    return word, hollow(word)
