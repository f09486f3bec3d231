"""What is to be seen in each second, from videos whose every picture is known by its brightness."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from heterophony.errors import AbsentError, MediaError
from heterophony.media import Limits, iter_seconds
from heterophony.media.video_source import open_video

FRAMES_1_AND_15 = (0.0, 14 / 30)


@pytest.fixture
def numbered(tmp_path):
    """A lossless video, shown number by number: `numbered(name, times)` with the time of each picture in seconds."""

    def write(name, times, *, rate=30, unit=Fraction(1, 90_000), shape=(16, 16), codec=None, pix_fmt=None):
        with av.open(str(tmp_path / name), "w") as container:
            lossless, pixels = ("ffv1", "bgr0") if name.endswith(".mkv") else ("png", "rgb24")
            stream = container.add_stream(codec or lossless, rate=rate)
            stream.height, stream.width, stream.pix_fmt = *shape, pix_fmt or pixels
            stream.codec_context.time_base = unit
            for number, time in enumerate(times):
                frame = av.VideoFrame.from_ndarray(np.full((*shape, 3), number, np.uint8), format="rgb24")
                frame = frame.reformat(format=stream.pix_fmt, threads=1)  # the encoder itself would do it on many
                frame.pts, frame.time_base = round(time / unit), unit
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return tmp_path / name

    return write


def seen(path, times, **settings):
    """The number of the picture at each look, second by second."""
    seconds = list(iter_seconds(path, times, 16, settings.pop("fit", "crop"), **settings))
    assert all(each.shape == (len(times), 16, 16, 3) and each.dtype == np.uint8 for each in seconds)
    assert all(np.ptp(each, axis=(1, 2, 3)).max() == 0 for each in seconds)
    return [each[:, 0, 0, 0].tolist() for each in seconds]


def restated(shown, end, times):
    """The docstring, word by word: pictures by their times, which end at `end`; all in thousandths of a second."""
    seconds = []
    for second in range(0, end + 1000, 1000):
        looks = [second + time for time in times]
        if looks[-1] < end or second == 0:
            seconds.append([max(n for n, at in enumerate(shown) if at <= min(look, end)) for look in looks])
    return seconds


@pytest.mark.parametrize("name", ["v.mov", "v.mkv", "v.avi"])
def test_frames_1_and_15_of_each_second_of_thirty_are_seen(numbered, name):
    path = numbered(name, [Fraction(number, 30) for number in range(90)], unit=Fraction(1, 30))
    assert seen(path, FRAMES_1_AND_15) == [[0, 14], [30, 44], [60, 74]]


@pytest.mark.parametrize("name", ["v.mov", "v.mkv"])
@pytest.mark.parametrize("pictures", [1, 5, 9, 10, 11, 24, 29, 30])
@pytest.mark.parametrize("times", [(0.0,), (0.0, 0.2, 0.4, 0.6, 0.8), (0.35, 0.95)])
def test_looks_are_those_of_the_definition(numbered, name, pictures, times):
    path = numbered(name, [Fraction(number, 10) for number in range(pictures)], rate=10, unit=Fraction(1, 10))
    expected = restated(
        [100 * number for number in range(pictures)], 100 * pictures, [round(1000 * time) for time in times]
    )
    assert seen(path, times) == expected


def test_pictures_at_uneven_times_are_seen_when_they_are_shown(numbered):
    shown = [0, 40, 130, 999, 1000, 1900, 2600, 2610, 4000]
    path = numbered("v.mkv", [Fraction(time, 1000) for time in shown], unit=Fraction(1, 1000))
    with open_video(path, Limits()) as video:
        end = round(1000 * list(video.pictures)[-1].end)
    assert seen(path, (0.0, 0.1, 0.5, 0.9)) == restated(shown, end, [0, 100, 500, 900])
    assert seen(path, (0.0, 0.5)) == [[0, 2], [4, 4], [5, 5], [7, 7]]


def test_time_begins_with_the_first_picture(numbered):
    times = [7 + Fraction(number, 10) for number in range(20)]
    assert seen(numbered("v.mkv", times, rate=10, unit=Fraction(1, 1000)), (0.0, 0.5)) == [[0, 5], [10, 15]]


def test_an_incomplete_second_counts_only_if_it_is_the_first(numbered):
    def video(pictures):
        return numbered("v.mov", [Fraction(number, 10) for number in range(pictures)], rate=10, unit=Fraction(1, 10))

    assert seen(video(3), (0.0, 0.5)) == [[0, 2]]
    assert seen(video(1), (0.4, 0.5, 0.9)) == [[0, 0, 0]]
    assert seen(video(14), (0.0, 0.5)) == [[0, 5]]
    assert seen(video(16), (0.0, 0.5)) == [[0, 5], [10, 15]]
    assert seen(video(11), (0.0,)) == [[0], [10]]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tiff", ".gif"])
def test_a_still_picture_is_one_second(tmp_path, suffix):
    flat = np.full((30, 40, 3), (200, 100, 50), np.uint8)
    Image.fromarray(flat).save(tmp_path / f"p{suffix}")
    (second,) = iter_seconds(tmp_path / f"p{suffix}", (0.0, 0.5), 24, "crop")
    assert second.shape == (2, 24, 24, 3)
    assert np.array_equal(second[0], second[1])
    assert np.abs(second[0].astype(int) - flat[:24, :24]).max() <= 4


@pytest.mark.parametrize("name", ["p.jpg", "p.JPEG", "p.jfif", "picture"])
def test_a_jpeg_of_more_than_the_first_look_is_read(tmp_path, name):
    """FFmpeg reads 2 KiB first, and then takes a longer .jpg for numbered pictures."""
    noisy = np.random.default_rng(0).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(noisy).save(tmp_path / name, format="jpeg")
    assert (tmp_path / name).stat().st_size > 4096
    (second,) = iter_seconds(tmp_path / name, (0.0,), 24, "crop")
    assert second.shape == (1, 24, 24, 3)


def test_an_animation_is_a_video(tmp_path):
    flat = [Image.fromarray(np.full((16, 16), 10 * number, np.uint8)) for number in range(8)]
    flat[0].save(tmp_path / "a.gif", save_all=True, append_images=flat[1:], duration=250)
    assert seen(tmp_path / "a.gif", (0.0, 0.5)) == [[0, 20], [40, 60]]


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "name"),
    [
        ("png", "rgba", "v.mov"),
        ("png", "gray", "v.mov"),
        ("png", "gray16be", "v.mov"),
        ("png", "rgb48be", "v.mov"),
        ("ffv1", "yuv420p10le", "v.mkv"),
        ("ffv1", "yuva444p", "v.mkv"),
        ("ffv1", "bgr0", "v.avi"),
        ("mpeg4", "yuv420p", "v.mp4"),
        ("mpeg2video", "yuv420p", "v.mpg"),
        ("libx264", "yuv444p", "v.mkv"),
        ("libvpx-vp9", "yuv420p", "v.webm"),
    ],
)
def test_every_kind_of_pixel_becomes_rgb(numbered, codec, pix_fmt, name):
    times = [Fraction(number, 25) for number in range(75)]
    path = numbered(name, times, rate=25, unit=Fraction(1, 25), codec=codec, pix_fmt=pix_fmt, shape=(34, 22))
    (first, middle), _, (last, _) = iter_seconds(path, (0.0, 0.48), 20, "crop")
    for picture, number in ((first, 0), (middle, 12), (last, 50)):
        assert np.abs(picture.astype(int) - number).max() <= 3


@pytest.mark.parametrize("shape", [(33, 17), (17, 33), (1, 1), (1, 40), (40, 1), (3, 2)])
@pytest.mark.parametrize("fit", ["crop", "stretch"])
def test_odd_shapes_become_squares(numbered, shape, fit):
    path = numbered("v.mov", [0, 1], rate=1, unit=Fraction(1, 1), shape=shape)
    assert seen(path, (0.0,), fit=fit) == [[0], [1]]


def test_crop_cuts_the_middle_out_and_stretch_keeps_all(tmp_path):
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 255
    Image.fromarray(wide).save(tmp_path / "p.png")
    (crop,), (stretch,) = (next(iter_seconds(tmp_path / "p.png", (0.0,), 60, fit)) for fit in ("crop", "stretch"))
    assert crop[:, 4:-4].min() > 240
    assert (stretch[:, :17].max(), stretch[:, 23:37].min(), stretch[:, 43:].max()) == (0, 255, 0)
    oracle = Image.fromarray(wide).resize((60, 60), Image.Resampling.BICUBIC)
    assert np.abs(stretch.astype(int) - np.asarray(oracle)).max() <= 16  # libswscale's bicubic is a little sharper


def test_a_thread_of_pixels_does_not_fill_the_memory(tmp_path):
    thread = np.zeros((1, 60_000), np.uint8)
    thread[:, 29_990:30_010] = 255
    Image.fromarray(thread).save(tmp_path / "p.png")
    (picture,) = next(iter_seconds(tmp_path / "p.png", (0.0,), 224, "crop"))  # 224 x 13,440,000 if it were scaled whole
    assert (picture.shape, picture.min()) == ((224, 224, 3), 255)


def test_rotation_that_is_left_to_the_player_is_not_done(numbered):
    path = numbered("v.mp4", [0, 1], rate=1, unit=Fraction(1, 1), shape=(32, 16), codec="mpeg4", pix_fmt="yuv420p")
    (upright, _) = (each.tobytes() for each in iter_seconds(path, (0.0,), 16, "stretch"))
    content = bytearray(path.read_bytes())
    start = content.index(b"tkhd") + 4 + 40
    content[start : start + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    with open_video(path, Limits()) as video:
        assert abs(next(video.pictures).frame.rotation) == 90
    assert next(iter_seconds(path, (0.0,), 16, "stretch")).tobytes() == upright


def jpegs(tmp_path, shapes):
    """A stream without timestamps and of changing size: JPEG after JPEG."""
    content = b""
    for number, shape in enumerate(shapes):
        Image.fromarray(np.full(shape, 10 * number, np.uint8)).save(tmp_path / "one.jpg")
        content += (tmp_path / "one.jpg").read_bytes()
    (tmp_path / "v.mjpeg").write_bytes(content)
    return tmp_path / "v.mjpeg"


def test_a_stream_without_times_runs_at_the_rate_that_is_guessed(tmp_path):
    shown = seen(jpegs(tmp_path, [(16, 16)] * 25), (0.0, 0.4, 0.8))
    assert shown == [[0, 100, 200]]


def test_a_size_that_changes_is_followed_and_one_beyond_the_limit_is_not(tmp_path):
    path = jpegs(tmp_path, [(16, 16), (32, 48), (160, 160), (16, 24)] + [(16, 16)] * 21)
    times = tuple(number / 25 for number in range(4))
    assert seen(path, times) == [[0, 10, 20, 30]]
    assert seen(path, times, limits=Limits(max_pixels=10_000)) == [[0, 10, 10, 30]]


def test_a_damaged_picture_is_left_out_and_the_one_before_stands(numbered):
    path = numbered("v.mov", [Fraction(number, 10) for number in range(20)], rate=10, unit=Fraction(1, 10))
    content = bytearray(path.read_bytes())
    starts = [at for at in range(len(content)) if content[at : at + 8] == b"\x89PNG\r\n\x1a\n"]
    content[starts[15] : starts[15] + 60] = bytes(60)
    path.write_bytes(content)
    assert seen(path, (0.0, 0.5)) == [[0, 5], [10, 14]]


def test_a_video_cut_in_the_middle_gives_its_first_seconds(numbered):
    path = numbered("v.mkv", [Fraction(number, 10) for number in range(40)], rate=10, unit=Fraction(1, 1000))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    assert seen(path, (0.0, 0.5)) == [[0, 5], [10, 15]]


def test_limits_bound_the_time_and_the_pixels(numbered, tmp_path):
    path = numbered("v.mov", [Fraction(number, 10) for number in range(40)], rate=10, unit=Fraction(1, 10))
    assert seen(path, (0.0, 0.5), limits=Limits(max_seconds=2.0)) == [[0, 5], [10, 15]]
    with pytest.raises(MediaError, match=r"v\.mov: no picture of at most 255 pixels in it can be decoded"):
        seen(path, (0.0,), limits=Limits(max_pixels=255))
    assert seen(path, (0.0,), limits=Limits(max_pixels=1024)) == [[0], [10], [20], [30]]  # 64 x 16
    with pytest.raises(MediaError, match=r"v\.mov: \d+ bytes; at most 10 are read"):
        seen(path, (0.0,), limits=Limits(max_bytes=10))


def test_a_leap_of_the_clock_beyond_the_limit_ends_the_video(numbered):
    path = numbered("v.mkv", [0, 1, 90_000], rate=1, unit=Fraction(1, 1000))
    assert seen(path, (0.0,)) == [[0], [1]]


@pytest.mark.parametrize("times", [(), (0.5, 0.0), (0.0, 0.0), (-0.1,), (1.0,), (float("nan"),)])
def test_impossible_moments_are_refused(tmp_path, times):
    with pytest.raises(ValueError, match="times within a second must ascend from 0 to below 1"):
        iter_seconds(tmp_path / "v.mp4", times, 16, "crop")
    with pytest.raises(ValueError, match="a size of at least 1, 0 came"):
        iter_seconds(tmp_path / "v.mp4", (0.0,), 0, "crop")


def test_nothing_is_opened_before_it_is_asked_for(tmp_path):
    seconds = iter_seconds(tmp_path / "none.mp4", (0.0,), 16, "crop")
    with pytest.raises(MediaError, match=r"none\.mp4: cannot be opened") as caught:
        next(seconds)
    assert not isinstance(caught.value, AbsentError)


def test_what_is_skipped_or_cut_off_is_told(numbered):
    path = numbered("v.mov", [Fraction(number, 10) for number in range(40)], rate=10, unit=Fraction(1, 10))
    whole, cut_off, limited = [], [], []
    assert len(list(iter_seconds(path, (0.0,), 8, "crop", problems=whole))) == 4
    content = bytearray(path.read_bytes())
    start = content.index(b"\x89PNG", content.index(b"\x89PNG", 100) + 9)  # the second picture
    content[start : start + 60] = bytes(60)
    path.write_bytes(content)
    assert len(list(iter_seconds(path, (0.0,), 8, "crop", problems=cut_off))) == 4
    assert len(list(iter_seconds(path, (0.0,), 8, "crop", Limits(max_seconds=2.0), limited))) == 2
    assert whole == []
    assert cut_off == ["1 of 40 packets of pictures are damaged and were skipped"]
    assert limited[-1] == "only the first 2 s of pictures looked at"


def test_a_stretch_has_the_seconds_that_begin_in_it(numbered):
    path = numbered("v.mkv", [Fraction(number, 10) for number in range(35)], rate=10, unit=Fraction(1, 10))
    assert seen(path, (0.0, 0.5), stretch=(1.0, 2.0)) == [[10, 15]]
    assert seen(path, (0.0, 0.5), stretch=(1.0, 3.0)) == [[10, 15], [20, 25]]
    assert seen(path, (0.0, 0.2), stretch=(0.5, 1.5)) == [[5, 7]]
    whole = [seen(path, (0.0, 0.4), stretch=(second, second + 1)) for second in range(4)]
    assert [each[0] for each in whole] == seen(path, (0.0, 0.4)), "one by one as all together"
    assert seen(path, (0.0, 0.8), stretch=(3.0, 4.0)) == [[30, 34]], "its first second is there, with the last picture"


def test_a_stretch_behind_the_pictures_lacks_them(numbered):
    path = numbered("v.mkv", [Fraction(number, 10) for number in range(20)], rate=10, unit=Fraction(1, 10))
    with pytest.raises(AbsentError, match=r"v\.mkv, 2 s to 3 s: the pictures end before that"):
        seen(path, (0.0,), stretch=(2.0, 3.0))
