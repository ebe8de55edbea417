"""`fairuse demo`: the whole loop on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson

Once = Annotated[bool, typer.Option("--once", help="Run to the end, print a summary and leave.")]


def demo(*, once: Once = False, as_json: AsJson = False) -> None:
    """Simulate, score, pause, open a case, and show it in the console."""
    from fairuse.demo import run_demo
    from fairuse.settings import load_settings

    run_demo(load_settings(), once=once, as_json=as_json)
