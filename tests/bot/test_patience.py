"""A busy database is waited out; everything else is told at once."""

import pytest

from bot.patience import insist
from knowledge_base.facts import Refused, Unavailable


async def test_a_unit_is_tried_until_the_database_takes_it():
    answers = [Unavailable("locked"), Unavailable("locked"), "taken"]

    def unit(word):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return f"{answer}: {word}"

    assert await insist(unit, "halo") == "taken: halo"


async def test_a_refusal_is_not_tried_again():
    tries = []

    def unit():
        tries.append(1)
        raise Refused("no such number", "number")

    with pytest.raises(Refused):
        await insist(unit)
    assert len(tries) == 1
