"""Which clips are listed, in which order, and with what."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from heterophony.clips import Clip
from heterophony.predictions import Predictions
from heterophony.report.clip_list import LONGEST, clip_lists
from heterophony.report.run_record import RunRecord

Record = Callable[..., RunRecord]


def test_sure_and_wrong_first_then_the_least_sure(record: Record) -> None:
    run = record()
    wrong, unsure = clip_lists(run, 5, 0, 1.0)
    assert len(wrong.clips) == len(unsure.clips) == 5
    said = [clip.said[0].probability or 0 for clip in wrong.clips]
    assert said == sorted(said, reverse=True)
    assert all(clip.truth is not None and clip.truth.name != clip.said[0].name for clip in wrong.clips)
    assert all(int(clip.id.split()[1]) % 5 == 4 for clip in wrong.clips)
    least = [clip.said[0].probability or 0 for clip in unsure.clips]
    assert least == sorted(least)
    assert least[0] < said[-1]


def test_the_order_of_the_rows_does_not_matter(record: Record) -> None:
    run = record()
    back = record(predictions={"sound+words": run.main.take(np.arange(60)[::-1])})
    assert [[clip.id for clip in one.clips] for one in clip_lists(run, 9, 0, 1.0)] == [
        [clip.id for clip in one.clips] for one in clip_lists(back, 9, 0, 1.0)
    ]


def test_players_words_and_each_alone(record: Record, write_sound: Callable[..., Path], tmp_path: Path) -> None:
    run = record()
    sound = write_sound(tmp_path / "a.wav", "low")
    alone = run.main.take(np.arange(0, 60, 2))
    clips = {
        key: Clip(id=key, path=sound, title="A  title", tags="x,y", description="<i>long</i> " + "z" * 400)
        for key in run.main.ids[:-1]
    }
    everything = record(clips=clips, clips_given=True, predictions={"sound+words": run.main, "sound": alone})
    for one in clip_lists(everything, 60, 10_000_000, 1.0):
        for clip in one.clips:
            number = int(clip.id.split()[1])
            assert bool(clip.mp3) == (number != 59)
            assert (clip.missing == "not in the collection that was given") == (number == 59)
            assert [name for name, _ in clip.alone] == (["sound"] if number % 2 == 0 else [])
            if number != 59:
                assert clip.words.startswith("A title. x y. long zzz")
                assert len(clip.words) == LONGEST


def test_a_recording_that_cannot_be_read_says_so_and_without_a_collection_nothing_is_tried(
    record: Record, tmp_path: Path
) -> None:
    run = record()
    clips = {key: Clip(id=key, path=tmp_path / "gone.wav") for key in run.main.ids}
    (wrong, _) = clip_lists(record(clips=clips, clips_given=True), 2, 1_000_000, 1.0)
    assert all(clip.missing == "the sound cannot be read" for clip in wrong.clips)  # and no path of this machine
    (wrong, _) = clip_lists(run, 2, 1_000_000, 1.0)
    assert all((clip.mp3, clip.missing, clip.words) == ("", "", "") for clip in wrong.clips)


def test_who_is_never_wrong_has_no_list_of_errors_and_unlabelled_clips_have_no_truth(record: Record) -> None:
    run = record()
    target = run.main.logits.argmax(axis=1)
    target[0] = -1
    right = Predictions(run.main.ids, run.main.logits, target, run.main.fold, run.main.classes)
    (only,) = clip_lists(record(predictions={"all": right}), 60, 0, 1.0)
    assert only.title == "Least sure"
    assert [clip.id for clip in only.clips if clip.truth is None] == ["clip 0"]
    assert clip_lists(run, 0, 0, 1.0) == []
