"""Plays a transcript: lines of people go in, what Saring says comes out, as one readable text.

    # a comment                          > ani: text she types
    ~ finds answer 482                   > ani forwards: text
    ~ finds suggest 482 483              > ani edits 1: new text of her first message
    ~ finds differs 482 date “a” “b”     > ani taps [label]          (also: > ani reacts: 👍)
    ~ finds nothing | small talk         > ani sends image: caption
    ~ finds debunk 482                   > ani in group: text        (… in group on “text”: /cek)
    ~ finds parts: answer 482 “first words” + nothing “other words”
    @ 2 hours later                      > desk answers 7F3K: SALAH-like code | fact
    @ language en (for ani)              > desk merges 7F3K into 482, rejects 7F3K: reason,
    @ consent tap                          undoes 7F3K, joins 9C2D to 7F3K
    > desk revises 482: partly | new fact | why      (! before why: our mistake)
    > desk retracts 482: why                         > desk outdates 482: why

`\\n` in a line is a new line. Rewrite transcripts after a wanted change, then read the diff:
python tests/handlers/player.py tests/handlers/transcripts/*.txt
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from handlers import choosing, corrections, curating, moderate, notify, privacy
from handlers.messages import Act, Address, Do, Incoming, Media, Outgoing
from handlers.ports import Call, Found, Ports, Rules
from handlers.routes import Needs, route, text_to_check
from knowledge_base.facts import FactCheck, Kind, Person, Source, State, Verdict
from knowledge_base.search.findings import Decision, Difference, Match, Part, Result, Stance, Why
from tests.fakes import CODES, EDITOR, SARI, FakeHouse

START = datetime(2026, 11, 21, 3, 20, tzinfo=UTC)  # 10.20 WIB

FACTS = (
    FactCheck(
        identity="f-482",
        number=482,
        claim="TPS di Kecamatan Melati tutup pukul 10.00.",
        title="Jam buka TPS di Kecamatan Melati",
        fact="TPS di Kecamatan Melati tetap buka pukul 07.00–13.00 WIB.",
        explanation="Jadwal yang beredar adalah foto lama yang jamnya diubah. "
        "Jadwal resmi tidak berubah.",
        verdict=Verdict.FALSE,
        kind=Kind.MANIPULATED_CONTENT,
        publisher="Redaksi Saring",
        topic="election",
        sources=(
            Source("https://kpu.example/melati", "KPU Melati", date=date(2026, 11, 10)),
            Source("https://bawaslu.example/melati", "Bawaslu Melati", date=date(2026, 11, 11)),
        ),
        claim_date=date(2026, 11, 10),
        checked_on=date(2026, 11, 12),
    ),
    FactCheck(
        identity="f-483",
        number=483,
        claim="TPS di Kabupaten Kenanga tutup pukul 10.00 pada Februari 2024.",
        title="[SALAH] TPS Kenanga tutup jam 10",
        fact="TPS di Kabupaten Kenanga buka sampai pukul 13.00.",
        explanation="KPU Kenanga tidak mengubah jadwal.",
        verdict=Verdict.FALSE,
        publisher="CekFakta Kenanga",
        topic="election",
        sources=(Source("https://kpu.example/kenanga", "KPU Kenanga", date=date(2024, 2, 14)),),
        checked_on=date(2024, 2, 14),
    ),
    FactCheck(
        identity="f-484",
        number=484,
        claim="Kantor Kecamatan Melati melayani rekam KTP pada Sabtu, 21 November 2026.",
        title="Rekam KTP hari Sabtu di Melati",
        fact="Kantor Kecamatan Melati melayani rekam KTP pada Sabtu, 21 November 2026, "
        "pukul 08.00–12.00 WIB.",
        verdict=Verdict.TRUE,
        publisher="Redaksi Saring",
        sources=(
            Source("https://melati.example/ktp", "Kecamatan Melati", date=date(2026, 11, 18)),
        ),
        checked_on=date(2026, 11, 19),
    ),
    FactCheck(
        identity="f-485",
        number=485,
        claim="Bantuan sembako bisa didaftarkan lewat tautan pendek.",
        title="Tautan pendaftaran bantuan sembako",
        fact="Bantuan itu hanya didaftarkan di kantor desa dan gratis.",
        explanation="Tautan itu meminta nomor kartu dan kode OTP.",
        verdict=Verdict.SCAM,
        kind=Kind.IMPOSTER_CONTENT,
        publisher="Redaksi Saring",
        sources=(Source("https://desa.example/bantuan", "Desa Melati", date=date(2026, 10, 2)),),
        checked_on=date(2026, 10, 3),
    ),
)
_DESK_SOURCE = Source("https://dinas.example/rilis", "Dinas Melati", date=date(2026, 11, 20))


def _match(number: str, score: float, *differ: Difference) -> Match:
    return Match(id=number, score=score, why=Why(agree=("TPS",), differ=differ))


_QUOTE = re.compile("“([^”]*)”")
_WORD = re.compile(r"\b[0-9A-Z]{4,}\b")


def _findings(words: str) -> tuple[Decision, Stance, tuple[Match, ...], bool]:
    """(decision, stance, matches, checkable) of a `~ finds` line."""
    kind, *rest = words.split()
    numbers = [word for word in rest if word.isdecimal()]
    if kind == "differs":
        yours, ours = _QUOTE.findall(words)
        match = _match(numbers[0], 0.9, Difference(rest[1], yours, ours))
        return Decision.SUGGEST, Stance.CLAIM, (match,), True
    matches = tuple(_match(number, 0.97 - 0.01 * n) for n, number in enumerate(numbers))
    decisions = {"answer": Decision.ANSWER, "debunk": Decision.ANSWER, "asks": Decision.ANSWER}
    decision = decisions.get(kind, Decision.SUGGEST if kind == "suggest" else Decision.ASK_HUMAN)
    stances = {"debunk": Stance.DEBUNK, "asks": Stance.QUESTION}
    return decision, stances.get(kind, Stance.CLAIM), matches, kind != "small"


def _result(words: str, text: str) -> Result:
    if not words.startswith("parts:"):
        decision, stance, matches, checkable = _findings(words)
        return Result(decision, 0.97, stance, matches, checkable=checkable)
    parts = tuple(_part(piece, text) for piece in words.removeprefix("parts:").split(" + "))
    best = tuple(match for part in parts for match in part.matches)
    answered = all(part.decision is Decision.ANSWER for part in parts)
    decision = Decision.ANSWER if answered else Decision.SUGGEST
    return Result(decision, 0.97, matches=best, parts=parts)


def _part(piece: str, text: str) -> Part:
    (words,) = _QUOTE.findall(piece)
    start = text.index(words)
    decision, stance, matches, _ = _findings(piece.split("“")[0])
    return Part(start, start + len(words), decision, 0.97, stance, matches)


def _fingerprint(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


class House(Protocol):
    """Where a conversation takes place: in memory, or on the real store."""

    now: datetime
    rules: Rules

    def work(self) -> AbstractContextManager[Ports]: ...
    def know(self, facts: Sequence[FactCheck]) -> None: ...
    def person(self, name: str) -> Person: ...
    def name(self, person: str) -> str: ...
    def due_job(self) -> tuple[str, Mapping[str, Any]] | None: ...


@dataclass
class Player:
    """One conversation with its clock, its people, and what the search will find."""

    house: House = field(default_factory=lambda: FakeHouse(START))
    finds: str = ""
    sent: int = 0
    refs: dict[str, str] = field(default_factory=dict)  # message reference → its words
    buttons: dict[str, dict[str, str]] = field(default_factory=dict)  # person → label → data
    codes: dict[str, str] = field(default_factory=dict)  # real ticket → the one in the file
    hint: str = ""  # the language the platform believes people read

    def __post_init__(self) -> None:
        self.house.know(FACTS)

    def play(self, script: str) -> str:
        """The script with every line of Saring filled in."""
        out: list[str] = []
        for line in script.splitlines():
            if line.startswith("<"):
                continue
            out.append(line)
            out += [f"< {said}".rstrip() for said in self._step(line)]
        return "\n".join(out) + "\n"

    def _step(self, line: str) -> list[str]:
        if line.startswith("~ finds "):
            self.finds = line.removeprefix("~ finds ")
        elif line.startswith("@ "):
            return self._setting(line.removeprefix("@ "))
        elif line.startswith("> desk "):
            return self._desk(line.removeprefix("> desk "))
        elif line.startswith("> "):
            return self._person(line.removeprefix("> ").replace("\\n", "\n"))
        return []

    # ── settings and time ───────────────────────────────────────────────────────────────

    def _setting(self, words: str) -> list[str]:
        if later := re.fullmatch(r"(\d+) (second|minute|hour|day)s? later", words):
            self.house.now += timedelta(**{later[2] + "s": int(later[1])})
            return self._run_jobs()
        name, value = words.split(maxsplit=1)
        if name == "hint":
            self.hint = value
        elif name == "retracts":
            self._retract(int(value))
        else:
            self.house.rules = replace(self.house.rules, **{name: value})
        return []

    def _retract(self, number: int) -> None:
        with self.house.work() as ports:
            old = ports.facts.get(number)
            assert old is not None, number
            ports.facts.save(replace(old, state=State.RETRACTED), "sari", "for this test")

    def _run_jobs(self) -> list[str]:
        said: list[str] = []
        while job := self.house.due_job():
            task, payload = job
            with self.house.work() as ports:
                if task == "tell_askers":
                    said += self._show(notify.tell_askers(ports, **payload))
                elif task == notify.UNDECIDED:
                    notify.tell_undecided(ports, **payload)
                elif task == choosing.NO_CHOICE and "code" in payload:
                    said += self._show(choosing.answered_for_others(ports, **payload))
                elif task == choosing.NO_CHOICE:
                    waiting = choosing.waits_for_choice(ports, **payload)
                    if waiting is not None:
                        result = _result(self.finds or "nothing", waiting.text)
                        found = Found(result, fingerprint=waiting.fingerprint)
                        out = choosing.nobody_chose(ports, **payload, found=found)
                        self._learn_tickets(ports, waiting.person)
                        said += self._show(out)
                elif task == "forget_unconsented":
                    privacy.forget_unconsented(ports, payload["person"])
                elif task == "tell_corrected":
                    out = corrections.tell_corrected(ports, **payload)
                    said += self._show(sorted(out, key=lambda m: self.house.name(m.to)))
                elif task not in ("rematch_open", "find_duplicates"):
                    raise AssertionError(f"nobody does {task}")
        return said

    # ── people ──────────────────────────────────────────────────────────────────────────

    def _person(self, words: str) -> list[str]:
        name = words.split(maxsplit=1)[0].rstrip(":")
        rest = words.removeprefix(name)
        self.house.now += timedelta(minutes=3 if "at once" not in rest else 0)
        return self._deliver(name, self._incoming(name, rest.replace(" at once", "", 1)))

    def _incoming(self, name: str, rest: str) -> Incoming:
        self.sent += 1
        base = Incoming(
            address=Address("browser", "demo", name),
            act=Act.MESSAGE,
            at=self.house.now,
            ref=f"m{self.sent}",
            language=self.hint,
        )
        if tap := re.fullmatch(r" taps \[(.*)\]", rest):
            data = self.buttons[name][tap[1]]
            return replace(base, act=Act.PRESS, button=data, callback=f"c{self.sent}")
        rest = self._real(rest)
        how, text = rest.split(": ", 1) if ": " in rest else (rest.rstrip(":"), "")
        return self._in_this_way(replace(base, text=text), how.strip())

    def _in_this_way(self, base: Incoming, how: str) -> Incoming:
        if how == "forwards":
            return replace(base, forwarded=True)
        if how == "reacts":
            return replace(base, act=Act.REACTION)
        if edit := re.fullmatch(r"(edits|deletes) (\d+)", how):
            act = Act.EDIT if edit[1] == "edits" else Act.REVOKED
            return replace(base, act=act, ref=f"m{edit[2]}")
        if media := re.fullmatch(r"sends (\w+)", how):
            return replace(base, media=(Media(media[1], ref="file"),))
        if group := re.fullmatch(r"in group(?: on “(.*)”)?( mentioning)?( as admin)?", how):
            return replace(
                base,
                group=True,
                reply_text=group[1] or "",
                reply_to="g0" if group[1] else "",
                mentioned=bool(group[2]),
                by_admin=bool(group[3]),
            )
        if reply := re.fullmatch(r"on “(.*)”", how):
            return replace(base, reply_text=reply[1], reply_to="g0")
        assert not how, f"unknown way: {how}"
        return base

    def _deliver(self, name: str, message: Incoming) -> list[str]:
        self.refs.setdefault(message.ref, message.text)
        row = route(message)
        found = self._search(message) if row.needs is Needs.SEARCH else None
        with self.house.work() as ports:
            person = self.house.person(name)
            call = Call(message, person, ports, found, new_id=f"s{self.sent}")
            out = row.handler(call)
            self._learn_tickets(ports, person.id)
            return self._show(out)

    def _search(self, message: Incoming) -> Found:
        text = text_to_check(message)
        result = _result(self.finds or "nothing", text)
        return Found(result, fingerprint=_fingerprint(text))

    # ── the desk ────────────────────────────────────────────────────────────────────────

    def _desk(self, words: str) -> list[str]:
        if change := re.fullmatch(r"(revises|retracts|outdates) (\d+): (.*)", words):
            return self._change(change[1], int(change[2]), change[3].split(" | "))
        words = self._real(words)
        verb, code, rest = words.split(maxsplit=2) if words.count(" ") > 1 else (*words.split(), "")
        code = code.rstrip(":")
        with self.house.work() as ports:
            question = ports.questions.get(code)
            assert question is not None, code
            version = question.version
            if verb == "answers":
                verdict, fact = rest.split(" | ")
                draft = moderate.Draft(
                    verdict=Verdict(verdict),
                    claim=question.text[:100],
                    fact=fact,
                    sources=(_DESK_SOURCE,),
                )
                moderate.answer_question(ports, SARI, code, version, draft)
            elif verb == "merges":
                number = int(rest.removeprefix("into "))
                moderate.merge_into_fact(ports, SARI, code, version, number)
            elif verb == "joins":
                moderate.merge_questions(ports, SARI, code, version, rest.removeprefix("to "))
            elif verb == "rejects":
                moderate.reject(ports, SARI, code, version, rest)
            elif verb == "undoes":
                moderate.undo(ports, SARI, code, version)
            else:
                raise AssertionError(verb)
        return []

    def _change(self, verb: str, number: int, words: list[str]) -> list[str]:
        *rest, reason = words
        ours = reason.startswith("! ")
        reason = reason.removeprefix("! ")
        with self.house.work() as ports:
            old = ports.facts.get(number)
            assert old is not None, number
            if verb == "revises":
                verdict, fact = rest
                draft = moderate.Draft(
                    Verdict(verdict), old.claim, old.title, fact, old.explanation,
                    sources=old.sources, topic=old.topic,
                )  # fmt: skip
                curating.revise(ports, EDITOR, number, old.version, draft, reason, ours=ours)
            else:
                outdated = verb == "outdates"
                curating.retract(
                    ports, EDITOR, number, old.version, reason, ours=ours, outdated=outdated
                )
        return self._run_jobs()

    # ── what is said ────────────────────────────────────────────────────────────────────

    def _show(self, messages: list[Outgoing]) -> list[str]:
        return [line for message in messages for line in self._message(message)]

    def _message(self, message: Outgoing) -> list[str]:
        name = self.house.name(message.to)
        self._keep_buttons(name, message)
        if message.do is Do.TOAST and not message.text:
            return []
        quoted = self.refs.get(message.quote, message.quote)
        head = f"to {name}"
        head += f" as {message.do}" if message.do is not Do.SEND else ""
        head += f" on “{_short(quoted)}”" if message.quote else ""
        cards = [line for card in message.cards for line in (*_lines(card), "---")]
        rows = ["  " + " ".join(f"[{button.label}]" for button in row) for row in message.buttons]
        lines = [f"{head}:", *_lines(message), *cards, *rows]
        return [self._in_file(line) for line in lines]

    def _learn_tickets(self, ports: Ports, person: str) -> None:
        """Tickets are random on the real store: written as the first, second … of the file."""
        for submission in reversed(ports.questions.of_person(person)):
            if submission.question and submission.question not in self.codes:
                self.codes[submission.question] = CODES[len(self.codes)]

    def _in_file(self, line: str) -> str:
        return _WORD.sub(lambda match: self.codes.get(match[0], match[0]), line)

    def _real(self, line: str) -> str:
        """The tickets of a line as the house knows them."""
        known = {written: real for real, written in self.codes.items()}
        return _WORD.sub(lambda match: known.get(match[0], match[0]), line)

    def _keep_buttons(self, name: str, message: Outgoing) -> None:
        for row in message.buttons:
            for button in row:
                self.buttons.setdefault(name, {})[button.label] = button.data


def _lines(message: Outgoing) -> list[str]:
    shown = []
    for block in message.blocks:
        text = f"**{block.text}**" if block.style == "strong" else block.text
        text = f"| {text}" if block.style == "quote" else text
        shown += [f"  {line}" for line in text.splitlines()]
    return shown


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"


def replay(path: Path, house: House | None = None) -> str:
    """The transcript as it plays now."""
    player = Player(house) if house else Player()
    return player.play(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(replay(Path(name)), encoding="utf-8")
