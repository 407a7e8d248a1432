"""The pace of a channel: so many a second, one chat at a time, bursts are paid back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.channels import Limits
from bot.pace import REMEMBERED_CHATS, Pace

ONE_A_SECOND = Limits(per_second=1000.0, per_chat_seconds=1.0)
BURSTS = Limits(per_second=1000.0, per_chat_seconds=6.0, per_chat_burst=3)


def sends(pace: Pace, times: list[float], chat: str = "sari") -> list[bool]:
    """May a message go at each of these moments? Those that may do go."""
    went = []
    for now in times:
        went.append(pace.wait(chat, now) == 0)
        if went[-1]:
            pace.sent(chat, now)
    return went


def test_one_chat_gets_one_message_in_its_time() -> None:
    assert sends(Pace(ONE_A_SECOND), [0, 0.5, 1.0, 1.9, 2.0]) == [True, False, True, False, True]


def test_another_chat_is_not_held_back() -> None:
    pace = Pace(ONE_A_SECOND)
    assert sends(pace, [0], "sari") == sends(pace, [0.01], "budi") == [True]


def test_a_burst_goes_at_once_and_is_paid_back() -> None:
    pace = Pace(BURSTS)
    assert sends(pace, [0, 0.01, 0.02, 0.03]) == [True, True, True, False]
    assert sends(pace, [5.9, 6.0, 6.1, 12.0]) == [False, True, False, True]


def test_after_a_rest_the_whole_burst_is_there_again() -> None:
    pace = Pace(BURSTS)
    sends(pace, [0, 0.1, 0.2])
    assert sends(pace, [100, 100.1, 100.2, 100.3]) == [True, True, True, False]


def test_a_pause_the_platform_asked_for_is_kept_in_full() -> None:
    pace = Pace(BURSTS)
    pace.sent("sari", 0)
    pace.pause(30, 0, "sari")
    assert pace.wait("sari", 29) == 1
    assert pace.wait("budi", 29) == 0


def test_a_pause_of_everybody_holds_everybody() -> None:
    pace = Pace(BURSTS)
    pace.pause(10, 0)
    assert (pace.wait("sari", 4), pace.wait("budi", 10)) == (6, 0)


def test_all_chats_together_keep_the_channels_speed() -> None:
    pace = Pace(Limits(per_second=2.0, per_chat_seconds=0.0))
    pace.sent("sari", 0)
    assert pace.wait("budi", 0.2) == 0.3


LIMITS = st.builds(
    Limits,
    per_second=st.sampled_from([1.0, 4.0, 25.0]),
    per_chat_seconds=st.sampled_from([0.0, 0.5, 1.0, 6.0]),
    per_chat_burst=st.integers(1, 4),
)
WISHES = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3)), min_size=1, max_size=60)


def played(limits: Limits, wishes: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """On a virtual clock: each wish comes so many seconds after the last one went out."""
    pace, now, went = Pace(limits), 0.0, []
    for chat, rest in wishes:
        now += rest
        now += pace.wait(chat, now)
        pace.sent(chat, now)
        went.append((chat, now))
    return went


@given(limits=LIMITS, wishes=WISHES)
def test_never_more_messages_in_any_stretch_of_time_than_the_channel_allows(limits, wishes) -> None:
    times = [now for _, now in played(limits, wishes)]
    for first, start in enumerate(times):
        for last in range(first + 1, len(times)):
            allowed = (times[last] - start) * limits.per_second + 1
            assert last - first + 1 <= allowed + 1e-6


@given(limits=LIMITS, wishes=WISHES)
def test_never_more_to_one_chat_than_its_burst_and_what_time_paid_back(limits, wishes) -> None:
    for chat in "abc":
        times = [now for to, now in played(limits, wishes) if to == chat]
        for first, start in enumerate(times):
            for last in range(first + 1, len(times)):
                free = last - first + 1 - limits.per_chat_burst
                assert free * limits.per_chat_seconds <= times[last] - start + 1e-6


@given(limits=LIMITS, wishes=WISHES, seconds=st.floats(0.1, 600))
def test_nothing_goes_during_a_pause_of_everybody(limits, wishes, seconds) -> None:
    pace = Pace(limits)
    pace.pause(seconds, 0.0)
    assert all(pace.wait(chat, 0.0) >= seconds for chat, _ in wishes)


@given(limits=LIMITS, wishes=WISHES)
def test_waiting_as_long_as_told_is_always_enough(limits, wishes) -> None:
    pace, now = Pace(limits), 0.0
    for chat, rest in wishes:
        now += rest + pace.wait(chat, now + rest)
        assert pace.wait(chat, now) <= 1e-6
        pace.sent(chat, now)


def test_the_memory_of_chats_is_bounded() -> None:
    pace = Pace(ONE_A_SECOND)
    for number in range(REMEMBERED_CHATS + 10):
        pace.sent(f"chat-{number}", 0.0)
    assert len(pace._chats) == REMEMBERED_CHATS
