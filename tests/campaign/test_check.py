"""Every row is looked at, all faults are told at once, and memory stays flat."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lipwright.campaign.check import check_people
from lipwright.campaign.people import PeopleTable
from lipwright.core.errors import UsageError, VoiceError

TABLE = """\
id,name,amount,opt_out,voice,image,priority
1,Mathangi,5053,,,,
2,,12,,,,
3,Asha,much,,,,
4,عائشة,10,,,,
5,Asha 😀,10,,,,
6,Grace,10,yes,,,
7,Ravi,10,,nobody,,
8,Ravi,10,,,missing.png,
9,Ravi,10,,,,soon
10,मीरा,10,,arjun,,2
11,Mathangi,5053
12,=cmd,1,,,,
"""


@pytest.fixture
def table(tmp_path) -> PeopleTable:
    path = tmp_path / "people.csv"
    path.write_text(TABLE, encoding="utf-8")
    return PeopleTable(path)


def test_all_faults_are_told_by_row_and_column(plan, table):
    result = check_people(plan, table)
    found = {(fault.row, fault.column) for fault in result.faults}
    assert found == {
        (2, "name"), (3, "amount"), (4, "name"), (5, "name"), (7, "voice"), (8, "image"),
        (9, "priority"), (11, ""), (12, "name"),
    }  # fmt: skip
    assert (result.rows, result.good, result.faulty, result.opted_out) == (12, 2, 9, 1)
    assert str(result.faults[0]) == "row 2, name has no value"
    assert "عائشة"[0] in str(result.faults[2])


@pytest.mark.parametrize(
    "script",
    [
        "{?english}Hello!{/english}{?hindi}नमस्ते!{/hindi}",
        "<speak>{?english}Hello!{/english} {?hindi}नमस्ते!{/hindi}</speak>",
        "{english|} {hindi|}",
    ],
)
def test_a_row_for_which_nothing_of_the_script_is_left(plan, tmp_path, script):
    path = tmp_path / "p.csv"
    path.write_text("id,english,hindi\n1,yes,\n2,,\n3,,yes\n", encoding="utf-8")
    result = check_people(replace(plan, script=script), PeopleTable(path))
    assert [str(fault) for fault in result.faults] == [
        "row 2, the row leaves nothing of the script to say: fill in english, hindi"
    ]
    assert (result.good, result.faulty) == (2, 1)


def test_what_is_spoken_is_counted_once_where_it_is_for_everybody(plan, table):
    result = check_people(plan, table)
    fixed = "This is for everybody. "
    assert result.fixed == 2 * len(fixed)  # two voices
    assert result.total == result.personal + 2 * len(fixed) and not result.online


def test_outputs_that_clash_and_rows_that_repeat(plan, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("id,name,amount\na,Asha,1\nA,Ravi,2\nb,Asha,1\nb,Asha,1\n", encoding="utf-8")
    result = check_people(replace(plan, pattern="{id}.mp4"), PeopleTable(path))
    assert [str(fault) for fault in result.faults] == [
        "row 2, the row has the same output as row 1",
        "row 4, the row is the same as row 3",
    ]


def test_those_who_opted_out_may_stand_in_a_file(plan, table, tmp_path):
    file = tmp_path / "out.txt"
    file.write_text("﻿1\n\n 10 \n", encoding="utf-8")
    assert check_people(plan, table, file, "id").opted_out == 3
    with pytest.raises(UsageError, match="no column"):
        check_people(plan, table, file, "email")
    with pytest.raises(UsageError, match="cannot be read"):
        check_people(plan, table, tmp_path / "none.txt", "id")


def test_a_script_and_a_table_that_do_not_fit_are_told_of(plan, table):
    with pytest.raises(UsageError, match="no such column"):
        check_people(replace(plan, script="Hello {surname}."), table)
    with pytest.raises(VoiceError, match="nobody"):
        check_people(replace(plan, voice="nobody"), table)
    with pytest.raises(UsageError, match="no column"):
        check_people(replace(plan, pattern="{x}.mp4"), table)


PROGRAM = """
import resource, sys, time
from pathlib import Path
from lipwright.campaign.check import check_people
from lipwright.campaign.people import PeopleTable
from lipwright.campaign.plan import CampaignPlan
plan = CampaignPlan("Hello {name:name}, you owe {amount:currency} by {due:date}.", sys.argv[2])
result = check_people(plan, PeopleTable(Path(sys.argv[1])))
print(result.good, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_many_rows_take_little_time_and_memory(plan, tmp_path):
    def measure(rows: int) -> tuple[int, float]:
        path = tmp_path / f"{rows}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("name,amount,due\n")
            for n in range(rows):
                file.write(f"Asha {chr(97 + n % 26)}{chr(97 + n // 26 % 26)},{n + 1},2025-03-31\n")
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, path, Path(plan.image)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        good, memory, seconds = ran.stdout.split()
        assert int(good) == rows
        return int(memory), float(seconds)

    few, _ = measure(500)
    many, seconds = measure(10_000)
    assert many < few + 12_000  # KiB
    assert seconds < 12  # of a processor
