"""The settings as handlers know them, and what is odd about them."""

from __future__ import annotations

from bot.settings import Settings
from handlers import approval, texts
from handlers.ports import Rules
from knowledge_base.exchange.sheet import read_topic
from knowledge_base.store import Store


def rules_of(settings: Settings) -> Rules:
    """The settings a handler may know."""
    return Rules(
        public_url=settings.base_url,
        language=settings.language,
        timezone=settings.timezone,
        consent=settings.consent,
        groups=settings.groups,
        group_key=settings.group_key(),
        approval_topics=tuple(map(read_topic, settings.approval_topics)),
        accounts=settings.accounts,
        fetch=settings.fetch == "on",
        archive=settings.archive == "on",
    )


def policy_problem(settings: Settings, store: Store) -> str:
    """What is wrong with the topics that need a second person; empty when nothing is."""
    with store.read() as work:
        odd = approval.unheard_of(rules_of(settings).approval_topics, work.facts.topics())
    if not odd:
        return ""
    known = ", ".join(name for name, _ in texts.topics(texts.FALLBACK))
    return (
        f"SARING_APPROVAL_TOPICS: no fact-check has the topic {', '.join(odd)}, so nobody is "
        f"asked for approval; the desk knows {known}"
    )
