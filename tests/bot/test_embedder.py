"""A model folder in model2vec's format, made here: read, averaged, and refused when it is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot import embedder
from bot.doctor import examine
from bot.embedder import StaticModel
from bot.settings import Settings, SettingsError
from bot.wiring.house import build

tokenizers = pytest.importorskip("tokenizers", reason="needs the extra `semantic`")
numpy_files = pytest.importorskip("safetensors.numpy", reason="needs the extra `semantic`")

WORDS = ("[UNK]", "vaksin", "imunisasi", "beras")
ROWS = np.array([[9, 9], [1, 0], [0.6, 0.8], [0, 1]], np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tokenizers.models.WordLevel({w: n for n, w in enumerate(WORDS)}, unk_token="[UNK]")
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    numpy_files.save_file({"embeddings": ROWS}, tmp_path / "model.safetensors")
    return tmp_path


def settings(var: Path, folder: Path) -> Settings:
    values = {"SARING_VAR": var, "SARING_EMBEDDER": folder, "SECRET_KEY": "k" * 40}
    return Settings.model_validate(values)


def test_a_text_is_the_mean_of_the_pieces_the_model_knows(folder: Path) -> None:
    rows = StaticModel(folder)(["Vaksin beras", "VAKSIN entah", "", "\ud800"])
    assert rows.tolist() == [[0.5, 0.5], [1, 0], [0, 0], [0, 0]]


def test_weights_and_a_shared_table_of_pieces_are_followed(folder: Path) -> None:
    parts = {
        "embeddings": np.array([[9, 9], [1, 0], [0, 1]], np.float32),
        "weights": np.array([1, 1, 3, 2], np.float32),
        "mapping": np.array([0, 1, 1, 2]),
    }
    numpy_files.save_file(parts, folder / "model.safetensors")
    assert StaticModel(folder)(["imunisasi", "beras"]).tolist() == [[3, 0], [0, 2]]


def test_a_folder_without_a_model_stops_the_start(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"has no model\.safetensors"):
        StaticModel(tmp_path / "elsewhere")
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(SettingsError, match="cannot be read"):
        build(settings(tmp_path / "var", folder))


def test_the_doctor_says_how_it_stands(tmp_path: Path, folder: Path) -> None:
    chosen = settings(tmp_path / "var", folder)
    told = [finding.text for finding in examine(chosen)]
    assert any("run `saring fit --use`" in text for text in told)
    off = Settings.model_validate({"SARING_VAR": tmp_path / "var", "SECRET_KEY": "k" * 40})
    assert any(embedder.INSTALL in finding.text for finding in examine(off))


def test_missing_packages_are_named_with_the_remedy(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedder, "NEEDS", ("no_such_package",))
    with pytest.raises(SettingsError, match="no_such_package: pip install"):
        StaticModel(folder)
