"""Small charts as SVG, drawn on the server: bars over days, readable without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 640, 180
LEFT, TOP, BOTTOM = 44, 12, 24
LETTER = 8  # of a label, at most


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: its label, its value (None: nothing to show) and the value as people read it."""

    label: str
    value: float | None
    text: str


def bars(title: str, values: Sequence[Bar]) -> Markup:
    """A chart with a title, an axis and one bar a day; the table below says the same."""
    top = max((bar.value or 0 for bar in values), default=0) or 1
    highest = max(values, key=lambda bar: bar.value or 0, default=Bar("", 0, "0")).text
    left = max(LEFT, LETTER * (len(highest) + 1))
    wide = (WIDTH - left) / max(1, len(values))
    tall = HEIGHT - TOP - BOTTOM
    parts = [_axis(highest, left)]
    for place, bar in enumerate(values):
        size = (bar.value or 0) / top * tall
        parts.append(
            f'<rect class="bar" x="{left + place * wide + wide * 0.1:.1f}" '
            f'y="{TOP + tall - size:.1f}" width="{wide * 0.8:.1f}" height="{size:.1f}">'
            f"<title>{escape(bar.label)}: {escape(bar.text)}</title></rect>"
        )
        if _labelled(place, len(values)):
            middle = left + place * wide + wide / 2
            parts.append(
                f'<text class="tick" x="{middle:.1f}" y="{HEIGHT - 6}" text-anchor="middle">'
                f"{escape(bar.label)}</text>"
            )
    body = "".join(parts)
    return Markup(  # noqa: S704 - every text in it is escaped above
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">{body}</svg>'
    )


def _axis(highest: str, left: int) -> str:
    base = HEIGHT - BOTTOM
    return (
        f'<line class="axis" x1="{left}" y1="{base}" x2="{WIDTH}" y2="{base}"/>'
        f'<text class="tick" x="{left - 6}" y="{TOP + 8}" text-anchor="end">'
        f"{escape(highest)}</text>"
        f'<text class="tick" x="{left - 6}" y="{base}" text-anchor="end">0</text>'
    )


def _labelled(place: int, count: int) -> bool:
    """At most eight labels fit."""
    every = -(-count // 8)
    return place % every == 0
