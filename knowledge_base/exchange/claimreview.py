"""ClaimReview both ways: published JSON into rows, a fact-check into JSON-LD.

Format: https://schema.org/ClaimReview. The word of a rating (`alternateName`) decides, by the
publisher's own map; the number only where there is no word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from knowledge_base.exchange.markup import text_of
from knowledge_base.exchange.sheet import Row, SheetError, sites_of, to_fact_check
from knowledge_base.facts import FactCheck, Refused, Verdict

BEST, WORST = 5, 1
RATING_VALUE = {
    Verdict.FALSE: 1,
    Verdict.SCAM: 1,
    Verdict.MISLEADING: 2,
    Verdict.PARTLY: 3,
    Verdict.TRUE: 5,
}
DEEPEST = 6
_BARE_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/|$)")
MEND = "if the verdict was taken over, import the file it came from"
# Domains below which everybody has a site of their own: co.id, go.id, com.au …
_SHARED = frozenset(
    ("co", "com", "org", "or", "go", "gov", "net", "ac", "edu", "mil", "my", "desa")
)


def read_claim_reviews(body: bytes, publisher: str = "") -> Iterator[Row]:
    """Rows of one JSON file: a ClaimReview, a list of them, an `@graph`, or a data feed.

    Raises SheetError when the file is not JSON or holds no ClaimReview at all.
    """
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise SheetError("not readable as JSON; a ClaimReview file is expected", "json") from error
    found = False
    for number, review in enumerate(_reviews(data, DEEPEST), start=1):
        found = True
        place = f"review {number}"
        try:
            fact_check = to_fact_check(_fields(review, publisher), publisher)
            _published_there(review, fact_check)
            yield Row(place, fact_check=fact_check)
        except Refused as refusal:
            yield Row(place, error=f"{refusal.field}: {refusal}")
    if not found:
        raise SheetError("there is no ClaimReview in this file", "review")


def _reviews(data: object, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth == 0:
        return
    if isinstance(data, list):
        for entry in data:
            yield from _reviews(entry, depth - 1)
    elif isinstance(data, Mapping):
        if "claimReviewed" in data:
            yield data
            return
        for key in ("@graph", "dataFeedElement", "item", "itemListElement"):
            yield from _reviews(data.get(key), depth - 1)


def _published_there(review: Mapping[str, Any], fact_check: FactCheck) -> None:
    """Anybody can write a name into a file: a review in a known publisher's name has to stand at
    their address, and one of an unknown publisher that says where they are, there. Raises
    Refused."""
    name, host = fact_check.publisher, _host(fact_check.sources[0].url)
    known = sites_of(name)
    if known:
        if not any(host == site or host.endswith(f".{site}") for site in known):
            where = ", ".join(known)
            raise Refused(f'"{host}" is not where {name} publishes: {where}; {MEND}', "publisher")
        return  # their author's address may be a page on Facebook, or anything
    own = _host(_author_address(review))
    if own and _site(own) != _site(host):
        raise Refused(f'"{host}" is not the site its author names: {own}; {MEND}', "publisher")


def _author_address(review: Mapping[str, Any]) -> str:
    """Where the author says they are, the first of several; publishers leave out the https://."""
    given = _object(review.get("author")).get("url")
    if isinstance(given, list) and given:
        given = given[0]
    address = given.strip() if isinstance(given, str) else ""
    return f"//{address}" if _BARE_HOST.match(address) else address


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.").rstrip(".")
    except ValueError:
        return ""


def _site(host: str) -> str:
    """What somebody owns of a host: kompas.com of cekfakta.kompas.com, abc.go.id of x.abc.go.id."""
    parts = host.split(".")
    return ".".join(parts[-3:] if len(parts) > 2 and parts[-2] in _SHARED else parts[-2:])


def _plain(value: object) -> object:
    """Text as people read it: publishers write web pages into these fields. Raises Refused."""
    if not isinstance(value, str):
        return value
    try:
        return text_of(value)
    except ValueError as error:  # &#1111…; with thousands of digits
        raise Refused("holds a sign that cannot be read", "review") from error


def _fields(review: Mapping[str, Any], publisher: str) -> dict[str, Any]:
    rating = _object(review.get("reviewRating"))
    claim = _object(review.get("itemReviewed"))
    day = str(review.get("datePublished") or "")[:10]
    name = _object(review.get("author")).get("name") or publisher
    url = str(review.get("url") or "")
    return {
        "id": url,
        "claim": _plain(review.get("claimReviewed")),
        "title": _plain(review.get("headline") or review.get("name")),
        "verdict": _label(rating),
        "explanation": _plain(rating.get("ratingExplanation") or review.get("description")),
        "publisher": name,
        "lang": str(review.get("inLanguage") or "")[:2],
        "date": str(claim.get("datePublished") or "")[:10],
        "sources": [{"url": url, "publisher": name, "date": day}] if url else None,
    }


def _object(value: object) -> Mapping[str, Any]:
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, Mapping) else {}


def _label(rating: Mapping[str, Any]) -> str:
    word = str(rating.get("alternateName") or rating.get("name") or "").strip()
    if word:
        return word
    by_number = {(1, 5): "false", (2, 5): "misleading", (3, 5): "partly", (5, 5): "true"}
    try:
        key = (int(str(rating["ratingValue"])), int(str(rating.get("bestRating", BEST))))
    except (KeyError, ValueError):
        return ""
    return by_number.get(key, f"{key[0]} of {key[1]}")


def to_claim_review(
    fact_check: FactCheck, page: str, word: str, organisation: str, site: str
) -> dict[str, Any]:
    """The JSON-LD of one public page.

    `page` is its address, `word` the verdict in the page's language. Verdicts without a place
    on the scale carry the word alone; an opinion has no rating at all.
    """
    review: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": page,
        "inLanguage": fact_check.lang,
        "claimReviewed": fact_check.claim,
        "itemReviewed": _claim(fact_check),
        "author": _author(fact_check, organisation, site),
        "citation": [source.url for source in fact_check.sources],
    }
    day = fact_check.checked_on or fact_check.claim_date
    if day:
        review["datePublished"] = day.isoformat()
    if fact_check.verdict is not Verdict.OPINION:
        review["reviewRating"] = _rating(fact_check, word)
    return review


def _claim(fact_check: FactCheck) -> dict[str, Any]:
    claim: dict[str, Any] = {"@type": "Claim"}
    if fact_check.claim_date:
        claim["datePublished"] = fact_check.claim_date.isoformat()
    return claim


def _author(fact_check: FactCheck, organisation: str, site: str) -> dict[str, str]:
    """Who checked it: a verdict taken over stays its publisher's, named with their site."""
    author = {"@type": "Organization", "name": fact_check.publisher or organisation}
    if author["name"] == organisation:
        return author | {"url": site}
    own = next((s.url for s in fact_check.sources if s.publisher == author["name"]), "")
    return author | ({"url": "/".join(own.split("/", 3)[:3])} if own else {})


def _rating(fact_check: FactCheck, word: str) -> dict[str, Any]:
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": word}
    if fact_check.fact:
        rating["ratingExplanation"] = fact_check.fact
    value = RATING_VALUE.get(fact_check.verdict)
    if value is not None:
        rating |= {"ratingValue": value, "worstRating": WORST, "bestRating": BEST}
    return rating


def as_script(data: Mapping[str, Any]) -> str:
    """JSON that is safe between script tags: no `<`, no line separators (faults E9)."""
    text = json.dumps(data, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
