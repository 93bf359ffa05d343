"""What can go wrong, as exceptions that say what to do about it.

BackspeakError
├── InputError         a file cannot be read: names the file, the line and the mend
├── SettingsError      an option or a configuration value is not usable
├── ModelError         weights are missing, damaged or cannot be fetched
│   └── OfflineError   a hub model or a server is needed and the network may not or cannot be used
├── EngineError        a translation server does not answer, or not as it should
└── OutputError        the results could not be written
"""

from __future__ import annotations


class BackspeakError(Exception):
    """Base of every error that the command line reports in one line with exit code 2."""


class InputError(BackspeakError):
    """A file cannot be read as what it claims to be. Keeps its parts, to become an InputProblem."""

    def __init__(self, message: str, path: str | None = None, line: int | None = None) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(where + message)
        self.message = message
        self.path = path
        self.line = line


def unopened(path: object, error: OSError, mend: str = "") -> InputError:
    """The InputError for a file that cannot be opened; `mend` is said of one that is not there."""
    if isinstance(error, FileNotFoundError):
        return InputError(f"there is no such file{mend and '; ' + mend}", str(path))
    return InputError(f"cannot be opened: {error.strerror or error}", str(path))


class SettingsError(BackspeakError):
    """An option or configuration value is unknown or contradicts another."""


class ModelError(BackspeakError):
    """Weights are missing, damaged or of an unknown kind."""


class OfflineError(ModelError):
    """A model would have to be fetched or a server asked, and there is no network or it may not be used."""


class EngineError(BackspeakError):
    """A translation server cannot be reached, refuses a request or answers with something else."""


class OutputError(BackspeakError):
    """Results could not be written; what was finished before stays readable."""
