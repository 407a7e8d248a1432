"""Links into our own bot on Telegram, as text and as a QR code."""

from __future__ import annotations

from dataclasses import dataclass

import segno
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class DeepLink:
    """An address a telephone opens; empty while the bot's name is not known."""

    address: str = ""

    @property
    def drawing(self) -> Markup:
        """Its QR code as inline SVG, dark on white in every colour scheme."""
        return drawing(self.address)

    def __bool__(self) -> bool:
        return bool(self.address)


def deep_link(bot: str, payload: str, *, group: bool = False) -> DeepLink:
    """What opens a chat (or the choice of a group) with the bot and says `payload` there.

    `payload`: up to 64 of A-Z a-z 0-9 _ and -. Source: core.telegram.org/bots/features#deep-linking
    """
    start = "startgroup" if group else "start"
    return DeepLink(f"https://t.me/{bot}?{start}={payload}" if bot and payload else "")


def drawing(text: str) -> Markup:
    """A QR code as inline SVG."""
    svg = segno.make_qr(text).svg_inline(scale=5, light="#fff", border=4)
    return Markup(svg)  # noqa: S704 - made by segno, which draws and quotes
