# SPDX-License-Identifier: AGPL-3.0-or-later
"""Visible words: none on a page that a language could not say otherwise.

Templates are read as Jinja reads them, then as HTML; scripts by their literals; the web's code by its syntax tree.
What may stand as it is, in every language, is listed here with its reason.
"""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from podcasts import paths

TEMPLATES = sorted(paths.templates_folder().rglob("*.html"))
SCRIPTS = sorted(path for path in (paths.PACKAGE / "static").rglob("*.js") if "vendor" not in path.parts)
FOR_PROGRAMMERS = {"openapi.py", "schemas.py"}
"""The reference of the interface, which programmers read in English."""
WEB = sorted(path for path in (paths.PACKAGE / "web").rglob("*.py") if path.name not in FOR_PROGRAMMERS)

AS_IT_IS = {
    "J": "a key",
    "K": "a key",
    "L": "a key",
    "M": "a key",
    "N": "a key",
    "P": "a key",
    "C": "a key",
    **dict.fromkeys(
        ("Facebook", "LinkedIn", "Pinterest", "Reddit", "WhatsApp", "Telegram"), "the name of a network"
    ),
    "https://…": "how an address begins",
    "studio": "the class of the studio's body, a block of its own",
}
"""Text that is the same in every language, and why."""

NOT_SAID = {
    "input, select, textarea": "a selector",
    "input, textarea": "a selector",
    "input:not([type=range]), select, textarea": "a selector",
    "svg, img": "a selector",
    "a, button, input, summary": "a selector",
    "griot-player.player--bar, script, [data-stays]": "a selector",
    "main#main header.top": "a selector",
    **dict.fromkeys(
        ["allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads"],
        "what a frame may do",
    ),
    "bytes \x00-\x00/\x00": "a header",
    "autoplay; clipboard-write; web-share": "what a frame may do",
    "audio/mp4; codecs=opus": "a media type",
    "audio/ogg; codecs=opus": "a media type",
}
"""Literals of scripts that look like sentences, and what they are."""

SAID = re.compile(r"[^\W\d_]")
WORDS = re.compile(r"[^\W\d_]{2,}[,;:]? +[^\W\d_]{2,}")
BESIDE_A_VALUE = re.compile(r"\x00[  ][^\W\d_]+(?![\w(.#-])|(?<![\w.#-])[^\W\d_]{2,}:?[  ]\x00")
HOLE = "\x00"

NAMED_BY = {
    "aria-label",
    "title",
    "alt",
    "placeholder",
    "label",
    "aria-description",
    "aria-valuetext",
    "aria-roledescription",
}
VOID = {"script", "style"}
LITERAL = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<regex>(?<=[(,=:!&|?;]\s)/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/"""
    r"""|(?<=[(,=:!&|?])/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/)"""
    r"""|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)""",
    re.DOTALL,
)
SHOWN_BY = re.compile(
    r"""(?:textContent|innerText|ariaLabel|placeholder|\.title|\.alt|\.label)\s*(?:\?\?)?=\s*$|"aria-(?:label|description|valuetext)",\s*$"""
)
THROWN = re.compile(r"new \w*(?:Error|Exception)\($")
"""What stands in an error is for programmers; people are told by the page's own words."""


class Page(HTMLParser):
    """A template's own HTML, with a hole where Jinja writes something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.silent += tag in VOID
        for name, value in attrs:
            is_shown = name in NAMED_BY or (
                name == "value" and tag == "input" and given.get("type") in {"submit", "button", "reset"}
            )
            if (is_shown or name.startswith("data-words") or name in {"data-label", "data-copied"}) and value:
                self.look(value)
        if tag == "meta" and given.get("name") == "description":
            self.look(given.get("content") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.silent -= tag in VOID

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in VOID

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if '="' in data:  # a macro that writes attributes alone
            inner = Page()
            inner.feed(f"<i {data}>")
            self.found += inner.found
        else:
            self.look(data)

    def look(self, text: str) -> None:
        """Keep what is said in letters, unless it is the same in every language."""
        for part in text.split(HOLE):
            if SAID.search(part) and part.strip() not in AS_IT_IS:
                self.found.append(part.strip())


def own_html(environment: Environment, source: str) -> str:
    """Leave of a template what it writes by itself; a hole where a value comes, a bound where a macro is."""
    html, opened = [], False
    for _, kind, value in environment.lex(source):
        if kind == "data":
            html.append(value)
        elif kind == "variable_begin":
            html.append(HOLE)
        elif kind == "name" and opened and value in {"macro", "endmacro"}:
            html.append("<i></i>")
        opened = kind == "block_begin" or (opened and kind == "whitespace")
    return re.sub(rf"(</?h){HOLE}", r"\g<1>2", "".join(html))


def unsaid_in_template(source: str) -> list[str]:
    """List what a template says outside of gettext: its own text and names, and words inside its expressions."""
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    page = Page()
    page.feed(own_html(environment, source))
    page.close()
    tree = environment.parse(source)
    said = {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in {"_", "gettext", "ngettext"}
        for constant in call.find_all(nodes.Const)
    }
    inside = [
        one.value for one in tree.find_all(nodes.Const) if isinstance(one.value, str) and id(one) not in said
    ]
    return page.found + [
        text
        for text in inside
        if text not in AS_IT_IS and (WORDS.search(text) or re.match(r"[A-Z][a-z]", text))
    ]


def literals(source: str) -> Iterator[tuple[str, str]]:
    """Walk over the strings of a script, each with the code before it; ``${…}`` is a hole."""
    for found in LITERAL.finditer(source):
        if found["text"]:
            yield (
                re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", HOLE, found["text"][1:-1]),
                source[: found.start()][-80:],
            )


def unsaid_in_script(source: str) -> list[str]:
    """List what a script would say by itself, instead of taking it from the page."""
    return [
        text
        for text, before in literals(source)
        if text not in NOT_SAID
        and not THROWN.search(before)
        and (
            WORDS.search(text)
            or BESIDE_A_VALUE.search(text)
            or (SHOWN_BY.search(before) and SAID.search(text))
        )
    ]


def unsaid_in_code(source: str) -> list[str]:
    """List sentences of the web's code that no translator sees: neither for gettext nor for programmers."""
    tree = ast.parse(source)
    passed = {
        id(inner)
        for node in ast.walk(tree)
        if (
            (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            or isinstance(node, ast.Raise)
            or (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute | ast.Name)
                and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id)
                in {"gettext", "ngettext", "N_", "info", "warning", "error", "exception", "debug"}
            )
        )
        for inner in ast.walk(node)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in passed
        and re.match(r"[A-Z][a-z]+(?:,? [a-z'’]+)+[.!?…]?$", node.value)
    ]


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: path.relative_to(paths.templates_folder()).as_posix()
)
def test_a_template_says_nothing_that_cannot_be_translated(path: Path) -> None:
    assert unsaid_in_template(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: "/".join(path.parts[-2:]))
def test_a_script_takes_its_words_from_the_page(path: Path) -> None:
    assert unsaid_in_script(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", WEB, ids=lambda path: path.relative_to(paths.PACKAGE).as_posix())
def test_code_hands_every_sentence_to_gettext(path: Path) -> None:
    assert unsaid_in_code(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Nothing here</p>", ["Nothing here"]),
        ("<p>{{ n }} items</p>", ["items"]),
        ('<button{% if x %} aria-label="Close"{% endif %}>×</button>', ["Close"]),
        ('<img alt="A cover" src="/a.png">', ["A cover"]),
        ('<input type="submit" value="Save">', ["Save"]),
        ('<input type="radio" value="light">', []),
        ('<p>{{ name or "No name yet" }}</p>', ["No name yet"]),
        ('{% macro a(b="Close") %}{% endmacro %}', ["Close"]),
        ('{% macro a() %}data-track data-words-lost="It is gone"{% endmacro %} Here', ["It is gone", "Here"]),
        ('<p>{{ _("Nothing here") }} · {{ ngettext("%(num)s item", "%(num)s items", 2) }}</p>', []),
        (
            "{# A comment #}<style>.red { color: red }</style><p class='a b'>1× – {{ at }} / {{ total }}</p>",
            [],
        ),
    ],
)
def test_words_in_a_template_are_found(template: str, words: list[str]) -> None:
    assert unsaid_in_template(template) == words


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ('place.textContent = "Loading";', ["Loading"]),
        ("say(`${minutes} min`);", [f"{HOLE} min"]),
        ("say('Try it again');", ["Try it again"]),
        ('row.setAttribute("aria-label", "Close");', ["Close"]),
        ('throw new TypeError("Not a page of ours");', []),
        ("// A comment with words\nplace.textContent = words.lost; /* and more of them */", []),
        (
            'find(`[data-size=${name}]`); const place = "data-size"; text.replace(/an "old word" here/, "");',
            [],
        ),
    ],
)
def test_words_in_a_script_are_found(script: str, words: list[str]) -> None:
    assert unsaid_in_script(script) == words


def test_sentences_in_code_are_found() -> None:
    code = [
        "def f():",
        '    """A docstring here."""',
        '    t.gettext("Said in all of them")',
        '    raise ValueError("For a programmer")',
        '    return LinkFace("Not said at all", "/")',
    ]
    assert unsaid_in_code("\n".join(code)) == ["Not said at all"]
