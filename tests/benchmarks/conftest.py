# SPDX-License-Identifier: AGPL-3.0-or-later
"""The browser that some figures are taken in."""

from tests.browser.conftest import chromium

__all__ = ["chromium"]
