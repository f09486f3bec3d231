"""The words around a recording as one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heterophony.clips import join_words, words_from_name


@pytest.mark.parametrize(
    ("title", "tags", "description", "text"),
    [
        ("Rain", "wet,field-recording", "On a roof.", "Rain. wet field-recording. On a roof."),
        (None, None, None, ""),
        ("", " , ", "<br>", ""),
        ("Rain", None, "", "Rain"),
        (None, "a, b,,c", None, "a b c"),
        (None, None, 'see <a href="x">here</a>,\n\n <b>now</b>&nbsp;&amp; then', "see here , now & then"),
        (None, None, "a < b and c > d", "a < b and c > d"),
        (None, None, "x <!-- <b> not this --> y", "x y"),
        ("  two\tblanks\u00a0 ", None, None, "two blanks"),
    ],
)
def test_words_are_joined_by_full_stops_without_html_and_extra_blanks(title, tags, description, text):
    assert join_words(title, tags, description) == text


@given(st.text() | st.none(), st.text() | st.none(), st.text() | st.none())
def test_joined_words_are_one_stripped_line_for_any_text(title, tags, description):
    text = join_words(title, tags, description)
    assert text == " ".join(text.split())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rose_bark.wav", "rose bark"),
        ("a/b\\Dog-Bark.Small.mp3", "Dog Bark Small"),
        ("DogBark.wav", "Dog Bark"),
        ("XMLHttpNoise.wav", "XML Http Noise"),
        ("bd_808.flac", "bd"),
        ("5f3c2a9d11aa.wav", ""),
        ("123456.wav", ""),
        ("8f14e45f-ceea-467f-9c3a-0123456789ab_rain.wav", "rain"),
        ("1-100032-A.ogg", ""),
        ("deadbeef.wav", "deadbeef"),
        ("Übergang_straße.wav", "Übergang straße"),
        ("雨の音.wav", "雨の音"),
        ("", ""),
    ],
)
def test_a_file_name_gives_its_words_and_not_its_numbers(name, words):
    assert words_from_name(name) == words
