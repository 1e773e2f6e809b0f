"""The command line as a whole. Each command imports what it needs when it runs, so help is fast."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lipwright.cli.cache import cache
from lipwright.cli.campaign import make_campaign
from lipwright.cli.demo import demo
from lipwright.cli.encoders import encoders
from lipwright.cli.engines import engines
from lipwright.cli.evaluate import evaluate
from lipwright.cli.faces import faces
from lipwright.cli.inspect import inspect
from lipwright.cli.models import make_models, offer
from lipwright.cli.say import say
from lipwright.cli.serve import serve
from lipwright.cli.sync import sync
from lipwright.cli.voices import voices

COMMANDS = (sync, faces, demo, say, serve, evaluate, inspect, engines, encoders, voices, cache)


def make_command() -> Any:
    """Return the `lipwright` command with all its sub-commands."""
    app = _make_app(
        add_completion=True,
        help="A portrait and a voice in, a lip-synced video out: offline, on a plain CPU.",
        no_args_is_help=True,
    )
    app.callback()(_options)
    for command in COMMANDS:
        app.command()(command)
    app.add_typer(make_models(), name="models")
    app.add_typer(make_campaign(), name="campaign")
    return typer.main.get_command(app)


def make_sync_command() -> Any:
    """Return the `sync` command alone, as `main.py` offers it."""
    app = _make_app()
    app.command()(sync)
    return typer.main.get_command(app)


def make_download_command() -> Any:
    """Return the command of `download_models.py`."""
    app = _make_app()
    app.command()(offer)
    return typer.main.get_command(app)


def _make_app(**settings: Any) -> typer.Typer:
    """A command whose errors are ours to decide."""
    return typer.Typer(
        **{"add_completion": False, **settings},
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _show_version(wanted: bool) -> None:
    if wanted:
        from lipwright.core.version import __version__

        typer.echo(f"lipwright {__version__}")
        raise typer.Exit()


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version)
    ] = False,
) -> None:
    pass
