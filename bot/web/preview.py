"""The live preview beside a form: each message as each messenger shows it, and what is missing.

The answer form and the form of a fact-check show the same part, `desk_preview.html`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.doors import Work, ports
from bot.web.services import Services
from handlers import answer_form, curating, moderate, plain
from handlers.messages import Outgoing
from handlers.moderate import Draft
from knowledge_base.facts import Question


def of_answer(
    work: Work, services: Services, fields: Mapping[str, str], asked: Question, language: str
) -> dict[str, Any]:
    """The reply in the asker's language, and what keeps it from being published, in ours."""
    draft = answer_form.so_far(fields)
    tools = ports(work, services.clock(), services.rules)
    replies = [("", moderate.preview(tools, draft, asked.lang, asked.code))]
    return _shown(services, draft, replies, language)


def of_fact(
    work: Work,
    services: Services,
    fields: Mapping[str, str],
    number: int,
    language: str,
    *,
    reason: str = "",
    ours: bool = False,
) -> dict[str, Any]:
    """What askers will read from now on and, where somebody was told and hears of the change,
    the correction."""
    draft = answer_form.so_far(fields)
    tools = ports(work, services.clock(), services.rules)
    reply, correction = curating.preview(tools, number, draft, reason, ours=ours)
    replies = [("", reply), *([("facts.correction", correction)] if correction else [])]
    return _shown(services, draft, replies, language)


def _shown(
    services: Services, draft: Draft, replies: list[tuple[str, Outgoing]], language: str
) -> dict[str, Any]:
    ready = replies if draft.verdict is not None else []
    return {
        "messages": [
            (heading, [show(reply) for show in services.previews]) for heading, reply in ready
        ],
        "missing": dict(moderate.problems(draft, language)),
        "hints": plain.hints(draft, language),
    }
