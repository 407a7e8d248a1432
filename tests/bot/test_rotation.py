"""Secrets are replaced without a gap: the one before is taken, too, for as long as that needs (L6)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot import settings
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp.signature import sign
from bot.settings import Settings, SettingsError
from bot.wiring.clock import utc_now
from bot.wiring.database import open_store
from knowledge_base.facts import Address, KnowledgeError, Role
from knowledge_base.store import Store

OLD, NEW, OLDER = "old-" * 10, "new-" * 10, "older-" * 8
SARI = Address("telegram", "1", "811")
BODY = json.dumps({"object": "whatsapp_business_account"}).encode()


def installed(folder: Path, **values: str) -> Settings:
    return settings.load({"SARING_VAR": str(folder), **values}, Path("/nonexistent/.env"))


def opened(folder: Path, **values: str) -> Store:
    return open_store(installed(folder, **values))


@pytest.fixture
def used(tmp_path: Path) -> tuple[Path, str]:
    """An installation with a person, a message for them and a session; gives its token."""
    store = opened(tmp_path, SECRET_KEY=OLD)
    store.migrate()
    with store.work() as work:
        person = work.contacts.at(SARI, utc_now())
        work.outbox.add(person.id, {"text": "halo"}, key="correct:1:2", now=utc_now())
        work.inbox.add("telegram", "1", "m1", "811", b"{}", utc_now())
        work.desk.add("Ani", Role.ADMIN, "", utc_now())
        token = work.desk.redeem(work.desk.link("Ani", utc_now()), utc_now())
    store.close()
    return tmp_path, token or ""


def test_with_the_key_before_everything_is_found_and_opened(used) -> None:
    """L6, master key: people, what waits for them, and who is logged in."""
    folder, token = used
    store = opened(folder, SECRET_KEY=NEW, SECRET_KEY_PREVIOUS=OLD)
    store.ready()
    with store.work() as work:
        assert work.contacts.known(SARI) is not None
        assert work.accounts.session(token, utc_now()) is not None
        [row] = work.outbox.claim(utc_now())
        assert (row.body, row.address) == ({"text": "halo"}, "811")
        [update] = work.inbox.lease(utc_now(), 60.0)
        assert update.body == b"{}"
    store.close()


def test_what_was_known_under_the_key_before_is_not_taken_for_new(used) -> None:
    """L6, keyed hashes: an update comes twice, a correction is written twice."""
    folder, _ = used
    store = opened(folder, SECRET_KEY=NEW, SECRET_KEY_PREVIOUS=OLD)
    with store.work() as work:
        assert not work.inbox.add("telegram", "1", "m1", "811", b"{}", utc_now())
        person = work.contacts.known(SARI)
        work.outbox.add(person.id, {"text": "halo"}, key="correct:1:2", now=utc_now())
        assert work.outbox.counts()["waiting"] == 1
    store.close()


def test_keys_of_two_rotations_lie_in_a_file(used) -> None:
    """L6: what was locked with the first is still there after the second."""
    folder, _ = used
    (folder / "previous").write_text(f"{OLDER}\n{OLD}\n")
    store = opened(folder, SECRET_KEY=NEW, SECRET_KEY_PREVIOUS_FILE=str(folder / "previous"))
    with store.read() as work:
        assert work.contacts.known(SARI) is not None
    store.close()


def test_without_the_key_before_nothing_starts(used) -> None:
    """L6: better not at all than without everybody who is known."""
    store = opened(used[0], SECRET_KEY=NEW)
    with pytest.raises(KnowledgeError, match="another secret key"):
        store.ready()
    store.close()


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"SECRET_KEY_PREVIOUS": "short"}, "SECRET_KEY_PREVIOUS must have"),
        ({"SECRET_KEY_PREVIOUS_FILE": "/nonexistent/keys"}, "cannot be read"),
    ],
)
def test_a_key_before_that_cannot_be_is_named(tmp_path, values, problem) -> None:
    """L6: a slip in the middle of a rotation is said at the start."""
    with pytest.raises(SettingsError, match=problem):
        opened(tmp_path, SECRET_KEY=NEW, **values)


@pytest.mark.parametrize(
    ("secret", "taken"), [(NEW, True), (OLD, True), (OLDER, False), ("", False)]
)
def test_telegram_may_still_deliver_with_the_secret_before(secret: str, taken: bool) -> None:
    """L6, webhook secret: what is on its way while the new one is told to Telegram."""
    bot = Telegram("1:a", webhook_secret=NEW, previous_secret=OLD)
    assert bot.verify({"X-Telegram-Bot-Api-Secret-Token": secret}, BODY) is taken


@pytest.mark.parametrize(("secret", "taken"), [(NEW, True), (OLD, True), (OLDER, False)])
def test_meta_may_still_sign_with_the_app_secret_before(secret: str, taken: bool) -> None:
    """L6, app secret: Meta and we do not change it in the same second."""
    channel = WhatsApp("t", "1", app_secret=NEW, verify_token="v", previous_secret=OLD)
    assert channel.verify({"X-Hub-Signature-256": sign(secret, BODY)}, BODY) is taken
