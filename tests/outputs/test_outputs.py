"""What all outputs have in common: rendered from the record, the same twice, no model, nothing acting in a text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from backspeak import outputs
from backspeak.errors import InputError, OutputError
from backspeak.outputs import OUTPUTS, Run

RENDERED = [name for name in OUTPUTS if name != "xliff"]  # which needs an XLIFF input: see test_xliff


@pytest.mark.parametrize("name", RENDERED)
def test_the_same_record_gives_the_same_bytes(name: str, run: Run) -> None:
    (path,) = outputs.write(run.folder, [name])[name]
    first = path.read_bytes()
    path.unlink()
    outputs.write(run.folder, [name, name])
    assert path.read_bytes() == first
    assert first


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_empty_record_is_rendered_too(name: str, tmp_path: Path) -> None:
    (tmp_path / "segments.jsonl").write_bytes(b"")
    (tmp_path / "summary.json").write_text('{"score": null, "documents": []}')
    written = outputs.write(tmp_path, [name])[name]
    assert all(path.read_bytes() for path in written if name != "github")


def test_no_format_means_no_reading(tmp_path: Path) -> None:
    assert outputs.write(tmp_path / "nowhere", []) == {}


def test_a_missing_record_and_an_unknown_format(tmp_path: Path, run: Run) -> None:
    with pytest.raises(InputError, match=r"segments\.jsonl: there is no such file"):
        outputs.write(tmp_path / "nowhere", ["csv"])
    with pytest.raises(KeyError):
        outputs.write(run.folder, ["docx"])


def test_a_result_that_cannot_be_written(run: Run) -> None:
    (run.folder / "segments.csv").mkdir()
    with pytest.raises(OutputError, match=r"segments\.csv: could not be written"):
        outputs.write(run.folder, ["csv"])


def test_rendering_loads_no_model(run: Run) -> None:
    program = (
        "import sys; from backspeak import outputs;"
        f"outputs.write({str(run.folder)!r}, {RENDERED!r});"
        "print(sorted({'torch', 'ctranslate2', 'transformers', 'numpy', 'sentencepiece'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
