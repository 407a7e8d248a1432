"""Logs carry no addresses, tokens or texts, whatever is thrown into them."""

import io
import json
import logging

import pytest
import structlog

from bot import logs

TOKEN = "123456789:AAF-canary_canary_canary_canary_cana"


@pytest.fixture
def written():
    stream = io.StringIO()
    before = logging.getLogger().handlers[:]
    logs.set_up(readable=False, stream=stream)
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before


def test_secrets_are_hidden_in_fields_messages_and_exceptions(written) -> None:
    log = structlog.get_logger("test")
    log.warning("sending failed", reason=f"POST https://api.example/bot{TOKEN}/sendMessage")
    log.warning("to 6281234567890", row=7)
    try:
        raise ValueError(f"no chat wamid.HBgNNjI4MTIzNDU2Nzg5 for {TOKEN}")
    except ValueError:
        log.exception("sender fault")
    logging.getLogger("other").warning("number 6281234567890")
    out = written.getvalue()
    for canary in (TOKEN, "6281234567890", "wamid.HBg"):
        assert canary not in out
    assert json.loads(out.splitlines()[1])["row"] == 7


def test_private_fields_are_hidden_by_name(written) -> None:
    structlog.get_logger("test").info("got", text="TPS tutup jam 10", chat="42", state="sent")
    line = json.loads(written.getvalue())
    assert (line["text"], line["chat"], line["state"]) == (logs.HIDDEN, logs.HIDDEN, "sent")


def test_line_breaks_cannot_forge_a_log_line(written) -> None:
    structlog.get_logger("test").info("got", reason='a\n{"event": "forged"}\x1b[31m')
    assert len(written.getvalue().splitlines()) == 1
