"""Pictures at even steps of time, from videos whose every picture is known by its brightness."""

import numpy as np
import pytest
from PIL import Image

from heterophony.errors import MediaError
from heterophony.media import Limits, iter_frames


def brightness(frames):
    return [(round(seconds, 6), round(float(picture.mean()) / 10)) for seconds, picture in frames]


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.avi"])
def test_each_step_shows_the_picture_of_its_time(tmp_path, video_file, name):
    path = video_file(tmp_path / name)
    assert brightness(iter_frames(path, 2.0)) == [(0.0, 0), (0.5, 5), (1.0, 10), (1.5, 15)]
    assert brightness(iter_frames(path, 10.0)) == [(step / 10, step) for step in range(20)]


def test_more_steps_than_pictures_repeat_them(tmp_path, video_file):
    frames = brightness(iter_frames(video_file(tmp_path / "v.mkv", pictures=2), 20.0))
    assert frames == [(0.0, 0), (0.05, 0), (0.1, 1), (0.15, 1)]


def test_fewer_steps_than_seconds_show_the_first(tmp_path, video_file):
    assert brightness(iter_frames(video_file(tmp_path / "v.mp4"), 0.1)) == [(0.0, 0)]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp"])
def test_a_still_picture_is_one_frame(tmp_path, suffix):
    flat = np.full((30, 40, 3), (200, 100, 50), np.uint8)
    Image.fromarray(flat).save(tmp_path / f"p{suffix}")
    ((seconds, picture),) = iter_frames(tmp_path / f"p{suffix}", 5.0)
    assert (seconds, picture.shape, picture.dtype) == (0.0, (30, 40, 3), np.uint8)
    assert np.abs(picture.astype(int) - flat).max() <= 3


def test_a_size_cuts_the_middle_square_out(tmp_path):
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 255
    Image.fromarray(wide).save(tmp_path / "p.png")
    ((_, picture),) = iter_frames(tmp_path / "p.png", 1.0, 40)
    assert picture.shape == (40, 40, 3)
    assert picture[:, 4:-4].min() > 240


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [("a.wav", None, "no picture in it"), ("t.png", b"text", "FFmpeg"), ("e.mp4", b"", "is empty")],
)
def test_what_has_no_picture_is_refused(tmp_path, wav_bytes, name, content, reason):
    (tmp_path / name).write_bytes(wav_bytes() if content is None else content)
    with pytest.raises(MediaError, match=f"{name}: .*{reason}"):
        list(iter_frames(tmp_path / name, 1.0))


def test_the_cover_of_a_sound_file_is_no_picture(tmp_path, video_file):
    with pytest.raises(MediaError, match="no picture in it"):
        list(iter_frames(video_file(tmp_path / "a.m4a", sound="aac", picture=None), 1.0))


def test_limits_bound_the_time_and_the_pixels(tmp_path, video_file):
    path = video_file(tmp_path / "v.mp4")
    assert brightness(iter_frames(path, 2.0, None, Limits(max_seconds=1.0))) == [(0.0, 0), (0.5, 5)]
    with pytest.raises(MediaError, match=r"v\.mp4: no picture of at most 1000 pixels in it can be decoded"):
        list(iter_frames(path, 2.0, None, Limits(max_pixels=1000)))
    with pytest.raises(ValueError, match="fps must be above 0"):
        list(iter_frames(path, 0.0))


def test_a_video_cut_in_the_middle_gives_its_first_pictures(tmp_path, video_file):
    path = video_file(tmp_path / "v.mkv")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    shown = brightness(iter_frames(path, 10.0))
    assert 3 < len(shown) < 20
    assert shown == [(step / 10, step) for step in range(len(shown))]
