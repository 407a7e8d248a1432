"""A folder with a static embedding model (model2vec's format) as vectors. The only importer of
tokenizers and safetensors; nothing is ever downloaded."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.settings import SettingsError

NEEDS = ("tokenizers", "safetensors")
FILES = ("model.safetensors", "tokenizer.json")
INSTALL = "pip install --require-hashes -r requirements-semantic.lock"
TERMS = 512  # of a text that are averaged


def lacking() -> tuple[str, ...]:
    """Packages of the extra `semantic` that are not installed."""
    return tuple(name for name in NEEDS if importlib.util.find_spec(name) is None)


class StaticModel:
    """Vectors of texts: the mean of the vectors of their pieces of words."""

    def __init__(self, folder: Path) -> None:
        """Read the folder. Raises SettingsError, which says what to do."""
        if missing := lacking():
            raise SettingsError(f"SARING_EMBEDDER needs {' and '.join(missing)}: {INSTALL}")
        absent = [name for name in FILES if not (folder / name).is_file()]
        if absent:
            raise SettingsError(
                f"SARING_EMBEDDER: {folder} has no {absent[0]}; a model2vec folder has"
            )
        import safetensors
        import tokenizers

        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / FILES[1]))
            with safetensors.safe_open(folder / FILES[0], framework="numpy") as file:
                parts = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except Exception as error:  # both libraries raise plain Exception for a damaged file
            raise SettingsError(f"SARING_EMBEDDER: {folder} cannot be read: {error}") from error
        if "embeddings" not in parts:
            raise SettingsError(f"SARING_EMBEDDER: {folder} holds no table of embeddings")
        self._rows = np.asarray(parts["embeddings"], np.float32)
        self._weights: NDArray[Any] | None = parts.get("weights")
        self._mapping: NDArray[Any] | None = parts.get("mapping")
        self._unknown = _unknown(self._tokenizer)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row for each text; zeros where no piece of it is known."""
        read = self._tokenizer.encode_batch([_whole(t) for t in texts], add_special_tokens=False)
        return np.stack([self._mean(one.ids) for one in read])

    def _mean(self, pieces: Sequence[int]) -> NDArray[np.float32]:
        known = [piece for piece in pieces[:TERMS] if piece != self._unknown]
        if not known:
            return np.zeros(self._rows.shape[1], np.float32)
        rows = self._rows[known if self._mapping is None else self._mapping[known]]
        if self._weights is not None:
            rows = rows * self._weights[known][:, None]
        return np.asarray(rows.mean(axis=0), np.float32)


def _whole(text: str) -> str:
    """Without lone surrogates, which the tokenizer refuses."""
    return text.encode("utf-8", "replace").decode()


def _unknown(tokenizer: Any) -> int | None:
    """The piece that stands for what the model does not know."""
    name = getattr(tokenizer.model, "unk_token", None)
    found = tokenizer.token_to_id(name) if isinstance(name, str) else None
    return int(found) if found is not None else getattr(tokenizer.model, "unk_id", None)
