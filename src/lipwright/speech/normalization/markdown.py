"""Remove Markdown, so that its words are spoken and its markup is not."""

from __future__ import annotations

import re

_LINE_END = r"[^\n.!?:;,…\s]"
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_PRIVATE = 0xE000  # signs that were escaped wait here until the others are gone
_HIDDEN = re.compile("[\ue000-\ue07f]")
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?s)\A---\n.*?\n---(?:\n|\Z)", ""),  # front matter
        (r"(?s)<!--.*?-->", ""),
        (r"(?m)^ *(?:```|~~~)[^\n]*\n?|\r", ""),
        (r"(?m)^ *\[[^\]\n]+\]: *\S+.*$", ""),  # where links lead to
        (r"\[\^[^\]\s]+\]:?", ""),  # footnotes
        (r"!?\[([^\]]*)\]\([^)]*\)", r"\1"),
        (r"!?\[([^\]\n]+)\]\[[^\]\n]*\]", r"\1"),
        (r"<((?:https?://|mailto:)[^>\s]+)>", r"\1"),
        (r"</?[A-Za-z][^<>\n]*>", " "),
        (r"(?m)^( *)[-*+] +\[[ xX]\] +", r"\1- "),  # tasks
        (r"(?m)^([^\n]*\S[^\n]*)\n *(?:={3,}|-{3,}) *$", r"# \1"),  # underlined headings
        (r"(?m)^ *(?:[-*_=] *){3,}$", ""),  # rules
        (r"(?m)^[ :|-]*\|[ :|-]*\n", ""),  # the line under a table's head
        (r"(?m)^ *\|(.*)\| *$", r"\1."),
        (rf"(?m)^ *#{{1,6}} +([^\n]*?{_LINE_END}) *#* *$", r"\1."),
        (rf"(?m)^ *(?:[-*+•]|\d{{1,2}}\)) +([^\n]*?{_LINE_END}) *$", r"\1."),
        (r"(?m)^ *(?:[-*+•]|>|#{1,6}) +", ""),
        (r"(?<![\w*])\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}(?![\w*])", ""),
        (r"(?<!\w)_{1,3}(?=[^\s_])|(?<=[^\s_])_{1,3}(?!\w)", ""),
        (r"~~(?=\S)|(?<=\S)~~", ""),
        (r"`+", ""),
        (r" *\| *", ", "),
    )
)  # fmt: skip


def strip_markdown(text: str) -> str:
    """Return the words of a Markdown text: headings and list items end with a full stop."""
    text = _ESCAPED.sub(lambda match: chr(_PRIVATE + ord(match[1])), text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return _HIDDEN.sub(lambda match: chr(ord(match[0]) - _PRIVATE), text)
