"""Templated scams: an account or number that poses as somebody, whoever it is.

Another office holder in the same text is the same scam, so names are no conflict there; the message
must tell what the account does.
"""

from __future__ import annotations

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
    poses = vocabulary.words_of("scam", "poses") | vocabulary.words_of("scam", "platform")
    account = vocabulary.words_of("scam", "account")
    words = frozenset(word.strip(SIGNS) for word in words)  # "… lewat akun WhatsApp."
    return not account.isdisjoint(words) and not poses.isdisjoint(words)


def pattern(message: str, claim: str) -> bool:
    """Do both tell of an account or number that poses as somebody (whoever it is)?"""
    account = vocabulary.words_of("scam", "account") | vocabulary.words_of("scam", "platform")
    poses = _poses(words_of(visible(claim)))
    said = frozenset(word.strip(SIGNS) for word in words_of(visible(message)))
    return poses and not account.isdisjoint(said)


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
    words = frozenset(word.strip(SIGNS) for word in said.words)
    speaks = vocabulary.words_of("scam", "account") | vocabulary.words_of("scam", "platform")
    speaks |= vocabulary.words_of("scam", "poses")
    return len(said.keys) <= BRIEF and words.isdisjoint(speaks)


def _deed(claim: Reading) -> list[Token]:
    """What the account does: the words of the claim without names, offices and platforms."""
    aside = vocabulary.words_of("scam", "account") | vocabulary.words_of("scam", "platform")
    words = (t for t in claim.tokens if t.kind == "word" and t.value is None)
    return [t for t in words if t.text.casefold() not in aside]


def _same_deed(one: Token, other: Token) -> bool:
    return one.key == other.key or names.much_alike(one, other)
