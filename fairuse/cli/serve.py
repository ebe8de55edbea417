"""`fairuse serve`: review API, access API and console."""

from __future__ import annotations

from typing import Annotated

import typer

Host = Annotated[str | None, typer.Option(help="Address to listen on.", show_default=False)]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port to listen on.", show_default=False)
]


def serve(host: Host = None, port: Port = None) -> None:
    """Serve the APIs and the console, until stopped."""
    from fairuse.serving import run_server
    from fairuse.settings import load_settings

    run_server(load_settings(), host=host, port=port)
