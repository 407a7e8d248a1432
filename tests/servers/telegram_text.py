"""How Telegram reads a text: its HTML, its cleaning, its lengths. After TDLib's parse_html.

`read(text, "HTML")` gives the visible text and its entities, or raises Refused with the
sentence Telegram would answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 35_000
_TAGS = set(
    "a b strong i em s strike del u ins tg-spoiler tg-emoji span pre code blockquote".split()  # noqa: SIM905
)
_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
    "a": "text_link",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,9})|#[xX]([0-9A-Fa-f]{1,8})|(lt|gt|amp|quot));")
_ATTRIBUTE = re.compile(r"""([^\s=>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[\w.-]+))?""")
_SPACES = " \n\t\r\v\f\x00\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u3000"


class Refused(Exception):
    """Telegram would not take it; the text is its description."""


@dataclass
class _Tag:
    name: str
    attributes: dict[str, str]


Marked = list[tuple[str, tuple[int, ...]]]  # each character with the tags around it


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def read(text: str, parse_mode: str) -> tuple[str, list[dict[str, Any]]]:
    """The visible text and its entities."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Refused("Bad Request: strings must be encoded in UTF-8") from None
    if parse_mode and parse_mode.lower() != "html":
        raise Refused("Bad Request: unsupported parse_mode")
    marked, tags = _parse(text) if parse_mode else ([(c, ()) for c in text], [])
    marked = _trim(_clean(marked))
    return "".join(character for character, _ in marked), _entities(marked, tags)


def as_kept(text: str) -> str:
    """A plain text as Telegram keeps it: some characters dropped, ends trimmed."""
    return read(text, "")[0]


def _parse(text: str) -> tuple[Marked, list[_Tag]]:
    marked: Marked = []
    tags: list[_Tag] = []
    opened: list[int] = []
    at = 0
    while at < len(text):
        if text[at] == "&" and (match := _REFERENCE.match(text, at)):
            character = _character(match)
            marked.append((character, tuple(opened)))
            at = match.end()
        elif text.startswith("</", at):
            at = _close(text, at, tags, opened)
        elif text[at] == "<":
            tag, at = _open(text, at)
            tags.append(tag)
            opened.append(len(tags) - 1)
        else:
            marked.append((text[at], tuple(opened)))
            at += 1
    if opened:
        raise _error(f'Can\'t find end tag corresponding to start tag "{tags[opened[-1]].name}"')
    return marked, tags


def _character(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3]]
    code = int(match[1]) if match[1] else int(match[2], 16)
    if code == 0 or code >= 0x110000 or 0xD800 <= code <= 0xDFFF:
        return "&"
    return chr(code)


def _offset(text: str, at: int) -> int:
    return len(text[:at].encode())


def _error(words: str) -> Refused:
    return Refused(f"Bad Request: can't parse entities: {words}")


def _open(text: str, start: int) -> tuple[_Tag, int]:
    where = f"at byte offset {_offset(text, start)}"
    match = re.compile(r"[^\s>]*").match(text, start + 1)
    name, at = match[0].lower(), match.end()
    if at >= len(text):
        raise _error(f"Unclosed start tag {where}")
    if name not in _TAGS:
        raise _error(f'Unsupported start tag "{name}" {where}')
    attributes: dict[str, str] = {}
    while True:
        at = re.compile(r"\s*").match(text, at).end()
        if at >= len(text):
            raise _error(f"Unclosed start tag {where}")
        if text[at] == ">":
            return _Tag(name, attributes), at + 1
        found = re.compile(r"""([^\s=>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[\w.-]+))?""").match(
            text, at
        )
        if found is None or (found[2] is None and found[1] != "expandable"):
            raise _error(f'Expected equal sign in declaration of an attribute of the tag "{name}"')
        attributes[found[1].lower()] = (found[2] or "").strip("\"'")
        at = found.end()


def _close(text: str, start: int, tags: list[_Tag], opened: list[int]) -> int:
    where = f"at byte offset {_offset(text, start)}"
    match = re.compile(r"</([^>\s]*)\s*>").match(text, start)
    if not opened:
        raise _error(f"Unexpected end tag {where}")
    if match is None:
        raise _error(f"Unclosed end tag {where}")
    name, expected = match[1].lower(), tags[opened[-1]].name
    if name and name != expected:
        raise _error(f'Unmatched end tag {where}, expected "</{expected}>", found "</{name}>"')
    opened.pop()
    return match.end()


def _clean(marked: Marked) -> Marked:
    """Control characters become spaces; \\r, U+2028-202E and three odd marks vanish."""
    kept: Marked = []
    size = 0
    for character, tags in marked:
        code = ord(character)
        if character == "\r" or 0x2028 <= code <= 0x202E or code in {0x333, 0x33F, 0x30A}:
            continue
        if code < 32 and character != "\n":
            character = " "
        size += len(character.encode())
        if size > MOST_BYTES:
            break
        kept.append((character, tags))
    return kept


def _trim(marked: Marked) -> Marked:
    if all(character in _SPACES for character, _ in marked):
        return []
    start, end = 0, len(marked)
    while marked[start][0] in " \n":
        start += 1
    while marked[end - 1][0] in " \n":
        end -= 1
    return marked[start:end]


def _entities(marked: Marked, tags: list[_Tag]) -> list[dict[str, Any]]:
    """One entity for each tag that still holds a character; offsets in UTF-16 code units."""
    spans: dict[int, list[int]] = {}
    at = 0
    for character, around in marked:
        width = units(character)
        for tag in around:
            spans.setdefault(tag, [at, at])[1] = at + width
        at += width
    entities = []
    for number, (start, end) in sorted(spans.items()):
        tag = tags[number]
        entity: dict[str, Any] = {
            "type": _KINDS.get(tag.name, "custom_emoji"),
            "offset": start,
            "length": end - start,
        }
        if tag.name == "a":
            entity["url"] = tag.attributes.get("href", "")
        if tag.name == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        entities.append(entity)
    return entities
