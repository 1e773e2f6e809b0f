"""A script with places: what each person hears, and which sentences are the same for everybody."""

from __future__ import annotations

import pytest

from lipwright.campaign.fields import FieldFault
from lipwright.campaign.template import read_template
from lipwright.core.errors import UsageError

SCRIPT = (
    "Namaste {name:name}! This is a reminder. It is for you alone.\n\n"
    "You owe {amount:currency}, due {due:date}. {?late}That was a while ago. {/late}"
    "Ask Dr. Rao or {agent|our office}. Thank you!"
)
ROW = {"name": "Mathangi", "amount": "5053", "due": "31/12/2024", "late": "", "agent": ""}


def test_what_is_the_same_for_everybody_is_cut_off_at_sentences():
    template = read_template(SCRIPT)
    passages = template.passages(ROW, "en-IN")
    assert [(passage.text, passage.personal) for passage in passages] == [
        ("Namaste Mathangi! ", True),
        ("This is a reminder. It is for you alone.\n\n", False),
        ("You owe INR 5,053, due 31 December 2024. Ask Dr. Rao or our office. ", True),
        ("Thank you!", False),
    ]
    assert passages[2].values == (
        ("amount", "INR 5,053"), ("due", "31 December 2024"), ("agent", "our office"),
    )  # fmt: skip
    assert "".join(passage.text for passage in passages) == template.text(ROW, "en-IN")


def test_optional_parts_are_heard_by_those_they_are_for():
    template = read_template(SCRIPT)
    assert "a while ago" in template.text({**ROW, "late": "yes"}, "en-IN")
    for value in ("", "0", "no", "False", " N "):
        assert "a while ago" not in template.text({**ROW, "late": value}, "en-IN")


def test_columns_and_those_that_must_be_there():
    template = read_template(SCRIPT)
    assert template.columns == ("name", "amount", "due", "agent", "late")
    assert template.needed == ("name", "amount", "due")


def test_optional_parts_may_stand_in_each_other_and_hold_places():
    template = read_template("{?a}A {?b}B {b} {/b}{/a}C.")
    assert template.text({"a": "x", "b": "y"}, "en-IN") == "A B y C."
    assert template.text({"a": "x", "b": ""}, "en-IN") == "A C."
    assert template.faults({"a": "", "b": ""}, "en-IN") == []


def test_braces_and_initials_are_no_places_and_no_ends():
    template = read_template("Write {{this}}. Ask J. Smith at 3.5 km. {x} is next.")
    passages = template.passages({"x": "Asha"}, "en-IN")
    assert [passage.text for passage in passages] == [
        "Write {this}. Ask J. Smith at 3.5 km. ",
        "Asha is next.",
    ]


def test_values_are_words_and_no_markup():
    template = read_template("<speak>Hello <emphasis>{name}</emphasis>!</speak>")
    (passage,) = template.passages({"name": "R<b>&D"}, "en-IN")
    assert template.ssml and passage.personal and "R&lt;b&gt;&amp;D" in passage.text


def test_all_faults_are_told_at_once():
    faults = read_template(SCRIPT).faults({"name": "", "amount": "much", "due": "soon"}, "en-IN")
    assert [fault.column for fault in faults] == ["name", "amount", "due"]
    with pytest.raises(FieldFault, match="name has no value"):
        read_template(SCRIPT).passages({}, "en-IN")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("  ", "empty"),
        ("Hello {name:colour}!", "no type"),
        ("Hello {?a}you", "does not end"),
        ("Hello {/a}you", "did not begin"),
        ("Hello {?a}{?b}{/a}{/b}", "order"),
        ("Hello {name", "brace"),
        ("Hello name}", "brace"),
        ("Hello {1}!", "brace"),
    ],
)
def test_a_script_that_cannot_be_is_told_in_a_sentence(script, says):
    with pytest.raises(UsageError, match=says):
        read_template(script)
