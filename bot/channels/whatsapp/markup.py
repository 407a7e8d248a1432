"""WhatsApp's text marks: ours are put in, those in anybody's text are made harmless.

There is no escape character. `*bold* _italic_ ~strike~ `code`` and a leading `>` are read at
the border of a word, so signs in texts become look-alikes; in links, which must keep working,
they are percent-encoded. Source: https://faq.whatsapp.com/539178204879377
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.fitting import BETWEEN
from handlers.messages import Block, Style

_LOOK_ALIKE = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_ENCODED = {"*": "%2A", "_": "%5F", "~": "%7E", "`": "%60"}
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_SIGN = re.compile(r"[*_~`]")
_QUOTING = re.compile(r"(?<!\S)>")  # also inside a line: a cut may put it at the start of one


def harmless(text: str) -> str:
    """The text with every sign that WhatsApp could take for formatting made plain."""
    parts: list[str] = []
    end = 0
    for link in _LINK.finditer(text):
        parts += [text[end : link.start()].translate(_LOOK_ALIKE), _link(link[0])]
        end = link.end()
    parts.append(text[end:].translate(_LOOK_ALIKE))
    return _QUOTING.sub("›", "".join(parts))


def _link(link: str) -> str:
    """A link that still leads there; signs between two letters are never read as formatting."""

    def encode(sign: re.Match[str]) -> str:
        before, after = link[sign.start() - 1], link[sign.end() : sign.end() + 1]
        inside = before.isascii() and before.isalnum() and after.isascii() and after.isalnum()
        return sign[0] if inside else _ENCODED[sign[0]]

    return _SIGN.sub(encode, link)


def marked(blocks: Sequence[Block]) -> str:
    """Blocks as one text with our marks, line by line: no mark reaches over a line's end."""
    return BETWEEN.join(_mark(block) for block in blocks)


def _mark(block: Block) -> str:
    if block.style is Style.PLAIN:
        return block.text
    return "\n".join(_line(line, block.style) for line in block.text.split("\n"))


def _line(line: str, style: Style) -> str:
    if style is Style.QUOTE:
        return f"> {line}"
    return f"*{line.strip()}*" if line.strip() else line
