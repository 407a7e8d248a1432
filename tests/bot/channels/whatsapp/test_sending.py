"""Sending to the strict Graph API: what arrives, and what trouble becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import ChannelError
from bot.channels.whatsapp import WhatsApp
from handlers.messages import Address, Block, Button, Do, Outgoing, Style
from tests.bot.channels.whatsapp.conftest import at, number
from tests.servers.graph import DAY, FakeGraph, Person

Say = Callable[..., Any]


async def test_a_reply_arrives_and_its_wamid_comes_back(
    fake: FakeGraph, sari: Person, say: Say
) -> None:
    reference = await say(sari, "Pesan ini SALAH.", "Faktanya: tidak.")
    assert fake.last_to(sari).text == "Pesan ini SALAH.\n\nFaktanya: tidak."
    assert fake.last_to(sari).id == reference
    assert fake.billable == 1


async def test_people_with_and_without_a_number_are_reached(fake: FakeGraph, say: Say) -> None:
    ayu = fake.person("Ayu", bsuid="ID.5501827364550918", hidden=True)
    budi = fake.person("Budi", number="6281298765432")
    for person in (ayu, budi):
        person.sends("Halo")
        await say(person, "Halo juga")
    assert [call.get("recipient") for call in fake.calls] == ["ID.5501827364550918", None]
    assert [call.get("to") for call in fake.calls] == [None, "6281298765432"]


async def test_it_quotes_what_was_asked(fake: FakeGraph, sari: Person, say: Say) -> None:
    asked = sari.forwards("TPS tutup jam 10")
    await say(sari, "Pesan ini SALAH.", quote=asked)
    assert fake.last_to(sari).quotes == asked


async def test_a_quote_that_is_gone_does_not_hold_the_answer_back(
    fake: FakeGraph, sari: Person, say: Say
) -> None:
    await say(sari, "Jawabannya", quote="wamid.forgotten")
    assert (fake.last_to(sari).text, fake.last_to(sari).quotes) == ("Jawabannya", "")


async def test_read_and_typing_cost_nothing(fake: FakeGraph, sari: Person, say: Say) -> None:
    asked = sari.sends("Benarkah?")
    assert await say(sari, do=Do.TYPING, ref=asked) == ""
    assert fake.read == fake.typing == [asked]
    assert fake.billable == 0


async def test_an_answer_marks_the_question_as_read_and_is_billed_alone(
    fake: FakeGraph, sari: Person, say: Say
) -> None:
    asked = sari.sends("Benarkah?")
    await say(sari, "SALAH.", reads=asked)
    assert fake.read == fake.typing == [asked]
    assert ([one.text for one in fake.sent_to(sari)], fake.billable) == (["SALAH."], 1)


async def test_what_cannot_be_marked_as_read_is_answered_all_the_same(
    fake: FakeGraph, sari: Person, say: Say
) -> None:
    await say(sari, "SALAH.", reads="wamid.forgotten")
    assert (fake.last_to(sari).text, fake.read) == ("SALAH.", [])


async def test_the_rest_of_a_long_answer_marks_nothing_again(
    fake: FakeGraph, sari: Person, say: Say
) -> None:
    asked = sari.sends("Benarkah?")
    await say(sari, "kata " * 2000, reads=asked, skip=1)
    assert fake.read == []
    assert fake.sent_to(sari)


async def test_a_tap_on_a_button_comes_back_with_its_data(
    fake: FakeGraph, sari: Person, say: Say, whatsapp: WhatsApp
) -> None:
    await say(sari, "Pilih", buttons=((Button("🔎 Buktinya", "v1|src|482|"),),))
    fake.payloads()
    sari.presses("buktinya")
    [event] = [event for one in fake.payloads() for event in whatsapp.parse(one)]
    assert event.button == "v1|src|482|"
    assert event.reply_to == fake.last_to(sari).id


async def test_outside_the_window_only_a_template_gets_through(
    fake: FakeGraph, sari: Person, say: Say
) -> None:
    fake.passes(DAY - 1)
    await say(sari, "masih sempat")
    fake.passes(2)
    with pytest.raises(ChannelError) as caught:
        await say(sari, "terlambat")
    assert caught.value.window_closed
    await say(sari, template="result", template_values=("7F3K",))
    assert (fake.last_to(sari).text, fake.last_to(sari).values) == ("saring_result", ["7F3K"])


async def test_a_template_without_a_name_is_held(fake: FakeGraph, sari: Person) -> None:
    channel = number(fake, templates={"result": ""})
    with pytest.raises(ChannelError) as caught:
        await channel.send(at(sari), Outgoing("p", template="result"))
    assert caught.value.hold
    assert fake.calls == []
    await channel.close()


@pytest.mark.parametrize("state", ["PAUSED", "DISABLED", "REJECTED"])
async def test_a_template_meta_took_away_holds_the_message(
    fake: FakeGraph, sari: Person, say: Say, state: str
) -> None:
    from tests.servers.graph_rules import Template

    fake.templates["saring_result"] = Template(state=state)
    with pytest.raises(ChannelError) as caught:
        await say(sari, template="result", template_values=("7F3K",))
    assert caught.value.hold
    assert caught.value.alert


@pytest.mark.parametrize("after", [False, True])
async def test_a_dead_line_is_tried_again(
    fake: FakeGraph, sari: Person, say: Say, after: bool
) -> None:
    fake.fails(-1, after=after)
    with pytest.raises(ChannelError) as caught:
        await say(sari, "x")
    assert not caught.value.permanent
    assert len(fake.sent_to(sari)) == after


async def test_somebody_without_whatsapp_is_gone(fake: FakeGraph, whatsapp: WhatsApp) -> None:
    stranger = Address("whatsapp", whatsapp.account, "6289999999999")
    with pytest.raises(ChannelError) as caught:
        await whatsapp.send(stranger, Outgoing("p", blocks=(Block("x"),)))
    assert caught.value.gone


async def test_an_unknown_user_id_is_not_tried_again(fake: FakeGraph, whatsapp: WhatsApp) -> None:
    stranger = Address("whatsapp", whatsapp.account, "ID.404")
    with pytest.raises(ChannelError) as caught:
        await whatsapp.send(stranger, Outgoing("p", blocks=(Block("x"),)))
    assert caught.value.permanent


@pytest.mark.parametrize("url", ["http://[kaputt", "graph.facebook.com", "ftp://x", "https://"])
def test_an_address_that_is_none_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="WHATSAPP_API_URL"):
        number(api_url=url)


SIGNS = st.text(st.sampled_from("*_~`>\n ab😀"), max_size=300)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.one_of(st.text(max_size=5000), SIGNS), strong=SIGNS)
async def test_whatever_people_write_is_delivered(
    fake: FakeGraph, sari: Person, whatsapp: WhatsApp, words: str, strong: str
) -> None:
    blocks = (Block(strong, Style.STRONG), Block(words, Style.QUOTE), Block("akhir"))
    buttons = ((Button("Ya", "v1|y||"),),)
    await whatsapp.send(at(sari), Outgoing("p", blocks=blocks, buttons=buttons))
    assert "akhir" in fake.last_to(sari).text
    assert fake.last_to(sari).taps == {"Ya": "v1|y||"}


async def test_a_long_message_goes_on_at_the_page_that_failed(
    fake: FakeGraph, sari: Person, whatsapp: WhatsApp
) -> None:
    long = Outgoing("p", blocks=tuple(Block(f"{n} " + "kata " * 700) for n in range(3)))
    fake.fails(131000, spare=1)
    with pytest.raises(ChannelError) as caught:
        await whatsapp.send(at(sari), long)
    assert caught.value.pages == 1
    await whatsapp.send(at(sari), replace(long, skip=caught.value.pages))
    assert [sent.text[0] for sent in fake.sent_to(sari)] == ["0", "1", "2"]


async def test_the_version_of_the_graph_api_is_a_setting(fake: FakeGraph, sari: Person) -> None:
    channel = number(fake, api_version="v26.0")
    await channel.send(at(sari), Outgoing("p", blocks=(Block("Halo"),)))
    await channel.close()
    assert fake.versions == {"v26.0"}
