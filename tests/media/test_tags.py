"""The words inside files."""

import struct

import pytest
import soundfile

from heterophony.media import Words, read_tags


def riff_info(wav_bytes, entries):
    """A WAV file with a LIST INFO chunk."""
    body = b"INFO"
    for name, text in entries.items():
        text += b"\0" * (1 + len(text) % 2)
        body += name.encode() + struct.pack("<I", len(text)) + text + b"\0" * (len(text) % 2)
    wav = wav_bytes() + b"LIST" + struct.pack("<I", len(body)) + body
    return wav[:4] + struct.pack("<I", len(wav) - 8) + wav[8:]


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_title_genre_and_comment_are_title_tags_and_description(tmp_path, tone, suffix):
    with soundfile.SoundFile(tmp_path / f"a{suffix}", "w", 44_100, 1) as file:
        file.title, file.genre, file.comment, file.artist = "Kuhglocken", "field", "On a hill, früh", "Anna"
        file.write(tone())
    assert read_tags(tmp_path / f"a{suffix}") == Words("Kuhglocken", "field", "On a hill, früh")


def test_a_video_gives_its_words(tmp_path, video_file):
    words = {"title": "Bells", "genre": "nature", "comment": "One.", "description": "Two.", "artist": "Anna"}
    path = video_file(tmp_path / "v.mp4", sound="aac", metadata=words)
    assert read_tags(path) == Words("Bells", "nature", "Two., One.")


def test_the_same_words_in_two_tags_are_told_once(tmp_path, video_file):
    path = video_file(tmp_path / "v.mp4", sound="aac", metadata={"comment": "One.", "description": "One."})
    assert read_tags(path) == Words(None, None, "One.")


def test_old_code_pages_and_line_breaks_become_clean_text(tmp_path, wav_bytes):
    (tmp_path / "a.wav").write_bytes(riff_info(wav_bytes, {"INAM": b"Stra\xdfe\r\n  bei  Nacht", "ICMT": b"\x93x\x94"}))
    assert read_tags(tmp_path / "a.wav") == Words("Straße bei Nacht", None, "“x”")


@pytest.mark.parametrize("noise", [b"Processed by SoX", b"  ", b"-", b" 00000A2B 00000A3C 000034F1"])
def test_what_programs_say_of_themselves_are_no_words(tmp_path, wav_bytes, noise):
    (tmp_path / "a.wav").write_bytes(riff_info(wav_bytes, {"ICMT": noise}))
    assert read_tags(tmp_path / "a.wav") == Words()


def test_an_endless_comment_is_cut(tmp_path, wav_bytes):
    (tmp_path / "a.wav").write_bytes(riff_info(wav_bytes, {"ICMT": b"word " * 10_000}))
    assert len(read_tags(tmp_path / "a.wav").description) == 10_000


def test_files_without_words_and_files_that_are_none_have_no_words(tmp_path, wav_bytes):
    (tmp_path / "a.wav").write_bytes(wav_bytes())
    (tmp_path / "b.wav").write_bytes(b"text")
    assert read_tags(tmp_path / "a.wav") == read_tags(tmp_path / "b.wav") == read_tags(tmp_path / "none.wav") == Words()
