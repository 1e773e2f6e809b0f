"""Values of a table as they are spoken, and those that cannot be."""

from __future__ import annotations

import pytest

from lipwright.campaign.fields import format_value


@pytest.mark.parametrize(
    ("value", "kind", "language", "spoken"),
    [
        ("5053", "currency", "en-IN", "INR 5,053"),
        ("Rs. 1,20,000.50", "currency", "en-IN", "INR 120,000.50"),
        ("₹99/-", "currency", "hi-IN", "INR 99"),
        ("$12.5", "currency", "en-US", "$ 12.50"),
        ("-40 EUR", "currency", "en-GB", "EUR -40"),
        ("2024-12-31", "date", "en-IN", "31 December 2024"),
        ("2024-12-31T10:00:00Z", "date", "en-IN", "31 December 2024"),
        ("3/4/2025", "date", "en-IN", "3 April 2025"),
        ("3/4/2025", "date", "en-US", "March 4, 2025"),
        ("5th May 2025", "date", "en-IN", "5 May 2025"),
        ("May 5, 2025", "date", "en-IN", "5 May 2025"),
        ("31.03.25", "date", "hi-IN", "31 मार्च 2025"),
        ("  Asha   Rao ", "name", "en-IN", "Asha Rao"),
        ("O'Brien-Nair", "name", "en-IN", "O'Brien-Nair"),
        ("मातंगी", "name", "hi-IN", "मातंगी"),
        ("4512", "digits", "en-IN", "4 5 1 2"),
        ("+91 98765 43210", "telephone", "en-IN", "plus 9 1 9 8 7 6 5 4 3 2 1 0"),
        ("17:30", "time", "en-IN", "17:30"),
        ("1,234.5", "number", "en-IN", "1,234.5"),
    ],
)
def test_values_are_written_as_they_are_spoken(value, kind, language, spoken):
    assert format_value(value, kind, language) == spoken


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("lots", "currency"), ("12.345", "currency"), ("1e5", "currency"),
        ("2024-13-01", "date"), ("31/02/2025", "date"), ("soon", "date"), ("5", "date"),
        ("=HYPERLINK()", "text"), ("@cmd", "name"), ("+cmd|' /C calc'", "text"), ("…", "text"),
        ("R2D2", "name"), ("a\nb", "text"), ("a\x00", "name"), ("x" * 501, "text"),
        ("25:00", "time"), ("12a", "digits"), ("phone me", "telephone"), ("one", "number"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_spoken_say_why(value, kind):
    with pytest.raises(ValueError, match=r"^(is|has|begins) "):
        format_value(value, kind, "en-IN")
