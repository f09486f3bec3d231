import json
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from heterophony.report.html import environment, policy, relative_link, script_json

HOSTILE = "</script><script>alert(1)</script><!-- &lt; \u2028 \" ' ]]>"


def test_json_in_a_script_cannot_close_it_and_reads_back_the_same() -> None:
    text = script_json({"title": HOSTILE, "n": [1, 0.5]})
    assert isinstance(text, Markup)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"title": HOSTILE, "n": [1, 0.5]}


def test_a_number_that_json_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json(float("nan"))


def test_templates_escape_by_default_and_know_no_unknown_names() -> None:
    made = environment().from_string('<p title="{{ text }}">{{ text }}</p>')
    page = made.render(text=HOSTILE)
    assert page.count("<") == 2
    assert page.count('"') == 2
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nothing }}").render()


def test_the_policy_allows_one_script_one_style_and_nothing_from_elsewhere() -> None:
    # sha256 of the empty string in base64, as CSP writes it
    empty = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    assert policy("", "").startswith(f"default-src 'none'; script-src 'none'; style-src {empty};")
    assert "unsafe" not in policy("a", "b")
    assert "http" not in policy("a", "b")


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("a b.wav", "./sounds/a%20b.wav"),
        ("javascript:alert(1).wav", "./sounds/javascript%3Aalert%281%29.wav"),
        ('x" onclick="y', "./sounds/x%22%20onclick%3D%22y"),
        ("50%#?.wav", "./sounds/50%25%23%3F.wav"),
        ("caf\udce9.wav", "./sounds/caf%E9.wav"),
    ],
)
def test_a_link_is_relative_and_quoted_whatever_the_file_is_called(name: str, link: str, tmp_path: Path) -> None:
    assert relative_link(tmp_path / "sounds" / name, tmp_path / "page.html") == link
    assert relative_link(tmp_path / "a.wav", tmp_path / "deep" / "page.html") == "./../a.wav"
