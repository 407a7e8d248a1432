"""ClaimReview: what publishers write is read, what we write can be read again."""

import json
from dataclasses import replace
from datetime import date

import pytest

from knowledge_base.exchange.claimreview import as_script, read_claim_reviews, to_claim_review
from knowledge_base.exchange.sheet import SheetError
from knowledge_base.facts import FactCheck, Source, Verdict

FACT = FactCheck(
    identity="x",
    claim="TPS di Kecamatan Melati tutup pukul 10.00",
    verdict=Verdict.FALSE,
    fact="TPS tetap buka pukul 07.00–13.00 WIB.",
    sources=(Source("https://kpu.example/jadwal", "KPU Melati", "", date(2026, 11, 10)),),
    checked_on=date(2026, 11, 12),
)


def review(**changes):
    base = to_claim_review(
        FACT, "https://saring.example/p/482", "Salah", "Redaksi", "https://saring.example"
    )
    return {**base, **changes}


def test_our_own_pages_can_be_imported_again() -> None:
    (row,) = read_claim_reviews(json.dumps(review()).encode())
    assert row.fact_check.claim == FACT.claim
    assert row.fact_check.verdict is Verdict.FALSE
    assert row.fact_check.sources[0].url == "https://saring.example/p/482"


def test_a_verdict_taken_over_stays_its_publishers_and_sources_are_no_places_of_the_rumour() -> (
    None
):
    own = review()
    taken = to_claim_review(replace(FACT, publisher="KPU Melati"), "p", "Salah", "Redaksi", "s")
    assert own["author"]["name"] == "Redaksi"
    assert taken["author"] | {"@type": ""} == {
        "@type": "",
        "name": "KPU Melati",
        "url": "https://kpu.example",
    }
    assert taken["citation"] == ["https://kpu.example/jadwal"]
    assert "appearance" not in taken["itemReviewed"]


@pytest.mark.parametrize("publisher", ["KPU Melati", "AFP"])
def test_our_page_of_a_verdict_taken_over_is_refused_and_says_what_to_take(publisher) -> None:
    source = replace(FACT.sources[0], publisher=publisher)
    taken = replace(FACT, publisher=publisher, sources=(source,))
    page = to_claim_review(taken, "https://saring.example/p/7", "Salah", "Redaksi", "s")
    (row,) = read_claim_reviews(json.dumps(page).encode())
    assert row.fact_check is None
    assert row.error.endswith("import the file it came from")


@pytest.mark.parametrize(
    "wrap",
    [lambda r: [r], lambda r: {"@graph": [r]}, lambda r: {"dataFeedElement": [{"item": [r]}]}],
)
def test_lists_graphs_and_feeds_are_walked(wrap) -> None:
    (row,) = read_claim_reviews(json.dumps(wrap(review())).encode())
    assert row.error == ""


def test_an_unknown_rating_is_refused_by_name_and_the_rest_goes_on() -> None:
    odd = review(reviewRating={"alternateName": "Four Pinocchios"})
    bad, good = read_claim_reviews(json.dumps([odd, review()]).encode())
    assert "Four Pinocchios" in bad.error
    assert good.fact_check is not None


def test_a_bare_number_is_read_on_the_usual_scale_only() -> None:
    three = review(reviewRating={"ratingValue": 3, "bestRating": 5})
    ten = review(reviewRating={"ratingValue": 3, "bestRating": 10})
    first, second = read_claim_reviews(json.dumps([three, ten]).encode())
    assert first.fact_check.verdict is Verdict.PARTLY
    assert "3 of 10" in second.error


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 100_000, b"\xff"])
def test_a_file_without_reviews_says_so(body) -> None:
    with pytest.raises(SheetError):
        list(read_claim_reviews(body))


def test_an_opinion_has_no_rating_and_satire_only_a_word() -> None:
    opinion = to_claim_review(FactCheck("x", "c", Verdict.OPINION), "p", "Pendapat", "o", "s")
    satire = to_claim_review(FactCheck("x", "c", Verdict.SATIRE), "p", "Satire", "o", "s")
    assert "reviewRating" not in opinion
    assert "ratingValue" not in satire["reviewRating"]


def test_a_claim_cannot_close_the_script_it_stands_in() -> None:
    text = as_script({"claimReviewed": "</script><script>alert(1)</script>\u2028"})
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text)["claimReviewed"].startswith("</script>")


def signed(name: str, url: str, own: object = "") -> dict:
    author = {"@type": "Organization", "name": name} | ({"url": own} if own else {})
    return review(author=author, url=url)


@pytest.mark.parametrize(
    ("name", "url", "own"),
    [
        ("AFP Fact Check", "https://afp-factcheck.example/1", ""),
        ("AFP Fact Check", "https://afp.com.evil.example/1", "https://factcheck.afp.com"),
        ("А​FР Fact Check", "https://evil.example/1", ""),  # Cyrillic letters of that look
        ("TurnBackHoax (MAFINDO)", "https://turnbackhoax.id.example/1", ""),
        ("Kompas.com Cek Fakta", "https://kompas.com-cekfakta.example/1", ""),
        ("Kominfo", "https://kominfo.desa.id/1", ""),
        ("Redaksi Melati", "https://melati.example/1", "https://seruni.example"),
        ("Dinas Melati", "https://seruni.go.id/1", "https://melati.go.id"),
        ("Redaksi Melati", "https://melati.example/1", "seruni.example"),
        ("Redaksi Melati", "https://melati.example/1", ["https://seruni.example"]),
        ("Redaksi Melati", "https://melati.example./1", "https://seruni.example."),
        ("Mafindo (TurnBackHoax)", "https://kompas.com/1", "https://kompas.com"),
    ],
)
def test_a_review_in_anothers_name_is_refused_by_name(name, url, own) -> None:
    (row,) = read_claim_reviews(json.dumps(signed(name, url, own)).encode())
    assert row.fact_check is None
    assert row.error.startswith("publisher: ")


@pytest.mark.parametrize(
    ("name", "url", "own"),
    [
        ("AFP Fact Check", "https://factcheck.afp.com/doc.afp.com.1", "https://www.afp.com"),
        ("Tempo Cek Fakta", "https://cekfakta.tempo.co/1", "https://www.tempo.co/"),
        ("TurnBackHoax (MAFINDO)", "https://www.turnbackhoax.id/1", "https://turnbackhoax.id"),
        ("Redaksi Melati", "https://cekfakta.melati.co.id/1", "https://www.melati.co.id"),
        ("Antariksa Melati", "https://antariksa.example/1", ""),  # no "Antara", no "AAP"
        ("MAFINDO", "https://turnbackhoax.id/1", "https://mafindo.or.id"),
        ("Mafindo (TurnBackHoax)", "https://mafindo.or.id/1", ""),
        ("Mafindo", "https://cekfakta.com/1", ""),
        ("Kompas TV", "https://www.kompas.tv/1", ""),
        ("KOMPAS.tv", "https://www.kompas.tv/1", "https://www.kompas.tv"),
        ("Associated Press", "https://factcheck.ap.org/1", "https://apnews.com"),
        ("BOOM Bangladesh", "https://www.boombd.com/1", "https://www.boomlive.in"),
        ("Antara News", "https://www.antaranews.com/1", "antaranews.com"),
        ("Tempo", "https://cekfakta.tempo.co/1", ["https://tempo.co"]),
        ("Liputan6.com", "https://www.liputan6.com/1", "https://www.facebook.com/liputan6online"),
        ("Redaksi Melati", "https://cekfakta.melati.example/1", "melati.example"),
        ("Redaksi Melati", "https://melati.example/1", "www.melati.example:443/kami"),
        ("Redaksi Melati", "https://melati.example/1", ["https://melati.example", "https://x.id"]),
        ("Redaksi Melati", "https://melati.example/1", "/tentang-kami"),
        ("Redaksi Melati", "https://melati.example/1", {"@id": "https://x.example"}),
    ],
)
def test_a_review_at_its_publishers_address_is_read(name, url, own) -> None:
    (row,) = read_claim_reviews(json.dumps(signed(name, url, own)).encode())
    assert row.error == ""
    assert row.fact_check.publisher == name


def test_what_publishers_write_as_a_web_page_is_read_as_text() -> None:
    odd = review(
        claimReviewed="<p>Usia &lt; 17 tahun &#8220;boleh&#8221; <b onclick=x>memilih</b></p><!-- x -->",
        reviewRating={
            "alternateName": "Salah",
            "ratingExplanation": "<script>alert(1)</script>Tidak",
        },
    )
    (row,) = read_claim_reviews(json.dumps(odd).encode())
    assert " ".join(row.fact_check.claim.split()) == "Usia < 17 tahun “boleh” memilih"
    assert "<" not in row.fact_check.explanation


@pytest.mark.parametrize(
    ("piece", "left"),
    [
        ("<!--", ""),
        ("<!-->", ""),
        ("<!--x-->", ""),
        ("<", "<"),
        ("<a ", "<a"),
        ("</a", "</a"),
        ("<script", "<script"),
    ],
)
def test_signs_that_never_end_are_read_however_many_there_are(piece, left) -> None:
    odd = review(
        reviewRating={"alternateName": "Salah", "ratingExplanation": "Tidak. " + piece * 2}
    )
    long = review(headline="TPS buka " + piece * 200_000)
    short, far = read_claim_reviews(json.dumps([odd, long]).encode())
    assert short.fact_check.explanation.replace(" ", "") == "Tidak." + left * 2
    if left:
        assert "is longer than" in far.error
    else:
        assert far.fact_check.title == "TPS buka"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\@kompas.com/1",
        "https://evil.example\\.kompas.com/1",
        "https://periksafakta.kompas.com@evil.example/1",
        "https://kompas.com:99999/1",
    ],
)
def test_a_page_that_only_looks_like_the_publishers_is_refused(url) -> None:
    (row,) = read_claim_reviews(json.dumps(signed("Kompas.com", url)).encode())
    assert row.fact_check is None
    assert "is not a web address" in row.error


def test_one_poisoned_review_of_a_feed_costs_nothing_but_itself() -> None:
    poisoned = [
        signed("AFP", "https://evil.example/1"), review(url="javascript:alert(1)"),
        review(claimReviewed=["x"]), review(claimReviewed=f"&#{'1' * 5000};"),
        review(claimReviewed="x" * 20_001), review(claimReviewed=""),
        review(reviewRating=None), review(reviewRating={"alternateName": "Four Pinocchios"}),
        review(datePublished="kemarin"), review(url=None), review(author=["x"], url="https://x"),
    ]  # fmt: skip
    rows = list(read_claim_reviews(json.dumps([*poisoned, review()]).encode()))
    assert [bool(row.fact_check) for row in rows] == [False] * len(poisoned) + [True]
    assert all(row.error for row in rows[:-1])
