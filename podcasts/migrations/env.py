# SPDX-License-Identifier: AGPL-3.0-or-later
"""Alembic's environment: runs on a connection that ``podcasts.migrating`` hands in."""

from alembic import context

from podcasts import models
from podcasts.db import Base

assert models.Show.metadata is Base.metadata  # noqa: S101 - importing the package makes every table known

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite cannot alter a column in place; Alembic then copies the table.
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
