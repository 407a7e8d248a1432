"""How fast a channel may send: so many a second over all, one chat at a time."""

from __future__ import annotations

from collections import OrderedDict

from bot.channels import Limits

REMEMBERED_CHATS = 20_000


class Pace:
    """Tells how long to wait before the next message; times are monotonic seconds.

    One instance serves one account of one channel in the one process that sends. A pause
    (the platform said "slow down") holds everybody or one chat back. A chat may get a short
    burst; what it took too early is paid back before the next one.
    """

    def __init__(self, limits: Limits) -> None:
        self._gap = 1.0 / limits.per_second
        self._chat_gap = limits.per_chat_seconds
        self._ahead = limits.per_chat_seconds * max(0, limits.per_chat_burst - 1)
        self._next = 0.0
        self._chats: OrderedDict[str, float] = OrderedDict()

    def wait(self, chat: str, now: float) -> float:
        """Seconds until a message to this chat may go; 0 when it may go now."""
        return max(0.0, self._next - now, self._chats.get(chat, 0.0) - self._ahead - now)

    def held(self, now: float) -> float:
        """Seconds until anything at all may go."""
        return max(0.0, self._next - now)

    def sent(self, chat: str, now: float) -> None:
        """A message to this chat goes out now."""
        self._next = max(self._next, now) + self._gap
        self._hold(chat, max(self._chats.get(chat, 0.0), now) + self._chat_gap)

    def pause(self, seconds: float, now: float, chat: str = "") -> None:
        """Hold back this chat, or everybody when none is named."""
        if chat:
            self._hold(chat, max(self._chats.get(chat, 0.0), now + seconds + self._ahead))
        else:
            self._next = max(self._next, now + seconds)

    def _hold(self, chat: str, until: float) -> None:
        self._chats[chat] = until
        self._chats.move_to_end(chat)
        if len(self._chats) > REMEMBERED_CHATS:
            self._chats.popitem(last=False)
