"""The simulator's channel: what the page posts is read, what we say lies in the mailbox."""

import json
from datetime import UTC, datetime

import pytest

from bot.channels import ChannelError
from bot.channels.browser import BrowserChannel, render
from handlers.messages import Act, Address, Block, Button, Do, Media, Outgoing, Style
from knowledge_base.facts import Unavailable
from tests.channel_contract import Contract

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
HERE = Address("browser", "web", "chat-1")
UPDATE = {"id": "chat:1", "chat": "chat-1", "kind": "message", "at": NOW.isoformat()}


class Doors:
    def __init__(self):
        self.lines = []
        self.broken = False
        self.mailbox = self

    def work(self):
        return self

    def __enter__(self):
        if self.broken:
            raise Unavailable("locked")
        return self

    def __exit__(self, *error):
        return None

    def put(self, chat, ours, body, now):
        self.lines.append((chat, ours, body))
        return len(self.lines)


@pytest.fixture
def doors():
    return Doors()


@pytest.fixture
def told():
    return []


@pytest.fixture
def channel(doors, told):
    return BrowserChannel(doors, lambda: NOW, lambda chat, event: told.append((chat, event)))


class TestContract(Contract):
    """What every channel must do."""

    def channel(self):
        return BrowserChannel(Doors(), lambda: NOW, lambda chat, event: None)

    def delivery(self, text):
        return UPDATE | {"text": text}


def test_only_an_update_of_the_visitors_own_chat_is_taken(channel):
    body = json.dumps(UPDATE).encode()
    assert channel.verify({"saring-chat": "chat-1"}, body)
    assert not channel.verify({"saring-chat": "chat-2"}, body)
    assert not channel.verify({"saring-chat": ""}, json.dumps(UPDATE | {"chat": ""}).encode())
    assert not channel.verify({"saring-chat": "chat-1"}, b"{")


def test_a_forwarded_message_is_read(channel):
    raw = UPDATE | {"text": "Benarkah?", "ref": "abc", "language": "id", "forwarded": True}
    [message] = channel.parse(raw)
    assert (message.act, message.address, message.text) == (Act.MESSAGE, HERE, "Benarkah?")
    assert (message.ref, message.forwarded, message.language) == ("abc", True, "id")
    assert message.at == NOW


def test_a_press_carries_its_data_and_the_line_it_is_on(channel):
    [press] = channel.parse(UPDATE | {"kind": "press", "button": "n:12", "ref": "7"})
    assert (press.act, press.button, press.ref, press.callback) == (
        Act.PRESS,
        "n:12",
        "7",
        "chat:1",
    )


def test_an_edit_names_the_message_it_corrects(channel):
    [edit] = channel.parse(UPDATE | {"kind": "edit", "text": "baru", "ref": "abc"})
    assert (edit.act, edit.ref, edit.text) == (Act.EDIT, "abc", "baru")


def test_an_unknown_kind_gives_nothing(channel):
    assert channel.parse(UPDATE | {"kind": "dance"}) == []


def test_a_delivery_is_one_update_in_its_chat(channel):
    [update] = channel.split(json.dumps(UPDATE).encode())
    assert (update.external_id, update.chat) == ("chat:1", "chat-1")


async def test_a_reply_lies_in_the_mailbox_and_wakes_the_page(channel, doors, told):
    button = Button("Bukan ini", "n:12")
    message = Outgoing(
        "p", blocks=(Block("SALAH", Style.STRONG),), buttons=((button,),), quote="abc"
    )
    assert await channel.send(HERE, message) == "1"
    chat, ours, line = doors.lines[0]
    assert (chat, ours, line["quote"], line["kind"]) == ("chat-1", True, "abc", "message")
    assert line["blocks"] == [{"text": "SALAH", "style": "strong"}]
    assert line["buttons"][0][0]["data"] == "n:12"
    assert told == [("chat-1", {"kind": "line"})]


async def test_an_edit_keeps_the_number_of_the_line_it_replaces(channel, doors):
    reference = await channel.send(HERE, Outgoing("p", Do.EDIT, ref="4"))
    assert (reference, doors.lines[0][2]["kind"], doors.lines[0][2]["ref"]) == ("4", "edit", "4")


async def test_typing_and_toasts_are_of_the_moment(channel, doors, told):
    await channel.send(HERE, Outgoing("p", Do.TYPING))
    await channel.send(HERE, Outgoing("p", Do.TOAST, blocks=(Block("Baik."),)))
    assert [event["kind"] for _, event in told] == ["typing", "toast"]
    assert told[1][1]["text"] == "Baik."
    assert doors.lines == []


async def test_a_busy_database_is_a_passing_fault(channel, doors):
    doors.broken = True
    with pytest.raises(ChannelError) as error:
        await channel.send(HERE, Outgoing("p"))
    assert not error.value.permanent


async def test_files_cannot_be_fetched(channel):
    with pytest.raises(ChannelError) as error:
        await channel.download(Media("image"))
    assert error.value.permanent


def test_what_people_wrote_stays_text(channel):
    line = render(Outgoing("p", blocks=(Block("<b>BENAR</b> *_[x](y)"),)))
    assert line["blocks"][0]["text"] == "<b>BENAR</b> *_[x](y)"
