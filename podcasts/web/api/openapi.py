# SPDX-License-Identifier: AGPL-3.0-or-later
"""The description of the REST interface (OpenAPI 3): what APIFlask gathers, completed with what it cannot know."""

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
