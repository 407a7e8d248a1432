"""Is the number well? What Meta says about it, and whether our templates are approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot import net
from bot.channels.whatsapp.envelope import mappings, text
from bot.channels.whatsapp.errors import channel_error

LANGUAGES = ("id", "en")  # every template must be approved in these
APPROVED = "APPROVED"


class Health:
    """Asks about one number; every answer is a list of sentences for the operator."""

    def __init__(
        self,
        api: net.Client,
        bearer: Mapping[str, str],
        number_id: str,
        business_id: str,
        templates: Sequence[str],
    ) -> None:
        self._api = api
        self._bearer = dict(bearer)
        self._number_id = number_id
        self._business_id = business_id
        self._templates = templates

    async def complaints(self) -> list[str]:
        """What an operator should look at; empty when all is well."""
        number, problem = await self._get(self._number_id, fields="quality_rating,status")
        if problem:
            return [problem]
        found = []
        if text(number, "quality_rating") == "RED":
            found.append("WhatsApp rates this number's quality red: people block or report it")
        return found + await self._of_templates()

    async def _of_templates(self) -> list[str]:
        """Templates that are not approved in every language; nothing without the account id."""
        if not self._business_id or not self._templates:
            return []
        path = f"{self._business_id}/message_templates"
        answer, problem = await self._get(path, fields="name,language,status", limit="250")
        if problem:
            return [f"the templates cannot be looked at: {problem}"]
        states = {
            (text(row, "name"), text(row, "language").partition("_")[0]): text(row, "status")
            for row in mappings(answer.get("data"))
        }
        return [
            f"the template {name} ({language}) is {states.get((name, language), 'missing').lower()}"
            for name in self._templates
            for language in LANGUAGES
            if states.get((name, language)) != APPROVED
        ]

    async def _get(self, path: str, **params: str) -> tuple[Mapping[str, Any], str]:
        """The answer, or what is wrong in words that hold no secret."""
        try:
            response = await self._api.get(path, params=params, headers=self._bearer)
        except net.HTTPError as error:
            return {}, f"WhatsApp cannot be reached ({type(error).__name__})"
        if response.status_code != 200:
            refusal = channel_error(response.status_code, response.headers, response.content)
            return {}, str(refusal)
        try:
            read = response.json()
        except (ValueError, RecursionError):
            read = None
        return (read, "") if isinstance(read, Mapping) else ({}, "WhatsApp answers nonsense")
