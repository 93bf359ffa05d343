"""Termbases as files: what is preferred, allowed and forbidden, and what is refused."""

from __future__ import annotations

import pytest

from backspeak.errors import InputError
from backspeak.references import termbase_files
from backspeak.references.termbase_files import Concept, read_concepts

TBX_2 = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">
<martif type="TBX" xml:lang="en"><martifHeader/><text><body>
<termEntry id="c1"><descrip type="definition">Where rows are kept.</descrip>
  <langSet xml:lang="ru"><tig><term>база данных</term></tig></langSet>
  <langSet xml:lang="en">
    <tig><term>data store</term><termNote type="administrativeStatus">admittedTerm-admn-sts</termNote></tig>
    <tig><term>database</term><termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></tig>
    <ntig><termGrp><term>data base</term>
      <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termGrp></ntig>
  </langSet></termEntry>
<termEntry id="c2"><langSet xml:lang="ru"><tig><term>паром</term></tig></langSet></termEntry>
</body></text></martif>"""

TBX_3 = """<tbx type="TBX-Basic" style="dca" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"><text><body>
<conceptEntry id="c1"><langSec xml:lang="de-DE"><termSec><term>Fähre</term></termSec></langSec>
  <langSec xml:lang="en-US"><termSec><term>ferry boat</term>
    <termNote type="administrativeStatus">supersededTerm-admn-sts</termNote></termSec>
  <termSec><term>ferry</term></termSec></langSec></conceptEntry></body></text></tbx>"""


def test_tbx_2(write):
    assert read_concepts(write("a.tbx", TBX_2)) == [
        Concept((("ru", "база данных"),), ("database", "data store"), ("data base",), "Where rows are kept.")
    ]


def test_tbx_3(write):
    assert read_concepts(write("a.tbx", TBX_3)) == [Concept((("de-de", "Fähre"),), ("ferry",), ("ferry boat",), "")]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.tsv", "паром\tferry\n", Concept(((None, "паром"),), ("ferry",), (), "")),
        ("a.tsv", "ferry\n", Concept((), ("ferry",), (), "")),
        (
            "a.tsv",
            "source\tsource_lang\tterm\tforbidden\tnote\nпаром\tRU\tferry|ferryboat\tsteam boat | liner\tNo ship.\n",
            Concept((("ru", "паром"),), ("ferry", "ferryboat"), ("steam boat", "liner"), "No ship."),
        ),
        ("a.tsv", "pos\tde\ten-US\nnoun\tFähre\tferry\n", Concept((("de", "Fähre"),), ("ferry",), (), "")),
        ("a.csv", 'de,en\n"Fähre",ferry\n', Concept((("de", "Fähre"),), ("ferry",), (), "")),
        ("a.csv", "forbidden;preferred\nsteamer;\n", Concept((), (), ("steamer",), "")),
        ("a.tsv", "pos\tsource\tterm\nnoun\tFähre\tferry\n", Concept(((None, "Fähre"),), ("ferry",), (), "")),
    ],
)
def test_tables(write, name, content, expected):
    assert read_concepts(write(name, content)) == [expected]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "source\tterm\nпаром\t\n", r"a\.tsv:2: names no English term; fill the column in"),
        ("a.tsv", "term\tforbidden\nferry\tferry\n", r"a\.tsv:2: both allows and forbids 'ferry'"),
        ("a.tsv", "a\tb\tc\n", r"a\.tsv:1: has 3 columns and no header"),
        ("a.tsv", "source\tterm\nx\ty\tz\n", r"a\.tsv:2: has 3 cells, the first row has 2"),
        ("a.tsv", f"паром\t{'x' * 300}\n", r"a\.tsv:1: has a term of more than 200 characters"),
        ("a.tsv", "source\tterm\n", "has no English term"),
        ("a.tbx", "<martif><body/></martif>", "has no English term"),
        (
            "a.tbx",
            "<martif>\n<termEntry><langSet><tig><term>x</term></tig></langSet></termEntry></martif>",
            r"a\.tbx:2: has a <langSet> without xml:lang",
        ),
        (
            "a.tbx",
            '<martif><termEntry><langSet xml:lang="en">\n<tig><term/></tig></langSet></termEntry></martif>',
            r"a\.tbx:2: has a term without text",
        ),
        ("a.tbx", '<!DOCTYPE martif [<!ENTITY a "b">]><martif/>', r"a\.tbx:1: declares entities"),
        ("a.xlsx", "x", "is no termbase that can be read; known are .csv, .tbx, .tsv"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_mend(write, name, content, message):
    with pytest.raises(InputError, match=message):
        read_concepts(write(name, content))


def test_the_number_of_concepts_is_limited(write, monkeypatch):
    monkeypatch.setattr(termbase_files, "MAX_CONCEPTS", 3)
    rows = [f"s{number}\tterm{number}\n" for number in range(4)]
    assert len(read_concepts(write("a.tsv", "".join(rows[:3])))) == 3
    with pytest.raises(InputError, match="more than 3 concepts"):
        read_concepts(write("a.tsv", "".join(rows)))
