"""Deliveries of the Cloud API: walk every entry and change, cut out single items, name people.

Shape: {object, entry: [{id, changes: [{field, value}]}]}, where value holds metadata, contacts
and messages, statuses or errors. Everything may be missing or odd; one bad item must never
lose another. Source: https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.channels import RawUpdate
from bot.fitting import clean

OBJECT = "whatsapp_business_account"
MESSAGES = "messages"  # the field that carries messages and statuses
LISTS = {"messages": "message", "statuses": "status", "errors": "error"}

_BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{5,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Item:
    """One message, status or error, with what its change says about all of them.

    kind is message, status, error or other; `number_id` names the number of ours it came to.
    """

    kind: str
    body: Mapping[str, Any]
    number_id: str = ""
    number: str = ""  # our own telephone number, digits
    contacts: Sequence[Mapping[str, Any]] = ()
    envelope: Mapping[str, Any] = field(default_factory=dict)  # a delivery with this item alone


def items(delivery: Mapping[str, Any]) -> Iterator[Item]:
    """Every item of a delivery, in order. What is no list or no object comes as `other`."""
    entries = delivery.get("entry")
    for entry in entries if isinstance(entries, list) else [entries]:
        changes = entry.get("changes") if isinstance(entry, Mapping) else None
        if not isinstance(entry, Mapping) or not isinstance(changes, list) or not changes:
            yield Item("other", {}, envelope=_around(delivery, entry))
            continue
        for change in changes:
            yield from _of_change(delivery, entry, change)


def _of_change(
    delivery: Mapping[str, Any], entry: Mapping[str, Any], change: object
) -> Iterator[Item]:
    value = change.get("value") if isinstance(change, Mapping) else None
    if not isinstance(change, Mapping) or not isinstance(value, Mapping):
        yield Item("other", {}, envelope=_around(delivery, {**entry, "changes": [change]}))
        return
    metadata = mapping(value, "metadata")
    number_id = text(metadata, "phone_number_id")
    number = digits(text(metadata, "display_phone_number"))
    found = list(_listed(value)) if change.get("field") == MESSAGES else []
    for name, body in found:
        contacts = _of_this(body, value, alone=len(found) == 1)
        shared = {key: part for key, part in value.items() if key not in {*LISTS, "contacts"}}
        only = shared | ({"contacts": contacts} if contacts else {}) | {name: [body]}
        envelope = _around(delivery, {**entry, "changes": [{**change, "value": only}]})
        kind = LISTS[name] if isinstance(body, Mapping) else "other"
        read = body if isinstance(body, Mapping) else {}
        yield Item(kind, read, number_id, number, contacts, envelope)
    if not found:
        envelope = _around(delivery, {**entry, "changes": [change]})
        yield Item("other", value, number_id, number, envelope=envelope)


def _listed(value: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name in LISTS:
        part = value.get(name)
        for body in part if isinstance(part, list) else [part] if part else []:
            yield name, body


def _around(delivery: Mapping[str, Any], entry: object) -> dict[str, Any]:
    return {"object": delivery.get("object"), "entry": [entry]}


def _of_this(body: object, value: Mapping[str, Any], *, alone: bool) -> list[Mapping[str, Any]]:
    """The contacts that are this item's person: nobody's identity goes with another's message."""
    contacts = mappings(value.get("contacts"))
    if not isinstance(body, Mapping):
        return []
    names = {text(body, key) for key in ("from", "from_user_id", "recipient_id")} | {
        text(body, "recipient_user_id")
    }
    same = [
        contact
        for contact in contacts
        if {text(contact, "wa_id"), text(contact, "user_id")} & (names - {""})
    ]
    if same or len(contacts) != 1:
        return same
    return contacts if alone or not names - {""} else []


TYPES = frozenset(
    {
        "text",
        "image",
        "video",
        "audio",
        "voice",
        "sticker",
        "document",
        "location",
        "contacts",
        "interactive",
        "button",
        "order",
        "reaction",
        "system",
        "edit",
        "revoke",
        "request_welcome",
        "unsupported",
    }
)
FIELDS = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_settings_update",
        "account_update",
        "business_capability_update",
        "business_status_update",
        "calls",
        "flows",
        "group_lifecycle_update",
        "group_participants_update",
        "group_settings_update",
        "group_status_update",
        "history",
        "message_echoes",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "payment_configuration_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "smb_app_state_sync",
        "smb_message_echoes",
        "template_category_update",
        "tracking_events",
        "user_preferences",
    }
)


def kind_of(delivery: Mapping[str, Any]) -> str:
    """What a delivery of one item is, out of a closed list: a message's type, status, error, or
    the field of a notice; "other" for everything else."""
    for item in items(delivery):
        if item.kind == "message":
            kind = text(item.body, "type")
            return kind if kind in TYPES else "other"
        if item.kind in ("status", "error"):
            return item.kind
    entry = next(iter(mappings(delivery.get("entry"))), {})
    change = next(iter(mappings(entry.get("changes"))), {})
    name = text(change, "field")
    return name if name in FIELDS else "other"


def cut(delivery: Mapping[str, Any], ours: str) -> tuple[list[RawUpdate], int]:
    """The single updates of a delivery, and how many were for another number than `ours`."""
    updates: list[RawUpdate] = []
    foreign = 0
    for item in items(delivery):
        if item.number_id and item.number_id != ours:
            foreign += 1
            continue
        body = json.dumps(item.envelope).encode()
        updates.append(RawUpdate(_external_id(item, body), _chat(item), body))
    return updates, foreign


def _external_id(item: Item, body: bytes) -> str:
    """What makes a repeat recognisable: the wamid, the status of a wamid, else the content."""
    reference = clean(text(item.body, "id"))
    if item.kind == "message" and reference:
        return f"message:{reference}"
    if item.kind == "status" and reference:
        return f"status:{reference}:{clean(text(item.body, 'status'))}"
    return f"{item.kind}:{hashlib.sha256(body).hexdigest()}"


def _chat(item: Item) -> str:
    """Order is kept among messages of a person; statuses must neither wait nor hold them up."""
    if item.kind == "status":
        return f"status:{recipient(item)}"
    return sender(item) or item.kind


def sender(item: Item) -> str:
    """Who wrote, as an address: the business-scoped user id where there is one, else the number.

    Either may be missing, and the user id has been seen in `from`. Empty when nobody is named.
    """
    named = [text(item.body, "from_user_id"), text(item.body, "from")]
    return _identity([*named, *_contact_names(item)])


def recipient(item: Item) -> str:
    """Whom a status is about; empty when nobody is named."""
    named = [text(item.body, "recipient_user_id"), text(item.body, "recipient_id")]
    return _identity([*named, *_contact_names(item)])


def _contact_names(item: Item) -> list[str]:
    return [text(contact, key) for contact in item.contacts for key in ("user_id", "wa_id")]


def _identity(names: Sequence[str]) -> str:
    return next((name for name in names if is_user_id(name)), "") or next(
        (found for name in names if (found := digits(name))), ""
    )


def is_user_id(name: str) -> bool:
    """Is it a business-scoped user id (BSUID), such as ID.1349120865530274?"""
    return _BSUID.fullmatch(name) is not None


def digits(name: str) -> str:
    """A telephone number as the platform writes it in `to`: digits only; empty if it is none."""
    plain = re.sub(r"[+\-() .]", "", name)
    return plain if _NUMBER.fullmatch(plain) else ""


def mapping(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under this key, or an empty one."""
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The objects in this list, or none."""
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def text(body: Mapping[str, Any], key: str) -> str:
    """The string under this key, or an empty one."""
    value = body.get(key)
    return value if isinstance(value, str) else ""
