"""How a question stands, in one line: in the list of one's own, and for who taps on it late."""

from __future__ import annotations

from handlers.reading import shown
from handlers.replies import Voice, icon_word, why_closed
from knowledge_base.facts import FactCheck, Question, Submission

QUOTED = 40  # characters of a question that is named by its words


def answered(to: Voice, fact: FactCheck, code: str) -> str:
    """By this fact-check; without a ticket it was known at once."""
    values = {"number": fact.number, "word": icon_word(to, fact)[1], "link": to.page(fact.number)}
    if not code:
        return to.say("status.known", **values)
    return to.say("status.answered", code=code, **values)


def rejected(to: Voice, question: Question, code: str) -> str:
    """Closed without a verdict, and why."""
    return to.say("status.rejected", code=code, reason=why_closed(to, question))


def closed(to: Voice, submission: Submission, key: str = "closed") -> str:
    """Named by its words: nothing waits, or a choice does (`suggested`)."""
    return to.say(f"status.{key}", text=shown(submission.text, QUOTED))
