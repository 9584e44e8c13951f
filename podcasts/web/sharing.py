# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sharing across origins: what other people's pages and players may read (Fetch standard, CORS protocol).

Only what is public anyway and never depends on a cookie is shared, with everybody ("*"): a player inside
WordPress's sandbox has the origin "null".
"""

from flask import Response

_EXPOSED = "Accept-Ranges, Content-Length, Content-Range, ETag, Last-Modified, Retry-After"
_ASKED = "Range, If-Range, If-None-Match, If-Modified-Since, Content-Type"
_PREFLIGHT_SECONDS = 86_400


def share(response: Response) -> Response:
    """Let every page read an answer."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    # A picture or sound that another site embeds needs this under Cross-Origin-Embedder-Policy.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def preflight(methods: str = "GET, HEAD, OPTIONS") -> Response:
    """Answer OPTIONS: these methods, and the headers that players send."""
    response = share(Response(status=204))
    response.headers["Allow"] = methods
    response.headers["Access-Control-Allow-Methods"] = methods
    response.headers["Access-Control-Allow-Headers"] = _ASKED
    response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    return response
