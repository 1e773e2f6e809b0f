"""`lipwright serve`: the studio's page, the HTTP API and live sessions, from one process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from lipwright.cli.options import Quiet

Host = Annotated[
    str, typer.Option(help="The address to listen on; 0.0.0.0 for all of this computer's.")
]
Port = Annotated[int, typer.Option(help="The port to listen on; 0 takes any that is free.")]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Where uploads and videos are kept.",
        metavar="FOLDER",
        show_default="the user's folder for programs' data",
    ),
]
Token = Annotated[
    str | None,
    typer.Option(
        help="What clients must know, 16 characters or more; also LIPWRIGHT_TOKEN.",
        show_default="none on this computer alone, else one that is made and shown",
    ),
]
Tls = Annotated[
    bool, typer.Option("--tls", help="Serve HTTPS, with a certificate made here unless given.")
]
Certificate = Annotated[
    Path | None, typer.Option(help="The server's certificate chain, PEM.", show_default=False)
]
Key = Annotated[
    Path | None, typer.Option(help="The certificate's private key, PEM.", show_default=False)
]
Workers = Annotated[
    int | None,
    typer.Option(metavar="N", help="Videos made at once.", show_default="one for each four cores"),
]
Hosts = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A name by which clients may call the server; may be given again.",
        show_default="localhost and addresses",
    ),
]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        metavar="URL",
        help="Another web page that may use the API; may be given again.",
        show_default=False,
    ),
]
Private = Annotated[
    bool, typer.Option("--private-webhooks", help="Let webhooks go to private addresses.")
]
Upload = Annotated[int, typer.Option(metavar="MB", help="The largest file that is taken.")]
Storage = Annotated[int, typer.Option(metavar="GB", help="Room for all uploads and videos.")]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data: Data = None,
    token: Token = None,
    tls: Tls = False,
    certificate: Certificate = None,
    key: Key = None,
    workers: Workers = None,
    allow_host: Hosts = None,
    allow_origin: Origins = None,
    private_webhooks: Private = False,
    upload_limit: Upload = 512,
    storage_limit: Storage = 20,
    quiet: Quiet = False,
) -> None:
    """Make videos over HTTP, with a page for people: the studio."""
    from lipwright.server.run import run

    run(
        host=host,
        port=port,
        data=data,
        token=token or os.environ.get("LIPWRIGHT_TOKEN") or None,
        tls=tls,
        certificate=certificate,
        key=key,
        quiet=quiet,
        say=typer.echo,
        workers=workers,
        allowed_hosts=tuple(allow_host or ()),
        allowed_origins=tuple(allow_origin or ()),
        private_webhooks=private_webhooks,
        upload_bytes=upload_limit << 20,
        storage_bytes=storage_limit << 30,
    )
