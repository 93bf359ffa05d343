"""Command line over environment over file over default, and each value knows where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from backspeak import config, layers
from backspeak.config import OPTIONS, Settings
from backspeak.errors import SettingsError
from backspeak.layers import find_file, read_file, resolve


def _write(folder: Path, content: str, name: str = "backspeak.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def _written(name: str) -> tuple[str, object]:
    """A value of a setting that is not its default, as a file writes it and as it is meant."""
    option = OPTIONS[name]
    if option.choices is not None:
        last = [choice for choice in option.known or () if choice != option.default][-1]
        return f'"{last}"', (last,) if option.many else last
    written = {str: ('"x"', "x"), bool: ("true", True), int: ("3", 3), float: ("1.0", 1.0), Path: ('"x"', "x")}
    text, value = written[option.kind]
    return text, (value,) if option.many else value


@pytest.mark.parametrize("name", list(OPTIONS))
def test_every_setting_has_all_four_layers(name, tmp_path):
    option = OPTIONS[name]
    text, value = _written(name)
    value = option.checked(value, name)
    if option.kind is Path:
        value = tuple(tmp_path / each for each in value) if option.many else tmp_path / value
    path = _write(tmp_path, f"# a comment\n\n{option.key} = {text}\n")
    unset = resolve({}, environment={}, folder=tmp_path.parent)
    assert (getattr(unset.settings, name), unset.origins[name]) == (getattr(Settings(), name), "default")

    from_file = resolve({}, environment={}, folder=tmp_path)
    assert getattr(from_file.settings, name) == value
    assert from_file.origins[name] == f"{path}:3"

    spelt = ",".join(map(str, value)) if option.many else str(value).lower() if option.kind is bool else str(value)
    _write(tmp_path, "")
    from_environment = resolve({}, environment={option.variable: spelt}, folder=tmp_path)
    assert getattr(from_environment.settings, name) == value
    assert from_environment.origins[name] == option.variable

    given = resolve({name: value}, environment={}, folder=tmp_path)
    assert getattr(given.settings, name) == value
    assert given.origins[name] == option.flag


def test_the_nearer_layer_wins(tmp_path):
    _write(tmp_path, 'jobs = 1\ntier = "fast"\nsensitive = true')
    environment = {"BACKSPEAK_JOBS": "2", "BACKSPEAK_TIER": "full"}
    found = resolve({"jobs": 3, "pivot": ()}, environment=environment, folder=tmp_path)
    assert (found.settings.jobs, found.settings.tier, found.settings.sensitive) == (3, "full", True)
    assert found.settings.pivot == ()
    assert resolve({"sensitive": False}, environment={}, folder=tmp_path).settings.sensitive is False


def test_the_file_can_be_named(tmp_path):
    _write(tmp_path, "jobs = 1")
    other, third = _write(tmp_path / "x", "jobs = 2", "other.toml"), _write(tmp_path / "x", "jobs = 3", "third.toml")
    assert resolve({}, other, environment={}, folder=tmp_path).settings.jobs == 2
    environment = {"BACKSPEAK_CONFIG": str(third)}
    assert resolve({}, environment=environment, folder=tmp_path).settings.jobs == 3
    assert resolve({}, other, environment=environment, folder=tmp_path).settings.jobs == 2


def test_an_empty_variable_says_nothing(tmp_path):
    assert resolve({}, environment={"BACKSPEAK_JOBS": ""}, folder=tmp_path).origins["jobs"] == "default"


def test_a_misspelt_variable_is_an_error_and_a_strange_one_is_not(tmp_path):
    with pytest.raises(SettingsError, match=r"BACKSPEAK_PIVOTS is set, .* did you mean BACKSPEAK_PIVOT\?"):
        resolve({}, environment={"BACKSPEAK_PIVOTS": "es"}, folder=tmp_path)
    others = dict.fromkeys(["BACKSPEAK_VERSION", "BACKSPEAK_IMAGE", "BACKSPEAK_CACHE", "PIVOTS"], "1")
    assert resolve({}, environment=others, folder=tmp_path).settings == Settings()


def test_a_wrong_variable_is_named(tmp_path):
    with pytest.raises(SettingsError, match="BACKSPEAK_JOBS must be a whole number, not 'four'"):
        resolve({}, environment={"BACKSPEAK_JOBS": "four"}, folder=tmp_path)


def test_dashes_and_underscores_are_the_same(tmp_path):
    assert read_file(_write(tmp_path, "fail_under = 70.5")) == read_file(_write(tmp_path, "fail-under = 70.5"))


def test_paths_in_a_file_are_relative_to_it(tmp_path, monkeypatch):
    paths = config.Option(
        name="extra", kind=Path, many=True, optional=False, default=(), help="Extra.", metavar=None, choices=None,
        low=None, high=None, commands=(), show_default=None, example=None,
    )  # fmt: skip
    monkeypatch.setitem(OPTIONS, "extra", paths)
    values, _ = read_file(_write(tmp_path / "deep", 'extra = ["terms.tsv", "/srv/more.tsv"]'))
    assert values["extra"] == (tmp_path / "deep" / "terms.tsv", Path("/srv/more.tsv"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('tier = "fast"\n\npivots = ["es"]', r"backspeak\.toml:3: no setting 'pivots'; did you mean 'pivot'\?"),
        ("fail_umder = 3", r"backspeak\.toml:1: no setting 'fail_umder'; did you mean 'fail-under'\?"),
        ("zzz = 3", r"backspeak\.toml:1: no setting 'zzz'; there is .*disable, .*tier"),
        ('fail-under = "70"', r":1: fail-under must be a number, not '70'"),
        ("fail-under = true", r":1: fail-under must be a number"),
        ('#x\njobs = "4"', r":2: jobs must be a whole number"),
        ("jobs = 1.5", r":1: jobs must be a whole number"),
        ("pivot = [5]", r":1: pivot must be a text or a list of texts"),
        ("quiet = false\n[pivot]\nes = true", r":2: pivot must be a text or a list of texts"),
        ("tier = 1", r":1: tier must be a text"),
        ('tier = "slow"', r":1: tier is 'slow'; there is fast, full"),
        ("source-lang = 7", r":1: source-lang must be a text"),
        ("offline = 1", r":1: offline must be true or false"),
        ('disable = [\n  "a",\n  "jobs = 1",\n]\njobs = -2', r":5: jobs is -2; it must be 0 or more"),
        ('model = """\njobs = 1\n"""\njobs = "x"', r":4: jobs must be a whole number"),
        ('"jo\\u0062s" = "x"', r"backspeak\.toml: jobs must be a whole number"),
        (
            "fail-under = 1\nfail_under = 2",
            r"backspeak\.toml:2: fail_under is set twice, with - and with _; remove one",
        ),
        ("disable = 'a\u2028b'\njobs = -1", r"backspeak\.toml:2: jobs is -1"),
    ],
)
def test_a_slip_is_an_error_with_its_place(tmp_path, content, message):
    with pytest.raises(SettingsError, match=message):
        read_file(_write(tmp_path, content))


def test_a_broken_file_is_an_error_with_its_place(tmp_path):
    with pytest.raises(SettingsError, match=r"backspeak\.toml: .*line 2"):
        read_file(_write(tmp_path, 'tier = "fast"\npivot = = 1\n'))
    (tmp_path / "latin.toml").write_bytes(b'source-lang = "\xe9"')
    with pytest.raises(SettingsError, match=r"latin\.toml: "):
        read_file(tmp_path / "latin.toml")


def test_marks_and_line_ends_of_other_editors_are_read(tmp_path):
    path = tmp_path / "backspeak.toml"
    path.write_bytes(b"\xef\xbb\xbfjobs = 2\r\ntier = 'fast'\r\n")
    assert read_file(path) == ({"jobs": 2, "tier": "fast"}, {"jobs": f"{path}:1", "tier": f"{path}:2"})


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    with pytest.raises(SettingsError, match="there is no such file"):
        read_file(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="directory"):
        read_file(tmp_path)


def test_pyproject_gives_its_table(tmp_path):
    path = _write(tmp_path, '[project]\nname = "x"\n[tool.backspeak]\ntier = "fast"\n', "pyproject.toml")
    assert read_file(path) == ({"tier": "fast"}, {"tier": f"{path}:4"})
    assert read_file(_write(tmp_path, '[project]\nname = "x"\n', "pyproject.toml")) == ({}, {})
    with pytest.raises(SettingsError, match=r"pyproject\.toml:2: no setting 'teir'; did you mean 'tier'\?"):
        read_file(_write(tmp_path, '[tool.backspeak]\nteir = "fast"\n', "pyproject.toml"))
    with pytest.raises(SettingsError, match=r"tool\.backspeak must be a table"):
        read_file(_write(tmp_path, "[tool]\nbackspeak = 1\n", "pyproject.toml"))


def test_the_nearest_file_counts(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_file(inner) is None
    project = _write(tmp_path, "[tool.backspeak]\n", "pyproject.toml")
    assert find_file(inner) == project
    outer = _write(tmp_path, "")
    assert find_file(inner) == outer
    _write(tmp_path / "a", '[project]\nname = "backspeak"\n[tool.other]\n', "pyproject.toml")
    assert find_file(inner) == outer
    nearest = _write(tmp_path / "a", 'tool.backspeak.tier = "fast"\n', "pyproject.toml")
    assert find_file(inner) == nearest


def test_a_project_file_of_others_is_their_business(tmp_path):
    (tmp_path / "pyproject.toml").mkdir()
    assert find_file(tmp_path) is None
    inner = tmp_path / "inner"
    _write(inner, "[tool\n", "pyproject.toml")
    assert find_file(inner) is None
    _write(inner, "[tool.backspeak\n", "pyproject.toml")
    with pytest.raises(SettingsError, match=r"pyproject\.toml: "):
        find_file(inner)


def test_every_other_variable_is_explained():
    assert all(text.endswith(".") for text in layers.OTHER_VARIABLES.values())
