"""What a platform says later about a message it took: it went on, or it did not arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.doors import Work
from handlers.messages import Incoming
from knowledge_base.deliveries import Delivery

TRACKER = "row:"  # what we send along, with the outbox id; some platforms give it back


def note(work: Work, message: Incoming, now: datetime) -> None:
    """Follow one receipt: forward, held, tried again; mark who cannot be reached or said stop."""
    channel, account = message.address.channel, message.address.account
    state, told = Delivery(message.text), message.payload
    if told.get("billable") and state is Delivery.SENT:  # repeated with later states
        work.tally.billed(channel, now.date())
    if told.get("gone"):
        _lost(work, message)
    if state in (Delivery.HELD, Delivery.WAITING):
        hold = state is Delivery.HELD
        work.outbox.undelivered(channel, account, message.ref, now, hold=hold)
        return
    number = told.get("tracker", "").removeprefix(TRACKER)
    if number.isascii() and number.isdecimal() and len(number) < 19:
        work.outbox.settle(int(number), channel, account, message.ref, state, now)
    work.outbox.follow(channel, account, message.ref, state)
    person = work.contacts.known(message.address)
    if person is not None and told.get("opted_out"):
        work.people.save(replace(person, notify=False))


def _lost(work: Work, message: Incoming) -> None:
    person = work.contacts.known(message.address)
    if person is not None:
        work.contacts.lost(person.id)
