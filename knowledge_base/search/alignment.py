"""Which words of a message say what which words of a claim say.

Three ordered runs of equal words, one after the other, so that clauses told in another order are
found too; then words between two aligned ones that differ by a slip of the finger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache

from rapidfuzz.distance import OSA, LCSseq

from knowledge_base.search import vocabulary
from knowledge_base.search.agreement import agree
from knowledge_base.search.numerals import cuts
from knowledge_base.search.reading import Reading, Token
from knowledge_base.search.text import stem

ROUNDS = 3
NEAR = 5  # words around a word that must also agree, for it to be the same place in the text
STRAY_SHARE = 0.6  # so much of the shorter text must be aligned before slips are looked for
STRAYS = 12  # unaligned words of either side that are compared for slips
MOST_SLIPS = 2  # letters of a long word that may be wrong
GAP = 8  # longest stretch between two aligned words that is still the same slot


def like(one: str, other: str, least: int = 5) -> bool:
    """One word or name with a slip of the finger, or cut short; `least` letters for a slip."""
    a, b = one.casefold(), other.casefold()
    if a == b:
        return True
    if len(a) > len(b):
        a, b = b, a
    short = len(a)
    longer = len(b) - short
    if longer > MOST_SLIPS and a[:1] != b[:1]:
        return False  # as most pairs
    if b.startswith(a) if short >= 4 else longer and _abbreviates(a, b):
        return True
    # One letter lost from the middle ("Meah", "Mewah"), not one name for another.
    dropped = longer and short >= 4 and (a[0], a[-1]) == (b[0], b[-1])
    allowed = 0 if short < least and not dropped else 1 if short < 9 else MOST_SLIPS
    near = 0 < allowed >= longer  # as many slips as letters more, at least
    return near and OSA.distance(a, b, score_cutoff=allowed) <= allowed


def _abbreviates(short: str, long: str) -> bool:
    """ "tj" for "tanjung": the same beginning, and its letters in their order."""
    letters = iter(long)
    return len(short) > 1 and short[0] == long[0] and all(letter in letters for letter in short)


_OUTSIDE = "luar"  # the root of "keluar", and no contrary of "masuk" by itself


def contrary(one: Token, other: Token) -> bool:
    """Two words that say the contrary: "menaikkan" and "menurunkan"."""
    if _negated(one.text.casefold(), other.text.casefold()):
        return True
    against = _contraries().get(one.key)
    if not against or other.value or _OUTSIDE in (one.text.casefold(), other.text.casefold()):
        return False
    if other.key in against:
        return True
    known = other.key in _contraries()  # a word of its own, and no slip ("tingkat", "singkat")
    if (
        len(other.key) > 5
        and not known
        and any(OSA.distance(word, other.key) <= 1 for word in against)
    ):
        return True
    return len(other.text) > 5 and not against.isdisjoint(_mended_stems(other.text.casefold()))


@lru_cache(maxsize=4096)
def _mended_stems(word: str) -> frozenset[str]:
    """What a misspelt verb may be the form of: "mneolak" of "tolak"."""
    return frozenset(stem(cut, "id") for cut in cuts(word))


def _negated(one: str, other: str) -> bool:
    """ "unvaccinated" and "vaccinated", "nonaktif" and "aktif"."""
    short, long = sorted((one, other), key=len)
    return long.endswith(short) and long[: len(long) - len(short)] in ("un", "non", "tak")


def contrary_to(one: Token, text: str) -> bool:
    """Does one of the words of a marker say the contrary ("allowed" against "banned")?"""
    against = _contraries().get(one.key, frozenset())
    words = text.casefold().split()
    return any(stem(word, lang) in against for word in words for lang in ("id", "en"))


@cache
def _contraries() -> dict[str, frozenset[str]]:
    """stem → the stems that say the contrary, for every form of the words of the data files."""
    found: dict[str, set[str]] = {}
    for word, others in vocabulary.opposites().items():
        against = {key for other in others for key in stems_of(other)}
        for key in stems_of(word):
            found.setdefault(key, set()).update(against - stems_of(word))
    return {key: frozenset(against) for key, against in found.items()}


@cache
def stems_of(word: str) -> frozenset[str]:
    """The stems of a word and of its Indonesian forms: setuju, menyetujui, disetujui …"""
    forms = [f"{prefix}{word}{suffix}" for prefix in ("", "di") for suffix in _SUFFIXES]
    forms += [_nasal(word) + suffix for suffix in _SUFFIXES]
    return frozenset((stem(word, "en"), *(stem(form, "id") for form in forms)))


_SUFFIXES = ("", "kan", "i")
_NASALS = {"p": "mem", "t": "men", "k": "meng", "s": "meny"}


def _nasal(word: str) -> str:
    """meN- before a root: "menolak", "memukul", "mengubah"."""
    if word[0] in _NASALS:
        return _NASALS[word[0]] + word[1:]
    prefixes = {
        "b": "mem",
        "f": "mem",
        "d": "men",
        "c": "men",
        "j": "men",
        "g": "meng",
        "h": "meng",
    }
    return ("meng" if word[0] in "aiueo" else prefixes.get(word[0], "me")) + word


@dataclass
class Alignment:
    """Two readings and `pairs`: claim token → message token."""

    message: Reading
    claim: Reading
    pairs: dict[int, int]
    taken: frozenset[int] = field(default_factory=frozenset)

    def share(self) -> float:
        """How much of the shorter text is aligned, 0 to 1."""
        return len(self.pairs) / max(1, min(len(self.claim.keys), len(self.message.keys)))

    def dense(self, mine: int, theirs: int) -> bool:
        """Do the words around also agree, so that it is the same place in both texts?"""
        support = sum(
            1
            for step in range(-NEAR, NEAR + 1)
            if step and abs(self.pairs.get(mine + step, -99) - theirs) <= NEAR + 1
        )
        return support >= min(2, len(self.pairs) - 1)

    def open_words(self, theirs: range) -> range:
        """The message's words of a slot without those at its end that are aligned elsewhere."""
        end = theirs.stop
        while end > theirs.start + 1 and end - 1 in self.taken:
            end -= 1
        return range(theirs.start, end)

    def enclosed(self, mine: range, theirs: range) -> bool:
        """Do the words before agree, and behind stand agreeing words too, or nothing more?"""
        before = (mine[0] == theirs[0] == 0) or self.pairs.get(mine[0] - 1, -9) == theirs[0] - 1
        ends = mine[-1] == len(self.claim.keys) - 1 and theirs[-1] == len(self.message.keys) - 1
        return before and (ends or (mine[-1] + 1 in self.pairs and theirs[-1] + 1 in self.taken))

    @cached_property
    def slots(self) -> tuple[tuple[range, range], ...]:
        """The stretches, once no more pairs are added."""
        return tuple(self.stretches())

    def stretches(self) -> Iterator[tuple[range, range]]:
        """Unaligned stretches of the claim, each with the message's words in its place."""
        size, at = len(self.claim.keys), 0
        while at < size:
            if at in self.pairs:
                at += 1
                continue
            end = at
            while end < size and end not in self.pairs:
                end += 1
            there = self._slot(at, end)
            if there:
                yield range(at, end), there
            at = end

    def _slot(self, start: int, end: int) -> range:
        """The message's words that stand where the claim has [start, end)."""
        before, after = self.pairs.get(start - 1), self.pairs.get(end)
        if end - start > GAP:
            return range(0)
        if before is not None and after is not None:
            inside = range(before + 1, after)
            return inside if 0 < len(inside) <= GAP else range(0)
        reach = end - start + 1
        if before is not None and self.dense(start - 1, before):
            stop = before + 1
            while self._beside(stop, before) and stop - before <= reach:
                stop += 1
            return range(before + 1, stop)
        if after is not None and self.dense(end, after):
            begin = after
            while self._beside(begin - 1, after) and after - begin < reach:
                begin -= 1
            return range(begin, after)
        return range(0)

    def _beside(self, at: int, anchor: int) -> bool:
        """An unaligned word of the anchor's sentence; beyond it begins what the claim lacks."""
        tokens = self.message.tokens
        inside = 0 <= at < len(tokens) and at not in self.taken
        return inside and tokens[at].sentence == tokens[anchor].sentence


@lru_cache(maxsize=64)
def align(message: Reading, claim: Reading) -> Alignment:
    """The alignment of two readings, at hand for whoever asks next; linear in the message for a
    claim of ordinary length."""
    start, end = _window(message, claim)
    here, there = list(message.keys[start:end]), list(claim.keys)
    pairs: dict[int, int] = {}
    for _ in range(ROUNDS):
        if frozenset(there).isdisjoint(here):
            break
        new = _run(there, here)
        for mine, theirs in new.items():
            pairs[mine] = start + theirs
            there[mine], here[theirs] = f"\0{mine}", f"\1{theirs}"
    _draw_together(message, claim, pairs)
    found = Alignment(message, claim, pairs, frozenset(pairs.values()))
    for more in (_slips, _strays):
        found.pairs.update(list(more(found)))
        found.taken = frozenset(found.pairs.values())
    return found


def _draw_together(message: Reading, claim: Reading, pairs: dict[int, int]) -> None:
    """A word that two sentences of a forward have is aligned where it stands right before or behind
    its neighbour in the claim, not in the greeting."""
    taken = set(pairs.values())
    for step in (1, -1):
        for at in sorted(pairs, reverse=step > 0):
            here, beside, behind = pairs[at], pairs.get(at + step), pairs.get(at - step)
            if beside is None or here == beside - step or behind == here - step:
                continue
            there = beside - step
            free = 0 <= there < len(message.keys) and there not in taken
            if free and message.keys[there] == claim.keys[at] and _parted(message, here, there):
                pairs[at] = there
                taken.add(there)
                taken.discard(here)


def _parted(message: Reading, one: int, other: int) -> bool:
    return message.tokens[one].sentence != message.tokens[other].sentence


def _run(there: list[str], here: list[str]) -> dict[int, int]:
    """One ordered run of equal keys."""
    return {
        block.src_start + step: block.dest_start + step
        for block in LCSseq.opcodes(there, here)
        if block.tag == "equal"
        for step in range(block.src_end - block.src_start)
    }


def _slips(found: Alignment) -> Iterator[tuple[int, int]]:
    """Words in the same slot that differ by a slip; contraries such as "legal", "ilegal" do not."""
    for mine, theirs in found.stretches():
        left = list(theirs)
        for at in mine:
            ours = found.claim.tokens[at]
            for other_at in left:
                if _slip(ours, found.message.tokens[other_at]):
                    yield at, other_at
                    left = [later for later in left if later > other_at]
                    break


def _strays(found: Alignment) -> Iterator[tuple[int, int]]:
    """Misspelt words that stand elsewhere: "Wrga memukul lurah" against "Lurah memukul warga"."""
    if found.share() < STRAY_SHARE:
        return
    mine = [at for at in range(len(found.claim.keys)) if at not in found.pairs][:STRAYS]
    theirs = [at for at in range(len(found.message.keys)) if at not in found.taken][:STRAYS]
    for at in mine:
        ours = found.claim.tokens[at]
        if len(ours.text) < 4 or ours.key in _contraries():
            continue
        other = next((o for o in theirs if _slip(ours, found.message.tokens[o])), None)
        if other is not None:
            theirs.remove(other)
            yield at, other


def _slip(ours: Token, other: Token) -> bool:
    if ours.value and other.value:
        return agree(ours.value, other.value) is True
    if ours.value or other.value:
        return False
    return _alike(ours, other) and not contrary(ours, other)


def _alike(ours: Token, other: Token) -> bool:
    if ours.kind in _KNOWN or other.kind in _KNOWN:
        short, long = sorted((len(ours.text), len(other.text)))
        apart = ours.kind == "agency" and short < 4 < long - short  # "MUI", "Muhammadiyah"
        apart = apart or (ours.kind == "office" and two_offices(ours, other))
        return ours.kind == other.kind and not apart and like(ours.text, other.text)
    least = 5 if ours.case == other.case == "name" else 4
    near = like(ours.text, other.text, least) or like(ours.key, other.key)
    return near and not of_one_class(ours, other)  # "PLTU", "PLTA"


def two_offices(ours: Token, other: Token) -> bool:
    """ "Ketua RT" and "Ketua RW": both are in the list, so neither is a slip, nor cut short."""
    short, long = sorted((ours.text.casefold(), other.text.casefold()), key=len)
    return ours.key != other.key and not long.startswith(short)


def of_one_class(ours: Token, other: Token) -> bool:
    """Are they two different words of one class, which exclude each other?"""
    classes = vocabulary.classes()
    one, two = (classes.get(token.text.casefold()) for token in (ours, other))
    return one is not None and one == two and ours.key != other.key


_KNOWN = frozenset(("office", "agency", "place"))


def _window(message: Reading, claim: Reading) -> tuple[int, int]:
    """The stretch of a long message that holds most of the claim's words."""
    width = 2 * len(claim.keys) + 12
    if len(message.keys) <= width:
        return 0, len(message.keys)
    wanted = frozenset(claim.keys)
    hits = [key in wanted for key in message.keys]
    count = best = sum(hits[:width])
    start = 0
    for at in range(width, len(hits)):
        count += hits[at] - hits[at - width]
        if count > best:
            best, start = count, at - width + 1
    return start, start + width
