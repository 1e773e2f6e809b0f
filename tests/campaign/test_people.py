"""Tables as people have them: any delimiter and encoding, and all that can be wrong with them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from lipwright.campaign.people import LONGEST_CELL, PeopleTable
from lipwright.core.errors import MediaError, UsageError


def write(folder: Path, content: str | bytes, name: str = "pe ople.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, **more) -> list[dict[str, str]]:
    return [person.values for person in PeopleTable(path, **more).rows()]


TWO = [{"name": "Asha", "city": "Kochi"}, {"name": "Raví", "city": "Pune, MH"}]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('name,city\nAsha,Kochi\nRaví,"Pune, MH"\n', "a.csv"),
        ('name;city\r\nAsha;Kochi\r\n\r\nRaví;"Pune, MH"', "a.csv"),
        ("name\tcity\nAsha\tKochi\nRaví\tPune, MH\n", "a.tsv"),
        ("﻿name , city\nAsha,Kochi\nRaví,\"Pune, MH\"\n".encode(), "a.csv"),
        ('name,city\nAsha,Kochi\nRaví,"Pune, MH"\n'.encode("utf-16"), "a.csv"),
        ("\n".join(json.dumps(row) for row in TWO), "a.jsonl"),
        ("\n".join(json.dumps(row, ensure_ascii=False) for row in TWO) + "\n\n", "a.ndjson"),
    ],
)  # fmt: skip
def test_tables_of_any_kind_say_the_same(tmp_path, content, name):
    assert read(write(tmp_path, content, name)) == TWO


def test_an_encoding_may_be_named(tmp_path):
    path = write(tmp_path, "name\nRaví\n".encode("latin-1"))
    assert read(path, encoding="latin-1") == [{"name": "Raví"}]
    with pytest.raises(MediaError, match="encoding"):
        read(path)
    with pytest.raises(UsageError, match="no encoding"):
        PeopleTable(path, encoding="klingon")


def test_parquet_is_read_in_batches(tmp_path):
    import pyarrow
    import pyarrow.parquet

    columns = {"name": ["Asha", None], "owes": [12.0, 3.5], "late": [True, False]}
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    assert read(path) == [
        {"name": "Asha", "owes": "12", "late": "yes"},
        {"name": "", "owes": "3.5", "late": ""},
    ]
    with pytest.raises(MediaError, match="Parquet"):
        read(write(tmp_path, b"PAR1 no", "b.parquet"))


def test_standard_input_is_a_table(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"name\nAsha\n")))
    assert read(Path("-")) == [{"name": "Asha"}]


def test_quotes_and_line_breaks_in_cells_are_kept(tmp_path):
    path = write(tmp_path, 'name,note\n"A ""B"" C","one\ntwo"\n')
    assert read(path) == [{"name": 'A "B" C', "note": "one\ntwo"}]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"), ("\n\n", "is empty"), ("name,city\n", "no people"),
        ("name,name\na,b\n", "two columns"), ("name,,city\na,b,c\n", "no name"),
        (",".join(f"c{n}" for n in range(1001)) + "\n", "more than 1000"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_is_told_in_a_sentence(tmp_path, content, says):
    with pytest.raises(MediaError, match=says):
        read(write(tmp_path, content))


def test_no_table_and_no_kind_are_told_of(tmp_path):
    with pytest.raises(MediaError, match="cannot be read"):
        read(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="no kind of table"):
        PeopleTable(tmp_path / "a.csv", "xls")


def test_rows_that_cannot_be_read_are_told_of_and_the_others_go_on(tmp_path):
    huge = "x" * (LONGEST_CELL + 1)
    path = write(tmp_path, f"a,b\n1\n1,2,3\n{huge},2\n3,4\n")
    people = list(PeopleTable(path).rows())
    assert [bool(person.fault) for person in people] == [True, True, True, False]
    assert "1 cells, and the header 2" in people[0].fault
    assert people[3].values == {"a": "3", "b": "4"}
    lines = write(tmp_path, '{"a": 1}\nno json\n[1]\n{"a": null}\n', "b.jsonl")
    people = list(PeopleTable(lines).rows())
    assert [person.fault[:7] for person in people] == ["", "is no J", "is no J", ""]


def test_a_table_that_changes_while_it_is_read_is_told_of(tmp_path):
    path = write(tmp_path, "a\n1\n2\n")
    rows = PeopleTable(path).rows()
    next(rows)
    path.write_text("a\n1\n2\n3\n", encoding="utf-8")
    with pytest.raises(MediaError, match="changed"):
        list(rows)
