"""What a recogniser hears is compared with what was asked for."""

from __future__ import annotations

import pytest
from tests.helpers import tone

from lipwright.campaign.read_back import ReadBack, distance, to_words
from lipwright.campaign.template import Passage
from lipwright.speech import Speech

PASSAGE = Passage(
    "Mathangi, you owe INR 5,053 by 31 December 2024.",
    True,
    (("name", "Mathangi"), ("amount", "INR 5,053"), ("due", "31 December 2024")),
)
SPEECH = Speech.from_samples(tone(0.1, 16_000), 16_000)


@pytest.mark.parametrize(
    ("heard", "wrong"),
    [
        ("Mathangi, you owe five thousand and fifty three rupees by thirty first December twenty "
         "twenty four.", []),
        ("Matangy, you owe ₹5,053 by 31st December 2024.", []),
        ("Matangi, you owe five thousand fifty three lupis by thirty first December twenty twenty "
         "four.", []),
        ("Matangi, you owe five thousand fifty three rupees by thirty first October twenty twenty "
         "four.", ["due"]),
        ("Madhangi you owe INR 5,035 by 31st December 2024.", ["amount"]),
        ("Gopal, you owe ₹5,053 by 30th December 2024.", ["name", "due"]),
        ("", ["name", "amount", "due"]),
    ],
)  # fmt: skip
def test_what_was_not_heard_is_told(heard, wrong):
    found = ReadBack(lambda speech: heard).differences(PASSAGE, SPEECH)
    assert [difference.split(":")[0] for difference in found] == wrong


def test_words_and_distances():
    assert to_words("INR 5,053 and 50 paise") == to_words(
        "five thousand fifty three rupees 50 paise"
    )
    assert (distance("kitten", "sitting"), distance("", "abc"), distance("a", "a")) == (3, 3, 0)
