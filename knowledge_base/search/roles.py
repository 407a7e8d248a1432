"""Who does it to whom, and whose it is: told by voice and order around an aligned word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge_base.search import lone, names, swaps, vocabulary
from knowledge_base.search.alignment import Alignment
from knowledge_base.search.findings import Difference
from knowledge_base.search.reading import Reading, Token

SIDE = 5  # words on either side of a verb that tell who does it to whom


def exchanged(found: Alignment) -> Iterator[Difference]:
    """Who does it to whom, told by voice and order around an aligned verb."""
    if found.share() < names.NAMED_SHARE:
        return
    keys = _keys_as_claimed(found)
    for mine, theirs in found.pairs.items():
        ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
        voices = {_verb(ours), _verb(other)}
        if voices == _NO_VERB:  # most words are none
            continue
        silent = voices in _TELLS_NOTHING and not _as_spoken(ours, other)
        silent = silent or swaps.happens(found, mine, theirs)
        silent = silent or any(
            _suffered(token) or _of_another(token) or _for_another(reading, at)
            for reading, at, token in ((found.claim, mine, ours), (found.message, theirs, other))
        )
        acts = _acts(ours) and _acts(other) and ours.value is None
        if silent or not acts or _agentless(found, mine, theirs):
            continue
        claim = _sides(found.claim, found.claim.keys, mine)
        message = _sides(found.message, keys, theirs)
        told = _agent_told(found.claim, mine) and _agent_told(found.message, theirs)
        told = told and lone.same_sentence(found)
        swapped = _swapped(claim, message) or (told and _done_to_the_doer(claim, message))
        if swapped or _came_first(found, keys, claim, message, theirs):
            yield Difference("roles", _told(found.message, theirs), _told(found.claim, mine))


def lent(found: Alignment) -> Iterator[Difference]:
    """ "Melati meminjamkan uang kepada Seruni" for "Melati meminjam uang dari Seruni": one verb in
    two forms, and the same one before it."""
    if not lone.same_sentence(found):
        return
    for mine, theirs in found.pairs.items():
        ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
        if (
            ours.key not in vocabulary.words_of("verbs", "lends")
            or _passive(ours)
            or _passive(other)
        ):
            continue
        gives = [token.text.casefold().endswith(("kan", "in")) for token in (ours, other)]
        claim, said = (_around(*side)[0] for side in ((found.claim, mine), (found.message, theirs)))
        alike = any(found.pairs.get(at) in said for at in claim)
        if gives[0] is not gives[1] and alike:
            yield Difference("roles", _told(found.message, theirs), _told(found.claim, mine))


def _keys_as_claimed(found: Alignment) -> list[str]:
    """The message's keys, those of aligned words as the claim has them."""
    keys = list(found.message.keys)
    for mine, theirs in found.pairs.items():
        keys[theirs] = found.claim.keys[mine]
    return keys


def rotated(found: Alignment) -> Iterator[Difference]:
    """What stands before a word in the claim stands behind the same word in the message, and what
    stood behind it before: "Jemaah semprot Satgas" for "Satgas semprot jemaah". For verbs that no
    form tells."""
    if not lone.same_sentence(found) or _other_voice(found):
        return  # "Mahfud bubarkan …" and "… dibubarkan Mahfud" say the same
    keys = _keys_as_claimed(found)
    for mine, theirs in found.pairs.items():
        if not _pivot(found.claim.tokens[mine], found.message.tokens[theirs]):
            continue
        said = _around(found.message, theirs)
        loose = [found.message.tokens[at] for side in said for at in side if at not in found.taken]
        if len(loose) > 1 or any(token.verb or _suffering(token.text) for token in loose):
            continue  # another deed, of which the word is only a part, or suffered ("kena pajak")
        claimed = [{found.claim.keys[at] for at in side} for side in _around(found.claim, mine)]
        before, behind = ({keys[at] for at in side if at in found.taken} for side in said)
        first, last = (side & (before | behind) for side in claimed)
        if first and before and first <= behind - before and before <= last - first:
            yield Difference("roles", _told(found.message, theirs), _told(found.claim, mine))


def _other_voice(found: Alignment) -> bool:
    """A verb is passive in one of the two only, or a noun in one of them ("sumbangan"); or only one
    says by whom ("was hit by a comet")."""
    if any(t.agent for t in found.claim.tokens) is not any(t.agent for t in found.message.tokens):
        return True
    for mine, theirs in found.pairs.items():
        ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
        voices = (_verb(ours), _verb(other))
        passive = "passive" in voices and _passive(ours) is not _passive(other)
        if passive or ("active" in voices and voices[0] != voices[1]):
            return True
    claim = [t for at, t in enumerate(found.claim.tokens) if at not in found.pairs]
    message = [t for at, t in enumerate(found.message.tokens) if at not in found.taken]
    return any(_verb(token) == "passive" for token in (*claim, *message))


def _pivot(ours: Token, other: Token) -> bool:
    """The same word in the same form, and nothing that is the same either way ("lawan")."""
    if ours.value or other.value or ours.kind != "word" or _form(ours) != _form(other):
        return False
    return _form(ours) not in vocabulary.words_of("verbs", "either_way")


def _suffering(word: str) -> bool:
    return word.casefold() in vocabulary.words_of("verbs", "suffers")


def _suffered(token: Token) -> bool:
    """ "jadi mangsa": no deed of who is named before it."""
    return _suffering(token.lead)


def _passive(token: Token) -> bool:
    return token.lead == "di" or _verb(token) == "passive"


def _form(token: Token) -> str:
    """ "di siram" is "disiram"."""
    return f"{'di' if token.lead == 'di' else ''}{token.text.casefold()}"


def _around(reading: Reading, at: int) -> tuple[set[int], set[int]]:
    """Places of the words before and behind in the clause, days, hours and where it is aside."""
    here = reading.tokens[at].clause
    near = range(max(0, at - SIDE), min(len(reading.tokens), at + SIDE + 1))
    some = [i for i in near if i != at and _takes_part(reading.tokens[i], here)]
    return {i for i in some if i < at}, {i for i in some if i > at}


_NO_VERB = {""}
_TELLS_NOTHING = ({"", "passive"}, {"", "bare"})  # "libur", "diliburkan"; "listed", "list"


def _of_another(token: Token) -> bool:
    """ "Menggantinya dengan …": whom it is done to is named before."""
    return token.verb == "active" and token.text.casefold().endswith("nya")


def _for_another(reading: Reading, at: int) -> bool:
    """ "Libur Natal diganti cuti bersama": not by what stands behind it, unless "oleh" says so."""
    replaced = reading.tokens[at].key in vocabulary.words_of("verbs", "replaces")
    return replaced and _passive(reading.tokens[at]) and not _agent_told(reading, at)


def _as_spoken(ours: Token, other: Token) -> bool:
    """ "bubarin" is "bubarkan", and who does it stands before it too."""
    bare = [t for t in (ours, other) if _verb(t) == "bare"]
    spoken = [t.text.casefold() for t in (ours, other) if not _verb(t)]
    return bool(bare and spoken) and spoken[0] == f"{bare[0].key}in"


def _acts(token: Token) -> bool:
    """A verb, by its form or because it is a bare root ("usir"); "pemilih" is none."""
    return bool(_verb(token)) or token.text.casefold() == token.key


def _agentless(found: Alignment, mine: int, theirs: int) -> bool:
    """An English passive without "by" does not say who did it."""
    for reading, at in ((found.claim, mine), (found.message, theirs)):
        passive = reading.lang == "en" and _verb(reading.tokens[at]) == "passive"
        if passive and not any(t.agent for t in reading.tokens[at + 1 : at + 1 + SIDE]):
            return True
    return False


def _verb(token: Token) -> str:
    """Active, passive or bare; English past forms are bare."""
    word = token.text.casefold()
    if token.lead in _BE and _participle(word):
        return "passive"
    if token.verb or token.kind != "word":
        return token.verb
    return "bare" if len(word) > 4 and word.endswith("ed") else ""


def _participle(word: str) -> bool:
    return word.endswith(("ed", "en")) or word in vocabulary.words_of("verbs", "participle")


_BE = frozenset(("is", "are", "was", "were", "be", "been", "being"))


def _sides(reading: Reading, keys: Sequence[str], at: int) -> tuple[list[str], list[str]]:
    """(who does it, to whom it is done) around a verb, without what stands on both sides."""
    tokens = reading.tokens
    reach = range(at + 1, min(len(keys), at + 1 + SIDE))
    before = _side(reading, keys, at, range(max(0, at - SIDE), at))
    after = _side(reading, keys, at, reach)
    both = set(before) & set(after)
    before = [key for key in before if key not in both]
    after = [key for key in after if key not in both]
    voice = _verb(tokens[at])
    by = any(tokens[i].agent and tokens[i].clause == tokens[at].clause for i in reach)
    passive = _passive(tokens[at]) or (voice == "bare" and by)
    return (after, before) if passive else (before, after)


def _side(reading: Reading, keys: Sequence[str], at: int, reach: range) -> list[str]:
    """The words of the clause there, figures aside, for they do nothing to anybody; where it has
    none, a few of the sentence: "Imigran yang ada di Jakarta dipulangkan …"."""
    tokens, here = reading.tokens, reading.tokens[at]
    near = [keys[i] for i in reach if _takes_part(tokens[i], here.clause)]
    if near or not reach:
        return near
    told = [i for i in reach if tokens[i].sentence == here.sentence]
    some = [i for i in told if _takes_part(tokens[i], tokens[i].clause)]
    if len(some) > names.LONGEST_NAME:  # "Saat wisuda, mahasiswi Intan yang menampar …"
        next_to = tokens[reach[-1] if reach[-1] < at else reach[0]]
        some = [i for i in some if tokens[i].clause == next_to.clause]
    return [keys[i] for i in some] if len(some) <= names.LONGEST_NAME else []


def _takes_part(token: Token, clause: int) -> bool:
    place = token.lead in vocabulary.words_of("direction", "at")
    return token.clause == clause and token.value is None and not place


def _swapped(claim: tuple[list[str], list[str]], message: tuple[list[str], list[str]]) -> bool:
    """Each side's words stand on the other side: all of them, or the words they begin with."""
    (agent, patient), (agent2, patient2) = claim, message
    if set(agent).isdisjoint(patient2) or set(patient).isdisjoint(agent2):
        return False
    heads = agent[0] in patient2 and agent2[0] in patient
    return heads or set(agent).isdisjoint(agent2)


def _agent_told(reading: Reading, at: int) -> bool:
    """An active verb, or a passive one with "oleh" behind it."""
    voice, behind = _verb(reading.tokens[at]), reading.tokens[at + 1 : at + 1 + SIDE]
    return voice == "active" or (voice == "passive" and any(t.agent for t in behind))


def _done_to_the_doer(
    claim: tuple[list[str], list[str]], message: tuple[list[str], list[str]]
) -> bool:
    """Who did it suffers it now, from somebody else: "was beaten by a refugee", "a refugee was
    beaten by a man"."""
    (agent, _), (agent2, patient2) = claim, message
    turned = bool(agent and agent2) and agent[0] in patient2 and agent[0] not in agent2
    return turned and agent2[0] not in agent


def _came_first(
    found: Alignment,
    keys: Sequence[str],
    claim: tuple[list[str], list[str]],
    message: tuple[list[str], list[str]],
    at: int,
) -> bool:
    """Whom the claim has it done to does it in the message, and who did it stands farther behind:
    "B membubarkan rapat yang digelar A" for "A membubarkan rapat B"."""
    (agent, patient), (agent2, _) = claim, message
    if not agent or not set(agent).isdisjoint(agent2):
        return False
    tokens = found.message.tokens
    here, behind = tokens[at].sentence, zip(keys[at + 1 :], tokens[at + 1 :], strict=True)
    if not any(key == agent[0] and token.sentence == here for key, token in behind):
        return False
    named = {k for k, t in zip(keys, tokens, strict=True) if t.kind in names.TYPES}
    return agent[0] in named and not named.isdisjoint(set(patient) & set(agent2))


def _told(reading: Reading, at: int) -> str:
    tokens = reading.tokens
    around = [t for t in tokens[max(0, at - 2) : at + 3] if t.clause == tokens[at].clause]
    return names.joined(around)


def other_kin(found: Alignment) -> Iterator[Difference]:
    """ "anak A bersama B" and "anak B bersama A": whose child it is, told by the next name."""
    for mine, theirs in found.pairs.items():
        if found.claim.tokens[mine].text.casefold() not in vocabulary.words_of("kin", "words"):
            continue
        ours, other = _next_name(found.claim, mine), _next_name(found.message, theirs)
        if ours is None or other is None or names.much_alike(ours, other) or ours.key == other.key:
            continue
        if ours.key in found.message.places and other.key in found.claim.places:
            told = _told(found.message, theirs), _told(found.claim, mine)
            yield Difference("roles", *told)


def of_somebody(found: Alignment) -> Iterator[Difference]:
    """ "Istri Bupati Melati ditangkap" for "Bupati Melati ditangkap": a claim without any kin."""
    if not lone.same_sentence(found) or any(map(_kin, found.claim.tokens)):
        return
    for mine, theirs in found.pairs.items():
        ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
        relative = _relative(found.message, theirs) if theirs - 1 not in found.taken else None
        if relative and (ours.kind in _SOMEBODY or ours.case == "name"):
            yield Difference("person", names.joined([relative, other]), ours.text)


def _kin(token: Token) -> bool:
    """ "Istrinya", "wife's", "anak-anak"."""
    word = token.text.casefold().split("-")[0].removesuffix("nya")
    relatives = vocabulary.words_of("kin", "of_somebody")
    return word == "anak" or word in relatives or word.removesuffix("s") in relatives


def _relative(reading: Reading, at: int) -> Token | None:
    """Whoever is named by this name or office, right before it: "istri Bupati", "wife of …"; a
    "Brother Baskoro" is named by nobody, nor does who only tells it do it ("menurut adik …")."""
    here, before = reading.tokens[at], reading.tokens[at - 1] if at else None
    telling = vocabulary.words_of("kin", "told_by")
    if before is None or before.clause != here.clause or before.lead in telling:
        return None
    near = here.lead in (("of", "the") if reading.lang == "en" else ("", "of", "dari"))
    word = before.text.casefold().removesuffix("nya")
    known = word in vocabulary.words_of("kin", "of_somebody")
    known = known or (word == "anak" and here.kind in _SOMEBODY)
    return before if near and known else None


_SOMEBODY = ("office", "person")


def _next_name(reading: Reading, at: int) -> Token | None:
    """Whose it is: the word right behind, over an office ("anak Bupati Melati")."""
    here = reading.tokens[at]
    after = (t for t in reading.tokens[at + 1 : at + 3] if t.kind != "office")
    token = next(after, None)
    near = token is not None and token.clause == here.clause and not token.lead
    return token if near and token and _may_be_name(token) else None


def _may_be_name(token: Token) -> bool:
    named = token.kind in names.TYPES or token.case == "name"
    plain = token.kind == "word" and not token.verb and token.value is None
    return named or (plain and token.case == "unknown" and names.strange(token.text.casefold()))
