"""Settings: fail closed, name what is wrong, and stay equal to .env.example."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from uvicorn.middleware.proxy_headers import _TrustedHosts

from bot import settings
from bot.settings import SettingsError

ROOT = Path(__file__).parents[2]
NOWHERE = Path("/nonexistent/.env")
LONG = "x" * 32
WHATSAPP = {
    "WHATSAPP_TOKEN": "t",
    "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
    "WHATSAPP_APP_SECRET": "s",
    "WHATSAPP_VERIFY_TOKEN": "v",
}


def load(**values: str) -> settings.Settings:
    return settings.load(values, NOWHERE)


def test_nothing_has_to_be_set() -> None:
    found = load()
    assert found.base_url == "http://localhost:8000"
    assert found.database.startswith("sqlite:///")
    assert found.chat_on


def test_a_trusted_proxy_means_that_others_reach_us() -> None:
    found = load(SARING_TRUSTED_PROXIES="127.0.0.1")
    assert found.on_loopback
    assert not found.only_here
    assert not found.chat_on


def test_a_trusted_proxy_is_known_on_a_socket_for_both_kinds_of_addresses() -> None:
    found = load(SARING_TRUSTED_PROXIES="10.0.0.2,10.1.2.3/8,fd00::1")
    hosts = _TrustedHosts(list(found.proxies))
    for proxy in ("10.0.0.2", "::ffff:10.0.0.2", "10.9.9.9", "::ffff:10.9.9.9", "fd00::1"):
        assert proxy in hosts
    for stranger in ("11.0.0.2", "::ffff:11.0.0.2", "fd00::2"):
        assert stranger not in hosts


def test_env_example_names_every_setting_once_and_explains_it() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    found = [line.split("=")[0] for line in lines if re.match(r"[A-Z_]+=", line)]
    assert found == list(settings.names())
    for number, line in enumerate(lines):
        if re.match(r"[A-Z_]+=", line):
            assert lines[number - 1].startswith("#"), f"{line} has no comment above it"


def test_env_example_shows_the_defaults() -> None:
    from_example = settings.load({}, ROOT / ".env.example")
    assert from_example == load()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"SARING_PRT": "1"}, "SARING_PRT"),
        ({"SARING_PORT": "many"}, "SARING_PORT"),
        ({"SARING_GROUPS": "maybe"}, "SARING_GROUPS"),
        ({"SARING_TIMEZONE": "Mars/Base"}, "SARING_TIMEZONE"),
        ({"PUBLIC_URL": "saring.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "javascript:alert(1)"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://saring.example/?a"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://saring.example:99999"}, "PUBLIC_URL"),
        ({"Saring_Port": "8001"}, "Saring_Port"),
        ({"SARING_VAR": "/dev/null"}, "SARING_VAR"),
        ({"SARING_ARCHIVE": "on"}, "SARING_FETCH=on"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://localhost/saring"}, "DATABASE_URL"),
        ({"DATABASE_URL": "saring.db"}, "DATABASE_URL"),
        ({"SARING_TRUSTED_PROXIES": "10.0.0.2, proxy"}, "SARING_TRUSTED_PROXIES"),
        ({"TELEGRAM_TOKEN": "my bot"}, "TELEGRAM_TOKEN"),
        ({"TELEGRAM_API_URL": "localhost:8081"}, "TELEGRAM_API_URL"),
        (
            {
                "TELEGRAM_TOKEN": "1:a",
                "TELEGRAM_MODE": "webhook",
                "TELEGRAM_WEBHOOK_SECRET": LONG + "ö",
                "PUBLIC_URL": "https://saring.example",
            },
            "TELEGRAM_WEBHOOK_SECRET",
        ),
        ({"TELEGRAM_TOKEN": "1:a", "TELEGRAM_MODE": "webhook"}, "TELEGRAM_WEBHOOK_SECRET"),
        (
            {
                "TELEGRAM_TOKEN": "1:a",
                "TELEGRAM_MODE": "webhook",
                "TELEGRAM_WEBHOOK_SECRET": LONG,
            },
            "PUBLIC_URL",
        ),
        ({"WHATSAPP_TOKEN": "t", "WHATSAPP_PHONE_NUMBER_ID": "1"}, "WHATSAPP_APP_SECRET"),
        (
            {
                "WHATSAPP_TOKEN": "t",
                "WHATSAPP_PHONE_NUMBER_ID": "1",
                "WHATSAPP_APP_SECRET": "s",
            },
            "WHATSAPP_VERIFY_TOKEN",
        ),
        ({"TELEGRAM_WEBHOOK_SECRET": "short"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"TELEGRAM_MODE": "webhook"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"WHATSAPP_API_VERSION": "25"}, "WHATSAPP_API_VERSION"),
        ({"WHATSAPP_TEMPLATE_RESULT": "Saring Result"}, "WHATSAPP_TEMPLATE_RESULT"),
        (WHATSAPP | {"WHATSAPP_PHONE_NUMBER_ID": "+62 811"}, "WHATSAPP_PHONE_NUMBER_ID"),
        (WHATSAPP | {"WHATSAPP_API_URL": "graph.facebook.com"}, "WHATSAPP_API_URL"),
        (WHATSAPP | {"WHATSAPP_API_VERSION": "25"}, "WHATSAPP_API_VERSION"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(values: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(**values)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bot_api_server_of_ones_own_delivers_without_a_public_address() -> None:
    values = {"TELEGRAM_TOKEN": "1:a", "TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": LONG}
    assert load(**values, TELEGRAM_API_URL="http://127.0.0.1:8081").telegram_mode == "webhook"
    with pytest.raises(SettingsError, match="PUBLIC_URL"):
        load(**values, TELEGRAM_API_URL="https://api.telegram.org/")


def test_a_settings_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes("SARING_PORT=8001  # Café".encode("latin-1"))
    with pytest.raises(SettingsError, match="not text in UTF-8"):
        settings.load({}, file)
    file.write_text("SARING_PORT=8001  # Café\n", encoding="utf-8-sig")
    assert settings.load({}, file).port == 8001


def test_a_line_of_the_settings_file_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("SARING_PORT=8001\n# a remark\n\nput the token here\n")
    with pytest.raises(SettingsError, match=r"line 4 is no NAME=value$"):
        settings.load({}, file)
    file.write_text("SARING_PORT=8001\nSECRET_KEY='half of it\n")
    with pytest.raises(SettingsError, match=r"line 2 is no NAME=value$"):
        settings.load({}, file)


def test_space_around_a_value_is_no_part_of_it() -> None:
    found = load(TELEGRAM_TOKEN=" 1:abc\n", SARING_HOST="  ", SARING_LANGUAGE="en ")
    assert (found.telegram_token, found.host, found.language) == ("1:abc", "127.0.0.1", "en")
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        load(SECRET_KEY=" " * 40).master_key()


def test_a_folder_that_cannot_be_made_names_its_setting(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(SettingsError, match="SARING_VAR"):
        load(SARING_VAR=str(tmp_path / "taken" / "var")).make_var()


def test_a_key_that_cannot_be_made_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match=r"taken/var/secret\.key"):
        load(SARING_VAR=str(tmp_path / "taken" / "var")).master_key()


def test_a_key_is_made_once_for_the_embedded_database(tmp_path: Path) -> None:
    found = load(SARING_VAR=str(tmp_path))
    first = found.master_key()
    assert found.master_key() == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    found = load(SARING_VAR=str(tmp_path / "var"))
    together = Barrier(8)

    def start() -> bytes:
        together.wait()
        return found.master_key()

    with ThreadPoolExecutor(8) as starting:
        keys = {one.result() for one in [starting.submit(start) for _ in range(8)]}
    assert keys == {found.master_key()}


def test_a_key_whose_making_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret.new").write_bytes(b"half a k")
    key = load(SARING_VAR=str(tmp_path)).master_key()
    assert len(key) == 64
    assert sorted(each.name for each in tmp_path.iterdir()) == ["secret.key"]
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_no_key_is_made_for_postgresql(tmp_path: Path) -> None:
    found = load(SARING_VAR=str(tmp_path), DATABASE_URL="postgresql://localhost/x")
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        found.master_key()


def test_a_short_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        load(SECRET_KEY="short").master_key()


def test_secrets_are_not_shown() -> None:
    found = load(TELEGRAM_TOKEN="123:canary", SECRET_KEY="canary" * 6)
    assert "canary" not in repr(found)
