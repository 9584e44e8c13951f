# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our errors: one root, one class per reason, carrying codes and facts.

No class words a sentence: a code and its facts are worded where they are shown, in the reader's language
(``podcasts.i18n.reason_text``), and turned into a page or problem+json once, in ``podcasts.web.errors``.
"""

import dataclasses
from collections.abc import Mapping

Facts = Mapping[str, str | int | float | None]


@dataclasses.dataclass(frozen=True)
class Problem:
    """What is wrong with one field.

    Attributes:
        field: name of the field as the caller knows it ("title", "articles.0.url"); "" for the whole.
        code: a stable machine word such as "too-long".
        facts: the figures that the sentence needs, such as {"limit": 500}.
    """

    field: str
    code: str
    facts: Facts = dataclasses.field(default_factory=dict)


class GriotError(Exception):
    """Root of every error that Griot raises on purpose.

    Attributes:
        code: a stable machine word for the reason.
        facts: what the sentence about it needs.
        problems: one entry per field, where fields are at fault.
    """

    code = "error"

    def __init__(
        self, code: str | None = None, *, problems: tuple[Problem, ...] = (), **facts: str | float | None
    ) -> None:
        self.code = code or type(self).code
        self.facts: Facts = facts
        self.problems = problems
        super().__init__(self.code, dict(facts), problems)


class NotFoundError(GriotError):
    """There is no such thing, or the asker may not know of it: the two answers are the same."""

    code = "not-found"


class NotSignedInError(GriotError):
    """Nobody is signed in, or the token is not valid."""

    code = "not-signed-in"


class InvalidError(GriotError):
    """One or more values cannot be taken; ``problems`` names each field."""

    code = "invalid"


class ConflictError(GriotError):
    """The thing is not in a state in which this can be done; ``problems`` may say why."""

    code = "conflict"


class GoneError(GriotError):
    """It was there and will not come back; the code says why."""

    code = "gone"


class LockedError(GriotError):
    """Somebody else is at it this moment (423, RFC 4918 section 11.3)."""

    code = "upload-locked"


class ChecksumError(GriotError):
    """What arrived is not what was sent (460, tus 1.0.0); nothing of it is kept."""

    code = "checksum-mismatch"


class StaleError(GriotError):
    """Somebody changed the thing since it was read (If-Match failed, RFC 9110 section 13.1.1)."""

    code = "stale"


class TooLargeError(GriotError):
    """More bytes than the limit; facts: ``limit_bytes``."""

    code = "too-large"


class UnusableMediaError(GriotError):
    """These bytes are not what they should be (no audio, no image, broken); the code says which way."""

    code = "unusable-media"


class DiskFullError(GriotError):
    """The disk is full; nothing of what was being written is kept."""

    code = "disk-full"


class TooManyRequestsError(GriotError):
    """Too often; facts: ``retry_after_seconds``."""

    code = "too-many-requests"


class BusyError(GriotError):
    """The database stayed locked, try again; facts: ``retry_after_seconds``."""

    code = "busy"


class FetchError(GriotError):
    """Another site could not be asked; the code says why ("fetch-timeout", "fetch-status", …)."""

    code = "fetch-failed"


class SettingsError(GriotError):
    """A setting cannot be used; facts: ``name`` and ``detail``."""

    code = "settings"


class DatabaseVersionError(GriotError):
    """The database is older or newer than this code; facts: ``found`` and ``wanted``."""

    code = "database-version"
