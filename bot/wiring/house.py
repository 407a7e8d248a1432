"""Settings in, a house with every part connected out; and how it works until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

import structlog

from bot.channels import Channel
from bot.channels.browser import BrowserChannel
from bot.channels.console import Console
from bot.channels.telegram import Profile, Telegram
from bot.channels.whatsapp import WhatsApp
from bot.clockwork import Clockwork
from bot.heads import Heads
from bot.inbox import Reception
from bot.jobs.sqlite import TableRunner
from bot.patience import insist
from bot.places import Places
from bot.previews import PREVIEWS
from bot.sender import Sender
from bot.sent import Sent
from bot.settings import Settings
from bot.tasks import Chores
from bot.wakeup import Bell
from bot.web.app import Services, create_app
from bot.web.hub import Hub
from bot.web.services import nobody
from bot.web.visits import Visits
from bot.wiring.clock import utc_now
from bot.wiring.database import PATIENCE, open_store
from bot.wiring.kept import INDEX
from bot.wiring.rules import rules_of
from bot.wiring.sources import FactSource, finder_of
from bot.wiring.version import version
from bot.worker import Worker
from handlers import texts
from handlers.ports import Rules
from handlers.routes import commands, group_commands
from knowledge_base.facts import KnowledgeError
from knowledge_base.search.finder import Finder
from knowledge_base.store import Store

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
Step = Callable[[str], None]
WORKERS = 2
STOP_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class Bells:
    """Who is woken when something was committed."""

    worker: Bell = field(default_factory=Bell)
    sender: Bell = field(default_factory=Bell)
    jobs: Bell = field(default_factory=Bell)

    def committed(self) -> None:
        """Something was written: outgoing messages or jobs may wait."""
        self.sender.ring()
        self.jobs.ring()


@dataclass(frozen=True, slots=True)
class House:
    """Every part of one process, connected."""

    settings: Settings
    rules: Rules
    store: Store
    finder: Finder
    hub: Hub
    bells: Bells
    channels: Mapping[str, Channel]
    reception: Reception
    workers: tuple[Worker, ...]
    sender: Sender
    sent: Sent
    runner: TableRunner
    chores: Chores
    places: Places
    visits: Visits
    telegram: Telegram | None
    whatsapp: WhatsApp | None

    @property
    def services(self) -> Services:
        """What the web needs."""
        settings = self.settings
        return Services(
            database=self.store,
            rules=self.rules,
            finder=self.finder,
            receive=self.reception.receive,
            clock=utc_now,
            hub=self.hub,
            visits=self.visits,
            readiness=self.readiness,
            handshake=self.whatsapp.handshake if self.whatsapp else None,
            webhooks=frozenset(self.channels) & {"telegram", "whatsapp"},
            chat=settings.chat,
            loopback=settings.on_loopback,
            proxied=bool(settings.trusted_proxies),
            secure_cookies=settings.base_url.startswith("https://"),
            api_keys=frozenset(settings.api_keys),
            metrics_token=settings.metrics_token,
            version=version(),
            telegram_name=self.telegram.whoami if self.telegram else nobody,
            ignored=self.ignored,
            previews=PREVIEWS,
        )

    def keep_index(self) -> None:
        """Open the search index of the last start, and keep it from now on: for the one worker
        of a folder."""
        folder = self.settings.var / INDEX
        self.finder.keep_in(folder, FactSource(self.store).mark, _index_lost, _index_damaged)

    def readiness(self) -> Mapping[str, str]:
        """What is not ready yet, part by part; empty means ready to take work."""
        problems: dict[str, str] = {}
        try:
            self.store.ready()
        except KnowledgeError as error:
            problems["database"] = str(error)
        else:
            try:
                self.finder.refresh()
            except KnowledgeError as error:
                problems["index"] = str(error)
        return problems

    def ignored(self) -> Mapping[tuple[str, str], int]:
        """What a channel left out before anything was stored, in this process."""
        if self.whatsapp is None:
            return {}
        return {("whatsapp", kind): count for kind, count in self.whatsapp.ignored.items()}

    def app(self) -> Any:
        """The web application."""
        return create_app(self.services)


def _index_lost(error: Exception) -> None:
    log.warning(
        "the kept search index cannot be used; answers go on from one in memory, and a restart "
        "keeps it again",
        reason=str(error),
    )


def _index_damaged(reason: str) -> None:
    log.warning("the kept search index is damaged and is made anew; nothing is lost", reason=reason)


def build(settings: Settings, *, after: Step = lambda step: None) -> House:
    """Connect everything; touches no network. `after` hears named steps (kill tests)."""
    store = open_store(settings, PATIENCE)
    rules, bells, hub = rules_of(settings), Bells(), Hub()
    sent = Sent(settings.var)
    finder = finder_of(settings, store)
    telegram, whatsapp = _telegram(settings), _whatsapp(settings)
    channels: dict[str, Channel] = {
        "browser": BrowserChannel(store, utc_now, hub.tell),
        "console": Console(store, utc_now),
    }
    if telegram is not None:
        channels["telegram"] = telegram
    if whatsapp is not None:
        channels["whatsapp"] = whatsapp
    reception = Reception(store, channels, utc_now, bells.worker)
    visits, matching = Visits(), Lock()
    return House(
        settings=settings,
        rules=rules,
        store=store,
        finder=finder,
        hub=hub,
        bells=bells,
        channels=channels,
        reception=reception,
        workers=tuple(
            Worker(
                store,
                channels,
                finder,
                rules,
                utc_now,
                bells.worker,
                bells.committed,
                after,
                lambda: reception.arriving,
                lambda: visits.waiting,
                matching,
            )
            for _ in range(WORKERS)
        ),
        sender=Sender(store, channels, utc_now, bells.sender, after, sent),
        sent=sent,
        runner=TableRunner(store, utc_now, bells.jobs, alone=settings.uses_sqlite),
        chores=Chores(
            store,
            finder,
            rules,
            utc_now,
            bells.committed,
            heads=Heads(settings.var),
            look_at_index=finder.check,
        ),
        places=Places(store, utc_now),
        visits=visits,
        telegram=telegram,
        whatsapp=whatsapp,
    )


def _telegram(settings: Settings) -> Telegram | None:
    if not settings.telegram_token:
        return None
    return Telegram(
        settings.telegram_token,
        api_url=settings.telegram_api_url,
        mode=settings.telegram_mode,
        webhook_secret=settings.telegram_webhook_secret,
        previous_secret=settings.telegram_webhook_secret_previous,
        webhook_url=f"{settings.base_url}/webhooks/telegram",
    )


def _whatsapp(settings: Settings) -> WhatsApp | None:
    if not settings.whatsapp_on:
        return None
    return WhatsApp(
        settings.whatsapp_token,
        settings.whatsapp_phone_number_id,
        app_secret=settings.whatsapp_app_secret,
        previous_secret=settings.whatsapp_app_secret_previous,
        verify_token=settings.whatsapp_verify_token,
        api_url=settings.whatsapp_api_url,
        api_version=settings.whatsapp_api_version,
        business_id=settings.whatsapp_business_account_id,
        templates_a_day=settings.whatsapp_templates_a_day,
        corrections_a_day=settings.whatsapp_corrections_a_day,
        templates={
            "result": settings.whatsapp_template_result,
            "correction": settings.whatsapp_template_correction,
            "interim": settings.whatsapp_template_interim,
            "rejected": settings.whatsapp_template_rejected,
        },
    )


def telegram_profiles() -> Mapping[str, Profile]:
    """How the bot introduces itself, by language; "" is for everybody else."""
    profiles = {
        language: Profile(
            commands=commands(language),
            group_commands=group_commands(language),
            description=texts.say(language, "bot.description"),
            short_description=texts.say(language, "bot.short"),
        )
        for language in texts.LANGUAGES
    }
    return {"": profiles[texts.FALLBACK], **profiles}


def take_over(store: Store) -> None:
    """What a dead process had under way waits again; only where one process works."""
    with store.work() as work:
        handled, sent = work.inbox.recover(), work.outbox.recover()
    if handled or sent:
        log.info("taken over from the last run", updates=handled, messages=sent)


async def begin_work(house: House) -> None:
    """What comes before the work, and before anybody is told that there is some. Raises
    KnowledgeError when it must not begin."""
    await insist(house.sent.open, house.store, utc_now())
    if house.settings.uses_sqlite:
        await insist(take_over, house.store)


async def work_loop(house: House, *, polling: bool = True) -> None:
    """Workers, sender, jobs and, with `polling`, Telegram's updates: until cancelled, then what
    is under way is finished. After begin_work()."""
    loops: list[Coroutine[Any, Any, None]] = [worker.run() for worker in house.workers]
    loops += [house.sender.run(), house.runner.run(house.chores.table()), house.places.run()]
    loops.append(Clockwork(house.store, utc_now, house.bells.committed).run())
    if polling and house.telegram is not None:
        loops.append(
            house.telegram.run(
                lambda body: house.reception.keep("telegram", body), telegram_profiles()
            )
        )
    if polling and house.whatsapp is not None:
        loops.append(house.whatsapp.run())
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        await _stop(house, tasks)


async def _stop(house: House, tasks: list[asyncio.Task[None]]) -> None:
    for worker in house.workers:
        worker.stop()
    house.sender.stop()
    house.runner.stop()
    polling = tasks[len(house.workers) + 2 :]
    for task in polling:
        task.cancel()
    _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if house.telegram is not None:
        await house.telegram.close()
    if house.whatsapp is not None:
        await house.whatsapp.close()


@contextlib.asynccontextmanager
async def stopping() -> AsyncIterator[asyncio.Event]:
    """An event that SIGINT or SIGTERM sets; a second signal ends the process at once."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        event.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    yield event
