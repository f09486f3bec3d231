"""External clips: which are kept, what they are called, and that no word tells their class unless asked for."""

import pytest

from heterophony.clips import Clip, join_words
from heterophony.clips.external import external_clips
from heterophony.clips.label_map import read_label_map
from heterophony.errors import ConfigError, InputError


def sound(name, labels):
    columns = {"source": "FSD50K", "freesound_id": name, "labels": labels, "split": "train"}
    return Clip(id=name, title=f"title {name}", tags="a,b", description="d", group="ann", fold="3", columns=columns)


@pytest.fixture
def clips():
    """Labels as FSD50K has them: the general ones beside the specific ones."""
    return [
        sound("1", "Bark,Dog,Domestic_animals_and_pets,Animal"),
        sound("2", "Dog,Walk_and_footsteps"),
        sound("3", "Singing,Music"),
        sound("4", "Chatter,Human_group_actions"),
        sound("5", "Rain,Water"),
        sound("6", "Mechanical_fan"),
    ]


@pytest.fixture
def fsd50k():
    return read_label_map("FSD50K")


def test_a_clip_is_kept_when_all_its_labels_with_a_class_agree(clips, fsd50k):
    found = external_clips(clips, fsd50k, {"5", "77"})
    assert [(clip.id, clip.label, clip.label_top) for clip in found.clips] == [
        ("1", "fx-a", "fx"),
        ("4", "sp-c", "sp"),
        ("6", "ss-i", "ss"),
    ]
    assert found.dropped == {
        "its labels name several classes": 1,
        "none of its labels has a class": 1,
        "the same Freesound sound is in the data set": 1,
    }
    assert all(clip.fold is None and clip.group == "ann" for clip in found.clips)
    assert found.clips[0].columns["source"] == "FSD50K"


def test_the_weak_classes_alone_can_be_taken(clips, fsd50k):
    found = external_clips(clips, fsd50k, {"6"}, classes=("sp-c", "ss-i"))
    assert [clip.label for clip in found.clips] == ["sp-c"]
    assert found.dropped["a class that is not wanted"] == 2


def test_without_being_asked_no_clip_has_words(clips, fsd50k):
    for clip in external_clips(clips, fsd50k, ()).clips:
        assert (clip.title, clip.tags, clip.description) == (None, None, None)
        assert join_words(clip.title, clip.tags, clip.description) == ""


def test_the_leak_gives_one_phrase_to_each_class(clips, fsd50k):
    more = [*clips, sound("8", "Meow,Cat")]
    kept = external_clips(more, fsd50k, (), words="phrase").clips
    phrases = {clip.label: join_words(clip.title, clip.tags, clip.description) for clip in kept}
    assert phrases["fx-a"] == "Sound effects / animals"
    assert len(set(phrases.values())) == len(phrases) == 4
    assert kept[0].title == kept[-1].title


def test_a_clip_may_keep_its_own_words(clips, fsd50k):
    clip = external_clips(clips, fsd50k, (), words="own").clips[0]
    assert (clip.title, clip.tags, clip.description) == ("title 1", "a,b", "d")


def test_a_single_label_is_mapped_like_several():
    clips = [Clip(id=f"x{n}", label=label, columns={"freesound_id": str(n)}) for n, label in enumerate(["dog", "rain"])]
    found = external_clips(clips, read_label_map("ESC-50"), {"0"})
    assert [(clip.id, clip.label) for clip in found.clips] == [("x1", "ss-n")]


def test_unknown_names_are_refused(clips, fsd50k):
    with pytest.raises(ConfigError, match="external clips of the class 'fx-z'; there are m-sp"):
        external_clips(clips, fsd50k, (), classes=("fx-z",))
    with pytest.raises(ConfigError, match="words 'label' of external clips; there are none, phrase, own"):
        external_clips(clips, fsd50k, (), words="label")
    with pytest.raises(InputError, match=r"clip 9: label 'Woof' is none of the 200 known ones"):
        external_clips([sound("9", "Woof")], fsd50k, ())
