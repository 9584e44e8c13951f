# SPDX-License-Identifier: AGPL-3.0-or-later
"""The description of the REST interface (OpenAPI 3): what APIFlask gathers, completed with what it cannot know."""

from collections.abc import Sequence
from typing import Any

from podcasts.web.api.schemas import ProblemOut

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ERRORS = {
    "400": "The request cannot be read",
    "401": "No valid token",
    "404": "There is no such thing, or it is not yours to see",
    "409": "Not in this state, or the same call is still running",
    "412": "Somebody changed it in the meantime (If-Match)",
    "413": "Too large",
    "415": "Not audio, or no picture",
    "422": "Some values cannot be taken; one entry for each field",
    "429": "Too many calls; see Retry-After",
    "503": "Busy; see Retry-After",
    "507": "The server's disk is full",
}
_READS = ("400", "401", "404", "422", "429", "503")
_FILES = {
    "file": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        }
    },
    "image": {
        mime: {"schema": {"type": "string", "format": "binary"}}
        for mime in ("image/jpeg", "image/png", "image/webp")
    },
    "transcript": {
        mime: {"schema": {"type": "string"}}
        for mime in ("text/vtt", "application/x-subrip", "application/json", "text/html", "text/plain")
    },
}
_CREATION = ("Upload-Length", "Upload-Metadata", "Upload-Checksum", "Upload-Offset")
_PIECE = ("Upload-Offset", "Upload-Checksum", "X-HTTP-Method-Override")
_TUS_ERRORS = {
    "200": "Where it stands (HEAD)",
    "400": "A header is missing or wrong",
    "401": "No token, or not a valid one",
    "404": "There is none of yours",
    "409": "The upload stands at another offset",
    "410": "It was refused, and why",
    "412": "Another version of tus",
    "413": "Larger than the limit",
    "415": "Not audio, or not a piece",
    "422": "A value cannot be taken",
    "423": "Somebody else is sending it",
    "429": "Too many calls",
    "460": "The piece arrived damaged",
    "503": "Busy; try again",
    "507": "The disk is full",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same key again gives the same answer for 24 hours",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag that you have seen",
}


def complete(spec: dict[Any, Any] | str) -> dict[Any, Any] | str:
    """Complete the description: errors as problem details, tokens, bodies that are files, the look-up.

    Args:
        spec: as APIFlask made it; only its YAML form is text, which we do not serve.
    """
    if isinstance(spec, str):
        return spec
    components = spec.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPError", "ValidationError"):
        schemas.pop(unused, None)
    problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/Problem.{model}")
    for name, schema in problem.pop("$defs", {}).items():
        schemas[f"Problem.{name}"] = schema
    schemas["Problem"] = problem
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    spec["paths"] = {
        path: operations for path, operations in spec["paths"].items() if path.startswith("/api/")
    }
    for operations in spec["paths"].values():
        for method, operation in operations.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                _complete_operation(method, operation)
    spec["paths"].setdefault("/api/v1/articles/episodes", {}).update(_look_up())
    spec["paths"]["/api/v1/uploads"] = {
        "post": _tus("Begin an upload in pieces (tus 1.0.0)", "201", _CREATION)
    }
    spec["paths"]["/api/v1/uploads/{upload_id}"] = _one_upload()
    return spec


def _complete_operation(method: str, operation: dict[str, Any]) -> None:
    operation["security"] = [{"token": []}]
    body = operation.pop("x-body", None)
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _FILES[body]}
    statuses = _READS if method == "get" else tuple(_ERRORS)
    responses = operation.setdefault("responses", {})
    for status in [status for status in responses if int(status) >= 400]:  # noqa: PLR2004 - HTTP errors
        del responses[status]
    if body == "file":
        responses["202"] = {"description": "Stored, being read", "content": responses["200"]["content"]}
    for status in statuses:
        responses[status] = {"description": _ERRORS[status], "content": _PROBLEM}
    parameters = operation.setdefault("parameters", [])
    if method == "post" and body is None:
        parameters.append(_KEY)
    if method in {"put", "patch"}:
        parameters.append(_IF_MATCH)


def _one_upload() -> dict[str, Any]:
    """Describe what is done with an upload in pieces."""
    return {
        "patch": _tus("Send a piece; the last one answers with Griot-Audio", "204", _PIECE),
        "delete": _tus("End an upload; nothing of it is kept", "204", ()),
        "post": _tus("PATCH, DELETE or HEAD by X-HTTP-Method-Override", "204", _PIECE),
        "parameters": [
            {"name": "upload_id", "in": "path", "required": True, "schema": {"type": "string"}},
        ],
    }


def _tus(summary: str, status: str, headers: Sequence[str]) -> dict[str, Any]:
    """Describe one request of tus 1.0.0, which says everything in headers."""
    operation: dict[str, Any] = {
        "summary": summary,
        "tags": ["Griot"],
        "security": [{"token": []}],
        "parameters": [
            {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
            for name in ("Tus-Resumable", *headers)
        ],
        "responses": {
            status: {"description": "As tus 1.0.0 says"},
            **{code: {"description": text, "content": _PROBLEM} for code, text in _TUS_ERRORS.items()},
        },
    }
    if headers:
        operation["requestBody"] = {
            "required": False,
            "content": {
                "application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    return operation


def _look_up() -> dict[str, Any]:
    """Describe the look-up, which needs no token and is written without APIFlask."""
    found = {"application/json": {"schema": {"type": "object"}}}
    answers = {
        "200": {"description": "What there is to hear", "content": found},
        "204": {"description": "Nothing to hear"},
        **{
            status: {"description": _ERRORS[status], "content": _PROBLEM}
            for status in ("400", "413", "415", "422", "429", "503")
        },
    }
    body = {
        "type": "object",
        "required": ["urls"],
        "properties": {"urls": {"type": "array", "maxItems": 100, "items": {"type": "string"}}},
    }
    url = {"name": "url", "in": "query", "required": True, "schema": {"type": "string"}}
    return {
        "get": {
            "summary": "Find the episodes of an article",
            "tags": ["Look-up"],
            "security": [],
            "parameters": [url],
            "responses": answers,
        },
        "post": {
            "summary": "Find the episodes of up to 100 articles",
            "tags": ["Look-up"],
            "security": [],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": answers,
        },
    }
