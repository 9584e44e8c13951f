# SPDX-License-Identifier: AGPL-3.0-or-later
"""What rows have in common: opaque ids, dates, versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from podcasts.db import UtcDateTime, new_id


class Identified:
    """A row with an opaque, random id."""

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)


class Dated:
    """A row that knows when it was made and last changed; services set both from the clock."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Versioned:
    """A row whose version grows with every change, so that nobody overwrites what he has not seen.

    SQLAlchemy checks it at every UPDATE and raises StaleDataError when somebody was quicker.
    """

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy hands in the class
        """Tell SQLAlchemy which column counts."""
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]  # a mapped class has one


class Binned:
    """A row that can lie in the bin: hidden everywhere, kept for 30 days."""

    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def one_of(column: str, choices: tuple[str, ...]) -> CheckConstraint:
    """Allow only these words in a column."""
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
