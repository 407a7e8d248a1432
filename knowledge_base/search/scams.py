"""Templated scams: an account or number that poses as somebody, whoever it is.

Another office holder in the same text is the same scam, so names are no conflict there; the message
must tell what the account does.
"""

from __future__ import annotations

from functools import cache

from knowledge_base.search import names, vocabulary
from knowledge_base.search.reading import Reading, Token, cached_read, words_of
from knowledge_base.search.text import visible

SIGNS = ".,:;!?…\"'“”()[]"  # around a word
DEED = 0.5  # of what a scam's account does that a message must tell
BRIEF = 14  # content words of a message that tells of a deed and no more


def of_claim(claim: Reading) -> bool:
    """Is the claim a templated scam: an account or number that poses as an office holder?"""
    return _poses(claim.words)


def _poses(words: frozenset[str]) -> bool:
    bare, account = _bare(words), vocabulary.words_of("scam", "account")
    return not account.isdisjoint(bare) and not _words("poses", "platform").isdisjoint(bare)


def _bare(words: frozenset[str]) -> frozenset[str]:
    """Without the signs around them: "… lewat akun WhatsApp."."""
    return frozenset(word.strip(SIGNS) for word in words)


@cache
def _words(*keys: str) -> frozenset[str]:
    """The words of several lists about such scams."""
    return frozenset().union(*(vocabulary.words_of("scam", key) for key in keys))


def pattern(message: str, claim: str) -> bool:
    """Do both tell of an account or number that poses as somebody (whoever it is)?"""
    if not _poses(words_of(visible(claim))):
        return False
    return not _words("account", "platform").isdisjoint(_bare(words_of(visible(message))))


def told(message: str, claim: str) -> bool:
    """Is it the same scam, with what the account does there? Not every message about an account is:
    "akun Facebook Bupati Melati tidak aktif" beside "… menyalurkan bantuan"."""
    if not pattern(message, claim):
        return False
    deed = _deed(cached_read(claim))
    said = cached_read(message).tokens
    told = [any(_same_deed(one, other) for other in said) for one in deed]
    verbs = [there for one, there in zip(deed, told, strict=True) if one.verb]
    return all(verbs) and sum(told) >= DEED * len(deed)


def left_out(message: str, claim: str) -> bool:
    """Does a short message tell the deed of a templated scam without any account or platform?"""
    if not _poses(words_of(visible(claim))):
        return False
    said = cached_read(message)
    speaks = _words("account", "platform", "poses")
    return len(said.keys) <= BRIEF and _bare(said.words).isdisjoint(speaks)


def _deed(claim: Reading) -> list[Token]:
    """What the account does: the words of the claim without names, offices and platforms."""
    aside = _words("account", "platform")
    words = (t for t in claim.tokens if t.kind == "word" and t.value is None)
    return [t for t in words if t.text.casefold() not in aside]


def _same_deed(one: Token, other: Token) -> bool:
    return one.key == other.key or names.much_alike(one, other)
