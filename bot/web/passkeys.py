"""Passkeys: what the browser is asked to sign, and whether it did. The one home of webauthn."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.web.guard import host_of
from knowledge_base.accounts import Passkey
from knowledge_base.facts import Moderator, Refused

VERIFY = UserVerificationRequirement.PREFERRED


def _origin(public_url: str) -> str:
    return public_url.rstrip("/")


def _known(keys: tuple[Passkey, ...]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.id)) for key in keys]


def creation(
    public_url: str, organisation: str, who: Moderator, keys: tuple[Passkey, ...]
) -> tuple[dict[str, Any], str]:
    """Options for a new passkey, and the challenge to remember."""
    options = generate_registration_options(
        rp_id=host_of(public_url),
        rp_name=organisation,
        user_name=who.name,
        user_id=f"saring-{who.id}".encode(),
        exclude_credentials=_known(keys),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=VERIFY
        ),
    )
    return json.loads(options_to_json(options)), bytes_to_base64url(options.challenge)


def created(
    public_url: str, challenge: str, answer: dict[str, Any], who: Moderator, now: datetime
) -> Passkey:
    """The passkey a browser made for this challenge. Raises Refused."""
    if not challenge:
        raise Refused("Nothing was asked of this browser.", "passkey")
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host_of(public_url),
            expected_origin=_origin(public_url),
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refused("This passkey cannot be used.", "passkey") from error
    identity = bytes_to_base64url(found.credential_id)
    return Passkey(identity, who.id, "", found.credential_public_key, found.sign_count, now)


def question(public_url: str, keys: tuple[Passkey, ...]) -> tuple[dict[str, Any], str]:
    """Options for using one of these passkeys, and the challenge to remember."""
    options = generate_authentication_options(
        rp_id=host_of(public_url), allow_credentials=_known(keys), user_verification=VERIFY
    )
    return json.loads(options_to_json(options)), bytes_to_base64url(options.challenge)


def signed(
    public_url: str, challenge: str, answer: dict[str, Any], keys: tuple[Passkey, ...]
) -> Passkey:
    """The passkey that signed this challenge, with its new counter. Raises Refused."""
    identity = cast(str, answer.get("id", ""))
    key = next((key for key in keys if key.id == identity), None)
    if key is None or not challenge:
        raise Refused("This passkey is not known.", "passkey")
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host_of(public_url),
            expected_origin=_origin(public_url),
            credential_public_key=key.public_key,
            credential_current_sign_count=key.count,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refused("This passkey does not fit.", "passkey") from error
    return replace(key, count=found.new_sign_count)
