# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a WSGI server imports in a checkout: ``gunicorn wsgi:app``."""

from podcasts.web.app import create_app

app = create_app()
