"""What is written and how it is read out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.speech.normalization.normalize import normalize

pytest.importorskip("num2words", reason="reading out numbers needs the voice extra")

CASES = {
    # money
    "INR 5,053": "five thousand and fifty three rupees",
    "Rs. 1,25,000.50": "one lakh twenty five thousand rupees and fifty paise",
    "Rs.500/-": "five hundred rupees",
    "₹1": "one rupee",
    "₹5.5 lakh": "five point five lakh rupees",
    "Rs 2 crore": "two crore rupees",
    "₹500-1,000": "five hundred to one thousand rupees",
    "$1.5 million": "one point five million dollars",
    "-₹20": "minus twenty rupees",
    "12,34,56,000": "twelve crore thirty four lakh fifty six thousand",
    "Rs 1.25 Cr": "one point two five crore rupees",
    "₹3 lakh crore": "three lakh crore rupees",
    "Rs 50k": "fifty thousand rupees",
    "Rs. 500 p.m.": "five hundred rupees per month",
    "12.5% p.a. on it": "twelve point five percent per annum on it",
    "INR 0.50": "fifty paise",
    "1,2,3": "one, two, three",
    "Rooms 10,15": "Rooms ten, fifteen",
    "Rs5000": "five thousand rupees",
    "SGD 20": "twenty Singapore dollars",
    "₹50,000/month": "fifty thousand rupees per month",
    "12 Lakhs, 3Cr": "twelve lakh, three crore",
    # dates
    "31st December 2024": "thirty first December twenty twenty four",
    "31/12/2024": "thirty first December twenty twenty four",
    "12/31/2024": "thirty first December twenty twenty four",
    "2024-12-31": "thirty first December twenty twenty four",
    "31-Dec-24": "thirty first December twenty twenty four",
    "Dec 31, 2024": "December thirty first, twenty twenty four",
    "in 2005": "in two thousand and five",
    "the 1990s": "the nineteen nineties",
    "FY 2024-25": "F Y twenty twenty four to twenty five",
    "2024 customers": "two thousand and twenty four customers",
    "2024/12/31": "thirty first December twenty twenty four",
    "FY2024-25": "F Y twenty twenty four to twenty five",
    "the '90s": "the nineties",
    "Mon-Fri": "Monday to Friday",
    "Sat & Sun": "Saturday and Sunday",
    "Tue, 5 May": "Tuesday, fifth May",
    "on Sat, 30 Nov": "on Saturday, thirtieth November",
    "Mon 4/11": "Monday fourth November",
    "in Dec 2024": "in December twenty twenty four",
    "the sun sat down": "the sun sat down",
    # times
    "9:30-17:30": "nine thirty to seventeen thirty",
    "0700 hrs": "zero seven hundred hours",
    "1730 hrs": "seventeen thirty hours",
    "5:30 pm": "five thirty P M",
    "17:30": "seventeen thirty",
    "10:05": "ten oh five",
    "9:00 am": "nine A M",
    "17:00 hrs": "seventeen hundred hours",
    "10 am - 6 pm": "ten A M to six P M",
    "at 5 p.m. Please come": "at five P M. Please come",
    # numbers
    "-5°C": "minus five degrees Celsius",
    "5-10 mins": "five to ten minutes",
    "100 km/h": "one hundred kilometres per hour",
    "5'6\"": "five feet six inches",
    "½ kg": "half kilogram",
    "2½ hours": "two and a half hours",
    "2:1": "two to one",
    "100 MG Road": "one hundred M G Road",
    "Bengaluru - 560001": "Bengaluru, five six zero zero zero one",
    "ID 20241231ABC": "I D two zero two four, one two three one A B C",
    "2x speed": "two times speed",
    "24 x 7": "twenty four seven",
    "code SAVE20": "code SAVE twenty",
    "2GB/day": "two gigabytes per day",
    "36.6°C / 98°F": "thirty six point six degrees Celsius or ninety eight degrees Fahrenheit",
    "Chapter IV, Class XII": "Chapter four, Class twelve",
    "3.5%": "three point five percent",
    "10-15%": "ten to fifteen percent",
    "10-15 days": "ten to fifteen days",
    "21st": "twenty first",
    "0.05": "zero point zero five",
    "007": "zero zero seven",
    "5 km": "five kilometres",
    "25°C": "twenty five degrees Celsius",
    "24/7": "twenty four seven",
    "4G": "four G",
    "ABCDE1234F": "A B C D E one two three four F",
    "२५": "twenty five",
    # digit by digit
    "+91 98765 43210": "plus nine one, nine eight seven six five, four three two one zero",
    "9876543210": "nine eight seven six five, four three two one zero",
    "1800-123-4567": "one eight zero zero, one two three, four five six seven",
    "card ending 1234": "card ending one two three four",
    "XXXX XXXX XXXX 4321": "ending four three two one",
    "OTP is 482913": "O T P is four eight two nine one three",
    "Ref No 433512345678": "Ref number four three three five, one two three four, "
    "five six seven eight",
    "18002586161": "one eight zero zero, two five eight, six one six one",
    "919951860002": "nine one, nine nine five one eight, six zero zero zero two",
    # addresses
    "help.desk@bank.co.in": "help dot desk at bank dot co dot in",
    "https://www.example.com/pay-now.": "W W W dot example dot com slash pay dash now.",
    # abbreviations and acronyms
    "Mr. Rao and Dr. Iyer": "Mister Rao and Doctor Iyer",
    "No. 5": "number five",
    "e.g. this": "for example this",
    "approx. 5": "approximately five",
    "pens, etc. Next": "pens, et cetera. Next",
    "R. Subramaniam": "R Subramaniam",
    "your UPI, EMI, SMS, OTP, KYC and PAN": "your U P I, E M I, S M S, O T P, K Y C and P A N",
    "three EMIs": "three E M I's",
    "PLEASE PAY IT NOW VIA UPI": "please pay it now via U P I",
    "Sharma Pvt. Ltd. is": "Sharma Private Limited is",
    "a Ph.D. in it": "a P H D in it",
    "I/O and T&C": "I O and T and C",
    # signs and pauses
    "Wait... what?!": "Wait… what?",
    "Tom & Jerry": "Tom and Jerry",
    "yes - no (really)": "yes, no, really,",
    "don’t “quote” ‘me’": "don't quote me",
    "credit-card": "credit card",
    # Markdown
    "**Bold** and _slanted_ and `code`": "Bold and slanted and code",
    "[the link](https://example.com)": "the link",
    "# Title\n\n- one\n- two": "Title.\n\none. two.",
    "😀 hello": "hello",
}


@pytest.mark.parametrize(("written", "read"), CASES.items())
def test_reading(written: str, read: str) -> None:
    assert normalize(written) == read


def test_paragraphs_stay_apart() -> None:
    assert normalize("One\nline.\n\n\nTwo") == "One line.\n\nTwo"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_any_text_comes_out_as_plain_words(text: str) -> None:
    assert re.fullmatch(r"[^\W\d_]*(?:[\w\s'.,!?;:…\u0900-\u097f]|\w\W?)*", normalize(text))
    assert not re.search(r"\d|[#*_/@%<>]", normalize(text))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789.,-/:+% ₹RsINRapmXx", max_size=30))
def test_no_run_of_digits_and_signs_breaks_it(text: str) -> None:
    assert not re.search(r"\d", normalize(text))
