"""Build the gate set from the hand-written texts in written/: claims, queries, right answers.

    python benchmarks/own/build.py          writes claims.jsonl, queries.jsonl, qrels.tsv, flips.tsv

Written by hand: claims, paraphrases, reworded edits, flips, debunks, joined pairs, unrelated talk.
Made here, with a fixed seed: greetings and forwarding marks, chat spelling, typing slips, emoji,
case, cut ends. Nothing is drawn from any other collection.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
SEED = 7

GREETINGS = {
    "id": (
        "Assalamualaikum wr wb, mohon izin meneruskan info berikut.",
        "Diteruskan dari grup sebelah 🙏",
        "Selamat pagi bapak ibu, sekadar berbagi info.",
        "Info valid!! Tolong dibaca sampai habis.",
        "Min, apakah info ini benar?",
        "Dapat dari grup keluarga:",
    ),
    "en": (
        "Forwarded as received:",
        "Good morning everyone, please read this.",
        "Got this from a friend who works there.",
        "Is this true?",
    ),
}
CLOSINGS = {
    "id": (
        "Sebarkan ke semua grup, jangan berhenti di kamu!",
        "Mohon dicek kebenarannya ya.",
        "Semoga bermanfaat 🙏🙏",
        "Tolong bantu viralkan!!!",
    ),
    "en": (
        "Please share with everyone!",
        "Pass it on before it is deleted!!",
        "Can anyone confirm?",
    ),
}
CHAT = {
    "id": "yang=yg tidak=tdk dengan=dgn untuk=utk karena=krn dari=dr dalam=dlm pada=pd sudah=udah "
    "akan=bakal orang=org sampai=smpe semua=smua kepada=kpd boleh=bole bisa=bs tanpa=tnp "
    "warga=wrga belum=blm jangan=jgn harus=hrs tahun=thn hanya=cm lagi=lg menjadi=jd "
    "seluruh=slruh setelah=stlh sebelum=sblm membayar=bayar",
    "en": "people=ppl because=bc you=u are=r with=w government=govt please=pls and=n before=b4 "
    "for=4",
}
EMOJI = ("🙏", "😱", "🔥", "❗", "😭", "⚠️", "🤔", "👀")


@dataclass
class Written:
    """One claim with everything written about it."""

    id: str
    lang: str
    scam: bool
    claim: str = ""
    edits: list[str] = field(default_factory=list)
    paraphrases: list[str] = field(default_factory=list)
    flips: list[tuple[str, str]] = field(default_factory=list)
    debunks: list[str] = field(default_factory=list)
    scams: list[str] = field(default_factory=list)


def replaced(claim: str, change: str, where: str) -> str:
    """The claim with "old => new ; old => new" carried out; a text without "=>" stands alone."""
    if "=>" not in change:
        return change.strip()
    for pair in change.split(" ; "):
        old, new = (part.strip() for part in pair.split("=>"))
        if claim.count(old) != 1:
            raise SystemExit(f"{where}: {old!r} stands {claim.count(old)} times in {claim!r}")
        claim = claim.replace(old, new)
    return claim[0].upper() + claim[1:]


def written(path: Path) -> Iterator[Written]:
    """The claims of one file; the line formats are in README.md."""
    now = Written("", "", False)
    for line in path.read_text(encoding="utf-8").splitlines():
        mark, _, rest = line.partition(" ")
        if mark == "@":
            if now.id:
                yield now
            name, *flags = rest.split()
            now = Written(name, "en" if "en" in flags else "id", "scam" in flags)
        elif mark == "C":
            now.claim = rest.strip()
        elif mark == "E":
            now.edits.append(replaced(now.claim, rest, now.id))
        elif mark == "P":
            now.paraphrases.append(rest.strip())
        elif mark == "D":
            now.debunks.append(rest.strip())
        elif mark == "X":
            now.scams.append(rest.strip())
        elif mark == "F":
            kind, _, change = rest.partition(": ")
            now.flips.append((kind, replaced(now.claim, change, now.id)))
    yield now


def wrapped(text: str, lang: str, dice: random.Random) -> str:
    """Greeting in front, a plea to share behind."""
    return f"{dice.choice(GREETINGS[lang])} {text} {dice.choice(CLOSINGS[lang])}"


def chatty(text: str, lang: str, dice: random.Random) -> str:
    """Chat spelling for the words it has."""
    spelling = dict(pair.split("=") for pair in CHAT[lang].split())
    return " ".join(spelling.get(word, word) for word in text.lower().split(" "))


def slipped(text: str, lang: str, dice: random.Random) -> str:
    """Typing slips inside one long word in five: two letters swapped, one doubled or left out."""
    words = text.split(" ")
    long = [i for i, w in enumerate(words) if len(w) > 5 and w.isalpha() and w.islower()]
    for i in dice.sample(long, min(len(long), max(1, len(words) // 5))):
        word, at = words[i], dice.randrange(1, len(words[i]) - 2)
        slips = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1 :],
        )
        words[i] = dice.choice(slips)
    return " ".join(words)


def pictured(text: str, lang: str, dice: random.Random) -> str:
    """Emoji between the words."""
    words = text.split(" ")
    for _ in range(max(2, len(words) // 5)):
        words.insert(dice.randrange(1, len(words) + 1), dice.choice(EMOJI))
    return " ".join(words)


def cased(text: str, lang: str, dice: random.Random) -> str:
    """All small or all capitals."""
    return text.lower() if dice.random() < 0.5 else text.upper() + "!!!"


def cut(text: str, lang: str, dice: random.Random) -> str:
    """The end is missing, as in a long forward that was copied in part."""
    words = text.split(" ")
    return " ".join(words[: max(6, round(len(words) * 0.8))])


NOISE = {
    "forward": wrapped,
    "slang": chatty,
    "typos": slipped,
    "emoji": pictured,
    "case": cased,
    "cut": cut,
}


def claim_row(claim: Written) -> dict[str, object]:
    verdict = "scam" if claim.scam else "false"
    return {"id": claim.id, "text": claim.claim, "lang": claim.lang, "verdict": verdict}


def queries_of(claim: Written, dice: random.Random) -> Iterator[dict[str, object]]:
    """All messages about one claim, with the claim they belong to or must not be answered with."""
    made: list[tuple[str, str, dict[str, object]]] = []
    for name, noise in NOISE.items():
        made.append(("edit", noise(claim.claim, claim.lang, dice), {"edit": name}))
    made += [("edit", text, {"edit": "reworded"}) for text in claim.edits]
    made += [
        ("edit", wrapped(text, claim.lang, dice), {"edit": "reworded+forward"})
        for text in claim.edits[:1]
        if dice.random() < 0.5
    ]
    made += [("paraphrase", text, {}) for text in claim.paraphrases]
    made += [("debunk", text, {}) for text in claim.debunks]
    made += [("scam", text, {}) for text in claim.scams]
    for kind, text in claim.flips:
        made.append(("flip", text, {"flip": kind}))
        noise = dice.choice(list(NOISE))
        if noise != "cut" and dice.random() < 0.5:  # the cut could take the changed word away
            noisy = NOISE[noise](text, claim.lang, dice)
            made.append(("flip", noisy, {"flip": kind, "edit": noise}))
    for count, (kind, text, more) in enumerate(made):
        split = "flip" if kind == "flip" else "match"
        yield {
            "id": f"{claim.id}-{count:02}",
            "text": text,
            "lang": claim.lang,
            "split": split,
            "kind": kind,
            "claim": claim.id,
            **more,
        }


def joined(claims: dict[str, Written]) -> Iterator[dict[str, object]]:
    """Two claims in one message."""
    lines = (HERE / "written" / "gabung.txt").read_text(encoding="utf-8").splitlines()
    for count, line in enumerate(line for line in lines if not line.startswith("#")):
        ids, _, frame = line.partition(" | ")
        first, second = ids.split()
        text = frame.format(a=claims[first].claim, b=claims[second].claim)
        lang = claims[first].lang
        row = {"id": f"two-{count:02}", "text": text, "lang": lang, "split": "match", "kind": "two"}
        yield {**row, "claim": f"{first} {second}"}


def unrelated() -> Iterator[dict[str, object]]:
    """Talk that no claim is about."""
    lines = (HERE / "written" / "lepas.txt").read_text(encoding="utf-8").splitlines()
    for count, line in enumerate(line for line in lines if not line.startswith("#")):
        lang, _, text = line.partition(" ")
        row = {"id": f"talk-{count:03}", "text": text, "lang": lang}
        yield {**row, "split": "nomatch", "kind": "unrelated"}


def build() -> dict[str, str]:
    """The four files by name."""
    skip = ("gabung.txt", "lepas.txt")
    paths = sorted(p for p in (HERE / "written").glob("*.txt") if p.name not in skip)
    claims = {claim.id: claim for path in paths for claim in written(path)}
    rows = [row for c in claims.values() for row in queries_of(c, random.Random(f"{SEED} {c.id}"))]
    rows += [*joined(claims), *unrelated()]
    right, wrong = ["query_id\tclaim_id"], ["query_id\tclaim_id"]
    for row in rows:
        for claim in str(row.pop("claim", "")).split():
            (wrong if row["split"] == "flip" else right).append(f"{row['id']}\t{claim}")
    lines = (json.dumps(claim_row(c), ensure_ascii=False) for c in claims.values())
    return {
        "claims.jsonl": "\n".join(lines) + "\n",
        "queries.jsonl": "\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n",
        "qrels.tsv": "\n".join(right) + "\n",
        "flips.tsv": "\n".join(wrong) + "\n",
    }


if __name__ == "__main__":
    for name, content in build().items():
        (HERE / name).write_text(content, encoding="utf-8")
