"""The pace of a channel: so many a second, one chat at a time, bursts are paid back."""

from __future__ import annotations

from bot.channels import Limits
from bot.pace import Pace

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
