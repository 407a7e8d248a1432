"""Fact-checks with a history, made through the doors of the program for tests that look at them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

OWN = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Lives:
    """Numbers of fact-checks: one that was revised, one withdrawn, one merged into the first."""

    revised: int
    retracted: int
    merged: int


def post(page: Page, address: str, **fields: str) -> int:
    """Send a form as this page would; gives the status it ends with."""
    return page.request.post(address, form=fields, headers=OWN).status


def lived(installation, page: Page, folder: Path, name: str, text: str) -> Lives:
    """Three of them, `text` in every field that can be filled. `page`: an editor's."""
    records = [
        {
            "id": f"{name}-{number}",
            "claim": f"Kabar {name} nomor {number} {text}",
            "title": f"Judul {text}",
            "fact": f"Fakta {number} {text}"[:160],
            "explanation": f"Penjelasan {text}",
            "verdict": "false",
            "publisher": text[:80],
            "topic": text[:40],
            "sources": [
                {"url": f"https://x.example/{name}/{number}", "publisher": text, "title": text}
            ],
            "variants": [f"Kata orang {name} {number} {text}"],
        }
        for number in range(3)
    ]
    file = folder / f"{name}.jsonl"
    file.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    installation.saring("import", str(file))
    desk = f"{installation.url}/desk/facts"
    first, second, third = newest(page, desk, len(records))
    fields = {
        "verdict": "misleading", "claim": records[0]["claim"], "fact": f"Diralat {text}"[:160],
        "explanation": f"Diralat {text}", "url_1": f"https://x.example/{name}/lagi",
        "publisher_1": text[:80], "title_1": text[:80], "concerns": text[:80],
    }  # fmt: skip
    assert post(page, f"{desk}/{third}/merge", version="1", into=str(first)) == 200
    assert post(page, f"{desk}/{first}/revise", version="1", reason=text[:280], **fields) == 200
    assert post(page, f"{desk}/{second}/retract", version="1", reason=text[:280]) == 200
    return Lives(first, second, third)


def newest(page: Page, desk: str, count: int) -> list[int]:
    """The numbers of the fact-checks that came last, in the order in which they came."""
    numbers = {
        int(n) for n in re.findall(r'href="/desk/facts/(\d+)"', page.request.get(desk).text())
    }
    return sorted(numbers)[-count:]
