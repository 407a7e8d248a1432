"""What every channel must do, whatever its platform. A channel's tests subclass `Contract`."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import Channel, RawUpdate
from handlers.messages import Act, Incoming

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
JSON = (
    SCALARS
    | st.lists(SCALARS, max_size=3)
    | st.dictionaries(st.text(max_size=8), SCALARS, max_size=3)
)

INHERITED = [HealthCheck.differing_executors]  # one property, inherited by each channel


class Contract(ABC):
    """Give a channel, and deliveries of one text message; get the tests."""

    @abstractmethod
    def channel(self) -> Channel:
        """A channel that needs no network for its pure methods."""

    @abstractmethod
    def delivery(self, text: str) -> dict[str, Any]:
        """One delivery that holds one text message of a person."""

    def read(self, delivery: dict[str, Any]) -> list[Incoming]:
        """The whole way in: bytes, single updates, events."""
        channel = self.channel()
        updates = channel.split(json.dumps(delivery).encode())
        return [event for one in updates for event in channel.parse(json.loads(one.body))]

    def test_a_text_arrives_as_it_was_written(self) -> None:
        [event] = self.read(self.delivery("TPS tutup pukul 10 😀"))
        assert (event.act, event.text) == (Act.MESSAGE, "TPS tutup pukul 10 😀")
        assert event.at.tzinfo is not None

    def test_the_address_names_the_channel_and_its_account(self) -> None:
        channel = self.channel()
        [event] = self.read(self.delivery("halo"))
        assert (event.address.channel, event.address.account) == (channel.name, channel.account)
        assert event.address.value

    def test_the_same_delivery_gives_the_same_ids(self) -> None:
        body = json.dumps(self.delivery("halo")).encode()
        first, second = self.channel().split(body), self.channel().split(body)
        assert [one.external_id for one in first] == [one.external_id for one in second]
        assert all(isinstance(one, RawUpdate) and one.external_id and one.chat for one in first)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe{}", b"NaN", b"[" * 100_000])
    def test_a_body_nobody_can_cut_is_a_value_error(self, body: bytes) -> None:
        with pytest.raises(ValueError):
            self.channel().split(body)

    @settings(max_examples=30, suppress_health_check=INHERITED)
    @given(raw=st.dictionaries(st.text(max_size=12), JSON, max_size=4))
    def test_any_json_object_is_read_without_a_crash(self, raw: dict[str, Any]) -> None:
        assert isinstance(self.channel().parse(raw), list)

    @settings(max_examples=50, suppress_health_check=INHERITED)
    @given(data=st.data())
    def test_a_damaged_message_is_read_without_a_crash(self, data: st.DataObject) -> None:
        delivery = self.delivery("halo")
        place: Any = delivery
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            key = data.draw(st.sampled_from(list(keys)))
            if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
                place[key] = data.draw(JSON)
                break
            place = place[key]
        try:
            events = self.read(delivery)
        except ValueError:
            return  # cannot be cut: kept whole, with its reason
        assert all(isinstance(event, Incoming) for event in events)

    def test_a_text_no_database_takes_is_made_whole(self) -> None:
        [event] = self.read(self.delivery("sebelum\x00sesudah \ud800."))
        event.text.encode()
        assert "\x00" not in event.text

    def test_an_unsigned_delivery_is_refused(self) -> None:
        assert self.channel().verify({}, json.dumps(self.delivery("halo")).encode()) is False
