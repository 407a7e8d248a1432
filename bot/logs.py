"""Logs without texts, addresses or tokens: one line each, readable or as JSON."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

SECRET = re.compile(
    r"\d{6,12}:[A-Za-z0-9_-]{30,}"  # Telegram bot token
    r"|EAA[A-Za-z0-9]{20,}"  # Graph access token
    r"|\+?\d{9,}"  # telephone numbers, platform ids
    r"|wamid\.[A-Za-z0-9+/=_-]+"  # WhatsApp message ids contain the number
    r"|(?<=token=)[A-Za-z0-9_-]{16,}"
)
HIDDEN = "[…]"
PRIVATE_KEYS = frozenset({"text", "body", "address", "token", "chat", "person", "name"})


def hide(value: object) -> object:
    """A value without anything that looks like a secret or an address."""
    if isinstance(value, str):
        return SECRET.sub(HIDDEN, value)
    if isinstance(value, list | tuple):
        return [hide(item) for item in value]
    return value


def where(error: BaseException) -> str:
    """The last places an error went through; its text is left out, it may quote somebody."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


def redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide private fields by name and secrets by shape, in every field."""
    return {key: HIDDEN if key in PRIVATE_KEYS else hide(value) for key, value in event.items()}


def set_up(*, readable: bool, stream: TextIO | None = None) -> None:
    """Send all logs to standard error: for people on a terminal, else one JSON object a line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    last: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if readable
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for noisy in ("httpx", "httpcore", "telegram", "uvicorn.access", "alembic", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
