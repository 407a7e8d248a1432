"""Fact-checks: versions, variants, what is refused, import, and what the search is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from knowledge_base.facts import FactCheck, Kind, Refused, Source, Stale, State, Verdict
from knowledge_base.store import Store
from knowledge_base.store.facts import HELD
from knowledge_base.store.records import addresses

SOURCE = Source("https://turnbackhoax.id/1", "TurnBackHoax", "Judul", date(2024, 2, 10))
HOAX = FactCheck(
    identity="tbh-1",
    claim="TPS tutup pukul 10 pagi.",
    verdict=Verdict.FALSE,
    kind=Kind.FABRICATED_CONTENT,
    sources=(SOURCE,),
    title="Hoaks: TPS tutup lebih awal",
    fact="TPS buka sampai pukul 13.00.",
    explanation="Menurut KPU, TPS buka pukul 07.00 sampai 13.00.",
    publisher="TurnBackHoax",
    topic="election",
    claim_date=date(2024, 2, 9),
    checked_on=date(2024, 2, 10),
    variants=("TPS cuma sampai jam 10!!",),
)


def save(store: Store, fact_check: FactCheck, actor: str = "ani", reason: str = "") -> FactCheck:
    with store.work() as work:
        return work.facts.save(fact_check, actor, reason)


def test_a_saved_record_comes_back_as_it_was(store: Store, clock):
    saved = save(store, HOAX)
    with store.read() as work:
        assert work.facts.get(saved.number) == saved
        assert work.facts.by_identity("tbh-1") == saved
        assert work.facts.get(999) is work.facts.get(2**80) is work.facts.by_identity("no") is None
    assert saved == replace(HOAX, number=1, changed_at=clock.now)


def test_a_source_without_an_address_comes_back(store: Store):
    sources = (Source("", title="Siaran radio"),)
    saved = save(store, replace(HOAX, state=State.DRAFT, sources=sources))
    with store.read() as work:
        assert work.facts.get(saved.number).sources == sources


def test_numbers_are_never_used_again(store: Store):
    with pytest.raises(RuntimeError), store.work() as work:
        work.facts.save(HOAX, "ani", "")
        raise RuntimeError
    first, second = save(store, HOAX), save(store, replace(HOAX, identity="tbh-2"))
    assert second.number > first.number


def test_the_same_content_makes_no_version(store: Store):
    saved = save(store, HOAX)
    revision = _revision(store)
    assert save(store, saved).version == 1
    assert _revision(store) == revision


def test_every_version_is_kept_with_who_when_and_why(store: Store, clock):
    saved = save(store, HOAX, "ani", "new")
    later = clock.forward(hours=1)
    save(store, replace(saved, verdict=Verdict.MISLEADING), "budi", "KPU corrected it")
    with store.read() as work:
        newest, oldest = work.facts.history(saved.number)
    assert (newest.version, newest.actor, newest.reason) == (2, "budi", "KPU corrected it")
    assert (newest.at, newest.fact_check.verdict) == (later, Verdict.MISLEADING)
    assert oldest.fact_check == saved


def test_the_second_of_two_editors_is_told_who_was_faster(store: Store):
    saved = save(store, HOAX)
    save(store, replace(saved, claim="TPS tutup siang."), "budi")
    with pytest.raises(Stale) as caught:
        save(store, replace(saved, claim="TPS tutup malam."), "citra")
    assert caught.value.by == "budi"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"claim": "  "}, "claim"),
        ({"sources": ()}, "sources"),
        ({"sources": (Source("ftp://x.id/1"),)}, "sources"),
        ({"sources": (Source("https://"),)}, "sources"),
        ({"sources": (Source("https://x.id/a b"),)}, "sources"),
        ({"sources": (Source("http://[x.id"),)}, "sources"),
        ({"sources": (Source("javascript:alert(1)"),)}, "sources"),
        ({"fact": "x" * 161}, "fact"),
        ({"number": 77}, "number"),
    ],
)
def test_an_incomplete_record_is_refused_by_its_field(store: Store, change, field):
    with pytest.raises(Refused) as caught:
        save(store, replace(HOAX, **change))
    assert caught.value.field == field


def test_a_draft_may_be_incomplete(store: Store):
    draft = save(store, replace(HOAX, state=State.DRAFT, sources=(), claim="", fact=""))
    with pytest.raises(Refused):
        save(store, replace(draft, state=State.PUBLISHED))
    with store.read() as work:
        assert work.facts.published() == ()


def test_an_identity_belongs_to_one_record(store: Store):
    save(store, HOAX)
    with pytest.raises(Refused) as caught:
        save(store, replace(HOAX, claim="Lain sama sekali."))
    assert caught.value.field == "identity"


def test_a_retracted_record_comes_back_under_its_number(store: Store):
    retracted = save(store, replace(save(store, HOAX), state=State.RETRACTED))
    again = save(store, replace(HOAX, claim="TPS tutup pukul 11."))
    assert (again.number, again.version) == (retracted.number, 3)


def test_which_identities_are_there_is_asked_at_once_whatever_became_of_them(store: Store):
    save(store, HOAX)
    save(store, replace(HOAX, identity="tbh-2", state=State.RETRACTED))
    with store.read() as work:
        asked = [f"other-{number}" for number in range(1_200)]
        assert work.facts.known(["tbh-1", *asked, "tbh-2"]) == {"tbh-1", "tbh-2"}
        assert work.facts.known([]) == frozenset()


def test_without_an_identity_the_number_is_the_identity(store: Store):
    first = save(store, replace(HOAX, identity=""))
    second = save(store, replace(HOAX, identity=""))
    assert (first.identity, second.identity) == ("saring:1", "saring:2")


def test_without_a_fact_the_first_sentence_is_taken(store: Store):
    long = "Menurut KPU " + "itu tidak benar " * 20 + "sama sekali. Lalu lagi."
    assert save(store, replace(HOAX, fact="")).fact == HOAX.explanation
    cut = save(store, replace(HOAX, identity="2", fact="", explanation=long)).fact
    assert len(cut) <= 160
    assert cut.endswith("tidak benar…")


def test_nul_and_lone_surrogates_cannot_break_a_record(store: Store):
    saved = save(store, replace(HOAX, claim="a\x00b\ud800c", variants=("v\udfff\x00",)))
    with store.read() as work:
        found = work.facts.get(saved.number)
    assert found == saved
    assert found.claim.startswith("a\ufffdb")
    assert save(store, replace(saved, claim="a\x00b\ud800c")).version == 1


def test_a_variant_is_remembered_once_and_makes_no_version(store: Store):
    saved = save(store, HOAX)
    with store.work() as work:
        for text in ("Jam 10 tutup", " Jam 10 tutup ", HOAX.claim, "", HOAX.variants[0]):
            work.facts.add_variant(saved.number, text, "ani")
    with store.read() as work:
        found = work.facts.get(saved.number)
    assert found.variants == (*HOAX.variants, "Jam 10 tutup")
    assert found.version == 1


def test_the_fact_checks_that_rest_on_an_address_are_found_by_it(store: Store):
    sources = (
        SOURCE,
        Source("https://m.kpu.example/b?id=7&fbclid=x#top"),
        Source("https://kpu.example"),
    )
    first = save(store, replace(HOAX, sources=sources))
    with store.work() as work:
        work.facts.save_many([replace(HOAX, identity="tbh-2")], "ani", "")

    def citing(*urls: str) -> tuple[int, ...]:
        with store.read() as work:
            return work.facts.citing(urls)

    assert citing("http://www.turnbackhoax.id/1/?utm_source=wa", SOURCE.url) == (2, 1)
    assert citing("kpu.example/b?id=7") == (1,)
    assert citing("https://kpu.example", "https://kpu.example/c", "\ud800", "http://[") == ()
    save(store, replace(first, sources=(Source("https://kpu.example/c"),)))
    assert (citing(SOURCE.url), citing("https://kpu.example/c")) == ((2,), (1,))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.id/read.php?12345", "https://news.id/read.php?99"),
        ("https://news.id/?s=vaksin", "https://news.id/?s=pemilu"),
        ("https://news.id/?t=7", "https://news.id/?t=8"),
        ("https://news.id/a?reference=7", "https://news.id/a?reference=8"),
        ("https://news.id/a?id=", "https://news.id/a"),
        ("https://news.id:8080/a", "https://news.id/a"),
        ("https://news.id/#/berita/7", "https://news.id/#/berita/8"),
        ("https://news.id/#!berita7", "https://news.id/#!berita8"),
    ],
)
def test_a_page_is_not_taken_for_another_one(one: str, other: str):
    assert addresses([one]) != addresses([other])
    assert len(addresses([one])) == 1


@pytest.mark.parametrize(
    "spelt",
    [
        "http://www.news.id:80/a/?id=7",
        "HTTPS://m.News.id/a?utm_source=wa&id=7&fbclid=x&ref=y",
        "news.id/a?id=7&igshid=x&si=y&share=z&gclid=0#bagian",
    ],
)
def test_one_page_is_known_however_its_address_came(spelt: str):
    assert addresses([spelt]) == addresses(["https://news.id/a?id=7"])


def test_fact_checks_that_are_told_no_more_hide_none_that_is(store: Store):
    told = save(store, HOAX)
    merged = save(store, replace(HOAX, identity="merged"))
    with store.work() as work:
        gone = [replace(HOAX, identity=f"gone-{n}", state=State.RETRACTED) for n in range(12)]
        work.facts.save_many(gone, "ani", "")
    ended = replace(merged, state=State.RETRACTED, replaced_by=told.number)
    save(store, ended)
    with store.read() as work:
        assert work.facts.citing([SOURCE.url]) == (told.number, merged.number)


@given(url=st.text(st.characters()))
def test_no_address_is_too_odd_to_be_looked_up(url: str):
    assert len(addresses([url, f"https://contoh.example/{url}"])) <= 2


def test_a_wrong_variant_can_be_dropped(store: Store):
    saved = save(store, HOAX)
    with store.work() as work:
        revision = work.facts.revision()
        work.facts.drop_variant(saved.number, HOAX.variants[0])
        assert work.facts.get(saved.number).variants == ()
        assert work.facts.revision() > revision


def test_published_ones_are_listed_newest_first(store: Store, clock):
    for number in range(5):
        save(store, replace(HOAX, identity=str(number)))
        clock.forward(minutes=1)
    save(store, replace(HOAX, identity="draft", state=State.DRAFT))
    with store.read() as work:
        assert [f.identity for f in work.facts.published(2, 1)] == ["3", "2"]
        assert work.facts.count() == {"published": 5, "draft": 1}


def _revision(store: Store) -> int:
    with store.read() as work:
        return work.facts.revision()


# --- import


def import_(store: Store, *records: FactCheck, dry: bool = False):
    with store.work() as work:
        return work.facts.save_many(records, "import", "tbh.csv", dry=dry)


def test_importing_twice_changes_nothing(store: Store):
    records = [replace(HOAX, identity=str(n), claim=f"Klaim {n}") for n in range(900)]
    first, revision = import_(store, *records), _revision(store)
    second = import_(store, *records)
    assert (first.added, first.changed, first.unchanged) == (900, 0, 0)
    assert (second.added, second.changed, second.unchanged) == (0, 0, 900)
    assert _revision(store) == revision


def test_importing_a_change_makes_a_version_and_keeps_variants(store: Store):
    import_(store, HOAX)
    with store.work() as work:
        work.facts.add_variant(1, "dari orang", "asker")
    assert import_(store, HOAX).unchanged == 1
    changed = replace(HOAX, verdict=Verdict.SCAM, variants=("dari berkas",))
    assert import_(store, changed).changed == 1
    with store.read() as work:
        found = work.facts.get(1)
    assert (found.version, found.verdict) == (2, Verdict.SCAM)
    assert found.variants == (*HOAX.variants, "dari orang", "dari berkas")


def test_an_import_does_not_publish_what_was_retracted(store: Store):
    save(store, replace(save(store, HOAX), state=State.RETRACTED))
    import_(store, replace(HOAX, claim="Sedikit lain."))
    with store.read() as work:
        assert work.facts.get(1).state is State.RETRACTED


def test_a_dry_run_counts_and_writes_nothing(store: Store):
    import_(store, HOAX)
    new = replace(HOAX, identity="2")
    with store.read() as work:
        saved = work.facts.save_many([HOAX, new], "import", "", dry=True)
    assert (saved.added, saved.unchanged) == (1, 1)
    with store.read() as work:
        assert work.facts.count() == {"published": 1}


def test_refused_records_are_named_and_the_others_kept(store: Store):
    bad = replace(HOAX, identity="", sources=())
    saved = import_(store, HOAX, bad, replace(HOAX, identity="3", claim=""))
    assert saved.added == 1
    assert [(place, field) for place, field, _ in saved.refused] == [(1, "sources"), (2, "claim")]


def test_the_first_source_is_the_identity_of_an_import_without_one(store: Store):
    import_(store, replace(HOAX, identity=""))
    assert import_(store, replace(HOAX, identity="")).unchanged == 1
    with store.read() as work:
        assert work.facts.by_identity(SOURCE.url) is not None


def test_of_one_identity_twice_the_last_one_wins(store: Store):
    saved = import_(store, HOAX, replace(HOAX, claim="Yang terakhir."))
    with store.read() as work:
        assert work.facts.get(1).claim == "Yang terakhir."
    assert saved.added == 1


# --- what the search is told


def test_the_search_is_told_of_every_change_once(store: Store):
    saved = save(store, HOAX)
    with store.work() as work:
        first = work.facts.changes(0)
        assert work.facts.changes(first.revision).items == ()
        work.facts.add_variant(saved.number, "baru", "ani")
        second = work.facts.changes(first.revision)
    assert first.items == (saved,)
    assert second.items[0].variants == (*HOAX.variants, "baru")
    retracted = save(store, replace(second.items[0], state=State.RETRACTED))
    with store.read() as work:
        third = work.facts.changes(second.revision)
    assert (third.items, third.removed) == ((), (str(retracted.number),))


def test_a_draft_is_nothing_to_the_search(store: Store):
    draft = save(store, replace(HOAX, state=State.DRAFT))
    before = _revision(store)
    save(store, replace(draft, claim="Masih konsep."))
    assert _revision(store) == before
    with store.read() as work:
        assert work.facts.changes(0).items == ()


def test_labelled_pairs_are_read_in_pages(store: Store):
    with store.work() as work:
        for n in range(5):
            work.evidence.add(f"teks {n}", 1, right=n % 2 == 0, by="asker")
        page = work.evidence.pairs(after=work.evidence.pairs(limit=2)[-1].id, limit=2)
    assert [(pair.text, pair.right) for pair in page] == [("teks 2", True), ("teks 3", False)]


def test_what_was_read_before_is_not_told_after_a_change(store: Store):
    with store.work() as work:
        kept = work.facts.save(HOAX, "ani", "")
        assert work.facts.get(kept.number).claim == kept.claim
    with store.read() as work:
        assert work.facts.get(kept.number) == kept
    with store.work() as work:
        other = work.facts.save(replace(kept, fact="Bukan begitu."), "ani", "")
        assert work.facts.get(kept.number).fact == "Bukan begitu."
    with store.read() as work:
        assert work.facts.get(kept.number) == other


def test_a_change_that_was_rolled_back_is_never_told(store: Store):
    with store.work() as work:
        kept = work.facts.save(HOAX, "ani", "")
    with pytest.raises(RuntimeError), store.work() as work:
        work.facts.save(replace(kept, fact="Bukan begitu."), "ani", "")
        work.facts.get(kept.number)
        raise RuntimeError
    with store.work() as work:
        work.facts.save(replace(HOAX, identity="lain"), "ani", "")
    with store.read() as work:
        assert work.facts.get(kept.number).fact == kept.fact


def test_every_change_carries_a_mark_of_its_own_and_old_ones_are_forgotten(
    store: Store, monkeypatch
):
    monkeypatch.setattr("knowledge_base.store.facts.MARKS", 3)
    for identity in ("satu", "dua", "tiga", "empat"):
        save(store, replace(HOAX, identity=identity))
    with store.read() as work:
        now = work.facts.revision()
        marks = [work.facts.mark(now - back) for back in range(4)]
    assert marks[3] == ""
    assert len(set(marks[:3])) == 3
    assert all(len(mark) == 32 for mark in marks[:3])


def test_what_was_found_before_a_change_of_it_is_known_to_be_old(store: Store):
    one, other = save(store, HOAX), save(store, replace(HOAX, identity="tbh-2"))
    before = _revision(store)
    save(store, replace(other, fact="Lain."))
    for unit in (store.work, store.read):
        with unit() as work:
            assert not work.facts.changed([one.number, 2**70, 999], before)
            assert work.facts.changed([one.number, other.number], before)
    with store.work() as work:
        after = work.facts.revision()
        assert work.facts.drop_variant(one.number, HOAX.variants[0])
        assert work.facts.changed([one.number], after)


def test_what_answers_stays_as_it_is_where_others_write_meanwhile():
    """On PostgreSQL a roll-back in between would correct everybody but whoever is answered now."""
    assert "FOR SHARE" in str(HELD.compile(dialect=postgresql.dialect()))
