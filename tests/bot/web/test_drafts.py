"""The fields of an answer as a browser sends them."""

from bot.web.drafts import LONGEST, fields_of


def test_only_our_fields_are_kept_whole_and_not_endless():
    fields = fields_of({"fact": "a\x00\r\nb\ud800", "role": "admin", "claim": "x" * 20_000})
    assert fields["fact"] == "a\nb�"
    assert "role" not in fields
    assert len(fields["claim"]) == LONGEST
    assert fields["title"] == ""
