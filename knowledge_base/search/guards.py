"""The guards: do message and claim contradict each other where they speak of the same thing?

They object only to a conflict, the same slot filled differently in the aligned stretch: another
number of the same unit, another date, place, person or agency; the predicate negated; "wajib"
against "boleh", "semua" against "sebagian"; who did it to whom. What is missing or added
elsewhere is no conflict. The truth table is docs/guards.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812, `date` is the argument's name in the contract

from rapidfuzz.distance import OSA, LCSseq

from knowledge_base.search import vocabulary
from knowledge_base.search.findings import Difference, Stance
from knowledge_base.search.reading import EMPTY, Reading, Token, read
from knowledge_base.search.stance import quoted
from knowledge_base.search.values import Kind, Value, agree

ROUNDS = 3  # alignments one after the other, for clauses told in another order
NEAR = 5  # words around a word that must also agree, for it to be the same place in the text
GAP = 8  # longest stretch between two aligned words that is still the same slot


def conflicts(
    message: str,
    claim: str,
    *,
    lang: str = "id",
    date: Date | None = None,
    claim_date: Date | None = None,
) -> tuple[Difference, ...]:
    """Where message and claim contradict each other; empty when nothing speaks against a match.

    `date` and `claim_date` are the days the two were written, for "besok" and "hari ini". `lang`
    is taken for the contract's sake: all languages are read together, because messages mix them.
    Never raises; at most the first 8,192 characters of each take part.
    """
    del lang
    return conflicts_between(read(message, date=date), read(claim, date=claim_date))


def conflicts_between(message: Reading, claim: Reading) -> tuple[Difference, ...]:
    """The same for two texts already read; the finder keeps the readings of its claims."""
    if message.keys == claim.keys and message.text == claim.text:
        return ()
    if message.stance is Stance.DEBUNK and claim.stance is not Stance.DEBUNK:
        told = quoted(message.text)
        message = replace(read(told), stance=Stance.DEBUNK) if told != message.text else message
    pairs = _align(message, claim)
    if len(pairs) < 2:
        return ()
    found = _Comparison(message, claim, pairs).differences()
    return tuple(dict.fromkeys(found))


def _align(message: Reading, claim: Reading) -> dict[int, int]:
    """claim token → message token that says the same, in up to three ordered runs."""
    start, end = _window(message, claim)
    here = list(message.keys[start:end])
    there = list(claim.keys)
    pairs: dict[int, int] = {}
    for _ in range(ROUNDS):
        blocks = LCSseq.opcodes(there, here)
        new = {
            block.src_start + step: start + block.dest_start + step
            for block in blocks
            if block.tag == "equal"
            for step in range(block.src_end - block.src_start)
        }
        if not new:
            break
        pairs.update(new)
        for mine, theirs in new.items():
            there[mine], here[theirs - start] = f"\0{mine}", f"\1{theirs}"
    return pairs


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


@dataclass(slots=True)
class _Comparison:
    """Two readings and their alignment (claim token → message token)."""

    message: Reading
    claim: Reading
    pairs: dict[int, int]

    def differences(self) -> Iterator[Difference]:
        if self._share() < 0.3:
            return
        if not self._debunks():
            yield from self._predicates()
            yield from self._roles()
        yield from self._gaps()

    def _debunks(self) -> bool:
        return Stance.DEBUNK in (self.message.stance, self.claim.stance)

    def _share(self) -> float:
        return len(self.pairs) / max(1, min(len(self.claim.keys), len(self.message.keys)))

    def _dense(self, mine: int, theirs: int) -> bool:
        """Do the words around also agree, so that it is the same place in both texts?"""
        support = sum(
            1
            for step in range(-NEAR, NEAR + 1)
            if step and abs(self.pairs.get(mine + step, -99) - theirs) <= NEAR + 1
        )
        return support >= min(2, len(self.pairs) - 1)

    # --- negation, modality, quantity -----------------------------------------------------

    def _predicates(self) -> Iterator[Difference]:
        """Compare what markers say of words that are aligned."""
        for mine, theirs in self.pairs.items():
            ours, other = self.claim.tokens[mine], self.message.tokens[theirs]
            if ours.state is EMPTY and other.state is EMPTY and ours.sign == other.sign:
                continue
            if not self._governed(mine, theirs) or not self._dense(mine, theirs):
                continue
            found = _turned(other, ours)
            if found and not self._elsewhere(mine, ours):
                yield found

    def _governed(self, mine: int, theirs: int) -> bool:
        """The marker's nearest aligned word is this one."""
        ours, other = self.claim.tokens[mine], self.message.tokens[theirs]
        taken = set(self.pairs.values())
        if other.state is not EMPTY and not other.first and theirs - 1 in taken:
            return ours.state is not EMPTY and ours.first
        if ours.state is not EMPTY and not ours.first and mine - 1 in self.pairs:
            return other.state is not EMPTY and other.first
        return True

    def _elsewhere(self, mine: int, ours: Token) -> bool:
        """The message also says it the claim's way at another place."""
        near = {
            self.claim.keys[at] for at in (mine - 1, mine + 1) if 0 <= at < len(self.claim.keys)
        }
        for at, key in enumerate(self.message.keys):
            if key != ours.key or at == self.pairs[mine]:
                continue
            around = self.message.keys[max(0, at - 2) : at + 3]
            if not near.isdisjoint(around) and not _turned(self.message.tokens[at], ours):
                return True
        return False

    # --- values and names -----------------------------------------------------------------

    def _gaps(self) -> Iterator[Difference]:
        """Compare what stands between aligned words on both sides."""
        for mine, theirs in self._stretches():
            left = [self.claim.tokens[at] for at in mine]
            right = [self.message.tokens[at] for at in theirs]
            yield from self._values(left, right)
            yield from self._names(left, right)

    def _stretches(self) -> Iterator[tuple[range, range]]:
        """Unaligned stretches of the claim, each with the message's words in its place."""
        size, taken = len(self.claim.keys), frozenset(self.pairs.values())
        at = 0
        while at < size:
            if at in self.pairs:
                at += 1
                continue
            end = at
            while end < size and end not in self.pairs:
                end += 1
            there = self._slot(at, end, taken)
            if there:
                yield range(at, end), there
            at = end

    def _slot(self, start: int, end: int, taken: frozenset[int]) -> range:
        """The message's words that stand where the claim has [start, end)."""
        before = self.pairs.get(start - 1)
        after = self.pairs.get(end)
        if end - start > GAP or (before is None and after is None):
            return range(0)
        if before is not None and after is not None:
            inside = range(before + 1, after)
            return inside if 0 < len(inside) <= GAP else range(0)
        reach = end - start + 1
        if before is not None:
            stop = before + 1
            while stop < len(self.message.keys) and stop not in taken and stop - before <= reach:
                stop += 1
            return range(before + 1, stop) if self._dense(start - 1, before) else range(0)
        assert after is not None
        begin = after
        while begin > 0 and begin - 1 not in taken and after - begin < reach:
            begin -= 1
        return range(begin, after) if self._dense(end, after) else range(0)

    def _values(self, left: list[Token], right: list[Token]) -> Iterator[Difference]:
        ours = [token.value for token in left if token.value]
        others = [token.value for token in right if token.value]
        for value in ours:
            verdicts = [(agree(value, other), other) for other in others]
            if any(same for same, _ in verdicts):
                continue
            against = next((other for same, other in verdicts if same is False), None)
            if against and not self._said(value, against):
                yield Difference(_value_type(value, against), against.text, value.text)

    def _said(self, value: Value, against: Value) -> bool:
        """One of the two values also stands, unaligned, on the other side."""
        taken = frozenset(self.pairs.values())
        free = (t for at, t in enumerate(self.message.tokens) if at not in taken)
        if any(token.value and agree(token.value, value) for token in free):
            return True
        rest = (t for at, t in enumerate(self.claim.tokens) if at not in self.pairs)
        return any(token.value and agree(token.value, against) for token in rest)

    def _names(self, left: list[Token], right: list[Token]) -> Iterator[Difference]:
        if scam_reading(self.claim):
            return
        for kind in ("place", "agency", "office"):
            ours = [t for t in left if t.kind == kind]
            others = [t for t in right if t.kind == kind]
            same = any(_same_name(a, b) for a in ours for b in others)
            if ours and others and not same and not self._named(ours, others):
                yield Difference(_TYPES[kind], _joined(others), _joined(ours))
        yield from self._unknown_names(left, right)

    def _named(self, ours: list[Token], others: list[Token]) -> bool:
        """The claim's name stands somewhere else in the message, or the other way round."""
        keys = frozenset(self.message.keys)
        return any(token.key in keys for token in ours) or any(
            token.key in self.claim.keys for token in others
        )

    def _unknown_names(self, left: list[Token], right: list[Token]) -> Iterator[Difference]:
        """A name nobody listed in the place of another one, told by its capital letter."""
        ours = [t for t in left if t.kind == "name" or (t.case == "name" and t.value is None)]
        others = [t for t in right if t.value is None and t.case != "plain"]
        others = [t for t in others if t.kind in ("name", "place", "agency") or t.case == "unknown"]
        if not ours or not others or len(others) > len(ours) + 2:
            return
        if all(t.case == "unknown" for t in others) and len(left) != len(right):
            return
        if any(_like(a.text, b.text) for a in ours for b in others) or self._named(ours, others):
            return
        if _blend(ours, others) or _blend(others, ours):
            return
        kind = next((t.kind for t in (*ours, *others) if t.kind in _TYPES), "name")
        if all(a.kind in ("place", "agency", "office") for a in ours) and all(
            b.kind == a.kind for a in ours for b in others
        ):
            return  # compared as known names already
        yield Difference(_TYPES[kind], _joined(others), _joined(ours))

    # --- roles ----------------------------------------------------------------------------

    def _roles(self) -> Iterator[Difference]:
        for mine, theirs in self.pairs.items():
            ours, other = self.claim.tokens[mine], self.message.tokens[theirs]
            if not ours.verb or not other.verb:
                continue
            agent, patient = _sides(self.claim.tokens, mine)
            there_agent, there_patient = _sides(self.message.tokens, theirs)
            if _swapped(agent, patient, there_agent, there_patient):
                yield Difference(
                    "roles", _told(self.message.tokens, theirs), _told(self.claim.tokens, mine)
                )


def _sides(tokens: tuple[Token, ...], at: int) -> tuple[list[str], list[str]]:
    """(who does it, to whom it is done), nearest first, by voice and order around a verb."""
    clause = tokens[at].clause
    before = [t.key for t in tokens[max(0, at - 4) : at] if t.clause == clause][::-1]
    after = [t.key for t in tokens[at + 1 : at + 5] if t.clause == clause]
    by = any(t.agent for t in tokens[at + 1 : at + 5])
    return (after, before) if tokens[at].verb == "passive" or by else (before, after)


def _swapped(agent: list[str], patient: list[str], agent2: list[str], patient2: list[str]) -> bool:
    if not (agent and patient and agent2 and patient2):
        return False
    crossed = agent[0] in patient2 and patient[0] in agent2
    return crossed and agent[0] not in agent2 and patient[0] not in patient2


def _told(tokens: tuple[Token, ...], at: int) -> str:
    around = [t for t in tokens[max(0, at - 2) : at + 3] if t.clause == tokens[at].clause]
    return " ".join(token.text for token in around)


_TYPES = {"place": "place", "agency": "agency", "office": "person", "name": "person"}


def _value_type(value: Value, other: Value) -> str:
    dates = (Kind.DATE, Kind.TIME, Kind.ELECTION, Kind.ORDINAL)
    return "date" if value.kind in dates or other.kind in dates else "number"


def _joined(tokens: list[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _same_name(one: Token, other: Token) -> bool:
    """The same known name, or one inside the other (a regency and its province)."""
    if one.key == other.key or one.inside == other.key or other.inside == one.key:
        return True
    if one.level and other.level and one.level != other.level:
        return True
    return _like(one.text, other.text)


def _like(one: str, other: str) -> bool:
    """One name with a slip of the finger."""
    a, b = one.casefold(), other.casefold()
    if a == b or (min(len(a), len(b)) >= 4 and (a.startswith(b) or b.startswith(a))):
        return True
    allowed = 0 if min(len(a), len(b)) < 5 else 1 if min(len(a), len(b)) < 9 else 2
    return OSA.distance(a, b, score_cutoff=allowed) <= allowed


def _blend(short: list[Token], long: list[Token]) -> bool:
    """Is the one name made of beginnings of the others: SBY, Jokowi, Kemenkes?"""
    if len(short) != 1 or len(long) < 2:
        return False
    rest = short[0].text.casefold()
    for token in long:
        word = token.text.casefold()
        size = next((n for n in range(min(len(rest), len(word)), 0, -1) if rest[:n] == word[:n]), 0)
        rest = rest[size:]
    return not rest


def _turned(other: Token, ours: Token) -> Difference | None:
    """Polarity, modality, aspect or quantity of the same word turned round."""
    m, c = other.state, ours.state
    if _negative(other) != _negative(ours):
        return Difference("polarity", _said_of(other), _said_of(ours))
    if _against(m.modality, c.modality, _MODALITY) or _against(m.aspect, c.aspect, _ASPECT):
        return Difference("modality", _said_of(other), _said_of(ours))
    if _against(m.quantity, c.quantity, _QUANTITY):
        return Difference("quantity", _said_of(other), _said_of(ours))
    return None


def _negative(token: Token) -> bool:
    return token.state.negative != (token.sign < 0)


def _said_of(token: Token) -> str:
    return f"{token.state.text} {token.text}".strip()


_MODALITY = frozenset(
    frozenset(pair)
    for pair in (
        ("must", "may"),
        ("must_not", "need_not"),
        ("perhaps", "certain"),
        ("must", "need_not"),
    )
)
_ASPECT = frozenset(frozenset(pair) for pair in (("future", "done"), ("ongoing", "future")))
_QUANTITY = frozenset(
    frozenset(pair)
    for pair in (
        ("all", "some"), ("all", "most"), ("all", "only"), ("most", "some"), ("all", "none"),
        ("at_least", "at_most"), ("many", "none"), ("all", "many"),
    )
)  # fmt: skip


def _against(one: str, other: str, pairs: frozenset[frozenset[str]]) -> bool:
    return bool(one and other) and frozenset((one, other)) in pairs


def scam_reading(claim: Reading) -> bool:
    """Is the claim a templated scam: an account or number that poses as an office holder?"""
    poses = vocabulary.words_of("scam", "poses")
    return _tells_of_account(claim) and not poses.isdisjoint(claim.words)


def _tells_of_account(reading: Reading) -> bool:
    return not vocabulary.words_of("scam", "account").isdisjoint(reading.words)


def scam_pattern(message: str, claim: str) -> bool:
    """Do both tell of an account or number that poses as somebody (whoever it is)?"""
    return scam_reading(read(claim)) and _tells_of_account(read(message))
