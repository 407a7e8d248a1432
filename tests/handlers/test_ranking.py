"""The order of the queue: what is wanted rises, and everybody is reached."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from handlers.ranking import ELECTION_TOPIC, RESERVED, arrange, reasons, score, told
from handlers.topics import guess
from knowledge_base.queue import Signals

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
COUNTS = some.integers(0, 10_000)
SIGNALS = some.builds(
    Signals,
    askers=some.integers(1, 10_000),
    first_asked=some.integers(0, 400).map(lambda hours: NOW - timedelta(hours=hours)),
    hour=COUNTS,
    day=COUNTS,
    forwarded_many=COUNTS,
    influencers=COUNTS,
    topic=some.sampled_from(["", "election", "health"]),
    window_ends=some.none()
    | some.integers(-600, 1500).map(lambda minutes: NOW + timedelta(minutes=minutes)),
)


@given(SIGNALS, some.integers(1, 500))
def test_more_of_anything_never_ranks_lower(signals, more):
    before = score(signals, NOW)
    assert score(replace(signals, askers=signals.askers + more), NOW) > before
    assert score(replace(signals, hour=signals.hour + more), NOW) >= before
    assert score(replace(signals, influencers=signals.influencers + more), NOW) > before
    assert score(replace(signals, forwarded_many=signals.forwarded_many + more), NOW) > before
    older = signals.first_asked - timedelta(hours=more)
    assert score(replace(signals, first_asked=older), NOW) >= before


@given(SIGNALS)
def test_the_reasons_add_up_and_the_weightiest_come_first(signals):
    found = reasons(signals, NOW)
    assert math.isclose(sum(reason.points for reason in found), score(signals, NOW))
    assert [r.points for r in found] == sorted((r.points for r in found), reverse=True)
    assert 1 <= len(told(signals, NOW)) <= 3
    assert ("election" in {r.key for r in found}) is (signals.topic == ELECTION_TOPIC)


def test_a_window_that_closes_soon_lifts_a_question_and_a_closed_one_does_not():
    signals = Signals(askers=1, first_asked=NOW)
    ends = [timedelta(minutes=10), timedelta(hours=5), timedelta(hours=20), -timedelta(hours=1)]
    points = [score(replace(signals, window_ends=NOW + left), NOW) for left in ends]
    assert points[0] > points[1] > points[2] == points[3]


@given(some.permutations(list(range(40))), some.permutations(list(range(40))))
def test_the_oldest_have_reserved_places_and_nobody_is_left_out(wanted, oldest):
    order = arrange(wanted, oldest)
    assert sorted(order) == list(range(40))
    for place, number in enumerate(oldest, start=1):
        assert order.index(number) < math.ceil(place / RESERVED)


@given(some.integers(1, 60), some.integers(1, 10))
def test_a_small_old_question_is_reached_however_many_big_ones_come(older, per_round):
    """Each round as many wanted questions come in as are answered; ours never gets an asker."""
    ours, waiting, fresh = older, list(range(older + 1)), 1_000
    for _ in range(math.ceil((older + 1) / RESERVED) + 1):
        answered = arrange(sorted(waiting, reverse=True), sorted(waiting))[: max(4, per_round)]
        if ours in answered:
            return
        waiting = [one for one in waiting if one not in answered]
        waiting += range(fresh, fresh + len(answered))
        fresh += len(answered)
    raise AssertionError("never reached")


def test_a_topic_is_guessed_from_words_else_from_what_is_near():
    assert guess("Katanya TPS tutup jam 10, KPU bilang begitu") == "election"
    assert guess("Banjir besar di kota sebelah", [("health", 0.9)]) == "disaster"
    assert guess("Katanya begitu semua", [("", 0.8), ("health", 0.5)]) == "health"
    assert guess("Katanya begitu semua") == ""


def test_what_is_only_distantly_like_a_fact_check_says_nothing_of_the_topic():
    assert guess("Jembatan di kota sebelah ambruk", [("scam", 0.22), ("scam", 0.1)]) == ""
    assert (
        guess("Jembatan di kota sebelah ambruk", [("scam", 0.01), ("disaster", 0.4)]) == "disaster"
    )
