"""backspeak: find machine-translation errors in English text by back-translation."""

from __future__ import annotations

__version__ = "0.1.0"
