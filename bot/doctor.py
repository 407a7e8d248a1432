"""Is this installation set up right? One finding a line, with what to do."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import sleep

from bot import embedder, erasures, sent
from bot.channels import Limits
from bot.heads import Head, Heads
from bot.outside import Unreadable, problem
from bot.overdue import overdue
from bot.settings import Settings, SettingsError
from bot.window import room
from bot.wiring.clock import utc_now
from bot.wiring.database import open_store
from bot.wiring.kept import INDEX, embedder_of, weights_in_use
from bot.wiring.rules import policy_problem
from handlers import given_up
from knowledge_base.deliveries import Kind
from knowledge_base.facts import KnowledgeError
from knowledge_base.search.kept import FolderLost, look_into

LOW_SPACE = 0.1
LOOKS, APART = 3, 1.0  # at the kept index, and the seconds between two of them
MONTH = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `bad` ones need mending."""

    text: str
    bad: bool = False


def examine(settings: Settings) -> list[Finding]:
    """Look at everything an operator can get wrong; makes nothing but an absent master key."""
    noted, unread = _noted(settings)  # what is sent meanwhile is counted first, then noted
    return [
        *_python(),
        *_key(settings),
        *(_database(settings, noted) if _begun(settings) else _no_database(settings)),
        *_outside(settings, unread),
        *_index(settings),
        *_space(settings),
        *_address(settings),
        *_channels(settings),
        *_extras(settings),
    ]


def _python() -> Iterator[Finding]:
    yield Finding(f"Python {sys.version.split()[0]}")


def _key(settings: Settings) -> Iterator[Finding]:
    try:
        settings.master_key()
    except SettingsError as error:
        yield Finding(str(error), bad=True)
        return
    if settings.secret_key or settings.secret_key_file:
        yield Finding("master key: set by the operator; keep a copy apart from the backups")
    else:
        yield Finding(
            f"master key: made in {settings.var / 'secret.key'}; copy it to a safe place, "
            "it is not part of a backup and nothing can be read without it"
        )


def _database(settings: Settings, newest: int) -> Iterator[Finding]:
    kind = "SQLite" if settings.uses_sqlite else "PostgreSQL"
    try:
        store = open_store(settings)
        store.ready()
        store.check()
        policy = policy_problem(settings, store)
        with store.read() as work:
            waiting = dict(work.inbox.counts())
            outgoing = dict(work.outbox.counts())
            stopped = work.yard.stopped()
            billed = work.tally.all_billed()
            today = utc_now().date()
            announced = work.tally.announced_on("whatsapp", today)
            corrected = work.tally.corrections_on("whatsapp", today)
            late = overdue(work, utc_now())
            missing = newest - work.outbox.sendings()
            entries, broken = work.audit.head()[0], work.audit.verify()
            heads = Heads(settings.var)
            noted, odd = heads.last(), heads.problem(work.audit)
    except (KnowledgeError, SettingsError) as error:
        yield Finding(f"database ({kind}): {error}", bad=True)
        return
    yield Finding(f"database ({kind}): answers, its schema is current")
    if policy:
        yield Finding(policy, bad=True)
    yield from _audit(entries, broken, noted, odd)
    yield from _older_copy(missing)
    if waiting.get("parked"):
        yield Finding(f"{waiting['parked']} updates are parked: they could not be read", bad=True)
    for one in stopped:
        if one.kind is Kind.TASK:
            yield Finding(f"task {one.id} ({one.what}) was given up: {one.reason}", bad=True)
    if outgoing.get("failed"):
        yield Finding(f"{outgoing['failed']} messages could not be delivered")
    if stopped:
        yield Finding("what was given up can be started again or dropped: saring stopped list")
    if outgoing.get("held"):
        yield Finding(f"{outgoing['held']} messages are held until their people write again")
    for what, wait in late.items():
        yield Finding(
            f"the oldest of the {what} that wait has been due for {int(wait.total_seconds())} "
            "seconds: is `saring run` or `saring work` running, and can it keep up?",
            bad=True,
        )
    yield from _billed(billed)
    yield from _templates(settings, announced, corrected)


def _older_copy(missing: int) -> Iterator[Finding]:
    if missing > 0:
        text = f"database: an older copy; {missing} later sendings are missing: not sent again"
        yield Finding(text)


def _noted(settings: Settings) -> tuple[int, str]:
    """The newest number noted outside the database, or 0 and why it cannot be read."""
    try:
        return sent.Sent(settings.var).newest(utc_now()), ""
    except Unreadable as error:
        return 0, str(error)


def _templates(settings: Settings, announced: int, corrected: int) -> Iterator[Finding]:
    """Are there templates left today, for answers and for corrections?"""
    most, kept = settings.whatsapp_templates_a_day, settings.whatsapp_corrections_a_day
    limits = Limits(templates_a_day=most, corrections_a_day=kept)
    if not room(limits, announced, corrected, correction=False):
        yield Finding(
            f"the {most} templates of today are used up: later answers wait until tomorrow; "
            "if all is as it should be, set WHATSAPP_TEMPLATES_A_DAY higher",
            bad=True,
        )
    if not room(limits, announced, corrected, correction=True):
        yield Finding(
            f"the {kept} templates kept for corrections today are used up, too: who was told a "
            "wrong verdict waits until tomorrow; set WHATSAPP_CORRECTIONS_A_DAY higher",
            bad=True,
        )


def _outside(settings: Settings, unread: str) -> Iterator[Finding]:
    """The lists by which an older copy of the database is set right; `unread` keeps that of what
    was sent from being read."""
    var = settings.var
    lists = {var / sent.FOLDER: unread, var / erasures.NAME: _erasures(var)}
    for path, unreadable in lists.items():
        if wrong := unreadable or problem(path):
            yield Finding(wrong, bad=True)


def _erasures(var: Path) -> str:
    """Why the list of the erased cannot be read."""
    try:
        erasures.Erasures(var).check()
    except Unreadable as error:
        return str(error)
    return ""


def _index(settings: Settings) -> Iterator[Finding]:
    """The kept search index, every byte of it; nothing where none is kept."""
    folder = settings.var / INDEX
    if not folder.is_dir():
        return
    try:
        records = _records(folder)
    except (FolderLost, OSError) as error:
        yield Finding(
            f"search index: {error}; nothing is lost: as soon as a search or the look in the night "
            "comes upon it, a running Saring answers from an index in memory, made anew from the "
            "database; a restart makes the kept one anew",
            bad=True,
        )
        return
    if records:
        yield Finding(f"search index: kept in {folder}, {records:,} fact-checks, whole")


def _records(folder: Path) -> int:
    """How many are kept there. A running Saring writes files that its note does not speak of yet,
    or takes all away to begin anew: only what stays is damage. Raises FolderLost and OSError."""
    for _ in range(LOOKS - 1):
        try:
            return look_into(folder).records
        except (FolderLost, OSError):
            sleep(APART)
    return look_into(folder).records


def _begun(settings: Settings) -> bool:
    return not settings.uses_sqlite or settings.database_file.exists()


def _no_database(settings: Settings) -> Iterator[Finding]:
    """Before the first start there is none, and nothing to mend; later it was lost."""
    file, noted = settings.database_file, Heads(settings.var).last()
    if noted is None:
        yield Finding(f"database (SQLite): none yet; `saring run` makes it in {file}")
        return
    gone = f"database (SQLite): {file} is gone: it was there at {noted.at}"
    yield Finding(f"{gone}. Put a copy of it in its place before the next start", bad=True)


def _audit(entries: int, broken: int | None, noted: Head | None, odd: str) -> Iterator[Finding]:
    if broken is None:
        yield Finding(f"audit: {entries} entries, the chain is whole")
    else:
        yield Finding(
            f"audit: the chain is broken at entry {broken}: somebody changed the database; "
            "keep a copy of it and compare with the last export",
            bad=True,
        )
    if odd:
        yield Finding(f"audit: {odd}", bad=True)
    elif noted is not None:
        yield Finding(f"audit: holds the head noted at {noted.at} (entry {noted.number})")


def _billed(billed: Mapping[tuple[str, date], int]) -> Iterator[Finding]:
    today = utc_now().date()
    if billed:
        month = sum(n for (_, day), n in billed.items() if (today - day).days < MONTH)
        count = given_up.billed_on(billed, today)
        words = f"messages that WhatsApp bills: {count} today, {month} in {MONTH} days"
        odd = given_up.surprising(billed, today)
        yield Finding(f"{words}; far more than usual" if odd else words, bad=odd)


def _space(settings: Settings) -> Iterator[Finding]:
    folder = settings.var if settings.var.exists() else settings.var.absolute().parent
    usage = shutil.disk_usage(folder)
    free = usage.free / usage.total
    yield Finding(f"disk: {free:.0%} free for {settings.var}", bad=free < LOW_SPACE)


def _address(settings: Settings) -> Iterator[Finding]:
    yield Finding(f"links in replies begin with {settings.base_url}")
    if not settings.only_here and not settings.base_url.startswith("https://"):
        yield Finding("PUBLIC_URL should be an https address when others can reach us", bad=True)
    if settings.on_loopback and not settings.only_here and not settings.trusted_proxies:
        yield Finding(
            "a proxy brings visitors: set SARING_TRUSTED_PROXIES=127.0.0.1 and let it send "
            "X-Forwarded-For; until then all of them share one limit",
            bad=True,
        )


def _channels(settings: Settings) -> Iterator[Finding]:
    if settings.telegram_token:
        yield Finding(f"Telegram: on, by {settings.telegram_mode}")
        if settings.groups == "approved":
            link = f"https://t.me/YOUR_BOT?startgroup={settings.group_key()}"
            yield Finding(f"groups: only those that were invited with {link}")
    else:
        yield Finding("Telegram: off; set TELEGRAM_TOKEN to switch it on")
    if settings.whatsapp_on:
        yield Finding("WhatsApp: on")
    elif settings.whatsapp_token or settings.whatsapp_phone_number_id:
        lacking = "WHATSAPP_PHONE_NUMBER_ID" if settings.whatsapp_token else "WHATSAPP_TOKEN"
        yield Finding(f"WhatsApp: off, since {lacking} is not set", bad=True)
    else:
        yield Finding("WhatsApp: off; set WHATSAPP_TOKEN and WHATSAPP_PHONE_NUMBER_ID")


def _extras(settings: Settings) -> Iterator[Finding]:
    try:
        model = embedder_of(settings)
    except SettingsError as error:
        yield Finding(str(error), bad=True)
        return
    if model is None:
        yield Finding(
            f"semantic evidence: off, and not needed; for it: {embedder.INSTALL}, "
            "then set SARING_EMBEDDER to a folder with a model2vec model"
        )
    elif not weights_in_use(settings).exists():
        yield Finding(
            f"semantic evidence: {settings.embedder} is read, but the shipped weights do not "
            "count it; run `saring fit --use`"
        )
    else:
        yield Finding(f"semantic evidence: on, with {settings.embedder}")
