"""Which column of a table is what: by its header, by the user's choice, or by their number."""

from __future__ import annotations

from dataclasses import dataclass

from backspeak.errors import InputError
from backspeak.formats.rows import KNOWN_FIELDS, TEXT_FIELDS

_WITHOUT_HEADER = {1: ["text"], 2: ["source", "translation"]}
_OTHER_NAMES = ("target", "mt", "hypothesis", "hyp", "output", "original", "src", "tgt")


@dataclass(frozen=True)
class Columns:
    """The columns that the user chose: names from the header, or numbers from 1 where there is none."""

    text: str | None = None
    source: str | None = None
    reference: str | None = None

    def chosen(self) -> dict[str, str]:
        """Role -> name or number, of those that were chosen."""
        roles = {"text": self.text, "source": self.source, "reference": self.reference}
        return {role: column for role, column in roles.items() if column is not None}


def columns_of(first: list[str], name: str, line: int, columns: Columns | None) -> tuple[list[str], bool]:
    """The field that each column is for, and whether the first row is a header.

    Raises InputError when that cannot be told, or a chosen column is not there.
    """
    chosen = {} if columns is None else columns.chosen()
    header = [field.strip().lower() for field in first]
    if not chosen:
        return _by_header(first, header, name, line)
    if "text" not in chosen:
        raise InputError("the column to be checked is not chosen; add --text-column", name, line)
    if all(column.isdecimal() for column in chosen.values()):
        return _by_number(len(first), chosen, name, line), False
    roles = dict.fromkeys(range(len(header)), "")
    for role, column in chosen.items():
        at = _position(column, first, header, name, line)
        if roles[at]:
            raise InputError(f"column {column!r} is chosen twice", name, line)
        roles[at] = role
    return _filled(roles, header), True


def _by_header(first: list[str], header: list[str], name: str, line: int) -> tuple[list[str], bool]:
    if any(field in header for field in TEXT_FIELDS):
        if len(set(header)) < len(header):
            raise InputError(f"the header names a column twice: {', '.join(header)}", name, line)
        return header, True
    if any(field in KNOWN_FIELDS + _OTHER_NAMES for field in header):
        raise InputError(
            f"the header ({', '.join(header)}) has no column named translation or text; "
            "rename the one to be checked, or choose it with --text-column",
            name,
            line,
        )
    if len(first) not in _WITHOUT_HEADER:
        raise InputError(
            f"has {counted(len(first))} a row and no header; "
            f"name the columns in the first row, from: {', '.join(KNOWN_FIELDS)}, or choose one with --text-column",
            name,
            line,
        )
    return _WITHOUT_HEADER[len(first)], False


def _by_number(count: int, chosen: dict[str, str], name: str, line: int) -> list[str]:
    roles = dict.fromkeys(range(count), "")
    for role, column in chosen.items():
        at = int(column[:9]) - 1
        if not 0 <= at < count:
            raise InputError(f"has no column {column}: the first row has {counted(count)}", name, line)
        roles[at] = role
    return _filled(roles, [])


def _position(column: str, first: list[str], header: list[str], name: str, line: int) -> int:
    exact = [at for at, field in enumerate(first) if field.strip() == column.strip()]
    found = exact or [at for at, field in enumerate(header) if field == column.strip().lower()]
    if not found:
        raise InputError(f"the header ({', '.join(header)}) has no column {column!r}", name, line)
    return found[0]


def _filled(roles: dict[int, str], header: list[str]) -> list[str]:
    """Names for all columns: those that were not chosen keep their own unless it now means another."""
    taken = {role for role in roles.values() if role} | set(TEXT_FIELDS)
    names: list[str] = []
    for at, role in roles.items():
        own = header[at] if at < len(header) and header[at] else f"column {at + 1}"
        while not role and (own in taken or own in names):
            own = f"column {at + 1}" if own != f"column {at + 1}" else f"{own} "
        names.append(role or own)
    return names


def values_of(columns: list[str], fields: list[str]) -> dict[str, str]:
    """The values of a row. An empty field is an absent one, but for the text itself: that row is
    there, without words."""
    return {
        column: field for column, field in zip(columns, fields, strict=True) if field.strip() or column in TEXT_FIELDS
    }


def counted(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"
