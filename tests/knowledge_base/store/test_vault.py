"""Keys and ciphers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.store.vault import Master, Vault, VaultError, join, new_key, seal, unseal

KEY = b"k" * 32


def test_what_is_sealed_opens_with_its_key_and_context_only():
    key = new_key()
    sealed = seal(key, b"secret", "person", "channel")
    assert unseal(key, sealed, "person", "channel") == b"secret"
    assert seal(key, b"secret", "person", "channel") != sealed
    for wrong in (("person", "other"), ("personchannel",), ()):
        with pytest.raises(VaultError):
            unseal(key, sealed, *wrong)
    with pytest.raises(VaultError):
        unseal(new_key(), sealed, "person", "channel")


def test_altered_or_short_bytes_do_not_open():
    sealed = seal(KEY, b"secret")
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:5], b""):
        with pytest.raises(VaultError):
            unseal(KEY, wrong)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_different_parts_never_join_to_the_same_bytes(one: list[str], two: list[str]):
    assert (join(*one) == join(*two)) == (one == two)


def test_each_purpose_has_its_own_key():
    vault = Vault(KEY)
    marks = {vault.mark(purpose, "x") for purpose in ("contact", "erase", "chat")}
    assert len(marks) == 3
    assert vault.mark("contact", "x") == Vault(KEY).mark("contact", "x")
    assert vault.mark("contact", "x") != Vault(KEY + b"2").mark("contact", "x")


def test_a_wrapped_key_names_its_master():
    old, new = Vault(b"o" * 32), Vault(b"n" * 32, older=[b"o" * 32])
    wrapped = old.wrap(b"dek", "person", "p1")
    assert new.unwrap(wrapped, "person", "p1") == b"dek"
    with pytest.raises(VaultError, match="another secret key"):
        Vault(b"n" * 32).unwrap(wrapped, "person", "p1")
    assert old.name in new.names


def test_a_short_master_key_is_refused():
    with pytest.raises(VaultError):
        Master(b"short")
