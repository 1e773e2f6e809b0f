"""Remove Markdown, so that its words are spoken and its markup is not.

Time is proportional to the length of the text: what is repeated in an expression ends at the
character that the expression begins with, or is never given back.
"""

from __future__ import annotations

import re

_ENDS = ".!?:;,…"
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_PRIVATE = 0xE000  # signs that were escaped wait here until the others are gone
_HIDDEN = re.compile("[\ue000-\ue07f]")
_FRONT_MATTER = re.compile(r"(?s)---\n.*?\n---(?:\n|\Z)")
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?m)^ *+(?:```|~~~)[^\n]*\n?|\r", ""),
        (r"(?m)^ *+\[[^\[\]\n]+\]: *\S[^\n]*$", ""),  # where links lead to
        (r"\[\^[^\[\]\s]+\]:?", ""),  # footnotes
        (r"!?\[([^\[\]]*+)\]\((?:[^()]|\([^()]*+\))*+\)", r"\1"),
        (r"!?\[([^\[\]\n]++)\]\[[^\[\]\n]*+\]", r"\1"),
        (r"<((?:https?://|mailto:)[^<>\s]++)>", r"\1"),
        (r"</?[A-Za-z][^<>\n]*+>", " "),
        (r"(?m)^( *+)[-*+] +\[[ xX]\] +", r"\1- "),  # tasks
        (r"(?m)^((?=[^\S\n]*+\S)[^\n]++)\n *+(?:={3,}+|-{3,}+) *+$", r"# \1"),  # underlined
        (r"(?m)^ *+(?:[-*_=] *+){3,}+$", ""),  # rules
        (r"(?m)^(?=[ :-]*+\|)[ :|-]++\n", ""),  # the line under a table's head
    )
)
_LINE = re.compile(r" *+(?:(?P<row>\|)|(?P<heading>#{1,6}) ++|(?P<item>[-*+•]|\d{1,2}\)) ++)")
_PREFIX = re.compile(r"(?m)^ *+(?:[-*+•]|>|#{1,6}) +")
_INLINE = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<![\w*])\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}(?![\w*])", ""),
        (r"(?<!\w)_{1,3}(?=[^\s_])|(?<=[^\s_])_{1,3}(?!\w)", ""),
        (r"~~(?=\S)|(?<=\S)~~", ""),
        (r"`+", ""),
        (r"(?<! ) *+\| *+", ", "),
    )
)


def strip_markdown(text: str) -> str:
    """Return the words of a Markdown text: headings and list items end with a full stop."""
    text = _ESCAPED.sub(lambda match: chr(_PRIVATE + ord(match[1])), text)
    front = _FRONT_MATTER.match(text)
    text = drop_comments(text[front.end() :] if front else text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    text = _PREFIX.sub("", "\n".join(map(_strip_line, text.split("\n"))))
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return _HIDDEN.sub(lambda match: chr(ord(match[0]) - _PRIVATE), text)


def drop_comments(text: str) -> str:
    """Return a text without its ``<!-- -->``; one that is never closed stays."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        kept.append(text[position:start])
        position = end + 3
    return "".join([*kept, text[position:]])


def _strip_line(line: str) -> str:
    """Take the signs of a heading, a list item or a row off a line, which then is a sentence."""
    match = _LINE.match(line)
    if match is None:
        return line
    words = line[match.end() :].rstrip(" ")
    if match["row"]:
        return _end(words[:-1]) if words.endswith("|") else line
    if match["heading"]:
        words = words.rstrip("#").rstrip(" ")
    return _end(words) if words else line


def _end(words: str) -> str:
    return words if words.endswith(tuple(_ENDS)) else words + "."
