"""WhatsApp deliveries as events: our own payloads in a table, and people in the fake."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import UNTOLD, Channel
from handlers.messages import Act, Incoming
from tests.bot.channels.whatsapp.conftest import PAYLOADS, events, number, payload
from tests.channel_contract import JSON, Contract
from tests.conftest import SHARED
from tests.servers.graph import FakeGraph, Person

Heard = Callable[[], list[Incoming]]
OWN = sorted(PAYLOADS.glob("*.json"))
COLLECTED = sorted((SHARED / "payloads/whatsapp").glob("*.json"))
SARI, BUDI, AYU = "ID.7719228840172635", "6281298765432", "ID.5501827364550918"
OURS = "wamid.HBgNOURS000"
ANY = number()
LONG = "Benarkah TPS di Kecamatan Melati tutup pukul 10? 😟"


class TestContract(Contract):
    one = number()

    def channel(self) -> Channel:
        return self.one

    def delivery(self, text: str) -> dict[str, Any]:
        delivery = payload("text")
        delivery["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = text
        return delivery


# What must be read of each of our payloads; `media` is (kind, name), `who` the address.
TABLE: dict[str, list[dict[str, Any]]] = {
    "text": [{"who": SARI, "act": Act.MESSAGE, "text": LONG, "reply_to": ""}],
    "text_number_only": [{"who": BUDI, "text": "Apakah iuran jalan sudah wajib?"}],
    "text_user_id_only": [{"who": AYU, "text": "Kantor desa buka hari Sabtu?"}],
    "text_user_id_in_from": [{"who": AYU}],
    "text_user_id_in_contacts_only": [{"who": "ID.ENT.8842017365"}],
    "text_bad_timestamp": [{"at": UNTOLD, "text": "Pesan dari jam yang salah"}],
    "forwarded": [{"forwarded": True, "forwarded_many": False}],
    "forwarded_many_times": [{"forwarded": True, "forwarded_many": True}],
    "reply": [{"reply_to": OURS + "1==", "reply_from_us": True, "forwarded": False}],
    "forwarded_reply": [{"reply_to": OURS + "2==", "reply_from_us": True, "forwarded": True}],
    "image_with_caption": [{"text": "Jadwal TPS yang baru", "media": [("image", "")]}],
    "image": [{"text": "", "media": [("image", "")]}],
    "voice": [{"media": [("voice", "")]}],
    "audio": [{"media": [("audio", "")]}],
    "video": [{"text": "Banjir kemarin?", "media": [("video", "")]}],
    "document": [{"media": [("document", "surat edaran.pdf")]}],
    "sticker": [{"media": [("sticker", "")]}],
    "location": [{"media": [("location", "")]}],
    "contacts": [{"media": [("contact", "")]}],
    "button_reply": [{"act": Act.PRESS, "button": "v1|src|482|", "reply_to": OURS + "3=="}],
    "list_reply": [{"act": Act.PRESS, "button": "v1|pick|abc|12", "reply_from_us": True}],
    "flow_reply": [{"act": Act.MESSAGE, "media": [("other", "nfm_reply")]}],
    "interactive_without_content": [{"media": [("other", "interactive")]}],
    "template_button": [{"act": Act.RETURNED, "text": ""}],
    "template_button_stop": [{"act": Act.MESSAGE, "text": "stop", "button": ""}],
    "template_button_of_another_system": [{"act": Act.MESSAGE, "text": "Daftar"}],
    "reaction": [{"act": Act.REACTION, "text": "👍", "reply_to": OURS + "3=="}],
    "reaction_removed": [{"act": Act.REACTION, "text": "", "reply_to": OURS + "3=="}],
    "edit": [
        {"act": Act.EDIT, "ref": "wamid.HBgNORIGINAL==", "text": "Maksud saya TPS tutup pukul 13"}
    ],
    "revoke": [{"act": Act.REVOKED, "ref": "wamid.HBgNORIGINAL=="}],
    "unsupported": [{"media": [("other", "unsupported")]}],
    "unknown_type": [{"media": [("other", "hologram")]}],
    "order": [{"media": [("other", "order")]}],
    "referral": [{"text": "Halo, saya lihat iklannya"}],
    "group_message": [],
    "system_changed_number": [
        {
            "act": Act.MOVED,
            "who": SARI,
            "text": "ID.9900112233445566",
            "payload": {"also": "6281234567890"},
        }
    ],
    "system_changed_number_old_shape": [
        {"act": Act.MOVED, "who": "6281234567890", "text": "6285711112222"}
    ],
    "system_changed_user_id": [{"act": Act.MOVED, "who": AYU, "text": "ID.6602938475661029"}],
    "system_identity": [],
    "status_sent": [
        {
            "act": Act.RECEIPT,
            "text": "sent",
            "ref": OURS + "9==",
            "payload": {"tracker": "row:77", "category": "service", "billable": "yes"},
        }
    ],
    "status_delivered": [{"text": "delivered"}],
    "status_read": [{"text": "read", "payload": {}}],
    "status_played": [{"text": "read"}],
    "status_dreamt": [],
    "status_failed_undeliverable": [{"text": "held", "payload": {"code": "131026", "gone": "yes"}}],
    "status_failed_window": [{"text": "held", "payload": {"code": "131047"}}],
    "status_failed_for_now": [{"text": "waiting", "payload": {"code": "131000"}}],
    "status_failed_opted_out": [
        {"text": "failed", "payload": {"code": "131050", "opted_out": "yes"}}
    ],
    "status_failed_without_a_code": [{"text": "failed", "payload": {}}],
    "errors": [],
    "template_status": [],
    "quality": [],
    "echo_from_the_phone_app": [],
    "foreign_number": [],
    "batch": [
        {"text": "satu", "who": SARI},
        {"text": "dua", "who": BUDI},
        {"text": "delivered"},
        {"text": "sent"},
        {"text": "tiga", "who": AYU},
        {"text": "empat"},
    ],
    "text_shown_twice_in_one_delivery": [{"text": "dobel"}, {"text": "dobel"}],
}


def seen(event: Incoming, name: str) -> Any:
    if name == "who":
        return event.address.value
    if name == "media":
        return [(media.kind, media.name) for media in event.media]
    value = getattr(event, name)
    return dict(value) if name == "payload" else value


@pytest.mark.parametrize("name", TABLE)
def test_each_payload_is_read_as_the_table_says(name: str) -> None:
    found, wanted = events(number(), payload(name)), TABLE[name]
    assert len(found) == len(wanted)
    told = [
        {key: seen(event, key) for key in row} for event, row in zip(found, wanted, strict=True)
    ]
    assert told == wanted


def test_the_table_names_every_payload() -> None:
    assert {path.stem for path in OWN} == set(TABLE)


def test_files_keep_their_reference_and_type() -> None:
    [event] = events(number(), payload("voice"))
    assert (event.media[0].ref, event.media[0].mime) == ("3801924411225", "audio/ogg; codecs=opus")


def test_a_batch_is_cut_into_single_updates_and_loses_nothing() -> None:
    updates = number().split(json.dumps(payload("batch")).encode())
    kinds = [update.external_id.partition(":")[0] for update in updates]
    assert kinds.count("message") == 4
    assert kinds.count("status") == 2
    assert kinds.count("other") == 5  # what nobody can read is kept under its digest
    assert len({update.external_id for update in updates}) == len(updates)


def test_nobodys_name_travels_with_anothers_message() -> None:
    updates = number().split(json.dumps(payload("batch")).encode())
    first = next(update for update in updates if b"satu" in update.body)
    assert b"Sari" in first.body
    assert b"Budi" not in first.body


def test_the_same_message_twice_has_one_id() -> None:
    body = json.dumps(payload("text_shown_twice_in_one_delivery")).encode()
    assert len({update.external_id for update in number().split(body)}) == 1


def test_statuses_have_their_own_queue_beside_the_chat() -> None:
    channel = number()
    [message] = channel.split(json.dumps(payload("text")).encode())
    [status] = channel.split(json.dumps(payload("status_read")).encode())
    [later] = channel.split(json.dumps(payload("status_delivered")).encode())
    assert message.chat == SARI
    assert status.chat == later.chat == f"status:{SARI}"
    assert status.external_id != later.external_id


def test_a_message_for_another_number_is_left_out_and_counted() -> None:
    channel = number()
    assert channel.split(json.dumps(payload("foreign_number")).encode()) == []
    assert channel.ignored["foreign_number"] == 1


def test_a_delivery_of_another_product_is_not_one_of_ours() -> None:
    with pytest.raises(ValueError, match="not a delivery"):
        number().split(b'{"object":"page","entry":[]}')


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_parsing_the_whole_delivery_gives_the_same_events(path: Path) -> None:
    delivery = json.loads(path.read_text())
    channel = number()
    assert channel.parse(delivery) == events(channel, delivery)


@settings(max_examples=250)
@given(data=st.data())
def test_any_payload_however_damaged_is_read_without_a_crash(data: st.DataObject) -> None:
    delivery = payload(data.draw(st.sampled_from(sorted(TABLE))))
    for _ in range(data.draw(st.integers(1, 3))):
        place: Any = delivery
        while isinstance(place, dict | list) and place:
            keys = sorted(place) if isinstance(place, dict) else range(len(place))
            key = data.draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
                place[key] = data.draw(st.one_of(JSON, st.just([place[key]] * 2)))
                break
            place = place[key]
    if delivery.get("object") == "whatsapp_business_account":
        assert all(
            event.address.value or event.act is Act.RECEIPT for event in events(ANY, delivery)
        )
    assert isinstance(ANY.parse(delivery), list)


@pytest.mark.shared
@pytest.mark.parametrize("path", COLLECTED, ids=lambda path: path.stem)
def test_every_collected_sample_is_read_and_only_messages_count(path: Path) -> None:
    change = json.loads(path.read_text())["entry"][0]["changes"][0]
    channel = number()
    theirs = change["value"].get("metadata", {}).get("phone_number_id", channel.account)
    at_home = json.loads(path.read_text().replace(theirs, channel.account))
    found = events(channel, at_home)
    wanted = change["field"] == "messages" and {"messages", "statuses"} & set(change["value"])
    assert bool(found) == bool(wanted)


def test_people_are_known_by_their_user_id_if_they_have_one(fake: FakeGraph, heard: Heard) -> None:
    fake.person("Sari", number="6281234567890", bsuid="ID.111").sends("a")
    fake.person("Budi", number="6281234567891").sends("b")
    fake.person("Ayu", bsuid="ID.222", hidden=True).sends("c")
    assert [event.address.value for event in heard()] == ["ID.111", "6281234567891", "ID.222"]


def test_a_changed_number_moves_every_name_the_person_had(fake: FakeGraph, heard: Heard) -> None:
    sari = fake.person("Sari", number="6281234567890", bsuid="ID.111")
    sari.changes_number("6285700001111", "ID.999")
    [move] = heard()
    assert (move.address.value, move.text) == ("ID.111", "ID.999")
    assert move.payload == {"also": "6281234567890"}


def test_a_tap_needs_no_acknowledgement_here(fake: FakeGraph, heard: Heard, sari: Person) -> None:
    heard()
    reply = {"id": "v1|a||", "title": "A"}
    sari.does("interactive", {"type": "button_reply", "button_reply": reply})
    [press] = heard()
    assert (press.act, press.button, press.callback) == (Act.PRESS, "v1|a||", "")
    assert press.ref in fake.incoming


def test_the_moment_is_the_platforms(fake: FakeGraph, heard: Heard) -> None:
    fake.person("Sari").sends("x")
    [event] = heard()
    assert event.at.timestamp() == int(fake.now())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ({"field": "account_update", "value": {"event": "X"}}, "account_update"),
        ({"field": "something_new", "value": {"event": "X"}}, "other"),
        ({"field": "messages", "value": {"messages": [{"type": "system"}]}}, "system"),
        ({"field": "messages", "value": {"messages": [{"type": "hologram"}]}}, "other"),
        ({"field": "messages", "value": {"statuses": [{"status": "x"}]}}, "status"),
        ("nothing", "other"),
    ],
)
def test_what_is_left_out_has_a_name_from_a_closed_list(name: Any, kind: str) -> None:
    assert number().kind_of({"entry": [{"changes": [name]}]}) == kind
