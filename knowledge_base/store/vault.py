"""Keys and ciphers: what is stored of people is found by keyed hash and kept encrypted.

AES-256-GCM with random 96-bit nonces; HMAC-SHA256 for look-ups; all keys of the installation
are derived from one master key by HKDF-SHA256 (RFC 5869), one per purpose. A wrapped key names
the master key it was wrapped with, so that an older one can still be read after a rotation.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from knowledge_base.facts import KnowledgeError

KEY_BYTES = 32
NONCE_BYTES = 12
NAME_BYTES = 8
SHORTEST_MASTER = 16


class VaultError(KnowledgeError):
    """Something stored cannot be opened: another master key, or altered bytes."""


class OtherMaster(VaultError):
    """What is stored was made with a master key we do not have."""


def join(*parts: str | bytes) -> bytes:
    """Parts as one byte string that no other parts give: each is preceded by its length."""
    encoded = [p.encode("utf-8", "surrogatepass") if isinstance(p, str) else p for p in parts]
    return b"".join(len(p).to_bytes(4, "big") + p for p in encoded)


def new_key() -> bytes:
    """A random key for AES-256-GCM."""
    return AESGCM.generate_key(bit_length=256)


def seal(key: bytes, plain: bytes, *context: str) -> bytes:
    """Encrypt; the same `context` is needed to open it. Gives nonce and ciphertext."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, join(*context))


def unseal(key: bytes, sealed: bytes, *context: str) -> bytes:
    """Decrypt what `seal` made; raises VaultError when key, bytes or context differ."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], join(*context))
    except (InvalidTag, ValueError) as error:
        raise VaultError("What is stored cannot be opened with this secret key.") from error


def keyed(key: bytes, *parts: str) -> str:
    """HMAC-SHA256 of the parts, as hex."""
    return hmac.digest(key, join(*parts), "sha256").hex()


class Master:
    """One master key and what is derived from it."""

    def __init__(self, key: bytes) -> None:
        if len(key) < SHORTEST_MASTER:
            raise VaultError(f"the secret key must have at least {SHORTEST_MASTER} bytes")
        self._key = key
        self._derived: dict[str, bytes] = {}
        self.name = self.derive("name")[:NAME_BYTES]

    def derive(self, purpose: str) -> bytes:
        """The key for one purpose."""
        if purpose not in self._derived:
            info = b"saring/1/" + purpose.encode()
            self._derived[purpose] = HKDF(SHA256(), KEY_BYTES, None, info).derive(self._key)
        return self._derived[purpose]

    def mark(self, purpose: str, *parts: str) -> str:
        """Keyed hash of the parts, as hex."""
        return keyed(self.derive(purpose), *parts)


class Vault:
    """The master key in use, and older ones that may still be needed to read."""

    def __init__(self, master: bytes, older: Sequence[bytes] = ()) -> None:
        self._master = Master(master)
        self._all = (self._master, *(Master(key) for key in older))

    @property
    def name(self) -> str:
        """Which master key this is; tells nothing about it."""
        return self._master.name.hex()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all master keys that can be read, the present one first."""
        return tuple(master.name.hex() for master in self._all)

    def mark(self, purpose: str, *parts: str) -> str:
        """Keyed hash for finding something again without storing it."""
        return self._master.mark(purpose, *parts)

    def marks(self, purpose: str, *parts: str) -> tuple[str, ...]:
        """The hash under every master key, the present one first."""
        return tuple(master.mark(purpose, *parts) for master in self._all)

    def wrap(self, key: bytes, *context: str) -> bytes:
        """Encrypt a key under the master key."""
        return self._master.name + seal(self._master.derive("wrap"), key, *context)

    def unwrap(self, wrapped: bytes, *context: str) -> bytes:
        """The key again; raises OtherMaster when it was wrapped with a master key we lack."""
        for master in self._all:
            if wrapped[:NAME_BYTES] == master.name:
                return unseal(master.derive("wrap"), wrapped[NAME_BYTES:], *context)
        raise OtherMaster("This database was made with another secret key.")
