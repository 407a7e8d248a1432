"""Quality figures agree with values worked out by hand."""

import pytest

from knowledge_base.search.findings import Decision
from knowledge_base.search.quality import (
    Judged,
    at_false_rate,
    average_precision,
    calibration_error,
    folds,
    threshold_at,
    wilson,
)


def judged(identity: str, right: str, found: str, confidence: float) -> Judged:
    return Judged(
        identity,
        "match" if right else "nomatch",
        "",
        frozenset(right),
        tuple(found),
        confidence,
        Decision.ANSWER,
    )


@pytest.mark.parametrize(
    ("found", "right", "expected"),
    [("abc", "a", 1.0), ("bac", "a", 0.5), ("abc", "ac", (1 + 2 / 3) / 2), ("bcdefa", "a", 0.0)],
)
def test_average_precision_over_five(found: str, right: str, expected: float) -> None:
    assert average_precision(tuple(found), frozenset(right)) == pytest.approx(expected)


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    pairs = [(0.95, True), (0.95, False), (0.05, False), (0.05, False)]
    assert calibration_error(pairs) == pytest.approx((2 * 0.45 + 2 * 0.05) / 4)


def test_queries_that_share_a_right_claim_share_a_fold() -> None:
    groups = [("a",), ("a", "b"), ("b",), *((f"x{i}",) for i in range(50))]
    found = folds(groups)
    assert found[0] == found[1] == found[2]
    assert set(found) == {0, 1, 2, 3, 4}
    assert found == folds(groups)


def test_a_threshold_lets_at_most_the_rate_through() -> None:
    none = [i / 100 for i in range(100)]
    threshold = threshold_at(none, 0.05)
    assert sum(value >= threshold for value in none) == 5


def test_right_and_wrong_answers_are_counted_at_a_rate() -> None:
    items = [judged("1", "a", "ab", 0.9), judged("2", "a", "ba", 0.8), judged("3", "", "a", 0.1)]
    found = at_false_rate(items, [0, 0, 0], 0.01, lambda _: 0.5)
    assert (found.right, found.wrong, found.false) == (0.5, 0.5, 0.0)


def test_the_interval_of_a_share_holds_the_share() -> None:
    low, high = wilson(30, 100)
    assert low < 0.3 < high
    assert wilson(0, 0) == (0.0, 1.0)
