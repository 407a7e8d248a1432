"""What a message is before anybody looks it up: a command, small talk, our own words, a claim."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from handlers.masking import mask
from handlers.messages import Act, Incoming
from handlers.texts import LANGUAGES, sentences, words
from knowledge_base.search.text import checkable

LONGEST = 8192  # characters of a message that are read, searched and kept
SHORT_COMMAND, LONG_COMMAND = 3, 5  # letters of a command that a slip is known of: with a slash
LONGEST_REMARK = 20  # words of a remark that says nothing by itself
MOST_NAMED = 2  # words that name what is asked after ("vaksin covid")
MESSAGES = 16  # messages remembered while they are handled: each is read several times

# A command's name, and every spelling of it: after a slash or as a plain word, or as one of them.
_EITHER: Mapping[str, str] = {
    "start": "start", "mulai": "start",
    "bantuan": "help", "help": "help", "menu": "help",
    "cek": "check", "check": "check",
    "status": "status",
    "bahasa": "language", "language": "language",
    "tentang": "about", "about": "about",
    "metode": "method", "method": "method",
    "privasi": "privacy", "privacy": "privacy",
    "data": "data",
    "hapus": "erase", "forget": "erase",
    "stop": "stop", "berhenti": "stop",
}  # fmt: skip
_SLASH: Mapping[str, str] = {
    **_EITHER,
    "otomatis": "warnings", "automatic": "warnings",
    "desk": "desk", "meja": "desk",
}  # fmt: skip
_PLAIN: Mapping[str, str] = {
    **_EITHER,
    "data saya": "data", "my data": "data",
    "hapus data": "erase", "hapus data saya": "erase",
    "forget me": "erase", "delete my data": "erase",
    "unsubscribe": "stop",
}  # fmt: skip
_IN_WORDS = (
    "about",
    "help",
    "status",
    "start",
    "privacy",
    "erase",
    "stop",
)  # asked for in a sentence, too: [words].ask_…
_TAKES_MORE = ("check", "status", "language")
_NUMBERED = ("check", "status")  # may be asked for a fact-check or a ticket
_NAMED = re.compile(r"(?i:(?:nomor|nomer|number|no)\b[.:]?\s*)?#?\s*([0-9A-Za-z]{1,9})")
_TYPED = (
    "forward",
    "evidence",
    "not_this",
    "tell",
    "once",
    "drop",
    "helpful",
    "unhelpful",
    "wrong",
    "yes",
    "no",
)

_COMMAND = re.compile(r"/([A-Za-z_]{1,32})(?:@(\w{1,64}))?[.,:;!?…]*(?:\s+(.*))?", re.DOTALL)
_MENTION = re.compile(r"(?<!\w)@\w{3,64}")
_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/\S*", re.IGNORECASE)
_BEHIND = ".,;:!?)]}>*_~`\"'”’»›…"
_EDGE = string.punctuation + " \t\r\n…“”"
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# Marks that turn or hide letters: never wanted where somebody's text is shown inside ours.
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")


def tidy(text: str) -> str:
    """The text as it may be stored: no NUL, no lone surrogates, no endless marks, ≤ LONGEST."""
    text = _SURROGATE.sub("\ufffd", text[: LONGEST * 2])
    text = _MARKS.sub(r"\1", _CONTROL.sub(" ", text.replace("\r\n", "\n")))
    return text[:LONGEST].strip()


def units(text: str) -> int:
    """Length in UTF-16 code units, the strictest measure of the platforms."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, with an ellipsis where something was left out."""
    if units(text) <= limit:
        return text
    kept = text[: limit - 1]
    while units(kept) > limit - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def shown(text: str, limit: int) -> str:
    """Somebody's words as they may stand inside our message: one line, nothing hidden, short."""
    return cut(" ".join(_INVISIBLE.sub("", tidy(text)).split()), limit)


def plain(text: str) -> str:
    """Lower case, single spaces, no punctuation at the ends: how typed words are compared."""
    return " ".join(tidy(text[:200]).casefold().strip(_EDGE).split())


def _bare(text: str) -> str:
    """The same without who is spoken to and how ("kok lama ya min?" asks "lama")."""
    said, around = plain(text).split(), words("around")
    while said and said[-1].strip(_EDGE) in around:
        said.pop()
    while said and said[0].strip(_EDGE) in around:
        said.pop(0)
    return " ".join(said).strip(_EDGE)


DESK_LINK = "desk_"  # what a link or QR code of the desk says at /start, before its code


@dataclass(frozen=True, slots=True)
class Command:
    """A command somebody typed; `rest` is what followed it."""

    name: str
    rest: str = ""


def _slash(text: str, own_name: str) -> Command | None:
    """A slash command; one addressed by name to another bot is none of ours."""
    match = _COMMAND.fullmatch(text)
    if match is None:
        return None
    addressed = (match[2] or "").casefold()
    if addressed and own_name and addressed != own_name.casefold():
        return None
    name, rest = _SLASH.get(match[1].casefold(), "unknown"), (match[3] or "").strip()
    if name == "start" and rest.startswith(DESK_LINK):  # the desk's own link does what is typed
        return Command("desk", rest.removeprefix(DESK_LINK))
    return Command(name, unnamed(rest) if name in _NUMBERED else rest)


def meant(text: str) -> str:
    """The plain word of a command that one word is a slip of the finger away from ("hapos",
    "/staus"), as it is written; "" when of none. Short words may well be others."""
    said = plain(text).removeprefix("/")
    if text.lstrip().startswith("/"):
        said, shortest = said.partition(" ")[0], SHORT_COMMAND
    else:
        shortest = LONG_COMMAND
    known = [word for word in _EITHER if len(word) >= shortest]
    return next((word for word in known if OSA.distance(said, word, score_cutoff=1) == 1), "")


def unnamed(rest: str) -> str:
    """A number or ticket as such ("nomor 37", "#7F3K"); anything longer stays as it is."""
    match = _NAMED.fullmatch(rest.strip())
    return match[1] if match else rest


def _word(text: str) -> Command | None:
    if name := _PLAIN.get(plain(text)) or _asked_kindly(text):
        return Command(name)
    if asked := _asked_for().get(plain(text)):
        return Command("language", asked)
    said = {plain(text), _bare(text)}
    if name := next((name for name in _IN_WORDS if said & words(f"ask_{name}")), ""):
        return Command(name)
    first, _, rest = text.partition(" ")
    name = _PLAIN.get(first.casefold().rstrip(":,"), "")
    rest = unnamed(rest) if name in _NUMBERED else rest
    return Command(name, rest.strip()) if name in _TAKES_MORE and _fits(name, rest) else None


def _asked_kindly(text: str) -> str:
    """The command in "hapus dong", "stop ya min": one with a greeting before or courtesies
    behind it, not asked about ("apa berhenti?"); but "cek dong" is about a message."""
    said = plain(text).replace(",", " ").split()
    while len(said) > 1 and said[0] in words("greeting"):
        del said[0]
    while len(said) > 1 and said[-1] in words("kindly"):
        said.pop()
    name = "" if text.rstrip().endswith("?") else _PLAIN.get(" ".join(said), "")
    return "" if name == "check" else name


def _fits(name: str, rest: str) -> bool:
    """Is this an argument, or a sentence that merely begins with the word?"""
    return name == "check" or len(rest.split()) == 1 or plain(rest) in _languages()


@cache
def _languages() -> frozenset[str]:
    return frozenset(name for code in LANGUAGES for name in words(f"language_{code}"))


@cache
def _asked_for() -> Mapping[str, str]:
    """ "English please": what people say instead of the command, and the language they name."""
    return {said: code for code in LANGUAGES for said in words(f"speak_{code}")}


@lru_cache(maxsize=MESSAGES)
def _command(text: str, group: bool, own_name: str) -> Command | None:
    text = tidy(text)
    found = _slash(text, own_name)
    return found if found or group or text.startswith("/") else _word(text)


def command(message: Incoming) -> Command | None:
    """The command a person typed; None when forwarded, edited or part of a longer text.

    The channel tells our name in `payload["bot"]` where commands can be addressed.
    """
    return _as_command(message) if message.act is Act.MESSAGE else None


def _as_command(message: Incoming) -> Command | None:
    if message.forwarded:
        return None
    return _command(message.text, message.group, message.payload.get("bot", ""))


def asks_about_a_draft(message: Incoming) -> bool:
    """Is this "cek" with the words to be checked, also where it was corrected to be?"""
    found = _as_command(message)
    return found is not None and found.name == "check" and bool(found.rest)


@lru_cache(maxsize=MESSAGES)
def _typed(text: str) -> str:
    word = tidy(text) if tidy(text) in ("👍", "👎") else plain(text)
    if len(word) == 1 and word in string.digits:
        return word
    return next((kind for kind in _TYPED if word in words(kind)), "")


def typed(message: Incoming) -> str:
    """A button's twin as typed: a digit, or the kind of the word ("forward", "yes"); else ""."""
    private = message.act is Act.MESSAGE and not message.forwarded and not message.group
    return _typed(message.text[:200]) if private else ""


class Talk(StrEnum):
    """Text in which there is nothing to look up, by how it is answered."""

    GREETING = "greeting"
    THANKS = "thanks"
    FILLER = "filler"
    EMOJI = "emoji"
    LINK = "link"
    SHORT = "short"


@cache
def _thanks() -> re.Pattern[str]:
    """Thanks of several words ("terima kasih banyak"), the longest first."""
    phrases = sorted((said for said in words("thanks") if " " in said), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b")


def _tokens(text: str) -> list[str]:
    """Words in small letters; thanks of several words count as the one word "thanks"."""
    low = _LINK.sub(" ", text[:LONGEST]).casefold()
    return re.findall(r"\w{1,64}", _thanks().sub("thanks", low))


def _emptied(text: str) -> list[str]:
    """The words that are left without links, greetings and "is this true?"."""
    ignored = words("greeting") | words("thanks") | words("filler")
    return [token for token in _tokens(text) if token not in ignored]


@cache
def _passing_words() -> frozenset[str]:
    kinds = ("greeting", "thanks", "filler", "around", "passing")
    return frozenset[str]().union(*map(words, kinds))


@lru_cache(maxsize=MESSAGES)
def in_passing(text: str) -> bool:
    """Are these only words that people say around a message ("ini benar gak ya nak, dapat dari
    grup keluarga"), with nothing that could be looked up?"""
    said = _tokens(text)
    return 0 < len(said) <= LONGEST_REMARK and not links(text) and _passing_words().issuperset(said)


def _said_of_another(message: Incoming, own: str) -> bool:
    """Can these words be no claim themselves: typed by the person, and said around something?"""
    acts = (Act.MESSAGE, Act.EDIT)
    typed_here = message.act in acts and not message.forwarded and not message.media
    return typed_here and in_passing(own)


def is_remark(message: Incoming) -> bool:
    """Is this a remark of the person themselves, in which there is nothing to check?"""
    return not message.reply_text and _said_of_another(message, _own_words(message))


def asks_after(message: Incoming, text: str) -> bool:
    """Do these words ask what became of this earlier text ("yang kucing tadi gimana"): few, of
    something said before, and naming nothing else? Who names more of it than what it is about
    may well claim something ("hasil vaksin kemarin aman")."""
    if message.act is not Act.MESSAGE or message.forwarded or message.media or message.reply_text:
        return False
    said = set(_tokens(_own_words(message)))
    asks = said & words("earlier") and said & words("asks_after")
    named = said - words("earlier") - words("asks_after") - _passing_words()
    few = len(named) <= (MOST_NAMED if said & words("asks_how") else 1)
    short = len(said) <= LONGEST_REMARK // 2
    return bool(asks) and few and short and named <= set(_tokens(text))


def links(text: str) -> list[str]:
    """Addresses written in a text, at most ten."""
    return [_without_end(match.group()) for match in _LINK.finditer(text)][:10]


def _without_end(link: str) -> str:
    """A link without what only stands behind it: marks of a sentence, a quotation or bold words,
    and format characters, which nobody sees."""
    end = len(link)
    while end and (link[end - 1] in _BEHIND or unicodedata.category(link[end - 1]) == "Cf"):
        end -= 1
    return link[:end]


def small_talk(text: str) -> Talk | None:
    """What kind of nothing-to-check a text is; None when it may be a claim."""
    word, tokens = plain(text), _tokens(text)
    if not text.strip():
        return None
    if word in words("thanks"):
        return Talk.THANKS
    if {word, _bare(text)} & words("greeting"):
        return Talk.GREETING
    if in_passing(text):
        return _polite(set(tokens))
    if len(_emptied(text)) >= 3:
        return None
    if links(text):
        return Talk.LINK
    if not any(unicodedata.category(sign)[0] in "LN" for sign in text):
        signs = _signs(text)
        if not signs:
            return Talk.FILLER  # "???": what about it?
        return Talk.THANKS if signs <= words("thanks_signs") else Talk.EMOJI
    return Talk.SHORT if _emptied(text) else _polite(set(tokens))


def _signs(text: str) -> set[str]:
    """The emoji of a text, without the colour of their skin."""
    return {sign for sign in text if unicodedata.category(sign) == "So"}


def _polite(tokens: set[str]) -> Talk:
    """Thanks, a greeting, or "is this true?", for words that say nothing else."""
    if tokens & words("thanks"):
        return Talk.THANKS
    spoken_to = words("around") - words("filler")
    greets = tokens & words("greeting") and tokens <= words("greeting") | spoken_to
    return Talk.GREETING if greets else Talk.FILLER


def _without_mention(message: Incoming) -> str:
    text = tidy(message.text)
    return _MENTION.sub(" ", text).strip() if message.group or message.mentioned else text


def _own_words(message: Incoming) -> str:
    found = _as_command(message)  # an edited "cek …" still means what follows
    if found is None:
        return _without_mention(message)
    return found.rest if found.name == "check" else ""


def _is_about_the_reply(message: Incoming, own: str) -> bool:
    """Do the words ask about the message they answer ("/cek", "bener gak nih?")?"""
    about = bool(message.reply_text) and not message.reply_from_us
    return about and (not checkable(own) or _said_of_another(message, own))


def _with_hidden_links(text: str, message: Incoming) -> str:
    hidden = [link for link in message.links[:10] if link not in text]
    return "\n".join([text, *hidden]) if hidden else text


def text_to_check(message: Incoming) -> str:
    """What is looked up and kept of a message: tidied, cut at LONGEST, masked.

    The words typed after `cek`, the text replied to where the own words only point at it, the
    body or caption with the addresses hidden behind its words. Empty when there is none.
    """
    own = _own_words(message)
    if not own or _is_about_the_reply(message, own):
        own = tidy(message.reply_text) if not message.reply_from_us else own
    return _kept(_with_hidden_links(own, message)[:LONGEST])


@lru_cache(maxsize=MESSAGES)
def _kept(text: str) -> str:
    return tidy(mask(text))


def has_words(message: Incoming) -> bool:
    """Is there anything to look up?"""
    return bool(message.links) or bool(tidy(message.text) or tidy(message.reply_text))


def must_wait(message: Incoming) -> bool:
    """Is this a text nobody can judge yet, so that what follows should be waited for?"""
    if message.act is not Act.MESSAGE or message.group or message.forwarded or message.media:
        return False
    if command(message) or typed(message) or message.links or message.reply_text:
        return False
    text = tidy(message.text)
    unclear = not checkable(text) or in_passing(text)
    return unclear and not links(text) and small_talk(text) is not Talk.THANKS


@dataclass(frozen=True, slots=True)
class Ours:
    """A message of ours that came back: about a fact-check, a ticket, or neither."""

    number: int = 0
    code: str = ""


_TICKET = re.compile(r"(?i:nomor|number)[: ]{1,3}([0-9A-Z]{4,6})\b")
_NOT_SPOKEN = ("format.", "icon.", "word.", "kind.", "command.", "topic.", "button.", "subject.")
_BLANK = re.compile(r"\{\w+\}")
_DECORATION = "*_~• \t>"
_START = 8  # a line is looked up by its first characters
_FIXED = 14  # fixed characters a line of ours has at least


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as we say it: its longest fixed piece, and the whole with its blanks."""

    piece: str
    pattern: re.Pattern[str]

    def said(self, line: str) -> bool:
        return self.piece in line and self.pattern.fullmatch(line) is not None


def _templates() -> Iterator[str]:
    """Every line we say, with its blanks; a verdict also with the thanks for waiting."""
    for language in LANGUAGES:
        known = sentences(language)
        for key, template in known.items():
            if key.startswith(_NOT_SPOKEN):
                continue
            for subject in ("claim", "question"):
                filled = template.replace("{subject}", known[f"subject.{subject}"])
                yield from filled.splitlines()
                if key.startswith("verdict."):
                    yield f"{filled} {known['answer.waited']}"


def _as_line(template: str) -> tuple[str, _Line] | None:
    """(first characters or "", line) of a template; None when too little of it is fixed."""
    literals = _BLANK.split(template.strip(_DECORATION))
    longest = max(literals, key=len)
    if len(longest) < _START or sum(map(len, literals)) < _FIXED:
        return None
    pattern = re.compile(".{0,400}?".join(map(re.escape, literals)))
    start = literals[0][:_START] if len(literals[0]) >= _START else ""
    return start, _Line(longest, pattern)


@cache
def _our_lines() -> Mapping[str, tuple[_Line, ...]]:
    """The lines we say by how they begin; those that begin with a blank under ""."""
    table: dict[str, dict[str, _Line]] = {}
    for template in _templates():
        if found := _as_line(template):
            table.setdefault(found[0], {})[template] = found[1]
    return {start: tuple(lines.values()) for start, lines in table.items()}


def _is_ours(line: str) -> bool:
    table = _our_lines()
    return any(known.said(line) for known in (*table.get(line[:_START], ()), *table.get("", ())))


def _our_share(text: str) -> float:
    """How much of a text are lines as we say them, 0 to 1; only the first 60 lines count."""
    lines = [line.strip(_DECORATION)[:600] for line in text.splitlines()[:60]]
    ours = sum(len(line) for line in lines if _is_ours(line))
    return ours / max(1, sum(map(len, lines)))


@cache
def _our_phrases() -> frozenset[str]:
    """Whole verdict sentences, and what stands before our links: for texts run into one line."""
    found: set[str] = set()
    for language in LANGUAGES:
        known = sentences(language)
        found.add(_BLANK.split(known["forward.source"])[1])
        for key in (key for key in known if key.startswith("verdict.")):
            for subject in (known["subject.claim"], known["subject.question"]):
                found.add(known[key].replace("{subject}", subject))
    return frozenset(found)


def _speaks_like_us(text: str) -> bool:
    return any(phrase in text for phrase in _our_phrases())


def _our_number(text: str, public_url: str) -> int:
    host = public_url.split("://")[-1].rstrip("/")
    match = re.search(re.escape(host) + r"/p/([0-9]{1,9})(?![0-9])", text)
    return int(match[1]) if match else 0


def own_reply(text: str, public_url: str) -> Ours | None:
    """Recognise our own words sent back, by link, number and fixed lines; None for others'."""
    number, share = _our_number(text, public_url), _our_share(text)
    others = [word for word in _emptied(text) if word not in ("nomor", "number", str(number))]
    if number and (share > 0 or _speaks_like_us(text) or not others):
        return Ours(number=number)
    if share < 0.5:
        return None
    ticket = _TICKET.search(text)
    return Ours(code=ticket[1] if ticket else "")
