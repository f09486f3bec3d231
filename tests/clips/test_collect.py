"""From what a user names to a list of clips."""

import pytest

from heterophony.clips import collect
from heterophony.errors import InputError


@pytest.fixture
def sounds(tmp_path, monkeypatch):
    """A folder `sounds` in the working folder, with recordings, hidden files and others."""
    for name in ("b.WAV", "a/2.ogg", "a/1.wav", ".hidden/3.wav", "._b.WAV", "notes.txt", "c.mp4"):
        file = tmp_path / "sounds" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path.__class__("sounds")


def names(clips):
    return [clip.file_name for clip in clips]


def table(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_a_folder_gives_its_recordings_in_sorted_order_without_hidden_ones(sounds):
    clips = collect([sounds])
    assert names(clips) == ["sounds/b.WAV", "sounds/c.mp4", "sounds/a/1.wav", "sounds/a/2.ogg"]
    assert [clip.id for clip in clips] == names(clips)
    assert all(clip.path is not None and clip.path.is_file() for clip in clips)


def test_a_file_named_itself_is_a_clip_whatever_its_suffix(sounds):
    assert names(collect([sounds / "notes.txt", sounds / ".hidden/3.wav"])) == [
        "sounds/notes.txt",
        "sounds/.hidden/3.wav",
    ]


def test_a_recording_reached_twice_is_listed_once(sounds):
    assert names(collect([sounds / "b.WAV", sounds, sounds / "a"])) == [
        "sounds/b.WAV",
        "sounds/c.mp4",
        "sounds/a/1.wav",
        "sounds/a/2.ogg",
    ]


def test_two_manifests_with_the_same_id_get_ids_of_their_own(sounds):
    one, two = table(sounds / "one.csv", "id,title\n1,x\n1#2,y\n"), table(sounds / "two.csv", "id,title\n1,z\n")
    assert [(clip.id, clip.title) for clip in collect([one, two])] == [("1", "x"), ("1#2", "y"), ("1#3", "z")]


def test_a_path_that_is_not_there_is_refused_with_its_nearest_sibling(sounds):
    with pytest.raises(InputError, match=r"sounds/b\.wav: does not exist; did you mean 'sounds/b\.WAV'"):
        collect([sounds / "b.wav"])
    with pytest.raises(InputError, match=r"does not exist; did you mean 'sounds'"):
        collect([sounds.with_name("sound") / "a" / "1.wav"])
    with pytest.raises(InputError, match=r"there is no 'zzzzzz' in"):
        collect([sounds / "zzzzzz"])


def test_a_folder_without_recordings_and_an_empty_list_are_refused(sounds, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no recording in it or below"):
        collect([tmp_path / "empty"])
    with pytest.raises(InputError, match="nothing to read"):
        collect([])


def test_words_join_by_place_then_by_name_and_give_what_the_clip_lacks(sounds):
    words = table(sounds / "words.csv", "file_name,title,label\na/1.wav,one,dog\nb.WAV,bee,\n2.ogg,two,cat\n")
    clips = collect([sounds], words)
    assert [(clip.title, clip.label) for clip in clips] == [("bee", None), (None, None), ("one", "dog"), ("two", "cat")]
    assert names(clips) == ["sounds/b.WAV", "sounds/c.mp4", "sounds/a/1.wav", "sounds/a/2.ogg"]


def test_words_from_another_folder_join_by_the_end_of_the_path(sounds, tmp_path):
    (tmp_path / "tables").mkdir()
    words = table(tmp_path / "tables" / "words.tsv", "file_name\ttitle\nz/1.wav\twrong\na/1.wav\tright\n")
    assert [clip.title for clip in collect([sounds / "a"], words)] == ["right", None]


def test_rows_with_an_id_only_join_by_the_name_without_suffix(sounds):
    words = table(sounds / "words.csv", "sound_id,title\n1,one\n2,two\n")
    assert [clip.title for clip in collect([sounds / "a"], words)] == ["one", "two"]


def test_words_that_fit_in_two_ways_are_refused(sounds):
    words = table(sounds / "words.csv", "file_name,title\nx/2.ogg,one\ny/2.ogg,two\n")
    with pytest.raises(InputError, match=r"2 rows fit 'sounds/a/2\.ogg': x/2\.ogg, y/2\.ogg"):
        collect([sounds], words)
    (sounds / "z").mkdir()
    (sounds / "z" / "2.ogg").write_bytes(b"")
    with pytest.raises(InputError, match=r"the row '2\.ogg' fits 2 recordings"):
        collect([sounds], table(sounds / "words.csv", "file_name,title\n2.ogg,one\n"))


def test_words_that_fit_nothing_are_refused(sounds):
    with pytest.raises(InputError, match=r"none of its 1 rows belongs to any of the 4 recordings.*'q\.wav'"):
        collect([sounds], table(sounds / "words.csv", "file_name,title\nq.wav,one\n"))
