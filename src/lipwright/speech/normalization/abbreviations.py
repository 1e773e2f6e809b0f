"""Abbreviations, acronyms, addresses and symbols to the words they stand for."""

from __future__ import annotations

import re

_TITLES = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Dr": "Doctor", "Prof": "Professor",
    "Smt": "Shrimati", "Shri": "Shri", "Sri": "Sri", "Kum": "Kumari", "Adv": "Advocate",
    "Er": "Engineer", "Capt": "Captain", "Col": "Colonel", "Gen": "General", "Lt": "Lieutenant",
    "Hon": "Honourable", "St": "Saint", "Sr": "Senior", "Jr": "Junior", "M/s": "Messrs",
}  # fmt: skip
_ABBREVIATIONS = {
    "e.g.": "for example", "eg.": "for example", "i.e.": "that is", "ie.": "that is",
    "etc.": "et cetera", "approx.": "approximately", "approx": "approximately",
    "vs.": "versus", "vs": "versus", "v/s": "versus", "w.e.f.": "with effect from",
    "p.a.": "per annum", "a/c": "account", "A/c": "account", "A/C": "account",
    "acct.": "account", "amt.": "amount", "Pvt.": "Private", "Pvt": "Private",
    "Ltd.": "Limited", "Ltd": "Limited", "Co.": "Company", "Corp.": "Corporation",
    "Inc.": "Incorporated", "Govt.": "Government", "Govt": "Government", "govt.": "government",
    "govt": "government", "Dept.": "Department", "dept.": "department", "Ext.": "extension",
    "ext.": "extension", "Ph.": "phone", "Tel.": "telephone", "Mob.": "mobile", "Rd.": "Road",
    "Ave.": "Avenue", "Opp.": "opposite", "Nr.": "near", "max.": "maximum", "min.": "minimum",
    "c/o": "care of", "C/o": "care of", "C/O": "care of", "s/o": "son of", "S/o": "son of",
    "S/O": "son of", "d/o": "daughter of", "D/o": "daughter of", "D/O": "daughter of",
    "W/o": "wife of", "W/O": "wife of", "u/s": "under section", "U/s": "under section",
    "b/w": "between", "dt.": "dated", "Dt.": "dated", "dtd": "dated", "dtd.": "dated",
    "info.": "information", "Fig.": "Figure", "Sec.": "Section", "Asst.": "Assistant",
    "Regd.": "Registered", "incl.": "including", "excl.": "excluding", "pls": "please",
    "Pls": "Please", "w/o": "without", "viz.": "namely", "Mon.": "Monday", "Tue.": "Tuesday",
    "Wed.": "Wednesday", "Thu.": "Thursday", "Fri.": "Friday", "hrs": "hours", "hrs.": "hours",
    "Avl": "available", "Avl.": "available", "Bal": "balance", "Bal.": "balance",
    "Txn": "transaction", "txn": "transaction", "Min.": "Minimum", "Max.": "Maximum",
    "LPA": "lakh per annum",
    "Ph.D.": "P H D", "Ph.D": "P H D", "PhD": "P H D", "qty.": "quantity", "Qty.": "Quantity",
}  # fmt: skip
_ABBREVIATION = re.compile(
    r"(?<![\w.])(?:"
    + "|".join(map(re.escape, sorted(_ABBREVIATIONS, key=len, reverse=True)))
    + r")(?![\w])"
)
_NEVER_LAST = (
    "example", "that is", "namely", "Section", "Figure", "Private", "near", "opposite",
    "Assistant", "Registered", "phone", "telephone", "mobile", "versus",
)  # fmt: skip
_TITLE = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, _TITLES)) + r")\.\s*(?=[A-Z])")
_STREET = re.compile(r"\b(\d{1,6}[A-Z]?,? (?:[A-Z][a-z]{1,20} ){1,3})St\b\.?")
_PLAIN_TITLE = re.compile(r"(?<![\w.])(Mr|Mrs|Ms|Dr|Prof|Smt|M/s)(?=\s+[A-Z])")
_DAYS = {
    "Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday",
    "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip
_DAY = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:days?|s|rs|r|nesday|urday|rsday)?\.?"
_DAY_SPAN = re.compile(rf"\b{_DAY}\s*(-|–|to|&|and|/)\s*{_DAY}(?![A-Za-z])")
_SURE_DAY = re.compile(
    r"\b(?:(Mon|Tues?|Thur?s?|Fri)\b\.?(?=[\s,])(?! [A-Z])"
    r"|(Wed|Sat|Sun)\b\.?(?=,? (?:the )?\d|, (?:the )?(?:twenty |thirty )?[a-z]+(?:th|st|nd|rd)\b))"
)
_NUMBERED = re.compile(
    r"\b((?i:ref|reference|order|ticket|txn|flat|house|room|account|a/c|policy|card|mobile|phone|"
    r"train|bill|invoice|loan|plot|door|survey|seat|coach|flight|gate|shop))\s+[Nn]o\b\.?"
)
_SERIAL = re.compile(r"(?<![\w.])(?:Sr|Sl|S)\.?\s?No\.?\s*(?=\d)")
_NUMBER_SIGN = re.compile(r"(?<![\w.])[Nn]o(s?)\.\s*(?=[\dA-Z]{0,30}\d)")
_ERA = re.compile(r"(?:(?<=\d )|\b(?=[AB]\.?[DC]\.? \d))(AD|A\.D\.|B\.C\.)(?!\w)")

# Spelled although they could be read as words, or look like one.
SPELLED = frozenset(
    "UPI EMI SMS OTP KYC PAN ATM GST NEFT IMPS RTGS HDFC ICICI SBI RBI SEBI IFSC MICR ECS NRI NRE "
    "NRO FD RD SIP ITR TDS HUF LIC EPF PPF UAN NPS CVV CIBIL POS QR URL USB PDF FAQ CEO CFO CTO "
    "HR IT US USA UK EU UAE UN ID AI API APP TV PC AC DC BPO KPO IVR CRM ERP SUV OK EV AM PM IST "
    "UPSC ICSE IPL BCCI IAS IPS MLA MBA MCA BBA BCA IPO NAV AMC ETF DOB EOD ROI IGST UTR IMEI AEPS "
    "IP FY AY GSTIN TAN DIN CIN VIP DIY ETA FYI ASAP BSNL IRCTC AIIMS IIT IIM NIT BTS UID UIDAI "
    "GMT BHIM DTH OTT".split()
) - {"APP", "ASAP", "CIBIL", "SEBI", "BHIM", "AIIMS"}  # fmt: skip
ALSO_WORDS = frozenset({"IT", "US", "AM", "PAN", "ID", "OK"})
_ACRONYM = re.compile(r"\b([A-Z]{2,7})((?:['’]?s)?)\b(?![a-z])")

_SIGNS = (
    (r"(?<=\b[A-Z])/(?=[A-Z]\b)", " "),
    (r"\s*&\s*", " and "),
    (r"\band/or\b", "and or"),
    (
        r"\s?/\s?(?=(?:day|week|month|year|hour|hr|minute|person|head|unit|night|kg|litre)\b)",
        " per ",
    ),
    (r"(?<=[A-Za-z])\s?/\s?(?=[A-Za-z])|\s/\s", " or "),
    (r"\s@\s?", " at "),
    (r"\s=\s?", " equals "),
    (r"\s?×\s?", " by "),
    (r"\s?\+\s?", " plus "),
    (r"~\s?(?=\d)", "about "),
    (r"\s?(?:<\s?=|≤)\s?", " at most "),
    (r"\s?(?:>\s?=|≥)\s?", " at least "),
    (r"<\s?(?=\d)", " less than "),
    (r">\s?(?=\d)", " more than "),
    (r"\s?±\s?", " plus or minus "),
    (r"\b([A-G])#(?!\w)", r"\1 sharp"),
    (r"(?<![\w#])#(?=[A-Za-z]\w)", "hashtag "),
)


def read_abbreviations(text: str) -> str:
    """Write abbreviations and titles out in full."""
    text = re.sub(r"(?<!\w)#\s?(?=\d)", "number ", text)
    text = _SERIAL.sub("serial number ", text)
    text = _NUMBER_SIGN.sub(r"number\1 ", _NUMBERED.sub(r"\1 number", text))
    text = _ERA.sub(lambda m: " ".join(re.sub(r"\W", "", m[1])), text)
    text = _DAY_SPAN.sub(_say_days, text)
    text = _SURE_DAY.sub(lambda m: _DAYS[m[0][:3]], text)
    text = _STREET.sub(_say_street, text)
    text = _TITLE.sub(lambda m: _TITLES[m[1]] + " ", text)
    text = _PLAIN_TITLE.sub(lambda m: _TITLES[m[1]], text)
    text = _ABBREVIATION.sub(_say_abbreviation, text)
    text = re.sub(r"\b(?:[A-Z]\.\s?){2,}(?=\W|$)", _say_initials, text)
    return re.sub(r"(?<![\w.])(?<![AP] )([A-Z])\.(?=\s*[A-Z][a-z])", r"\1 ", text)


def read_acronyms(text: str) -> str:
    """Spell acronyms letter by letter; text in capitals throughout is brought to lower case."""
    return "\n".join(_read_acronym_line(line) for line in text.split("\n"))


def read_signs(text: str) -> str:
    """Replace symbols that stand for words."""
    for pattern, words in _SIGNS:
        text = re.sub(pattern, words, text)
    return text


def _read_acronym_line(line: str) -> str:
    words = [
        word for word in re.findall(r"[A-Za-z]+", line) if word not in SPELLED or word in ALSO_WORDS
    ]
    loud = [word for word in words if word.isupper() and len(word) > 1]
    shouted = len(words) > 2 and len(loud) > 0.7 * len(words)
    return _ACRONYM.sub(lambda match: _say_acronym(match, shouted), line)


def _say_acronym(match: re.Match[str], shouted: bool) -> str:
    word, plural = match[1], match[2]
    spelled = word in SPELLED or not re.search("[AEIOUY]", word)
    if spelled and not (shouted and word in ALSO_WORDS):
        return " ".join(word) + ("'s" if plural else "")
    return (word.lower() if shouted else word) + plural


def _say_abbreviation(match: re.Match[str]) -> str:
    words = _ABBREVIATIONS[match[0]]
    ends_sentence = match[0].endswith(".") and re.match(r"\s*$|\s+[A-Z]", _after(match))
    follows_on = words.endswith(_NEVER_LAST)
    return words + ("." if ends_sentence and not follows_on else "")


def _say_street(match: re.Match[str]) -> str:
    ends_sentence = match[0].endswith(".") and re.match(r"\s*$|\s+[A-Z]", _after(match))
    return f"{match[1]}Street" + ("." if ends_sentence else "")


def _after(match: re.Match[str]) -> str:
    """Return some of the text after a match."""
    return match.string[match.end() : match.end() + 40]


def _say_days(match: re.Match[str]) -> str:
    link = {"-": "to", "–": "to", "/": "or", "&": "and"}.get(match[2], match[2])
    return f"{_DAYS[match[1]]} {link} {_DAYS[match[3]]}"


def _say_initials(match: re.Match[str]) -> str:
    letters = " ".join(re.findall("[A-Z]", match[0]))
    after = match.string[match.end() :]
    return letters + ("." if not after.strip() else " ")
