"""Photo credits, and the captions that end in one."""

from __future__ import annotations

import re

_LONGEST_CREDIT = 160  # characters; only so much of the end of a line is searched
_MOST_CAPTION_WORDS = 60

_AGENCY = (
    "(?:Getty(?: Images)?|AFP|Reuters|REUTERS|AP(?: Photo)?|Associated Press|EPA(?:-EFE)?|EFE|Shutterstock|"
    "iStock(?:photo)?|"
    "Alamy|Sipa(?: USA)?|TASS|Tass|Xinhua|Anadolu(?: Agency)?|Bloomberg|ZUMA(?: Press)?|Unsplash|Pexels|Pixabay|Flickr|"
    "Wikimedia(?: Commons)?|PA(?: Images| Wire)?|dpa|DPA|ANSA|RIA Novosti|Sputnik|Depositphotos|Adobe Stock|NurPhoto|"
    "Corbis|Magnum(?: Photos)?|[Hh]andout|[Pp]ool)"
)
_PROPER = r"[A-Z][\w.'’&-]*(?: (?:(?:de|van|von|al|of|the|for|and) )?[A-Z][\w.'’&-]*){0,6}"
_NAMES = rf"{_PROPER}(?:(?: ?[/|,–-] ?| via ){_PROPER}){{0,4}}"
_CREDIT_WORD = (
    "(?:(?:File |Cover |Main |Stock )?(?:[Pp]hoto(?:graph)?s?|[Ii]mages?|[Pp]ictures?|[Ii]llustration|[Gg]raphic|"
    "[Vv]ideo)(?: [Cc]redits?| [Ss]ource)?|PHOTO|IMAGE|Credits?|CREDIT)"
)

_ENDING_A_CAPTION = (
    rf"© ?(?:\d{{4}} )?{_NAMES}",
    rf"(?:(?<=[.!?)|–—-] )|(?<=[(\[])){_CREDIT_WORD} ?(?::|by|courtesy of|via) ?©? ?{_NAMES}",
    rf"{_PROPER} ?/ ?(?:{_PROPER} ?/ ?)?{_AGENCY}(?: ?/ ?{_PROPER})?",
    rf"(?<=\(){_AGENCY} ?[/,] ?{_PROPER}",
    rf"(?<=\(){_PROPER} via {_AGENCY}",
    rf"(?<=[\s(]){_AGENCY}/{_PROPER}",
    r"(?<=\()[Ff]ile (?:photo|picture|image)",
)
_WHOLE_LINE = (
    rf"(?:©|\([cC]\)) ?(?:\d{{4}} )?{_NAMES}(?:,? \d{{4}})?",
    rf"{_CREDIT_WORD} ?: ?[^.!?]{{2,80}}",
    rf"{_CREDIT_WORD} (?:by|courtesy of|courtesy|via) {_NAMES}",
    rf"{_CREDIT_WORD} {_AGENCY}",
    r"Image (?:copyright|caption|source) .{2,200}",
    rf"{_AGENCY}(?: ?[/,] ?{_PROPER})?",
    rf"{_PROPER} (?:via|for) {_AGENCY}",
    rf"[Cc]ourtesy(?: of|:) {_NAMES}",
    r"[Ff]ile (?:photo|picture|image)",
)
_AT_END = re.compile(rf"(?:{'|'.join(_ENDING_A_CAPTION)})[)\].\s]*$")
_ALONE = re.compile(rf"[(\[]?(?:{'|'.join(_WHOLE_LINE)})[)\].]*")


def credited_caption(text: str) -> str | None:
    """The caption in front of a photo credit, "" when the text is the credit alone, None when there
    is no credit. A whole paragraph that happens to end like a credit is no caption."""
    line = text.strip()
    if _ALONE.fullmatch(line):
        return ""
    tail = max(0, len(line) - _LONGEST_CREDIT)
    credit = _AT_END.search(line, tail)
    if credit is None or len(line.split()) > _MOST_CAPTION_WORDS:
        return None
    return line[: credit.start()].rstrip(" ([|–—-")
