"""Write docs/cli.md from the command line itself: `make reference`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lipwright.cli.app import make_command

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
HEAD = """# Commands

<!-- Written by `make reference`: change the options of the command line, not this page. -->

What `lipwright COMMAND --help` says, in one page. `python main.py` is `lipwright sync`, and
`python download_models.py` is `lipwright models download`.
"""
TAIL = """## Exit status

| status | meaning |
|---|---|
| 0 | done |
| 1 | it failed; one sentence on standard error says why and what to do |
| 2 | it was asked for wrongly: an option or a value that does not exist |
| 130 | interrupted (Ctrl-C) |
| 143 | terminated (SIGTERM) |
"""


def reference() -> str:
    """Return the text of docs/cli.md."""
    command = make_command()
    parts = [part for _, *parts in _commands(command, "lipwright") for part in parts]
    return "\n".join([HEAD, *parts, TAIL])


def _commands(command: Any, name: str) -> Iterator[tuple[str, ...]]:
    """Yield name and text of a command and of those below it, in the order of their help."""
    below = getattr(command, "commands", {})
    yield name, _section(command, name, bool(below))
    for child, one in below.items():
        if not one.hidden:
            yield from _commands(one, f"{name} {child}")


def _section(command: Any, name: str, has_commands: bool) -> str:
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"## {name}", "", f"`{name} {usage}`".replace("  ", " "), ""]
    lines += [*(command.help or "").replace("\b", "").strip().splitlines(), ""]
    rows = [row for parameter in command.get_params(context) if (row := _row(parameter, context))]
    if rows:
        lines += ["| option | meaning |", "|---|---|", *rows, ""]
    if has_commands:
        lines += [f"Commands: {', '.join(f'`{child}`' for child in command.commands)}.", ""]
    return "\n".join(lines)


def _row(parameter: Any, context: Any) -> str | None:
    """Return a line of the table, or nothing for what is hidden."""
    record = parameter.get_help_record(context)
    if record is None:
        return None
    names, meaning = (" ".join(str(part).split()) for part in record)
    for sign in "|<>":
        meaning = meaning.replace(sign, f"\\{sign}")
    return "| `{}` | {} |".format(names.replace("|", "\\|"), meaning)


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
    sys.exit(0)
