"""Make two spellings of one rumour look alike: clean, fold, split, spell, stem.

Everything here is for matching only; what people read is never changed. All functions are pure
and linear in the length of the text, whatever it contains: length and runs of combining marks
are capped before anything is normalised.
"""

from __future__ import annotations

import hashlib
import re
import string
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

ENTRY_LIMIT = 100_000  # characters looked at when a message comes in
WINDOW = 8_192  # characters that take part in matching
TOKENS = 1_500  # words that take part in matching
WORD_LIMIT = 40
FOREIGN = 4  # letters of an English word that is told for one within an Indonesian text
_ASKING_TAIL = 8  # words at the end where a question about the message may stand
ROOTS = 200_000  # words of either language whose roots are remembered
ENOUGH = 3  # content words that are always worth a look; in a script with spaces one fewer is
READ = 64  # texts remembered while a message is handled: it is read for several ends

_LEXICONS = Path(__file__).parent / "lexicons"


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """What one group of languages knows: spellings, stop words, frame words, noise, filler."""

    stop: frozenset[str]
    frame: frozenset[str]
    filler: frozenset[str]
    common: frozenset[str]
    noise: Mapping[str, tuple[tuple[str, ...], ...]]
    asking: Mapping[str, tuple[tuple[str, ...], ...]]
    contract: Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]
    spelling: Mapping[str, str]
    vowel_roots: frozenset[str]


@dataclass(frozen=True, slots=True)
class Text:
    """A text made comparable.

    `words` are all normalised words without the noise around the message; `stems` and `surface`
    are the content words alone, stemmed and as written, side by side. `urls` are canonical,
    `names` the stems of words that look like names (a capital inside a sentence, an acronym),
    `letters` the stretch as it was seen, for telling near-copies apart.
    """

    lang: str
    words: tuple[str, ...]
    stems: tuple[str, ...]
    surface: tuple[str, ...]
    urls: tuple[str, ...]
    names: frozenset[str] = frozenset()
    letters: str = ""


# --- characters -------------------------------------------------------------------------

# Format characters, fillers, variation selectors and tags: they hide words and show nothing.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# Joiners stay in a cleaned text (scripts need them), every other control goes.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]+")
_SURROGATES = re.compile("[\ud800-\udfff]")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARK_RUN = re.compile(f"({_MARK}{_MARK}{_MARK}{_MARK}){_MARK}+")
_LATIN_MARKS = re.compile(f"{_MARK}+")
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_LOOKALIKE = str.maketrans(
    "абвгдеёзийкмнорстухіјѕԁһӏԛԝαβεικνορτυχıłøđɑɡǀ∣οƅϲ",
    "abbrдeeзийkmhopctyxijsdhlqwabeiknoptuxilodagllobc",
)
# Only names of HTML, closed or with an attribute: "<Rp 5.000" and "a <b dan c> d" are text.
_TAG = re.compile(
    r"<(?=[a-z/])/?(?:a|abbr|article|aside|b|big|blockquote|body|br|button|center|code|details|div|em"
    r"|embed|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|label|li|link|main"
    r"|meta|nav|object|ol|p|pre|s|script|section|small|span|strong|style|sub|sup|svg|table|tbody"
    r"|td|th|title|tr|u|ul|video)"
    r"(?:[\s/]{1,9}[a-z:-]{1,40}\s{0,3}=[^<>]{0,1000})?[\s/]{0,9}>",
    re.IGNORECASE,
)
_NEARLY_LATIN = (("ı", "i"), ("ł", "l"), ("ø", "o"), ("đ", "d"))
_LATIN = re.compile(r"[a-z]")
_CYRILLIC_GREEK = re.compile("[\u0370-\u052f]")
_LEET = re.compile(r"[013457@$](?<=[a-z][013457@$])(?=[a-z])")  # few places are looked at closely
_LEET_LETTERS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}


def clean(text: str, limit: int = ENTRY_LIMIT) -> str:
    """Entry gate: what may be stored and shown.

    NUL and controls go, lone surrogates become U+FFFD, runs of combining marks and the whole
    text are cut to a bound. Letters, joiners and line breaks stay.
    """
    text = text[: 2 * limit].replace("\x00", "")[:limit]
    if text.isascii():
        text = text.replace("\r\n", "\n")
        return text if text.replace("\n", " ").isprintable() else _CONTROLS.sub("", text)
    text = _CONTROLS.sub("", text.replace("\r\n", "\n"))
    return _MARK_RUN.sub(r"\1", _SURROGATES.sub("\ufffd", text))


def places(text: str, cleaned: str) -> Sequence[int]:
    """Where each character of a cleaned text stands in the text as it was given: cleaning leaves
    characters out, moves none, and puts one in the place of half a character."""
    if text.startswith(cleaned):
        return range(len(cleaned))  # only cut short: no walk over 100,000 letters
    found, at = [], 0
    for sign in cleaned:
        while text[at] != sign and not (sign == "\ufffd" and _SURROGATES.match(text[at])):
            at += 1
        found.append(at)
        at += 1
    return found


def _bounded(text: str) -> str:
    """The stretch that takes part in matching, without anything invisible."""
    text = clean(text)
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    text = text[: 2 * WINDOW]
    if "<" in text:
        text = _TAG.sub(" ", text)
    return text[:WINDOW]


def _fold(text: str) -> str:
    """One letter for each look of it: width, mathematics, accents, digits, look-alikes."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text)[: 2 * WINDOW]
    text = unicodedata.normalize("NFC", _LATIN_MARKS.sub("", _INVISIBLE.sub("", text)))
    text = _FOREIGN_DIGIT.sub(lambda m: str(unicodedata.digit(m[0], "")) or m[0], text)
    return text[: 2 * WINDOW]


def _latinise(text: str) -> str:
    """Replace look-alike letters when the text is meant to be Latin."""
    foreign = len(_CYRILLIC_GREEK.findall(text))
    if foreign and foreign <= len(_LATIN.findall(text)):
        return text.translate(_LOOKALIKE)
    for strange, plain in _NEARLY_LATIN:
        text = text.replace(strange, plain)
    return text


# --- links, tails, hashtags -------------------------------------------------------------

_SITE = r"\.(?:com|org|net|info|co|id|ly|me|tv|be|gg|my|xyz|site|online|link|news|blog)\b"
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'“”]{1,500}"
    r"|\b[a-z0-9-]{1,60}(?:\.[a-z0-9-]{1,60}){0,4}" + _SITE + r"(?:/[^\s<>\"'“”]{0,500})?",
    re.IGNORECASE,
)
_ENDING = re.compile(_SITE, re.IGNORECASE)
_GLUED_PICTURE = re.compile(r"pic\.twitter\.com/\w{1,20}", re.IGNORECASE)
_AUTHOR_TAIL = re.compile(r"[—–-]{1,2} ([^—–\n(]{0,80})\(@\w{1,30}\)[^\n]{0,30}\d{4}")
_MAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,20}){1,3}\b")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)")
_HASHTAG = re.compile(r"[#@](\w{2,80})")
_PLATFORMS = frozenset(
    (
        *("facebook", "twitter", "youtube", "youtu", "instagram", "tiktok", "whatsapp", "telegram"),
        *("google", "bitly", "tinyurl", "archive", "blogspot", "wordpress", "drive", "docs"),
        "linkedin",
    )
)
_TRACKING = re.compile(r"^(utm_|fbclid|gclid|igsh|si$|s$|t$|feature|ref|mibextid|share)")

_FOLLOWING = frozenset(
    (
        *("fbclid", "gclid", "igsh", "igshid", "mibextid", "si", "feature", "share"),
        *("ref", "ref_src", "ref_url"),
    )
)


def _address(url: str) -> tuple[str, SplitResult]:
    """The host of a link, without "www.", and all its parts; "" for what is none."""
    address = url.strip().rstrip(".,;:!?)]}»'\"")
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        return (parts.hostname or "").removeprefix("www.").removeprefix("m."), parts
    except ValueError:
        return "", urlsplit("")


def canonical_url(url: str) -> str:
    """One spelling for a link: no scheme, www., tracking or trailing slash; host in lower case.

    >>> canonical_url("HTTPS://www.Example.com/a/?utm_source=wa&id=7#top")
    'example.com/a?id=7'
    """
    host, parts = _address(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query)[:20] if not _TRACKING.match(k)]
    query = "?" + urlencode(kept) if kept else ""
    return f"{host}{parts.path.rstrip('/')}{query}" if host else ""


def page_url(url: str) -> str:
    """The same for telling pages apart: all of an address that may lead to another page stays.

    >>> page_url("HTTPS://www.Example.com:8080/a.php/?12345&utm_source=wa#!/b")
    'example.com:8080/a.php?12345=#!/b'
    """
    host, parts = _address(url)
    try:
        port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    except ValueError:
        return ""
    fields = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(k, v) for k, v in fields if k not in _FOLLOWING and not k.startswith("utm_")]
    query = "?" + urlencode(kept) if kept else ""
    routed = parts.fragment.rstrip("/").startswith(("/", "!"))  # by the page itself
    fragment = "#" + parts.fragment.rstrip("/") if routed else ""
    return f"{host}{port}{parts.path.rstrip('/')}{query}{fragment}" if host else ""


def _take_urls(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without links and the handle and date of an author; the links in one spelling."""
    if "." not in text and "@" not in text:
        return text, ()
    if ".com/" in text.lower():
        text = _GLUED_PICTURE.sub(" ", text)
    if "@" in text:
        text = _AUTHOR_TAIL.sub(r" \1 ", _MAIL.sub(" ", text))
    if not ("://" in text or "www." in text.lower() or _ENDING.search(text)):
        return text, ()
    found: list[str] = []

    def word(match: re.Match[str]) -> str:
        found.append(match[0])
        return _host_word(match)

    runs = text.split(" ")  # a link never goes over a space
    runs = [_URL.sub(word, run) if "." in run or "://" in run else run for run in runs]
    urls = dict.fromkeys(u for u in map(canonical_url, found[:20]) if "/" in u)
    return " ".join(runs), tuple(urls)


def _host_word(match: re.Match[str]) -> str:
    """The name of a site may be what a claim is about; that of a platform never is."""
    host = canonical_url(match[0]).partition("/")[0]
    labels = [x for x in host.split(".")[:-1] if len(x) > 3]
    name = max(labels, key=len, default="")
    return " " if name in _PLATFORMS else f" {name} "


def _split_tag(match: re.Match[str]) -> str:
    return " " + _CAMEL.sub(" ", match[1].replace("_", " ")) + " "


# --- words ------------------------------------------------------------------------------

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’`][^\W\d_]+)?")
_ASCII_WORD = re.compile(r"[a-z]+(?:['`][a-z]+)?|[0-9]+(?:[.,:][0-9]+)*")  # the same, faster
_TRIPLES = tuple(letter * 3 for letter in "abcdefghijklmnopqrstuvwxyz")
_FOREIGN_TRIPLE = re.compile(r"([^\x00-\x7f])\1\1")
_FOREIGN_LETTER = re.compile(r"[^\x00-\x7f\W]|’")  # or apostrophe, which stands inside words
_DOUBLED = re.compile(r"2(?<=[^\W\d_]{3}2)(?=nya\b|an\b|[^\w]|$)")  # "anak2"
_ELONGATED = re.compile(r"([^\W\d_])\1\1+")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+$")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
    "\ua980-\ua9df\U00020000-\U0002ffff]"
)
_SCALE = {
    "ribu": 3,
    "juta": 6,
    "miliar": 9,
    "triliun": 12,
    "rb": 3,
    "jt": 6,
    "thousand": 3,
    "million": 6,
    "billion": 9,
    "trillion": 12,
    "k": 3,
    "m": 6,
}


def _number(word: str, scale: str) -> str:
    """A number as plain digits; `scale` is the next word if it multiplies.

    >>> _number("50.000", ""), _number("1,5", "juta"), _number("600", "rb")
    ('50000', '1500000', '600000')
    """
    if _GROUPED.match(word):
        word = word.replace(".", "").replace(",", "")
    if not scale:
        return word.replace(",", ".").replace(":", ".").lstrip("0") or "0"
    whole, _, part = word.replace(",", ".").partition(".")
    zeros = _SCALE[scale] - len(part)
    if zeros < 0 or "." in part or ":" in word:
        return word
    return (whole + part + "0" * zeros).lstrip("0") or "0"


def _bigrams(word: str) -> list[str]:
    """Scripts without spaces become overlapping pairs of characters."""
    return [word[i : i + 2] for i in range(max(1, len(word) - 1))]


def _small(text: str) -> str:
    """In small letters; plain text where all that is foreign are signs."""
    lowered = _latinise(text.lower())
    if lowered.isascii():
        return lowered
    lowered = lowered.casefold()
    if _FOREIGN_LETTER.search(lowered):
        return lowered
    return lowered.encode("ascii", "replace").decode()


def _tokens(text: str) -> list[str]:
    """Lower-case words and numbers, at most TOKENS of them."""
    lowered = text.lower() if text.isascii() else _small(text)
    foreign = not lowered.isascii() and _FOREIGN_TRIPLE.search(lowered)
    if foreign or any([triple in lowered for triple in _TRIPLES]):
        lowered = _ELONGATED.sub(r"\1", lowered)
    if "2" in lowered:
        lowered = _DOUBLED.sub("", lowered)
    if any([sign in lowered for sign in _LEET_LETTERS]):
        lowered = _LEET.sub(lambda m: _LEET_LETTERS[m[0]], lowered)
    if lowered.isascii():
        found = _ASCII_WORD.findall(lowered)[:TOKENS]
        return [w[:WORD_LIMIT] for w in found] if len(lowered) > WORD_LIMIT else found
    found = _WORD.findall(lowered)[:TOKENS]
    return [
        t
        for w in found
        for t in (_bigrams(w[:WORD_LIMIT]) if _UNSPACED.match(w) else (w[:WORD_LIMIT],))
    ][:TOKENS]


@lru_cache(maxsize=READ)
def _read(tokens: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """Spell chat words out, join numbers with their scale, undo reduplication."""
    spelling = lexicon.spelling
    if "".join(tokens).isalpha():  # neither figures nor apostrophes, as in most texts
        plain = [spelling.get(token, token) for token in tokens]
        if " " not in "".join(plain):
            return tuple([word for before, word in pairwise(("", *plain)) if word != before])
    words: list[str] = []
    skip = False
    for i, token in enumerate(tokens):
        if skip:
            skip = False
            continue
        if token[0].isdecimal():
            following = tokens[i + 1] if i + 1 < len(tokens) else ""
            scale = following if following in _SCALE else ""
            skip = bool(scale)
            words.append(_number(token, scale))
            continue
        if not token.isalnum():
            token = _without_apostrophe(token)
            if not token:
                continue  # of a script without spaces
        spelled = spelling.get(token, token)
        if " " in spelled:
            words.extend(spelled.split(" "))
        elif not words or words[-1] != spelled:
            words.append(spelled)
    return tuple(words)


def _without_apostrophe(token: str) -> str:
    """ "jum'at" as "jumat", "KPU's" as "KPU": what ends it is no word of its own."""
    whole, _, rest = token.replace("’", "'").replace("`", "'").partition("'")
    return whole if len(rest) < 3 else whole + rest


def _without_noise(words: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """The words without those that only travel with a message; all if nothing else is there."""
    return _said(words, lexicon) or words


@lru_cache(maxsize=READ)
def _said(words: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """Drop greetings, forwarding marks and pleas to share.

    Phrases that ask ("apakah benar") go only where a message begins or ends: in the middle they
    may belong to the claim.
    """
    kept: list[str] = []
    noise, asking, end = lexicon.noise, lexicon.asking, len(words)
    done = 0
    for at in [at for at, word in enumerate(words) if word in noise or word in asking]:
        if at < done:
            continue
        begins = not kept and at == done
        phrases = noise.get(words[at], ())
        asked = asking.get(words[at], ()) if begins or at >= end - _ASKING_TAIL else ()
        phrase = next((p for p in (*asked, *phrases) if words[at : at + len(p)] == p), ())
        if phrase and (begins or phrase in phrases or at + len(phrase) == end):
            kept += words[done:at]
            done = at + len(phrase)
    return (*kept, *words[done:])


def _contracted(words: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """Long forms of names and offices as their short ones."""
    table = lexicon.contract
    if table.keys().isdisjoint(words):
        return words
    kept: list[str] = []
    done = 0
    for at in [at for at, word in enumerate(words) if word in table]:
        forms = table[words[at]] if at >= done else ()
        form = next((f for f in forms if words[at : at + len(f[0])] == f[0]), None)
        if form:
            kept += (*words[done:at], *form[1])
            done = at + len(form[0])
    return (*kept, *words[done:])


# --- stems ------------------------------------------------------------------------------

_PREFIX = re.compile("(?:memper|diper|keber|ber|ter|di|ke|se|per)(?=.{4})")
_NASAL = re.compile("[mp]e(ng|ny|m|n)(?=.{3})")
_HIDDEN = {"ng": "k", "ny": "s", "m": "p", "n": "t"}
_VOWELS = frozenset("aiueo")


def _without_suffix(word: str) -> str:
    if word.endswith(("lah", "kah", "pun", "nya")) and len(word) > 6:
        word = word[:-3]
    if not word.endswith("an") or len(word) < 6:
        return word
    return word[:-3] if word[-3] == "k" and len(word) > 6 else word[:-2]


def _without_ending(word: str) -> str:
    """A last -i goes everywhere, be it suffix or root: polisi, kepolisian, mengawasi, awasan."""
    return word[:-1] if len(word) >= 5 and word[-1] == "i" and word[-2] not in _VOWELS else word


def _without_nasal(word: str, vowel_roots: frozenset[str]) -> str:
    """menulis → tulis, mengambil → ambil, membeli → beli: the prefix hides the first letter."""
    found = _NASAL.match(word)
    if found is None:
        return word
    nasal, rest = found[1], word[found.end() :]
    if nasal != "ny" and rest[0] not in _VOWELS:
        return rest
    if nasal == "ng" and (rest in vowel_roots or rest[:4] in vowel_roots):
        return rest
    return _HIDDEN[nasal] + rest


def _stem_id(word: str, vowel_roots: frozenset[str]) -> str:
    """Light Indonesian stemming by rule; the same family of forms gives the same stem."""
    if len(word) < 5:
        return word
    return _without_ending(_without_prefix(_without_suffix(word), vowel_roots))


def _without_prefix(word: str, vowel_roots: frozenset[str]) -> str:
    found = _PREFIX.match(word)
    if found is not None:
        return word[found.end() :]
    root = _without_nasal(word, vowel_roots)
    if root == word and len(word) > 6 and word.startswith(("me", "pe")):
        return word[2:]
    return root


def _stem_en(word: str) -> str:
    """Light English stemming: plurals, -ing, -ed, -ly and what they leave behind."""
    if len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("es") and word[-3] in "sxzh":
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for suffix in ("ingly", "edly", "ing", "ed", "ly", "er", "ment", "ness"):
        if word.endswith(suffix) and len(word) >= len(suffix) + 4:
            word = word[: -len(suffix)]
            if word[-1] == word[-2] and word[-1] not in "aeouls":
                word = word[:-1]
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


@lru_cache(maxsize=200_000)
def stem(word: str, lang: str) -> str:
    """The stem of one normalised word; anything that is not Latin letters stays as it is."""
    if not word.isascii() or not word.isalpha():
        return word
    if lang == "en":
        return _stem_en(word)
    return _stem_id(word, lexicon("id").vowel_roots)


# --- lexicons ---------------------------------------------------------------------------


def _load(path: Path) -> tuple[str, dict[str, object]]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return str(data["language"]), data


_FILES = [path for path in sorted(_LEXICONS.glob("*.toml")) if path.stem != "translate"]
_DATA = dict(map(_load, _FILES))
_TRANSLATIONS: dict[str, dict[str, str]] = tomllib.loads(
    (_LEXICONS / "translate.toml").read_text(encoding="utf-8")
)


def _merge(languages: Iterable[str]) -> Lexicon:
    """Join lexicons; a language named earlier wins where spellings differ."""
    stop: set[str] = set()
    frame: set[str] = set()
    filler: set[str] = set()
    common: set[str] = set()
    roots: set[str] = set()
    noise: list[str] = []
    asking: list[str] = []
    spelling: dict[str, str] = {}
    short: dict[str, str] = {}
    for language in languages:
        data = _DATA[language]
        stop.update(str(data.get("stop", "")).split())
        frame.update(str(data.get("frame", "")).split())
        filler.update(str(data.get("filler", "")).split())
        common.update(str(data.get("common", "")).split())
        roots.update(str(data.get("vowel_roots", "")).split())
        pairs = data.get("contract", {})
        short = {**pairs, **short} if isinstance(pairs, dict) else short
        own = data.get("spelling", {})
        spelling = {**own, **spelling} if isinstance(own, dict) else spelling
    for data in _DATA.values():  # "Forwarded as received" also stands over Indonesian texts
        noise += str(data.get("noise", "")).strip().splitlines()
        asking += str(data.get("asking", "")).strip().splitlines()
    return Lexicon(
        frozenset(stop),
        frozenset(frame),
        frozenset(filler),
        frozenset(common),
        _by_first_word(noise, spelling),
        _by_first_word(asking, spelling),
        _contractions(short, spelling),
        spelling,
        frozenset(roots),
    )


def _by_first_word(
    phrases: Iterable[str], spelling: Mapping[str, str]
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Phrases as words in their normal spelling, found by the first word, longest first."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for phrase in phrases:
        words = tuple(w for p in phrase.split() for w in spelling.get(p, p).split())
        if words:
            found.setdefault(words[0], set()).add(words)
    return {k: tuple(sorted(v, key=lambda p: (-len(p), p))) for k, v in found.items()}


def _contractions(
    short: Mapping[str, str], spelling: Mapping[str, str]
) -> dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
    """(long form, short form) by the first word of the long form, longest first."""
    found: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for phrase, contracted in short.items():
        words = tuple(w for p in phrase.split() for w in spelling.get(p, p).split())
        found.setdefault(words[0], []).append((words, tuple(contracted.split())))
    return {k: tuple(sorted(v, key=lambda p: (-len(p[0]), p))) for k, v in found.items()}


_ENGLISH = _merge(["en"])
_REGION = _merge(["id", *(code for code in _DATA if code not in ("id", "en"))])
_EN_MARKS = frozenset(str(_DATA["en"]["stop"]).split())
_ID_MARKS = _REGION.stop | frozenset(_REGION.spelling) - _EN_MARKS


def lexicon(lang: str) -> Lexicon:
    """English has its own; every other language uses the Indonesian family's."""
    return _ENGLISH if lang == "en" else _REGION


def guess_language(tokens: Iterable[str], default: str = "") -> str:
    """`en` or `id` by function words; `default` (else `id`) when they do not say."""
    english = indonesian = 0
    for token in tokens:
        if token in _EN_MARKS:
            english += 1
        elif token in _ID_MARKS:
            indonesian += 1
    if english == indonesian:
        return "en" if default == "en" else "id"
    return "en" if english > indonesian else "id"


@lru_cache(maxsize=4)
def _synonyms(lang: str) -> dict[str, str]:
    """The stem that stands for each stem of a group of synonyms."""
    found: dict[str, str] = {}
    for language in ["en"] if lang == "en" else [c for c in _DATA if c != "en"]:
        for line in str(_DATA[language].get("synonym", "")).strip().splitlines():
            first, *others = [stem(word, lang) for word in line.split()]
            for other in others:
                found.setdefault(other, found.get(first, first))
    return found


def root(word: str, lang: str) -> str:
    """What stands for a word when texts are compared: its stem, or that of its synonym; of an
    English word, in whatever text, the Indonesian one."""
    known = _ROOTS["en" if lang == "en" else "id"]
    found = known.get(word)
    if found is None:
        if len(known) >= ROOTS:
            known.clear()
        found = known[word] = _root(word, lang)
    return found


# Plain tables of words: the garbage collector does not walk over them.
_ROOTS: dict[str, dict[str, str]] = {"en": {}, "id": {}}


def _root(word: str, lang: str) -> str:
    if lang != "en":
        return _foreign().get(word) or _own_root(word)
    stemmed = stem(word, lang)
    own = _synonyms("en").get(stemmed, stemmed)
    return _translations().get(own, own)


def _own_root(word: str) -> str:
    stemmed = stem(word, "id")
    return _synonyms("id").get(stemmed, stemmed)


def _pairs() -> list[tuple[str, str]]:
    """English words with the Indonesian one each stands for."""
    pairs = list(_TRANSLATIONS["en"].items())
    for line in _TRANSLATIONS["groups"]["en"].strip().splitlines():
        own, *others = line.split()
        pairs += [(word, own) for word in others]
    return pairs


@lru_cache(maxsize=1)
def _translations() -> dict[str, str]:
    """English stem → the Indonesian one, so that texts of both languages share their words."""
    found: dict[str, str] = {}
    for word, own in _pairs():
        stemmed = stem(word, "en")
        found.setdefault(_synonyms("en").get(stemmed, stemmed), _own_root(own))
    return found


@lru_cache(maxsize=1)
def _foreign() -> dict[str, str]:
    """English words met within Indonesian texts, in their usual forms → the Indonesian stem."""
    found: dict[str, str] = {}
    left = frozenset(_TRANSLATIONS["kept"]["en"].split()) | _indonesian()
    for word, own in _pairs():
        if len(word) < FOREIGN:
            continue
        for form in _forms(word):
            if form not in left:
                found.setdefault(form, _own_root(own))
    return found


def english(word: str) -> bool:
    """Is this word, in small letters, an English one that the word lists know?"""
    listed = word in _foreign() or word in _english()
    return listed or word in _ENGLISH.stop or word in _ENGLISH.common


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    """English words of any length that have an Indonesian one."""
    return frozenset(word for word, _ in _pairs()) - _indonesian()


def _forms(word: str) -> tuple[str, ...]:
    """An English word and its regular forms."""
    if word.endswith("e"):
        return word, f"{word}s", f"{word}d", f"{word[:-1]}ing"
    if word.endswith("y"):
        return word, f"{word}s", f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word}ing"
    return word, f"{word}s", f"{word}es", f"{word}ed", f"{word}ing"


def _indonesian() -> frozenset[str]:
    """All Indonesian words that the word lists know."""
    own = _REGION
    listed = [str(data.get("synonym", "")) for code, data in _DATA.items() if code != "en"]
    known = own.stop | own.frame | own.filler | own.common | own.vowel_roots
    spelled = {word for right in own.spelling.values() for word in right.split()}
    indonesian = {word for _, word in _pairs()}
    return known | spelled | indonesian | frozenset(" ".join(listed).split())


@lru_cache(maxsize=1)
def common_stems() -> frozenset[str]:
    """Stems of everyday words, of all languages together."""
    english = {root(w, "en") for w in _ENGLISH.common}
    return frozenset(english | {root(w, "id") for w in _REGION.common})


@lru_cache(maxsize=1)
def frame_stems() -> frozenset[str]:
    """Stems a headline uses about the form of a rumour (photo, chain message, hoax)."""
    english = {root(w, "en") for w in _ENGLISH.frame}
    return frozenset(english | {root(w, "id") for w in _REGION.frame})


# --- whole texts ------------------------------------------------------------------------


@lru_cache(maxsize=READ)
def _seen(text: str) -> str:
    """The stretch that takes part in matching, one look per letter."""
    return _fold(_bounded(text))


@lru_cache(maxsize=READ)
def _split(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """That stretch without links and with hashtags split, its links, its words."""
    bounded, urls = _take_urls(_seen(text))
    if "#" in bounded or "@" in bounded:
        bounded = _HASHTAG.sub(_split_tag, bounded)
    return bounded, urls, tuple(_tokens(bounded))


@lru_cache(maxsize=READ)
def normalise(text: str, lang: str = "") -> Text:
    """Everything the matcher wants to know of a text. `lang` helps where the words do not say."""
    bounded, urls, tokens = _split(text)
    guessed = guess_language(tokens, lang)
    words = _without_noise(_read(tokens, lexicon(guessed)), lexicon(guessed))
    if len(words) < len(tokens) and _of_another(words, guessed):
        guessed = guess_language(words, lang)
        words = _without_noise(_read(tokens, lexicon(guessed)), lexicon(guessed))
    known = lexicon(guessed)
    words = _contracted(words, known)
    stop = known.stop
    surface = [
        w for w in words if w not in stop and (len(w) > 1 or not w.isascii() or w.isdecimal())
    ]
    surface = surface or list(words)
    stems = tuple([root(w, guessed) for w in surface])
    names = _names(bounded, known, guessed) & frozenset(stems)
    return Text(guessed, tuple(words), stems, tuple(surface), urls, names, _seen(text))


def _of_another(words: tuple[str, ...], lang: str) -> bool:
    """Was the language guessed from what travels with a message alone ("apa benar ini?")?"""
    marks = _EN_MARKS if lang == "en" else _ID_MARKS
    return marks.isdisjoint(words) and guess_language(words, lang) != lang


# "… said Somebody", "KPU": few places are looked at closely, those with a capital.
_NAME = re.compile(r"[A-Z](?:(?<=[a-z0-9,;”\"’)] .)[\w’'-]{0,40}|(?<=\b.)[A-Z]{1,11}\b)")
_NAME_WINDOW = 4_000
_CAPITALS = string.ascii_uppercase.encode()


def _names(text: str, known: Lexicon, lang: str) -> frozenset[str]:
    """Stems of words written as names; none when most of the text is in capitals."""
    text = text[:_NAME_WINDOW]
    letters = text.encode("utf-8", "replace")
    capitals = len(letters) - len(letters.translate(None, _CAPITALS))
    if not capitals or 3 * capitals > len(text):
        return frozenset()
    found = set(_NAME.findall(text))
    if not found:
        return frozenset()
    spelled = _read(tuple(_tokens(" ".join(sorted(found)))), known)
    return frozenset(root(w, lang) for w in _contracted(spelled, known))


def visible(text: str) -> str:
    """The stretch that takes part in matching: no invisible characters, one look per letter."""
    return _seen(text)[:WINDOW]


@lru_cache(maxsize=65_536)
def respell(word: str, lang: str = "id") -> str:
    """One small-letter word in its normal letters and spelling. Where the language does not
    matter name it all the same: what is kept is found by all arguments as they are given.

    >>> respell("v4ksiiin"), respell("gk")
    ('vaksin', 'tidak')
    """
    if not word.isascii():
        word = _latinise(word)
    if not word.isalpha():
        word = _LEET.sub(lambda m: _LEET_LETTERS[m[0]], word)
    word = _ELONGATED.sub(lambda m: m[1], word)
    return lexicon(lang).spelling.get(word, word)


def fingerprint(text: str) -> str:
    """Key of an exact repeat: equal for texts that differ only in spelling tricks and noise.

    Empty when nothing comparable is left (only emoji, only punctuation).
    """
    return fingerprint_of(normalise(text))


def fingerprint_of(read: Text) -> str:
    """The same for a text already normalised."""
    basis = " ".join(read.words) or " ".join(read.urls)
    return hashlib.sha256(basis.encode("utf-8", "replace")).hexdigest()[:32] if basis else ""


@lru_cache(maxsize=READ)
def checkable(text: str) -> bool:
    """Does the text hold something that can be judged?

    False for a greeting, "bener gak nih?", a single word, emoji alone, a link or figures alone.
    """
    _, _, tokens = _split(text)
    known = lexicon(guess_language(tokens))
    content: set[str] = set()
    for word in _said(_read(tokens, known), known):
        if word not in known.stop and word not in known.filler and len(word) > 1:
            content.add(word)
            if len(content) >= ENOUGH and not all([w.isdecimal() for w in content]):
                return True
    if any([_UNSPACED.match(word) for word in content]):
        return False
    return len(content) == ENOUGH - 1 and not all([word.isdecimal() for word in content])


@cache
def _joined() -> Mapping[str, str]:
    """What is compared as one word though people write it as two ("srimulyani")."""
    tables = [data.get("contract") for data in _DATA.values()]
    phrases = [phrase for table in tables if isinstance(table, dict) for phrase in table]
    return {phrase.replace(" ", ""): phrase for phrase in phrases}


def spelled(words: Sequence[str]) -> list[str]:
    """Words that are compared as people write them: "srimulyani" is "sri mulyani"."""
    joined = _joined()
    return [joined.get(word, word) for word in words]
