"""Fetching a checkpoint from the Hugging Face hub, and saying plainly why that failed.

Only the files that are needed are fetched, safetensors before pickles; no code from a repository
is ever run. HF_HUB_OFFLINE, HF_HUB_CACHE, HF_ENDPOINT and HF_TOKEN are the hub library's own and
work as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from backspeak.engines.transformer_weights import require_torch
from backspeak.errors import ModelError, OfflineError

# One look at the hub decides whether there is a network: the library's own downloads try six
# times over 23 seconds before they give up, which is too long to tell someone to plug in a cable.
_TIMEOUT_SECONDS = 10.0

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(@[\w./-]+)?")


def is_name(text: str) -> bool:
    """Whether `text` has the form of a hub name, "org/name" or "org/name@revision"."""
    return _NAME.fullmatch(text) is not None


Collect = Callable[["HubFiles"], dict[str, Path]]


def fetch(
    name: str, revision: str, kind: str, collect: Collect, *, offline: bool, notice: Callable[[str], None]
) -> tuple[dict[str, Path], str]:
    """The files that `collect` asks for, by role, and the commit they belong to.

    With `offline`, or HF_HUB_OFFLINE set, only the hub library's own cache is read. Without a
    network that cache is tried before OfflineError is raised. Raises ModelError for a model that
    does not exist, is gated, is not of the `kind` asked for, or has weights that cannot be read here.
    """
    import huggingface_hub
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    with _explained(name, revision):
        if offline or huggingface_hub.constants.is_offline_mode():
            why = "--offline is set" if offline else "HF_HUB_OFFLINE is set"
            return _from_cache(HubFiles(name, revision, kind), collect, why, "run once without it")
        try:
            info = huggingface_hub.HfApi().model_info(name, revision=revision, timeout=_TIMEOUT_SECONDS)
        except (RepositoryNotFoundError, RevisionNotFoundError):
            raise
        except (OSError, _transport_error()) as error:
            why = f"the hub cannot be reached ({_first_line(error)})"
            return _from_cache(HubFiles(name, revision, kind), collect, why, "connect once to fetch it")
        listed = {sibling.rfilename for sibling in info.siblings or ()}
        notice(f"fetching {name} from the hub, once")
        commit = info.sha or revision
        return collect(HubFiles(name, commit, kind, listed)), commit


class HubFiles:
    """Files of a model on the hub: downloaded when `listed` there, from the library's cache when that is None."""

    def __init__(self, name: str, revision: str, kind: str, listed: set[str] | None = None) -> None:
        self.name = name
        self._revision = revision
        self._kind = kind
        self._listed = listed

    def get(self, *names: str) -> Path:
        """The path of the first of `names` that the model has."""
        if self._listed is None:
            return self._cached(names)
        chosen = next((name for name in names if name in self._listed), None)
        if chosen is None:
            raise ModelError(f"{self.name} has no {names[0]} on the hub, so it is no {self._kind} model")
        if chosen.endswith(".bin"):
            require_torch(f"{self.name} on the hub")  # before hundreds of megabytes are fetched in vain
        return self._download(chosen)

    def _cached(self, names: Sequence[str]) -> Path:
        # hf_hub_download(local_files_only=True) asks the hub for something else all the same (2.4).
        from huggingface_hub import try_to_load_from_cache

        for name in names:
            found = try_to_load_from_cache(self.name, name, revision=self._revision)
            if isinstance(found, str):
                return Path(found)
        raise _NotCachedError(names[0])

    def _download(self, filename: str) -> Path:
        from huggingface_hub import hf_hub_download

        return Path(hf_hub_download(self.name, filename, revision=self._revision))


class _NotCachedError(Exception):
    """A file is not in the hub library's cache."""


def _from_cache(cached: HubFiles, collect: Collect, why: str, mend: str) -> tuple[dict[str, Path], str]:
    """The files as the hub library has them on disk."""
    try:
        files = collect(cached)
    except _NotCachedError as error:
        raise OfflineError(
            f"{cached.name} is not on this machine and {why}; {mend}, or name a local folder that holds the model"
        ) from error
    # The library keeps each commit in a folder of its name.
    return files, files["config.json"].parent.name


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _transport_error() -> type[Exception]:
    """The error of the HTTP client under the hub library, which was httpx and is httpx2."""
    from huggingface_hub.errors import HfHubHTTPError

    return next(base for base in HfHubHTTPError.__mro__ if base.__name__ == "HTTPError")


@contextmanager
def _explained(name: str, revision: str) -> Iterator[None]:
    """Turn the hub library's errors into ours, with the cause and the mend."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise ModelError(
            f"{name} is gated: accept its terms on its page on the hub, then set HF_TOKEN to a token of that account"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(
            f"{name} does not exist on the hub, or is private: check the spelling "
            "(not every language pair has a model), or set HF_TOKEN"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ModelError(f"{name} has no revision {revision!r} on the hub; correct it or leave it out") from error
    except errors.HFValidationError as error:
        raise ModelError(f"{name} is not a valid hub name: {_first_line(error)}") from error
    except (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, _transport_error()) as error:
        raise OfflineError(
            f"{name} could not be fetched from the hub ({_first_line(error)}); try again later"
        ) from error
