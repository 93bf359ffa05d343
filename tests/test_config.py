"""Settings: what is not usable is said at once, in words that name what is."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from backspeak.config import Settings, find_file, read_file
from backspeak.errors import SettingsError


def _write(folder: Path, content: str, name: str = "backspeak.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"engine": "oracle"}, r"no engine 'oracle'; there is bundled, marian"),
        ({"tier": "slow"}, r"no tier 'slow'; there is fast, full"),
        ({"fail_under": 101.0}, r"fail-under is 101\.0; scores go from 0 to 100"),
        ({"fail_under": -0.5}, r"scores go from 0 to 100"),
        ({"fail_under": float("nan")}, r"scores go from 0 to 100"),
        ({"jobs": -1}, r"jobs must be 0 \(all cores\) or more"),
    ],
)
def test_unusable_values_are_refused(values, message):
    with pytest.raises(SettingsError, match=message):
        Settings(**values)


def test_the_ends_of_the_scale_are_thresholds_too():
    assert Settings(fail_under=0).fail_under == 0
    assert Settings(fail_under=100).fail_under == 100
    assert Settings().fail_under is None


def test_every_setting_can_be_written_in_a_file(tmp_path):
    path = _write(
        tmp_path,
        """
        pivot = ["es", "de"]
        engine = "marian"
        model = ["en-es=./a", "es-en=./b"]
        tier = "fast"
        source-lang = "ru"
        disable = "typography"
        sensitive = true
        fail-under = 70
        jobs = 2
        offline = true
        quiet = false
        """,
    )
    values = read_file(path)
    assert set(values) == {field.name for field in fields(Settings)}
    settings = Settings(**values)
    assert settings.pivot == ("es", "de")
    assert settings.disable == ("typography",)
    assert settings.source_lang == "ru"
    assert (settings.fail_under, settings.jobs, settings.sensitive, settings.quiet) == (70, 2, True, False)


def test_dashes_and_underscores_are_the_same(tmp_path):
    assert read_file(_write(tmp_path, "fail_under = 70.5")) == read_file(_write(tmp_path, "fail-under = 70.5"))


def test_an_unknown_key_is_an_error_that_names_the_known_ones(tmp_path):
    with pytest.raises(SettingsError, match=r"backspeak\.toml: no setting 'pivots'; there is disable, engine, .*tier"):
        read_file(_write(tmp_path, 'pivots = ["es"]'))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('fail-under = "70"', "fail-under must be a number"),
        ("fail-under = true", "fail-under must be a number"),
        ('jobs = "4"', "jobs must be a whole number"),
        ("jobs = true", "jobs must be a whole number"),
        ("jobs = 1.5", "jobs must be a whole number"),
        ("pivot = 5", "pivot must be a text or a list of texts"),
        ("pivot = [5]", "pivot must be a text or a list of texts"),
        ("[pivot]\nes = true", "pivot must be a text or a list of texts"),
        ("tier = 1", "tier must be a text"),
        ("source-lang = 7", "source-lang must be a text"),
        ('quiet = "yes"', "quiet must be true or false"),
        ("offline = 1", "offline must be true or false"),
    ],
)
def test_a_value_of_the_wrong_kind_is_an_error_not_a_crash(tmp_path, line, message):
    with pytest.raises(SettingsError, match=rf"backspeak\.toml: {message}"):
        Settings(**read_file(_write(tmp_path, line)))


def test_a_broken_file_is_an_error_with_its_place(tmp_path):
    with pytest.raises(SettingsError, match=r"backspeak\.toml: .*line 2"):
        read_file(_write(tmp_path, 'tier = "fast"\npivot = = 1\n'))
    (tmp_path / "latin.toml").write_bytes(b'source-lang = "\xe9"')
    with pytest.raises(SettingsError, match=r"latin\.toml: "):
        read_file(tmp_path / "latin.toml")


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    with pytest.raises(SettingsError, match="there is no such file"):
        read_file(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="directory"):
        read_file(tmp_path)


def test_pyproject_gives_its_table(tmp_path):
    path = _write(tmp_path, '[project]\nname = "x"\n[tool.backspeak]\ntier = "fast"\n', "pyproject.toml")
    assert read_file(path) == {"tier": "fast"}
    assert read_file(_write(tmp_path, '[project]\nname = "x"\n', "pyproject.toml")) == {}
    with pytest.raises(SettingsError, match="no setting 'teir'"):
        read_file(_write(tmp_path, '[tool.backspeak]\nteir = "fast"\n', "pyproject.toml"))


def test_the_nearest_file_counts(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_file(inner) is None
    project = _write(tmp_path, "[tool.backspeak]\n", "pyproject.toml")
    assert find_file(inner) == project
    outer = _write(tmp_path, "")
    assert find_file(inner) == outer
    _write(tmp_path / "a", "[tool.other]\n", "pyproject.toml")
    assert find_file(inner) == outer
    nearest = _write(tmp_path / "a", "[tool.backspeak]\n", "pyproject.toml")
    assert find_file(inner) == nearest
