"""Tokens, of which only the hash is stored, and using an invitation up."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlmodel import col, select, update

from knowledge_base.store.tables import InvitationRow, PersonRow
from knowledge_base.store.unit import Unit


def digest(token: str) -> str:
    """What is stored of a token. It has 192 random bits or more, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def join(unit: Unit, token: str, person: str, now: datetime) -> str:
    """Use an invitation: the person is an influencer from now on. Gives the inviter's name;
    empty when the invitation is unknown, used or too old."""
    query = select(InvitationRow).where(InvitationRow.digest == digest(token))
    row = unit.session.exec(query.with_for_update()).first()
    if row is None or row.used is not None or row.expires <= now:
        return ""
    row.used = now
    unit.session.exec(update(PersonRow).where(col(PersonRow.id) == person).values(influencer=True))
    unit.forget_person(person)
    unit.session.flush()
    return row.by
