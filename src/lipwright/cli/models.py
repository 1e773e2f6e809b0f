"""`lipwright models`: the weights of others, listed, fetched, verified, found and deleted."""

from __future__ import annotations

import json as json_module
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipwright.cli.options import Json, Quiet

if TYPE_CHECKING:
    from lipwright.weights import Model
    from lipwright.weights.hf_hub import DownloadProgress

INTERRUPTED = 130
TERMINATED = 143

Names = Annotated[
    list[str], typer.Argument(help='Models, as "lipwright models list" names them.', metavar="NAME")
]
MaybeNames = Annotated[
    list[str] | None, typer.Argument(help="Models; without any, all that are here.", metavar="NAME")
]
From = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="FOLDER", help="Take the files from this folder.", show_default=False
    ),
]
Accept = Annotated[
    bool, typer.Option("--accept-licence", help="Accept licences that restrict commercial use.")
]


def make_models() -> typer.Typer:
    """Return the group of commands."""
    app = typer.Typer(
        help="Weights of others: list, download, verify, find, remove.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command("list")(list_models)
    for command in (download, verify, path, remove):
        app.command()(command)
    return app


def list_models(json: Json = False) -> None:
    """List the models: what each is for, its size, its licence, and whether it is here."""
    from lipwright.cli.console import print_line
    from lipwright.cli.model_table import facts_of, show_table
    from lipwright.weights import Store, load_manifest

    store = Store()
    if json:
        print(json_module.dumps([facts_of(model, store) for model in load_manifest().values()]))
        return
    show_table(store)
    print('To fetch one: lipwright models download NAME. "~" and "?": not known to the byte.')
    print_line(f"Models lie in {store.folder}.")


def download(
    names: Names,
    folder: From = None,
    accept_licence: Accept = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Fetch models and verify them; what is here already is left alone."""
    from lipwright.cli.console import Display, print_line
    from lipwright.core.errors import ModelError
    from lipwright.weights import Store, download_models

    with Display(quiet), _bars(quiet) as progress:
        try:
            paths = download_models(
                names,
                folder=folder,
                accept_licence=accept_licence,
                ask=_ask if sys.stdin.isatty() else None,
                store=Store(),
                progress=progress,
            )
        except BaseException as stop:
            if isinstance(stop, Exception):
                raise
            stopped = ModelError(
                "stopped: files that came are kept, the same command fetches the rest."
            )
            stopped.exit_status = INTERRUPTED if type(stop) is KeyboardInterrupt else TERMINATED
            raise stopped from None
    if json:
        print(json_module.dumps([str(path) for path in paths]))
    elif not quiet:
        for each in paths:
            print_line(f"{each}: verified")


def offer(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Models; without any, they are listed.", metavar="NAME"),
    ] = None,
    folder: From = None,
    accept_licence: Accept = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Fetch models and verify them. Without names: list them, and ask for names on a terminal."""
    from lipwright.cli.model_table import show_table
    from lipwright.weights import Store

    if not names:
        print("lipwright works as it is: its own engine and voice need nothing from here.")
        print("These weights of others can be added; nothing is fetched unless you name it.\n")
        show_table(Store())
        if sys.stdin.isatty():
            names = typer.prompt("\nNames to fetch (Enter: none)", "", show_default=False).split()
        if not names:
            print("\nTo fetch some: python download_models.py NAME...")
            return
    download(names, folder, accept_licence, quiet, json)


def verify(names: MaybeNames = None, quiet: Quiet = False, json: Json = False) -> None:
    """Read the files of models again and compare their sums."""
    from lipwright.cli.console import Display, print_line
    from lipwright.core.errors import ModelError
    from lipwright.weights import Store, find_entry, load_manifest

    store = Store()
    models = [find_entry(name) for name in names or ()]
    models = models or [model for model in load_manifest().values() if store.installed(model)]
    results: list[dict[str, Any]] = []
    problems = []
    with Display(quiet):
        for model in models:
            for file in model.files:
                problem = None
                try:
                    store.verify(model, file, again=True)
                except ModelError as error:
                    problem = str(error)
                    problems.append(problem)
                results.append(
                    {
                        "model": model.name,
                        "file": str(store.path(model, file)),
                        "ok": problem is None,
                        "sha256": store.expected_sum(model, file),
                        "sha256_from": file.sha256_from if file.sha256 else "first download",
                        "problem": problem,
                    }
                )
    if json:
        print(json_module.dumps(results))
    elif not quiet:
        for result in results:
            if result["ok"]:
                print_line(f"{result['file']}: good, by the sum of {_who(result['sha256_from'])}")
        if not results:
            print("No model is here: there is nothing to verify.")
    if problems:
        raise ModelError(" ".join(problems))


def path(name: Annotated[str, typer.Argument(metavar="NAME")], json: Json = False) -> None:
    """Print where the files of a model are."""
    from lipwright.weights import Store, find_entry, find_model

    model, store = find_entry(name), Store()
    paths = [str(find_model(name, file.name, store)) for file in model.files]
    print(json_module.dumps(paths) if json else "\n".join(paths))


def remove(names: Names, quiet: Quiet = False, json: Json = False) -> None:
    """Delete models."""
    from lipwright.weights import Store, find_entry
    from lipwright.weights.manifest import human_size

    store = Store()
    freed = {model.name: store.remove(model) for model in [find_entry(name) for name in names]}
    if json:
        print(json_module.dumps(freed))
    elif not quiet:
        for name, count in freed.items():
            print(f"{name}: {human_size(count)} freed" if count else f"{name} was not here")


def _who(origin: str) -> str:
    """Who vouches for a sum, in a sentence."""
    return {"publisher": "its publisher", "third party": "third parties"}.get(
        origin, f"its {origin}"
    )


def _ask(model: Model) -> bool:
    """Shows a licence on the terminal and asks whether it is accepted."""
    print(f"{model.name}: {model.terms}.", file=sys.stderr)
    if model.note:
        print(model.note, file=sys.stderr)
    return typer.confirm(f"Do you accept the terms at {model.licence_url}?", err=True)


@contextmanager
def _bars(quiet: bool) -> Iterator[DownloadProgress | None]:
    """Bars on a terminal, one for each file."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        refresh_per_second=5,
        transient=True,
    )
    tasks: dict[str, Any] = {}

    def show(what: str, done: int, total: int | None) -> None:
        if not tasks:
            bars.start()  # not before: a question may come first
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total, completed=done)
        bars.update(tasks[what], completed=done, total=total)

    try:
        yield show
    finally:
        bars.stop()
