# SPDX-License-Identifier: AGPL-3.0-or-later
"""Chromium's accessibility tree as lines to read: what a screen reader gets, from the top of a page to its end."""

from collections.abc import Iterator, Mapping
from typing import Any

from playwright.sync_api import Page

Node = Mapping[str, Any]

UNSAID = {"generic", "none", "InlineTextBox", "LineBreak"}
"""Roles that no screen reader names; what is inside them stands in their place."""

STATES = {
    "level": "level",
    "expanded": "expanded",
    "checked": "checked",
    "pressed": "pressed",
    "disabled": "disabled",
    "readonly": "readonly",
    "required": "required",
    "invalid": "invalid",
    "live": "live",
    "hasPopup": "opens",
    "valuemin": "from",
    "valuemax": "to",
}
"""Properties that a screen reader speaks, and what they are called here."""

WHOLE = {"LabelText", "ListMarker"}
"""Roles without a line of their own: a label is the name of its field, a bullet is said by the list."""

CLOSED = {"heading", "link", "button", "slider", "radio", "checkbox", "DisclosureTriangle"}
"""Roles of which a screen reader says the name, and not again the text that is drawn inside."""

SILENT = (None, "", False, "false", "off")
"""Values of a state that nobody says."""

OF_ITS_LIST = {"listitem"}
"""Roles whose level says only how deep their list lies, which the indentation says already."""


def tree_of(page: Page) -> str:
    """Write down what Chromium hands to a screen reader.

    Returns:
        Lines in the manner of YAML: role, "name", [states], <language> where it is not the page's; two spaces for
        each level. Text inside a control is left out: its name is what is read. Ends with a line break.
    """
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    document = session.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
    session.detach()
    known = {node["nodeId"]: node for node in nodes}
    said = dict(_said(document, ""))
    reader = _Reader(known, said, page.evaluate("document.documentElement.lang"))
    return "\n".join(_quoted(line) for line in reader.lines(nodes[0], 0)) + "\n"


class _Reader:
    """Reads one page."""

    def __init__(self, known: Mapping[str, Node], said: Mapping[int, tuple[str, str]], own: str) -> None:
        self._known, self._said, self._own = known, said, own

    def lines(self, node: Node, depth: int, *, whole: bool = False) -> Iterator[str]:
        """Read a node and what is in it; ``whole``: in something whose name says its text."""
        role, name = _value(node, "role"), _value(node, "name")
        spoken = not node.get("ignored") and role not in UNSAID | WHOLE
        if role == "StaticText":
            spoken = bool(name.strip()) and not whole
            role = "text"
        if spoken:
            yield f"{'  ' * depth}- {role}{_named(name)}{self._states(node, role)}{self._language(node)}"
        for key in node.get("childIds", []):
            if key in self._known:
                inner = whole or role in CLOSED | WHOLE
                yield from self.lines(self._known[key], depth + spoken, whole=inner)

    def _states(self, node: Node, role: str) -> str:
        found = {
            STATES[one["name"]]: one["value"].get("value")
            for one in node.get("properties", [])
            if one["name"] in STATES and not (one["name"] == "level" and role in OF_ITS_LIST)
        }
        found |= {key: _value(node, key) for key in ("value", "description")}
        # Chromium keeps a slider's words for the system's own tree.
        found["says"] = self._said.get(node.get("backendDOMNodeId", 0), ("", ""))[1]
        found = {name: value for name, value in found.items() if value not in SILENT}
        return "".join(
            f" [{name}]" if value is True else f" [{name}={value}]" for name, value in found.items()
        )

    def _language(self, node: Node) -> str:
        language = self._said.get(node.get("backendDOMNodeId", 0), ("", ""))[0]
        return f" <{language}>" if language and language != self._own else ""


def _said(element: Node, around: str) -> Iterator[tuple[int, tuple[str, str]]]:
    """Say of each node of the document in which language it speaks, and the words that stand for its value."""
    words = element.get("attributes", [])
    attributes = dict(zip(words[::2], words[1::2], strict=True))
    own = attributes.get("lang", around)
    yield element["backendNodeId"], (own, attributes.get("aria-valuetext", ""))
    for child in element.get("children", []):
        yield from _said(child, own)


def _value(node: Node, key: str) -> str:
    return str((node.get(key) or {}).get("value") or "")


def _named(name: str) -> str:
    return f' "{name}"' if name else ""


def _quoted(line: str) -> str:
    """Keep a line what YAML calls a string, whatever stands in a name."""
    indent, _, entry = line.partition("- ")
    if ": " in entry or " #" in entry or entry.endswith(":"):
        entry = "'" + entry.replace("'", "''") + "'"
    return f"{indent}- {entry}"
