"""Cut a message to what a platform takes: clean, measure, shorten, split into pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from handlers.messages import Block
from handlers.reading import units

BETWEEN = "\n\n"  # what stands between two blocks
ELLIPSIS = "…"
SHORTEST = 40  # units; a shortened block with less room than this is left out
LONGEST_CLUSTER = 64  # code points; a longer run of marks is cut anyway

# Bidi embeddings, overrides and isolates could turn the layout of a verdict round.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINES = re.compile("\r\n?|[\u2028\u2029]")
_JOINERS = "\u200d\ufe0e\ufe0f"
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def clean(text: str) -> str:
    """Text any platform takes: whole characters, no control or bidi-override characters."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROL.sub("", _BIDI.sub("", _LINES.sub("\n", whole))).replace("\t", " ")


def clip(text: str, limit: int) -> str:
    """The text in at most `limit` units, cut at a word where one is near, marked with `…`."""
    if units(text) <= limit:
        return text
    if limit < 1:
        return ""
    head = text[: _border(text, limit - 1)]
    word = max(head.rfind(" "), head.rfind("\n"))
    if word > len(head) * 3 // 4:
        head = head[:word]
    return head.rstrip() + ELLIPSIS


def fit(blocks: Sequence[Block], limit: int) -> tuple[tuple[Block, ...], ...]:
    """Pages of cleaned blocks, each at most `limit` units when joined by BETWEEN.

    Blocks marked `shorten` are cut or left out, the last first; what may not be shortened
    goes on another page instead. Empty blocks vanish; no text at all gives no page.
    """
    cleaned = [replace(block, text=clean(block.text).strip()) for block in blocks]
    kept = _shortened([block for block in cleaned if block.text], limit)
    return _pages(kept, limit)


def _size(blocks: Sequence[Block]) -> int:
    return sum(units(block.text) for block in blocks) + len(BETWEEN) * max(0, len(blocks) - 1)


def _shortened(blocks: list[Block], limit: int) -> list[Block]:
    kept = list(blocks)
    for index in range(len(kept) - 1, -1, -1):
        over = _size(kept) - limit
        if over <= 0:
            break
        if not kept[index].shorten:
            continue
        room = units(kept[index].text) - over
        if room < SHORTEST:
            del kept[index]
        else:
            kept[index] = replace(kept[index], text=clip(kept[index].text, room))
    return kept


def _pages(blocks: Sequence[Block], limit: int) -> tuple[tuple[Block, ...], ...]:
    pages: list[list[Block]] = []
    for block in blocks:
        for piece in _pieces(block, limit):
            if pages and _size([*pages[-1], piece]) <= limit:
                pages[-1].append(piece)
            else:
                pages.append([piece])
    return tuple(tuple(page) for page in pages)


def _pieces(block: Block, limit: int) -> list[Block]:
    pieces, rest = [], block.text
    while units(rest) > limit:
        border = _border(rest, limit)
        line = max(rest.rfind("\n", 0, border), rest.rfind(" ", 0, border))
        cut = line if line > border // 2 else border
        pieces.append(replace(block, text=rest[:cut].rstrip()))
        rest = rest[cut:].lstrip()
    return [piece for piece in [*pieces, replace(block, text=rest)] if piece.text]


def _border(text: str, limit: int) -> int:
    """The largest index whose head has at most `limit` units and ends between characters."""
    border = min(len(text), limit)
    while border and units(text[:border]) > limit:
        border -= max(1, (units(text[:border]) - limit) // 2)
    whole = border
    while 0 < whole < len(text) and border - whole < LONGEST_CLUSTER and _joined(text, whole):
        whole -= 1
    return border if whole == 0 or border - whole >= LONGEST_CLUSTER else whole


def _joined(text: str, index: int) -> bool:
    """Does the character at `index` belong to the one before it?"""
    character = text[index]
    return (
        unicodedata.combining(character) != 0
        or character in _JOINERS
        or ord(character) in _SKIN_TONES
        or text[index - 1] == "\u200d"
    )
