"""The pages of Ogg files."""

import io

import numpy as np
import pytest
import soundfile

from heterophony.media.ogg_pages import ogg_problems, ogg_sum

CUT = "the file ends before its Ogg stream does"


@pytest.fixture(scope="module")
def pages():
    """Forty seconds of noise in Vorbis, page by page."""
    file = io.BytesIO()
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 40 * 8000)
    soundfile.write(file, noise, 8000, format="OGG", subtype="VORBIS")
    content = file.getvalue()
    starts = [at for at in range(len(content)) if content[at : at + 5] == b"OggS\0"]
    return [content[start:end] for start, end in zip(starts, [*starts[1:], len(content)], strict=True)]


def problems(path, pages):
    path.write_bytes(b"".join(pages))
    return ogg_problems(path)


def slow_sum(page):
    """RFC 3533: polynomial 0x04c11db7, highest bit first, from zero, no inversion."""
    value = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value.to_bytes(4, "little")


def test_the_sum_is_that_of_the_definition_and_of_real_pages(pages):
    assert all(ogg_sum(page) == page[22:26] for page in pages)
    assert ogg_sum(pages[1]) == slow_sum(pages[1])


def test_a_whole_file_has_no_problems(tmp_path, pages, recordings):
    (tmp_path / "a.ogg").write_bytes(recordings[".ogg"])
    assert ogg_problems(tmp_path / "a.ogg") == problems(tmp_path / "b.ogg", pages) == []
    assert len(pages) > 20


@pytest.mark.parametrize("missing", [1, 30, 1000, 5000])
def test_a_file_that_lacks_its_last_bytes_is_cut(tmp_path, pages, missing):
    assert problems(tmp_path / "a.ogg", [b"".join(pages)[:-missing]]) == [CUT]


def test_a_damaged_page_a_missing_one_and_one_of_another_stream_are_counted(tmp_path, pages):
    damaged = pages[7][:-1] + bytes([pages[7][-1] ^ 1])
    strange = pages[9][:14] + b"else" + pages[9][18:]
    strange = strange[:22] + ogg_sum(strange) + strange[26:]
    changed = [*pages[:7], damaged, pages[8], strange, pages[10], *pages[12:]]
    # the strange page counts, and so does the gap that it leaves
    assert problems(tmp_path / "a.ogg", changed) == ["damaged or missing pages of its Ogg stream: 4"]


def test_bytes_between_pages_are_no_problem_of_the_pages(tmp_path, pages):
    assert problems(tmp_path / "a.ogg", [*pages[:5], bytes(300_000), b"OggS", *pages[5:], b"OggS junk"]) == []


def test_streams_side_by_side_are_one_and_streams_in_a_row_are_many(tmp_path, pages):
    def other(page):
        page = page[:14] + b"else" + page[18:]
        return page[:22] + ogg_sum(page) + page[26:]

    woven = [page for pair in zip(pages, map(other, pages), strict=True) for page in pair]
    assert problems(tmp_path / "a.ogg", woven) == []
    in_a_row = ["only the first of 2 Ogg streams was read"]
    assert problems(tmp_path / "b.ogg", pages + pages) == in_a_row
    assert problems(tmp_path / "c.ogg", pages + [other(page) for page in pages]) == in_a_row


@pytest.mark.parametrize("content", [b"", b"OggS", b"no pages at all", b"OggS" + bytes(100)])
def test_what_is_no_ogg_file_has_no_end(tmp_path, content):
    assert problems(tmp_path / "a.ogg", [content]) == [CUT]
