"""Two fact-checks that may be one: found by the matcher, confirmed or refused by a person."""

import pytest

from handlers import duplicates
from handlers.rights import Denied
from knowledge_base.facts import Moderator, Role
from knowledge_base.search.findings import Difference, Match, Why
from tests.fakes import SARI, FakeHouse
from tests.handlers.callers import house_with_facts


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def test_the_others_that_match_and_do_not_differ_are_pairs(house: FakeHouse) -> None:
    differs = Why(differ=(Difference("date", "10", "13"),))
    found = (Match("482", 0.99), Match("483", 0.8), Match("484", 0.9, differs), Match("485", 0.1))
    assert duplicates.pairs_of(house.facts.rows[482], found) == ((483, 0.8),)


def test_a_pair_is_noted_once_either_way_round(house: FakeHouse) -> None:
    duplicates.note(house.ports(), [(483, 482, 0.8)])
    duplicates.note(house.ports(), [(482, 483, 0.9)])
    duplicates.note(house.ports(), [(482, 999, 0.9)])
    assert house.reviews.pairs() == ((482, 483, 0.8),)


def test_what_a_person_refused_is_not_asked_again(house: FakeHouse) -> None:
    duplicates.note(house.ports(), [(482, 483, 0.8)])
    with pytest.raises(Denied):
        duplicates.dismiss(house.ports(), Moderator(9, "lia", Role.READER), 482, 483)
    duplicates.dismiss(house.ports(), SARI, 482, 483)
    duplicates.note(house.ports(), [(482, 483, 0.8)])
    assert house.reviews.pairs() == ()
