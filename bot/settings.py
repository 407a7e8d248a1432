"""One frozen Settings; the only file that reads the environment."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import io
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SHORTEST_SECRET = 32
TELEGRAM = "https://api.telegram.org"
_WEB = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?", re.IGNORECASE)
_DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
_TEMPLATE = r"[a-z0-9_]{1,512}", "is no name of a template: small letters, digits and _ only"
# What a setting has to look like, and what is said where it does not.
_SHAPES: Mapping[str, tuple[str, str]] = {
    "telegram_token": (
        r"([0-9]+:[A-Za-z0-9_-]+)?",
        "is no token of @BotFather: a number, a colon, letters and digits",
    ),
    "telegram_webhook_secret": (
        r"[A-Za-z0-9_-]{0,256}",
        "may hold letters, digits, _ and - only, 256 at most",
    ),
    "whatsapp_phone_number_id": (r"[0-9]{0,20}", "is the id Meta shows: digits only"),
    "whatsapp_api_version": (r"v[0-9]{1,3}\.[0-9]", "is a version of the Graph API: v25.0"),
    "whatsapp_template_result": _TEMPLATE,
    "whatsapp_template_correction": _TEMPLATE,
    "whatsapp_template_interim": _TEMPLATE,
    "whatsapp_template_rejected": _TEMPLATE,
}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(Exception):
    """The installation is not set up right; the text is one line that names the setting."""


def only_this_machine(loopback: bool, proxied: bool, address: str) -> bool:
    """Can nobody but this machine reach us? A public address or a trusted proxy means that one
    stands before us, even where we listen on loopback."""
    return loopback and not proxied and urlsplit(address).hostname in LOOPBACK


def _words(value: object) -> object:
    """Read "a, b" as a tuple of words."""
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value


Words = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Every setting with its default; `.env.example` explains each one."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: str = Field("", alias="DATABASE_URL")
    secret_key: str = Field("", alias="SECRET_KEY", repr=False)
    secret_key_file: Path | None = Field(None, alias="SECRET_KEY_FILE")
    secret_key_previous: str = Field("", alias="SECRET_KEY_PREVIOUS", repr=False)
    secret_key_previous_file: Path | None = Field(None, alias="SECRET_KEY_PREVIOUS_FILE")
    public_url: str = Field("", alias="PUBLIC_URL")

    var: Path = Field(Path("var"), alias="SARING_VAR")
    host: str = Field("127.0.0.1", alias="SARING_HOST")
    port: int = Field(8000, alias="SARING_PORT", ge=1, le=65535)
    language: Literal["id", "en"] = Field("id", alias="SARING_LANGUAGE")
    timezone: str = Field("Asia/Jakarta", alias="SARING_TIMEZONE")
    chat: Literal["auto", "on", "off"] = Field("auto", alias="SARING_CHAT")
    groups: Literal["open", "approved", "off"] = Field("open", alias="SARING_GROUPS")
    consent: Literal["notice", "tap"] = Field("notice", alias="SARING_CONSENT")
    approval_topics: Words = Field(("election", "politics"), alias="SARING_APPROVAL_TOPICS")
    accounts: Words = Field((), alias="SARING_ACCOUNTS")
    fetch: Literal["off", "on"] = Field("off", alias="SARING_FETCH")
    archive: Literal["off", "on"] = Field("off", alias="SARING_ARCHIVE")
    embedder: Path | None = Field(None, alias="SARING_EMBEDDER")
    trusted_proxies: Words = Field((), alias="SARING_TRUSTED_PROXIES")
    metrics_token: str = Field("", alias="SARING_METRICS_TOKEN", repr=False)
    api_keys: Words = Field((), alias="SARING_API_KEYS", repr=False)

    telegram_token: str = Field("", alias="TELEGRAM_TOKEN", repr=False)
    telegram_api_url: str = Field(TELEGRAM, alias="TELEGRAM_API_URL")
    telegram_mode: Literal["polling", "webhook"] = Field("polling", alias="TELEGRAM_MODE")
    telegram_webhook_secret: str = Field("", alias="TELEGRAM_WEBHOOK_SECRET", repr=False)
    telegram_webhook_secret_previous: str = Field(
        "", alias="TELEGRAM_WEBHOOK_SECRET_PREVIOUS", repr=False
    )

    whatsapp_token: str = Field("", alias="WHATSAPP_TOKEN", repr=False)
    whatsapp_phone_number_id: str = Field("", alias="WHATSAPP_PHONE_NUMBER_ID")
    whatsapp_business_account_id: str = Field("", alias="WHATSAPP_BUSINESS_ACCOUNT_ID")
    whatsapp_app_secret: str = Field("", alias="WHATSAPP_APP_SECRET", repr=False)
    whatsapp_app_secret_previous: str = Field("", alias="WHATSAPP_APP_SECRET_PREVIOUS", repr=False)
    whatsapp_verify_token: str = Field("", alias="WHATSAPP_VERIFY_TOKEN", repr=False)
    whatsapp_api_url: str = Field("https://graph.facebook.com", alias="WHATSAPP_API_URL")
    whatsapp_api_version: str = Field("v25.0", alias="WHATSAPP_API_VERSION")
    whatsapp_template_result: str = Field("saring_result", alias="WHATSAPP_TEMPLATE_RESULT")
    whatsapp_template_correction: str = Field(
        "saring_correction", alias="WHATSAPP_TEMPLATE_CORRECTION"
    )
    whatsapp_template_interim: str = Field("saring_interim", alias="WHATSAPP_TEMPLATE_INTERIM")
    whatsapp_template_rejected: str = Field("saring_rejected", alias="WHATSAPP_TEMPLATE_REJECTED")
    whatsapp_templates_a_day: int = Field(1000, alias="WHATSAPP_TEMPLATES_A_DAY", ge=0)
    whatsapp_corrections_a_day: int = Field(1000, alias="WHATSAPP_CORRECTIONS_A_DAY", ge=0)

    _split = field_validator(
        "approval_topics", "accounts", "trusted_proxies", "api_keys", mode="before"
    )(_words)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("is not the name of a time zone, such as Asia/Jakarta") from error
        return value

    @field_validator("public_url", "telegram_api_url", "whatsapp_api_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not (_WEB.fullmatch(value) and _has_port(value)):
            raise ValueError("is no web address, such as https://saring.example")
        return value

    @field_validator("var")
    @classmethod
    def _folder(cls, value: Path) -> Path:
        if value.exists() and not value.is_dir():
            raise ValueError(f"{value} is no folder")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(_DATABASES):
            raise ValueError(
                "is no address as sqlite:///PATH or postgresql://NAME:PASSWORD@HOST/DB"
            )
        if value in ("sqlite:///", "sqlite:///:memory:"):
            raise ValueError("a database in memory would forget everything; give it a PATH")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in value:
            try:
                ipaddress.ip_network(proxy, strict=False)
            except ValueError as error:
                raise ValueError(f"{proxy} is no address such as 10.0.0.2 or 10.0.0.0/8") from error
        return value

    @field_validator("telegram_webhook_secret", "telegram_webhook_secret_previous")
    @classmethod
    def _hard_to_guess(cls, value: str) -> str:
        if value and len(value) < SHORTEST_SECRET:
            raise ValueError(f"must have at least {SHORTEST_SECRET} characters")
        return value

    @field_validator(*_SHAPES)
    @classmethod
    def _shaped(cls, value: str, info: ValidationInfo) -> str:
        shape, problem = _SHAPES[info.field_name or ""]
        if not re.fullmatch(shape, value):
            raise ValueError(problem)
        return value

    @model_validator(mode="after")
    def _archive_needs_fetch(self) -> Settings:
        if self.archive == "on" and self.fetch == "off":
            raise ValueError("SARING_ARCHIVE=on works only together with SARING_FETCH=on")
        return self

    @model_validator(mode="after")
    def _telegram_webhook_is_closed(self) -> Settings:
        if self.telegram_mode == "webhook":
            if not self.telegram_webhook_secret:
                raise ValueError("TELEGRAM_WEBHOOK_SECRET is required in webhook mode")
            # a Bot API server of one's own delivers to http addresses as well
            official = self.telegram_api_url.rstrip("/") == TELEGRAM
            if self.telegram_token and official and not self.public_url.startswith("https://"):
                raise ValueError("PUBLIC_URL must be the https address Telegram can reach")
        return self

    @model_validator(mode="after")
    def _whatsapp_is_closed(self) -> Settings:
        if self.whatsapp_on:
            for name in ("whatsapp_app_secret", "whatsapp_verify_token"):
                if not getattr(self, name):
                    raise ValueError(f"{name.upper()} is required when WhatsApp is on")
            if not re.fullmatch(r"https?://[^/\s]+/?", self.whatsapp_api_url):
                raise ValueError("WHATSAPP_API_URL is an address: https://graph.facebook.com")
        return self

    @property
    def whatsapp_on(self) -> bool:
        """WhatsApp is on when its token and number id are set."""
        return bool(self.whatsapp_token and self.whatsapp_phone_number_id)

    @property
    def on_loopback(self) -> bool:
        """Does the server listen on this machine only?"""
        return self.host in LOOPBACK

    @property
    def proxies(self) -> tuple[str, ...]:
        """The trusted proxies as networks, IPv4 ones also as a socket for both kinds of addresses
        names them (::ffff:10.0.0.2)."""
        networks = [ipaddress.ip_network(proxy, strict=False) for proxy in self.trusted_proxies]
        mapped = [
            f"::ffff:{one.network_address}/{96 + one.prefixlen}"
            for one in networks
            if one.version == 4
        ]
        return (*map(str, networks), *mapped)

    @property
    def only_here(self) -> bool:
        """Can nobody but this machine reach us?"""
        return only_this_machine(self.on_loopback, bool(self.trusted_proxies), self.base_url)

    @property
    def chat_on(self) -> bool:
        """Is the browser simulator served? (decision 22)"""
        return self.chat == "on" or (self.chat == "auto" and self.only_here)

    @property
    def base_url(self) -> str:
        """The address that links in replies begin with, without a slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def database(self) -> str:
        """The database address; SQLite in `var` unless another one is set."""
        return self.database_url or f"sqlite:///{self.var.resolve() / 'saring.db'}"

    @property
    def uses_sqlite(self) -> bool:
        """Is the embedded database used?"""
        return self.database.startswith("sqlite")

    @property
    def database_file(self) -> Path:
        """Where the embedded database lies."""
        return Path(self.database.removeprefix("sqlite:///").partition("?")[0])

    def make_var(self) -> None:
        """Make the folder for everything written. Raises SettingsError where that cannot be."""
        try:
            self.var.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"SARING_VAR: cannot make {self.var}: {error.strerror}") from error

    def group_key(self) -> str:
        """What an invitation into a group carries to approve it; empty where it is not needed.

        Made from the master key, so that it is the same after every start and nowhere stored.
        """
        if self.groups != "approved":
            return ""
        return hmac.new(self.master_key(), b"saring/1/groups", hashlib.sha256).hexdigest()[:32]

    def master_key(self) -> bytes:
        """The master key: SECRET_KEY, SECRET_KEY_FILE, or made once beside the embedded database.

        Raises SettingsError when the key is too short, unreadable, or missing where it must
        not be made (decision 15).
        """
        if self.secret_key:
            return _strong(self.secret_key.encode(), "SECRET_KEY")
        path = self.secret_key_file
        if path is None:
            if not self.uses_sqlite:
                raise SettingsError("SECRET_KEY or SECRET_KEY_FILE is required with PostgreSQL")
            path = self.var / "secret.key"
            if not path.exists():
                try:
                    _make_key(path)
                except OSError as error:
                    raise SettingsError(f"cannot make {path}: {error.strerror}") from error
        name = f"SECRET_KEY_FILE {path}" if self.secret_key_file else str(path)
        try:
            return _strong(path.read_bytes().strip(), name)
        except OSError as error:
            raise SettingsError(f"SECRET_KEY_FILE: cannot read {path}: {error.strerror}") from error

    def older_keys(self) -> tuple[bytes, ...]:
        """Master keys that were used before this one, and still open what they locked:
        SECRET_KEY_PREVIOUS, and each line of SECRET_KEY_PREVIOUS_FILE.

        Raises SettingsError when one is too short, or the file cannot be read.
        """
        found = [(self.secret_key_previous.encode(), "SECRET_KEY_PREVIOUS")]
        if path := self.secret_key_previous_file:
            name = f"SECRET_KEY_PREVIOUS_FILE {path}"
            try:
                found += [(line.strip(), name) for line in path.read_bytes().splitlines()]
            except OSError as error:
                raise SettingsError(f"{name}: cannot be read: {error.strerror}") from error
        return tuple(_strong(key, name) for key, name in found if key)


def _has_port(address: str) -> bool:
    try:
        return urlsplit(address).port != 0  # none is well, too
    except ValueError:
        return False


def _strong(key: bytes, name: str) -> bytes:
    if len(key.strip()) < SHORTEST_SECRET:
        raise SettingsError(f"{name} must have at least {SHORTEST_SECRET} characters")
    return key


def _make_key(path: Path) -> None:
    """Make the key once, whoever else starts at this moment. It is whole and on the disk before
    anything is locked with it: a key that a power cut took would take everything with it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if path.exists():
            return
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)  # of one that was killed here
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_urlsafe(48).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        os.fsync(folder)
    finally:
        os.close(folder)


def names() -> tuple[str, ...]:
    """The environment names of all settings, in the order of the class."""
    return tuple(str(field.alias) for field in Settings.model_fields.values())


KEYS = frozenset({"SECRET_KEY", "SECRET_KEY_PREVIOUS"})  # every blank counts


def load(environment: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Settings:
    """Read settings from the environment, then `.env`.

    Raises SettingsError with one line that names the wrong or unknown setting.
    """
    values: dict[str, Any] = {}
    if env_file.is_file():
        try:
            text = env_file.read_text(encoding="utf-8-sig")
        except UnicodeError as error:
            raise SettingsError(f"{env_file} is not text in UTF-8") from error
        for line in parse_stream(io.StringIO(text)):
            if line.error:  # its words are not repeated: they may be half of a secret
                said = line.original.string
                number = line.original.line + said.count("\n", 0, len(said) - len(said.lstrip()))
                raise SettingsError(f"{env_file}, line {number} is no NAME=value")
        found = dotenv_values(stream=io.StringIO(text))
        values.update({key: value or "" for key, value in found.items()})
    values.update(os.environ if environment is None else environment)
    known = set(names())
    for name in sorted(values):
        if name.upper().startswith("SARING_") and name not in known:
            raise SettingsError(f"{name} is not a setting of Saring; see .env.example")
    given = {name: str(values[name]) for name in known if name in values}
    given |= {name: value.strip() for name, value in given.items() if name not in KEYS}
    chosen = {name: value for name, value in given.items() if value}
    try:
        return Settings.model_validate(chosen)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        raise SettingsError(f"{name}: {message}" if name else message) from error
