"""Somebody of the desk in their private chat: the dialogue kept there, and answers when not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from handlers import texts
from handlers.casework import Room
from handlers.desk_cards import Keys, voice_of
from handlers.messages import Outgoing
from handlers.moderate import open_in
from handlers.ports import Ports
from handlers.replies import Voice, blocks, send
from handlers.rights import Denied
from knowledge_base.chats import DeskChat
from knowledge_base.facts import Moderator, Question, QuestionState, Refused, Stale


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody of the desk in their private chat, in this transaction. `batch` names the
    buttons of the message that is being made."""

    ports: Ports
    chat: DeskChat
    batch: str

    @property
    def who(self) -> Moderator:
        """Whose chat it is."""
        return self.chat.who

    @property
    def room(self) -> Room:
        """Where the desk works on questions, for every door."""
        return Room(self.ports, self.ports.cases)

    @property
    def to(self) -> Voice:
        """How to speak to them."""
        return voice_of(self.ports, self.chat.person)

    @property
    def talk(self) -> Mapping[str, Any]:
        """The dialogue as it stands in the database."""
        now = self.ports.chats.at(self.chat.person)
        return now.talk if now else {}

    def keep(self, **values: Any) -> None:
        """Change something in the dialogue."""
        self._save({**self.talk, **values})

    def end(self) -> None:
        """No dialogue any more."""
        self._save({})

    def _save(self, talk: Mapping[str, Any]) -> None:
        now = self.ports.chats.at(self.chat.person) or self.chat
        self.ports.chats.save(replace(now, talk=talk))

    def keys(self, more: str = "") -> Keys:
        """Buttons for this moderator alone; those of another message are named apart."""
        return Keys(self.ports, self.to, f"{self.batch}{more}", self.who.id)

    def about(self, code: str, message: Outgoing) -> Outgoing:
        """This message, so that an answer to the question may be written as a reply to it."""
        return replace(message, card=self.ports.chats.new_card(self.chat.person, f"note/{code}"))

    def line(self, key: str, /, **values: object) -> list[Outgoing]:
        """One sentence."""
        return [send(self.to, blocks(self.to.say(f"desk_chat.{key}", **values)))]


def politely(desk: Desk, do: Callable[[], list[Outgoing]]) -> list[Outgoing]:
    """Do it, or say why it cannot be done; what was written is kept."""
    try:
        return do()
    except Denied as denied:
        known = f"desk_chat.denied_{denied.why.replace(' ', '_')}"
        listed = known in texts.sentences(desk.to.language)
        return [send(desk.to, blocks(desk.to.say(known if listed else "desk_chat.denied_role")))]
    except Stale as stale:
        return [send(desk.to, blocks(str(stale), desk.to.say("desk_chat.kept")))]
    except Refused as refused:
        return [send(desk.to, blocks(str(refused)))]


def held(desk: Desk, code: str, action: str, subject: str, version: int) -> list[Outgoing]:
    """A colleague is at work on this open question: who, and a button that does it all the same.
    Empty when nobody else is, or this person has been told of that colleague and goes on."""
    lease = desk.ports.cases.lease(code, desk.ports.now)
    question = desk.ports.questions.get(code)
    if lease is None or question is None or question.state is not QuestionState.OPEN:
        return []
    holder = f"{code}/{lease.moderator}"
    if lease.moderator == desk.who.id or desk.talk.get("despite") == holder:
        return []
    keys, words = desk.keys(), desk.to.say("desk_chat.held", who=lease.name, code=code)
    row = [keys.named("despite", "despite", f"{holder}/{action}/{subject}", version)]
    return [send(desk.to, blocks(words), [row])]


def open_question(desk: Desk, code: str, version: int | None = None) -> Question:
    """The question while it is open, in that version. Raises Refused or Stale."""
    language = desk.to.language
    question = desk.ports.questions.get(code)
    if question is None:
        raise Refused(texts.say(language, "desk.no_question", code=code[:20]), "code")
    open_in(question, language, version)
    return question
