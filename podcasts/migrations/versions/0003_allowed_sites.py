# SPDX-License-Identifier: AGPL-3.0-or-later
"""Allowed sites: on whose pages the players of a show may stand."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the list, empty for every show: everywhere, as before."""
    op.add_column("show", sa.Column("embed_sites", sa.JSON(), server_default="[]", nullable=False))
