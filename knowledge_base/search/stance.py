"""Does a message make a claim, refute it, or ask about it?

Cue phrases come from the [stance] sections of `lexicons/meaning/*.toml`. A debunk is marked by
what it says of the claim ("HOAKS: …", "tidak benar bahwa …"); asking whether something is a hoax
("ini hoaks bukan?") is a question, so cues of asking are looked for first where both stand. Who
spreads a rumour quotes its debunk too ("Katanya itu mitos, padahal …"): what may be either is taken
for a question, for the reply then speaks of "that claim", which is right for both.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from knowledge_base.search import vocabulary
from knowledge_base.search.findings import Stance

LIMIT = 8192
HEARD = 64  # texts remembered while a message is handled: search and guards both ask
# A word, or one sign that cues are written with; everything else only separates.
_PIECES = re.compile(r"[^\W_]+(?:['’-][^\W_]+)?|[\[\]():!?.,]")
_ASCII_PIECES = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)?|[\[\]():!?.,]")  # the same, faster
_ENDS = frozenset("[]():!?.,")
_STOPS = frozenset("[]()!?.")  # of a sentence
_DENIED_WORDS = 3  # words at least that tell a claim


@cache
def _cues(kind: str) -> vocabulary.Phrases:
    """The cues of one kind, in the same pieces as a message."""
    found = vocabulary.Phrases()
    for cue in vocabulary.words_of("stance", kind):
        found.add(tuple(pieces(cue.replace("_", " "))), kind)
    return found


def pieces(text: str) -> list[str]:
    """Words and the signs that belong to cues, in small letters, chat spelling written out."""
    spelled = _spelled()
    if text.isascii():
        small = _ASCII_PIECES.findall(text[:LIMIT].lower())
    else:  # all at once, for letters may become more when folded, but never a space
        found = _PIECES.findall(text[:LIMIT])
        small = " ".join(found).casefold().replace("’", "'").split()
    return [spelled.get(piece, piece) for piece in small]


def denies_beyond(message: str, wording: str) -> bool:
    """Has the message a word that may deny which the wording lacks: "tidak", "jangan", "hoaks"?"""
    return not _denying().isdisjoint(set(pieces(message)).difference(pieces(wording)))


@cache
def _denying() -> frozenset[str]:
    """Single words that negate, and those that call a claim untrue."""
    negate = [w for w, said in vocabulary.markers().table.items() if said.family == "polarity"]
    return frozenset(word for words in (*negate, *_cues("debunk").table) for word in words[:1])


@cache
def _spelled() -> dict[str, str]:
    """ "gak", "tdk", "ora" → "tidak", for the words that cues are made of."""
    spellings = vocabulary.table("stance_spelling")
    return {other: word for word, others in spellings.items() for other in others.split()}


class _Heard:
    """The pieces of a message, and those at which some cue may begin: few, looked for once."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        begins = _beginnings()
        self.starts = [at for at, word in enumerate(words) if word in begins]

    def places(self, kind: str) -> list[tuple[int, int]]:
        """Where cues of a kind begin and end, none inside another."""
        cues, words = _cues(kind), self.words
        found: list[tuple[int, int]] = []
        done = 0
        for at in self.starts:
            if at >= done and words[at] in cues.longest:
                value, taken = cues.find(words, at)
                if value is not None:
                    found.append((at, at + taken))
                    done = at + taken
        return found


@cache
def _beginnings() -> frozenset[str]:
    """Every piece that a cue of some kind begins with."""
    kinds = {kind for language in vocabulary.languages() for kind in language.get("stance", {})}
    return frozenset().union(*(_cues(kind).longest for kind in kinds))


@lru_cache(maxsize=HEARD)
def stance(message: str) -> Stance:
    """How the message speaks of its claim. Never raises; linear in the message, up to a cap.

    >>> stance("HOAKS: vaksin berisi cip"), stance("bener gak sih vaksin berisi cip?")
    (<Stance.DEBUNK: 'debunk'>, <Stance.QUESTION: 'question'>)
    """
    heard = _Heard(pieces(message))
    words = heard.words
    if not heard.starts:
        return Stance.QUESTION if _ends_asking(words) else Stance.CLAIM
    debunks, unsure = _debunks(heard)
    questions = heard.places("question")
    if debunks and not _asked(debunks, questions, words):
        return Stance.DEBUNK
    asks = questions or unsure or _ends_asking(words)
    return Stance.QUESTION if asks else Stance.CLAIM


def may_debunk(message: str) -> bool:
    """Does the message refute its claim, or may it, quoting what others say?"""
    return stance(message) is Stance.DEBUNK or _debunks(_Heard(pieces(message)))[1]


def retells(message: str) -> bool:
    """Does the message only speak of a rumour: who spread it takes it back or is caught? Not where
    it goes on to spread it ("Meski dibantah …", "… padahal …")."""
    words = pieces(message)
    spreads = vocabulary.words_of("stance", "although") | {"padahal", "nyatanya", "buktinya"}
    return bool(_Heard(words).places("retold")) and spreads.isdisjoint(words)


def _debunks(heard: _Heard) -> tuple[list[tuple[int, int]], bool]:
    """The cues that surely debunk, and whether there are others that may."""
    words, places = heard.words, heard.places
    sure = [place for place in places("label") if _labels(words, *place)]
    cues = [place for place in places("debunk") if not _denied(words, place[0])]
    untrue = places("untrue")
    cues += [place for place in untrue if _called_untrue(words, *place)]
    told = [place for place in cues if words[place[0]] in "[(" or not _quoted(words, *place)]
    denials = [place for place in places("denial") if not _denied(words, place[0])]
    denied = [place for place in denials if _denies(words, *place)]
    doubts = [place for place in places("doubt") if _opens(words, place[0])]
    doubted = [place for place in doubts if _doubts(words, *place)]
    closing = [place for place in (*untrue, *places("closing")) if _closes(words, *place)]
    maybe = (*cues, *denials, *doubts, *closing, *places("retold"), *places("maybe"))
    sure += told + denied + doubted
    return sure, len(maybe) > len(told) + len(denied) + len(doubted)


def _quoted(words: list[str], start: int, end: int) -> bool:
    """ "Meski dokter bilang itu mitos, …", "… itu mitos, padahal …", "… itu mitos. Padahal …"."""
    opened = max((at + 1 for at in range(start) if words[at] in _STOPS), default=0)
    stop = next((at for at in range(end - 1, len(words)) if words[at] in _STOPS), len(words))
    behind = words[end : max(stop, end)] + words[stop + 1 : stop + 2]
    although = vocabulary.words_of("stance", "although")
    however = vocabulary.words_of("stance", "however")
    return not (although.isdisjoint(words[opened:start]) and however.isdisjoint(behind))


def _denies(words: list[str], start: int, end: int) -> bool:
    """ "Kemenkes bantah vaksin berisi cip": what is denied follows at once, up to the end."""
    stop = next((at for at in range(end, len(words)) if words[at] in _ENDS), len(words))
    closed = stop == len(words) or words[stop] in ".!"
    spoken_of = start > 0 and words[start - 1] in vocabulary.words_of("stance", "spoken_of")
    if not closed or spoken_of or stop - end < _DENIED_WORDS or _quoted(words, start, end):
        return False
    name, _ = vocabulary.names().find(words, end)
    somebody = name is not None and name.kind in ("agency", "office", "person")
    # "bantah vaksin tidak berisi cip" denies what a check says, not the rumour
    turned = not vocabulary.words_of("polarity", "not").isdisjoint(words[end:stop])
    unlike = somebody or words[end] in vocabulary.words_of("stance", "contradicted")
    return not (turned or unlike)


def _doubts(words: list[str], start: int, end: int) -> bool:
    """ "Mana ada vaksin berisi cip!": one sentence, which the unbelief opens."""
    other = not vocabulary.words_of("stance", "beside_claim").isdisjoint(words[end : end + 3])
    return start == 0 and not other and _ENDS.isdisjoint(words[end:-1])


def _opens(words: list[str], start: int) -> bool:
    return start == 0 or words[start - 1] in _ENDS


def _labels(words: list[str], start: int, end: int) -> bool:
    """ "HOAKS: …", "Hoaks! …": a label opens a sentence and a sign closes it."""
    return _opens(words, start) and end < len(words) and words[end] in (":", "!", ".", ",")


def _called_untrue(words: list[str], start: int, end: int) -> bool:
    """ "Kabar … tidak benar.", "Tidak benar KPU …": closes a sentence that began with what went
    round, or opens one."""
    opened = max((at + 1 for at in range(start) if words[at] in _ENDS), default=0)
    if start == opened:
        return end < len(words) and words[end] not in _ENDS
    rumour = vocabulary.words_of("stance", "rumour")
    closes = end == len(words) or words[end] in _ENDS - {"?"}
    return closes and not rumour.isdisjoint(words[opened:start])


def _closes(words: list[str], start: int, end: int) -> bool:
    """ "KPU … tidak benar", "… hoax": at the very end, and not "bukan hoax"."""
    return start > 0 and _ENDS.issuperset(words[end:]) and not _denied(words, start)


def _denied(words: list[str], start: int) -> bool:
    """ "INI BUKAN HOAX": said of a rumour by those who spread it."""
    return not vocabulary.words_of("stance", "unless").isdisjoint(words[max(0, start - 2) : start])


def _asked(
    debunks: list[tuple[int, int]], questions: list[tuple[int, int]], words: list[str]
) -> bool:
    """Every debunking cue stands inside a question: "apakah ini hoaks?", "ini hoaks bukan?"."""
    return all(
        any(start - 6 <= q_end and q_start <= end + 4 for q_start, q_end in questions)
        or "?" in words[end : end + 3]
        for start, end in debunks
    )


def _ends_asking(words: list[str]) -> bool:
    """A question mark at the very end, with hardly anything after it."""
    return "?" in words[-3:]


def corrects(message: str) -> bool:
    """Does a debunk tell how it really is ("Klarifikasi: RSUD tidak menolak …")?

    A bare label ("HOAKS: RSUD menolak …") tells the rumour instead.
    """
    return bool(_Heard(pieces(message)).places("correction"))


def quoted(message: str) -> str:
    """The part of a debunk that tells the claim: what stands before "faktanya …".

    The whole message when nothing is left before it.
    """
    low = message.casefold()
    starts = [
        low.find(cue.replace("_", " "))
        for cue in vocabulary.words_of("stance", "fact")
        if cue.replace("_", " ") in low
    ]
    told = message[: min(starts)] if starts and len(low) == len(message) else message
    return told if len(told.split()) >= 4 else message
