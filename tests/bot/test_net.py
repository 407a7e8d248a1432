"""Nothing is said to a server that cannot prove who it is: tokens and messages would go with it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot import net
from bot.channels import ChannelError
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import WhatsApp
from handlers.messages import Address, Block, Outgoing

SAID = Outgoing("p", blocks=(Block("halo"),))


def certificate(folder: Path) -> Path:
    """A certificate for this machine that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2120, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), here]), False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


class Impostor(HTTPServer):
    """Speaks TLS in the name of a platform and notes what it is told."""

    def __init__(self, file: Path) -> None:
        super().__init__(("127.0.0.1", 0), Listener)
        self.heard: list[str] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )

    def handle_error(self, request, client_address) -> None:
        """Whoever hangs up is expected."""

    @property
    def address(self) -> str:
        return f"https://localhost:{self.server_address[1]}"


class Listener(BaseHTTPRequestHandler):
    """Takes everything."""

    def do_POST(self) -> None:
        self.server.heard.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"ok": true, "result": {}}')

    do_GET = do_POST  # noqa: N815 - the name the library looks for

    def log_message(self, *arguments) -> None:
        """Nothing to say."""


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[Impostor]:
    server = Impostor(certificate(tmp_path))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_certificate_nobody_vouches_for_ends_the_call(impostor: Impostor) -> None:
    async with net.client(impostor.address) as client:
        with pytest.raises(net.HTTPError):
            await client.get("/")
    assert impostor.heard == []


async def test_telegram_hears_no_token_from_us_unless_it_is_telegram(impostor: Impostor) -> None:
    channel = Telegram("123:secret", api_url=impostor.address)
    with pytest.raises(ChannelError) as refused:
        await channel.send(Address("telegram", "123", "42"), SAID)
    assert not refused.value.permanent  # kept, and tried again
    assert "CERTIFICATE_VERIFY_FAILED" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert impostor.heard == []


async def test_whatsapp_hears_no_token_from_us_unless_it_is_meta(impostor: Impostor) -> None:
    channel = WhatsApp(
        "secret", "106540352242922", app_secret="s", verify_token="v", api_url=impostor.address
    )
    with pytest.raises(ChannelError) as refused:
        await channel.send(Address("whatsapp", "106540352242922", "6281"), SAID)
    assert not refused.value.permanent
    assert "secret" not in str(refused.value)
    assert impostor.heard == []


async def test_the_impostor_would_hear_whoever_did_not_look(impostor: Impostor) -> None:
    """The other tests could fail: the server does answer."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    reader = threading.Thread(target=call, args=(impostor.address, trusting))
    reader.start()
    reader.join()
    assert impostor.heard == ["/"]


def call(address: str, context: ssl.SSLContext) -> None:
    import urllib.request

    urllib.request.urlopen(address + "/", context=context).read()
