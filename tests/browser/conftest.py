"""The real program as a process, and real Chromiums that can reach nothing but it."""

from __future__ import annotations

import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.bot.processes import finished, free_port
from tests.loaded import Loaded

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ROOT = Path(__file__).resolve().parents[2]
START_WITHIN = 60.0
PATIENCE = 15_000  # milliseconds; two browsers may share a slow machine
expect.set_options(timeout=PATIENCE)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]
WATCH = """
addEventListener('securitypolicyviolation', (e) =>
  window.policyBroken(`${e.violatedDirective} ${e.blockedURI} on ${location.pathname}`));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs Chromium; without it the tests are left out, and say so."""
    missing = pytest.mark.skip(reason=f"needs Chromium at {CHROMIUM} (or name it in CHROMIUM)")
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker("browser")
            if not CHROMIUM.exists():
                item.add_marker(missing)


@dataclass(frozen=True)
class Installation:
    """A running Saring."""

    url: str
    environment: dict[str, str]

    def link(self, name: str, role: str = "moderator") -> str:
        """The one-time login address of a new moderator, as the command line prints it."""
        command = ["moderator", "add", name, "--role", role]
        return self.saring(*command).strip()

    def saring(self, *arguments: str) -> str:
        """Run the command beside the running program; gives its standard output."""
        code, out, problem = finished(*arguments, env=self.environment, folder=ROOT)
        assert code == 0, problem
        return out


def wait_until_ready(process: Loaded, url: str) -> None:
    """Return when /readyz says 200; fail when the process ends before."""
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        assert process.poll() is None, "the program ended while starting"
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"not ready within {START_WITHIN:.0f} s")


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A fresh installation on a port of its own, stopped at the end like by Ctrl+C."""
    folder = tmp_path_factory.mktemp("installation")
    port = free_port()
    kept = {"PATH", "HOME", "LANG", "VIRTUAL_ENV", "PYTHONPATH"}
    environment = {name: value for name, value in os.environ.items() if name in kept}
    environment |= {"SARING_VAR": str(folder / "var"), "SARING_PORT": str(port)}
    log = folder / "log"
    process = Loaded("bot", "run", env=environment, folder=ROOT, out=log, err=log)
    try:
        wait_until_ready(process, f"http://localhost:{port}")
        yield Installation(f"http://localhost:{port}", environment)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(timeout=30)
        finally:
            process.kill()
    assert code == 0, log.read_text()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def someone(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """someone(width, height): a page of a new person; at the end nothing may have been refused
    by the content policy, thrown, or said in a dialog."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def person(width: int = 390, height: int = 844, **options: object) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="id-ID", **options
        )
        # told as it happens: a page that is left takes what it knows with it
        context.expose_binding("policyBroken", lambda _, what: trouble.append(what))
        context.add_init_script(WATCH)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
        return page

    yield person
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def moderator(installation: Installation, someone: Callable[..., Page], request):
    """moderator("ani", role="admin"): a page at the desk, logged in with a link from the command
    line."""

    def enter(name: str, role: str = "moderator", **options: object) -> Page:
        unique = f"{name} {re.sub(r'[^a-z]+', ' ', request.node.name)[-30:].strip()}"
        page = someone(1280, 800, **options)
        page.goto(installation.link(unique, role))
        page.get_by_role("button", name="Masuk").click()
        page.wait_for_url("**/desk")
        return page

    return enter
