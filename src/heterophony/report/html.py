"""Pages that cannot be turned against their reader: escaped, self-contained, and allowed to load nothing.

File names and titles are what strangers wrote. Three walls keep them text: jinja2 escapes everything it inserts; what a
script reads comes as JSON in which `<`, `>` and `&` are escapes, so it cannot close its element; and the policy of the
page lets only the one script and the one style sheet run whose SHA-256 it names.
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from heterophony.report.results_file import printable

_JSON_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def render(
    template: str, scripts: Sequence[str], values: Mapping[str, object], styles: Sequence[str] = ("look.css",)
) -> str:
    """Fills a template of this room.

    Args:
        template: Its name; it gets `values`, and `style`, `script` and `policy`.
        scripts: Names of the scripts it runs, in order, in one scope of their own; none if empty.
        values: What the template shows.
        styles: Names of its style sheets, in order.
    """
    style = "\n".join(_read(name) for name in styles)
    script = "(() => {\n" + "\n".join(_read(name) for name in scripts) + "})();\n" if scripts else ""
    own = {"style": Markup(style), "script": Markup(script), "policy": policy(style, script)}
    return environment().get_template(template).render({**values, **own})


def environment() -> Environment:
    """The jinja2 environment of all pages: escapes by default, refuses unknown names."""
    made = Environment(
        loader=PackageLoader("heterophony.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["number"] = lambda value: f"{value:,}"
    made.filters["percent"] = lambda value: f"{100 * value:.0f} %"
    made.filters["printable"] = printable
    return made


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy: nothing but this style, this script and sounds in the page or beside it."""
    runs = f"'{_fingerprint(script)}'" if script else "'none'"
    return (
        f"default-src 'none'; script-src {runs}; style-src '{_fingerprint(style)}'; "
        "media-src data: file: 'self'; base-uri 'none'; form-action 'none'"
    )


def script_json(value: object) -> Markup:
    """JSON that can stand inside a script element whatever text it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escape in _JSON_ESCAPES.items():
        text = text.replace(character, escape)
    return Markup(text)


def relative_link(target: Path, page: Path) -> str:
    """The address of a file as seen from a page: relative, percent-encoded, never another scheme."""
    steps = os.path.relpath(target.absolute(), page.absolute().parent)
    return "./" + quote(os.fsencode(steps))


def _fingerprint(text: str) -> str:
    """The hash of an inline element as a policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _read(name: str) -> str:
    """A style sheet or script of this room."""
    return resources.files("heterophony.report").joinpath("templates", name).read_text(encoding="utf-8")
