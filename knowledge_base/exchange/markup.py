"""Text as people read it out of a piece of a web page; what only looks like a tag stays.

A parser of HTML takes "x<y dan a>b" for a tag, and Python's takes the square of the length for
signs that never end. Here a tag is the name of an element with attributes as HTML writes them:
each with its value, or one that needs none. What is found is left in one pass.
"""

from __future__ import annotations

import html
import re

_NAMES = """
a abbr acronym address applet area article aside audio b base bdi bdo big blink blockquote body br
button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div
dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head
header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee menu
meta meter nav nobr noscript object ol optgroup option output p param picture pre progress q rp rt
ruby s samp script search section select slot small source span strike strong style sub summary sup
svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr
"""
_ALONE = """
allowfullscreen async autofocus autoplay checked controls default defer disabled formnovalidate
hidden inert ismap itemscope loop multiple muted nomodule noshade novalidate nowrap open playsinline
readonly required reversed selected
"""
_NAME = "|".join(_NAMES.split())
_VALUE = r"""\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>]++)"""
_ATTRIBUTES = rf"(?:\s++(?:[a-z_:@][\w:.@-]*+{_VALUE}|(?:{'|'.join(_ALONE.split())})(?=[\s/>])))*+"
# What nobody ended reaches to the end, as in a browser: looking for each end anew would take the
# square of the length. A tag ends before the next one begins.
_MARKUP = re.compile(
    rf"<!--(?:-?>|.*?(?:-->|\Z))|<!doctype\b[^<>]*+>"
    rf"|<(script|style){_ATTRIBUTES}\s*+>.*?(?:</\1\s*+>|\Z)"
    rf"|<(?:{_NAME}){_ATTRIBUTES}\s*+/?>|</(?:{_NAME})\s*+>",
    re.DOTALL | re.IGNORECASE,
)


def text_of(page: str) -> str:
    """The text of a piece of HTML: without tags, comments, scripts and styles, its entities as
    the signs they stand for. Raises ValueError for an entity with thousands of digits."""
    return html.unescape(_MARKUP.sub(" ", page)).strip()
