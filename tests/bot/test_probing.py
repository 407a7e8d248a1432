"""Somebody who tries wordings on the matcher learns nothing from it, and moderators see the trail."""

from __future__ import annotations

import re

from bot.channels.console import line
from bot.wiring.clock import utc_now
from handlers.messages import unpack
from tests.bot.houses import house_in

KNOWN = "Pembelian Pertalite dibatasi Rp50.000 per transaksi"
SUMS = ("50.500", "60.000", "75.000", "500.000")
PROBES = (
    *(f"Pembelian Pertalite dibatasi Rp{amount} per transaksi" for amount in SUMS),
    "Pembelian Pertalite tidak dibatasi Rp50.000 per transaksi",
)


async def test_a_probe_shows_no_score_and_leaves_its_neighbour_for_the_desk(tmp_path):
    house = house_in(tmp_path, bundled=True)
    for number, text in enumerate(PROBES):
        await house.reception.keep("console", line(f"c{number}", number, utc_now(), text=text))
        while await house.workers[0].step():
            pass
    with house.store.work() as work:
        said = [unpack(row.body).text for row in work.outbox.claim(utc_now(), 20)]
        asked = work.questions.open(20)
        near = [match for one in asked for match in work.questions.neighbours(one.code)[:1]]
        claims = {work.facts.get(int(match.id)).claim for match in near}
    found = [house.finder.find(text) for text in PROBES]
    house.store.close()
    # Whatever the matcher thinks of a probe, its reply is the same but for the ticket and what
    # the sender and the check wrote themselves.
    assert len({round(result.confidence, 3) for result in found}) > 1
    assert len({plain(text) for text in said}) == 1
    assert claims == {KNOWN + "."}
    assert all(match.why.differ for match in near)


def plain(said: str) -> str:
    """A reply without the difference it names and the number of its question."""
    said = re.sub("(?m)^• .*$", "• …", said)
    return re.sub(r"(?i)(nomor:? )[0-9A-Z]{4}\b", r"\1…", said)
