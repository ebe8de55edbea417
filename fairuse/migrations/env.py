"""Runs the migrations on the connection that `fairuse.database` hands over, in one transaction."""

from __future__ import annotations

from alembic import context

from fairuse.database import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite alters a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
