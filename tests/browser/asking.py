"""Somebody asks in the browser chat, until the question is in the queue."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def ask(page: Page, url: str, text: str) -> None:
    """Ask, saying no to what is merely similar; returns when it is in the queue."""
    page.goto(f"{url}/chat")
    page.locator("#text").fill(text)
    page.locator(".go").click()
    expect(page.locator(".ours").first).to_be_visible()
    none_of_these = page.get_by_role("button", name="0. Bukan")
    if none_of_these.count():
        none_of_these.click()
    expect(page.locator(".ours").last).to_contain_text("BELUM DIPERIKSA")
