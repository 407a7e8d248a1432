"""One process that serves, works, or both, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import sys
import warnings
from collections.abc import AsyncIterator
from functools import partial

import structlog
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.erasures import Erasures
from bot.garbage import spare_what_stays
from bot.lock import PortTaken, only_worker
from bot.overdue import Watch
from bot.patience import insist
from bot.settings import Settings
from bot.wiring.clock import utc_now
from bot.wiring.database import seed
from bot.wiring.house import House, Step, begin_work, build, stopping, work_loop
from bot.wiring.rules import policy_problem
from handlers import accounts
from knowledge_base.facts import Role

FIRST_ADMIN = "admin"
HAND_OVER = 0.001  # seconds a busy thread keeps the interpreter while another one waits
log = structlog.get_logger(__name__)
KEEP_ALIVE = 75  # seconds; longer than proxies do, so that none posts on a line we just closed

# Seconds a request may take to arrive: its head, then its body (a sheet, over a slow line).
ARRIVES = {"IDLE": 15.0, "SEND_BODY": 60.0}


async def run(
    settings: Settings, *, web: bool, work: bool, after: Step = lambda step: None
) -> None:
    """Serve and work until SIGINT or SIGTERM; raises AlreadyRunning or PortTaken.

    `after` hears named steps (kill tests).
    """
    sys.setswitchinterval(HAND_OVER)  # a delivery is acknowledged while others are matched
    with contextlib.ExitStack() as stack:
        if work and settings.uses_sqlite:
            settings.make_var()
            stack.enter_context(only_worker(settings.var))
        listener = stack.enter_context(listen(settings)) if web else None
        house = build(settings, after=after)
        keeps = work and settings.uses_sqlite  # then nobody else works in this folder
        await insist(partial(prepare, house, keeps=keeps))  # an import may write for seconds
        if work:
            await begin_work(house)
        async with stopping() as stop:
            await _until(stop, house, listener, work)


def prepare(house: House, *, keeps: bool = False) -> None:
    """Migrate, load the bundled fact-checks, build or open the index, start the retention round.
    Raises Unavailable when the database cannot take it now; may be called again then.

    With `keeps` the index lies in a folder of its own, for the next start.
    """
    house.store.migrate()
    again = Erasures(house.settings.var).replay(house.store, utc_now())
    if again:
        log.warning("people erased again: the database is an older copy", people=again)
    seed(house.store)
    if keeps:
        house.keep_index()
    house.finder.refresh()
    with house.store.work() as work:
        work.jobs.enqueue("forget_old", {}, dedupe_key="forget_old:start")
    spare_what_stays()


def listen(settings: Settings) -> socket.socket:
    """A bound socket on our address; raises PortTaken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        mend = "Set SARING_HOST to an address of this machine."
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            mend = "Stop what uses it, or set SARING_PORT to another number."
        raise PortTaken(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}). {mend}"
        ) from error
    listener.listen(2048)
    return listener


async def _until(
    stop: asyncio.Event, house: House, listener: socket.socket | None, work: bool
) -> None:
    desk = await insist(first_link, house) if listener is not None else ""
    tasks = [asyncio.create_task(stop.wait())]
    tasks.append(asyncio.create_task(Watch(house.store, utc_now).run()))  # type: ignore[arg-type]
    if work:
        tasks.append(asyncio.create_task(work_loop(house)))  # type: ignore[arg-type]
    async with serving(house, listener) as server_task:
        if server_task is not None:
            tasks.append(server_task)  # type: ignore[arg-type]
        announce(house, desk)
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        house.hub.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


class Hurried(H11Protocol):
    """HTTP for a server that strangers reach: a connection whose request is not whole in time is
    closed. Thousands of half requests would hold every place otherwise (faults A9)."""

    _timer: asyncio.TimerHandle | None = None
    _awaited = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there: the head of a request is due."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """More of it came: what is due now?"""
        super().data_received(data)
        self._expect()

    def on_response_complete(self) -> None:
        """An answer is out: the next request is due if it has begun (a piece of its head, or all
        of it without the body), else the line may rest."""
        super().on_response_complete()
        if self.conn.trailing_data[0] or repr(self.conn.their_state) == "SEND_BODY":
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is due any more."""
        self._await("")
        super().connection_lost(exc)

    def _expect(self) -> None:
        part = repr(self.conn.their_state)
        self._await(part if part in ARRIVES else "")

    def _await(self, part: str) -> None:
        """The time runs from when this part began: sending it byte by byte wins none."""
        if part == self._awaited:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._awaited, self._timer = part, None
        if part:
            self._timer = self.loop.call_later(ARRIVES[part], self._too_slow)

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


@contextlib.asynccontextmanager
async def serving(
    house: House, listener: socket.socket | None
) -> AsyncIterator[asyncio.Task[None] | None]:
    """The web server on this socket while the block runs; in-flight requests are finished."""
    if listener is None:
        yield None
        return
    config = uvicorn.Config(
        house.app(),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(house.settings.trusted_proxies),
        forwarded_allow_ips=list(house.settings.proxies) or None,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=KEEP_ALIVE,
        h11_max_incomplete_event_size=64 * 1024,
        http=Hurried,
    )
    server = uvicorn.Server(config)
    with warnings.catch_warnings():
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        try:
            yield task
        finally:
            server.should_exit = True
            await asyncio.wait([task])


def announce(house: House, desk: str) -> None:
    """Print the addresses; `desk` is how one gets there, empty where nothing is served."""
    settings, lines = house.settings, ["Saring is running. Stop it with Ctrl+C.", ""]
    if desk:
        if settings.chat_on:
            lines.append(f"  chat    {settings.base_url}/chat")
        lines.append(f"  desk    {desk}")
        lines.append(f"  pages   {settings.base_url}/")
    messengers = sorted(set(house.channels) - {"browser", "console"})
    alone = "the browser chat only" if settings.chat_on else "no messenger yet: saring doctor"
    lines.append(f"  on      {', '.join(messengers) or alone}")
    if problem := policy_problem(settings, house.store):
        lines += ["", problem]
    sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.flush()


def first_link(house: House) -> str:
    """A one-time login for the first admin on this machine; elsewhere, and as soon as there is
    somebody else, how to get one: what a server prints is often kept in logs."""
    settings = house.settings
    with house.store.work() as work:
        names = [moderator.name for moderator in work.desk.list()]
        if not settings.only_here or names not in ([], [FIRST_ADMIN]):
            how = "link NAME" if names else "add NAME --role admin"
            return f"{settings.base_url}/desk   (log in: saring moderator {how})"
        if not names:
            work.desk.add(FIRST_ADMIN, Role.ADMIN, "", utc_now())
        return accounts.login_address(settings.base_url, work.desk.link(FIRST_ADMIN, utc_now()))
