"""Files come from Meta's hosts only, whole, of bounded size, and are what was announced."""

from __future__ import annotations

import base64

import pytest

from bot.channels import ChannelError
from bot.channels.whatsapp import WhatsApp, files
from handlers.messages import Media
from tests.bot.channels.whatsapp.conftest import number
from tests.servers.graph import URL_LIFE, WEEK, FakeGraph, Person


async def failure(channel: WhatsApp, reference: str) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        await channel.download(Media("image", ref=reference))
    return caught.value


async def test_a_file_is_fetched_and_checked(
    fake: FakeGraph, sari: Person, whatsapp: WhatsApp
) -> None:
    reference = sari.sends_file("image", b"\x89PNG...", "image/png")
    assert await whatsapp.download(Media("image", ref=reference)) == b"\x89PNG..."


async def test_an_empty_file_is_a_file(fake: FakeGraph, whatsapp: WhatsApp) -> None:
    assert await whatsapp.download(Media("image", ref=fake.keeps(b""))) == b""


async def test_the_hash_may_come_in_base64(fake: FakeGraph, whatsapp: WhatsApp) -> None:
    reference = fake.keeps(b"isi")
    hex_hash = fake.file(reference).sha256
    fake.file(reference).sha256 = base64.b64encode(bytes.fromhex(hex_hash)).decode()
    assert await whatsapp.download(Media("image", ref=reference)) == b"isi"


async def test_another_content_than_announced_is_refused(
    fake: FakeGraph, whatsapp: WhatsApp
) -> None:
    reference = fake.keeps(b"isi")
    fake.file(reference).sha256 = "0" * 64
    assert (await failure(whatsapp, reference)).permanent


async def test_a_file_that_is_gone_is_not_asked_for_again(
    fake: FakeGraph, whatsapp: WhatsApp
) -> None:
    reference = fake.keeps(b"isi")
    fake.passes(WEEK)
    assert (await failure(whatsapp, reference)).permanent


@pytest.mark.parametrize("reference", ["", "../me", "1/2", "²", "12?fields=x"])
async def test_what_is_no_id_is_never_asked_for(whatsapp: WhatsApp, reference: str) -> None:
    assert (await failure(whatsapp, reference)).permanent


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "http://lookaside.fbsbx.com",
        "https://lookaside.fbsbx.com.evil.example",
        "https://lookaside.fbsbx.com:8443",
        "https://user@lookaside.fbsbx.com",
        "http://127.0.0.1",
        "file:///etc",
        "https://[",
    ],
)
async def test_the_token_goes_to_no_other_host(
    fake: FakeGraph, whatsapp: WhatsApp, url: str
) -> None:
    reference = fake.keeps(b"isi")
    fake.files_at = url
    assert (await failure(whatsapp, reference)).permanent
    assert fake.leaked == []


async def test_a_redirect_is_not_followed(fake: FakeGraph, whatsapp: WhatsApp) -> None:
    reference = fake.keeps(b"isi")
    fake.file(reference).redirect = "https://evil.example/steal"
    assert (await failure(whatsapp, reference)).permanent
    assert fake.leaked == []


async def test_an_address_that_ran_out_is_asked_for_once_more(
    fake: FakeGraph, whatsapp: WhatsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = fake.keeps(b"isi")
    kept = fake.file(reference)
    slow = iter([URL_LIFE + 1.0, 0.0])
    now = fake.now

    def passing() -> float:
        if len(kept.urls) == 1 and next(slow, 0.0):
            fake.passes(URL_LIFE + 1.0)
        return now()

    monkeypatch.setattr(fake, "now", passing)
    assert await whatsapp.download(Media("image", ref=reference)) == b"isi"
    assert len(kept.urls) == 2


async def test_a_file_that_is_too_large_is_refused(
    fake: FakeGraph, whatsapp: WhatsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 1000)
    assert "too large" in str(await failure(whatsapp, fake.keeps(b"x" * 1001)))


async def test_a_dead_line_may_be_tried_again(fake: FakeGraph) -> None:
    channel = number(fake, api_url="https://elsewhere.example")
    assert not (await failure(channel, "123456")).permanent
    await channel.close()
    fake.leaked.clear()  # the operator's own address is trusted
