"""What a question seems to be about, for sorting the queue and for the approval policy where no
topic was chosen; nobody is told this guess."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Words that hardly occur outside their topic, Indonesian and English, whole words only.
_WORDS = {
    "election": "pemilu pilpres pilkada pileg tps kpu bawaslu caleg capres cawapres paslon coblos "
    "mencoblos pencoblosan dpt surat-suara quick-count pemilih kpps election ballot voter voters "
    "voting polling",
    "health": "vaksin vaksinasi obat virus penyakit kanker diabetes rumah-sakit dokter bpjs covid "
    "flu imunisasi dbd vaccine cancer hospital medicine disease",
    "disaster": "gempa tsunami banjir longsor erupsi gunung-berapi bmkg bnpb megathrust siklon "
    "earthquake flood eruption landslide",
    "scam": "transfer rekening hadiah undian kuota-gratis pinjol phishing apk otp klik-tautan "
    "bansos lowongan giveaway lottery prize loan scam",
    "religion": "masjid gereja pura vihara ulama ustaz ustadz pendeta haji umrah kafir mosque "
    "church",
    "technology": "whatsapp hp ponsel aplikasi internet 5g ai deepfake chatgpt hacker smartphone",
    "politics": "presiden menteri dpr partai gubernur bupati koalisi istana reshuffle korupsi kpk "
    "president minister parliament party",
}
_PATTERNS = {
    topic: re.compile(
        r"\b(?:" + "|".join(re.escape(w).replace(r"\-", r"[ -]") for w in words.split()) + r")\b",
        re.IGNORECASE,
    )
    for topic, words in _WORDS.items()
}
LONGEST = 2000  # characters looked at
LIKELY = 0.35  # below it the nearest fact-check is about something else in half of the cases


def guess(text: str, near: Sequence[tuple[str, float]] = ()) -> str:
    """A topic: what the words say most often, else that of a likely fact-check; or "".

    `near` are the topics and scores of the nearest fact-checks, best first.
    """
    counts = {topic: len(found.findall(text[:LONGEST])) for topic, found in _PATTERNS.items()}
    best = max(counts, key=lambda topic: counts[topic])
    if counts[best]:
        return best
    return next((topic for topic, score in near if topic and score >= LIKELY), "")
