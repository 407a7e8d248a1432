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
        self._paused_until = 0.0
        self._chats: OrderedDict[str, float] = OrderedDict()

    def wait(self, chat: str, now: float) -> float:
        """Seconds until a message to this chat may go; 0 when it may go now."""
        return max(self.held(now), self.chat_wait(chat, now))

    def held(self, now: float) -> float:
        """Seconds until anything at all may go."""
        return max(0.0, self._next - now)

    def sent(self, chat: str, now: float) -> None:
        """A message to this chat goes out now."""
        self.reserve(now)
        self.went(chat, now)

    def chat_wait(self, chat: str, now: float) -> float:
        """Seconds until this chat may get a message, whatever the others do."""
        return max(0.0, self._chats.get(chat, 0.0) - self._ahead - now)

    def reserve(self, now: float) -> float:
        """Take the next free moment, before all who only wait; gives the seconds until then.

        Ask `paused` when they are over, then say `went`."""
        start = max(self._next, now)
        self._next = start + self._gap
        return start - now

    def paused(self, now: float) -> bool:
        """Must nothing go at all, whatever was reserved?"""
        return now < self._paused_until

    def went(self, chat: str, now: float) -> None:
        """A message to this chat goes out at the moment that was reserved."""
        self._hold(chat, max(self._chats.get(chat, 0.0), now) + self._chat_gap)

    def pause(self, seconds: float, now: float, chat: str = "") -> None:
        """Hold back this chat, or everybody when none is named."""
        if chat:
            self._hold(chat, max(self._chats.get(chat, 0.0), now + seconds + self._ahead))
        else:
            self._paused_until = max(self._paused_until, now + seconds)
            self._next = max(self._next, self._paused_until)

    def _hold(self, chat: str, until: float) -> None:
        self._chats[chat] = until
        self._chats.move_to_end(chat)
        if len(self._chats) > REMEMBERED_CHATS:
            self._chats.popitem(last=False)
