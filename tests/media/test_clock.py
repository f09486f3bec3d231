"""When sound and pictures begin, in files whose streams begin when the test says."""

from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile

from heterophony.errors import MediaError
from heterophony.media import Clock, read_clock


@pytest.fixture
def late(tmp_path, tone):
    """A Matroska file of 4 s from `sound` and `pictures` seconds on; None leaves the stream out."""

    def write(sound, pictures):
        with av.open(str(tmp_path / "a.mkv"), "w") as container:
            video = container.add_stream("mpeg4", rate=10) if pictures is not None else None
            audio = container.add_stream("pcm_s16le", rate=16_000, layout="mono") if sound is not None else None
            if video is not None:
                video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
                for number in range(40):
                    frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 5 * number, np.uint8), format="rgb24")
                    frame = frame.reformat(format="yuv420p", threads=1)
                    frame.pts, frame.time_base = round(10 * pictures) + number, Fraction(1, 10)
                    container.mux(video.encode(frame))
                container.mux(video.encode(None))
            if audio is not None:
                samples = (tone(4.0, 16_000)[None] * 2**15).astype(np.int16)
                for start in range(0, 64_000, 1600):
                    frame = av.AudioFrame.from_ndarray(samples[:, start : start + 1600], format="s16", layout="mono")
                    frame.sample_rate, frame.pts = 16_000, round(16_000 * sound) + start
                    container.mux(audio.encode(frame))
                container.mux(audio.encode(None))
        return tmp_path / "a.mkv"

    return write


@pytest.mark.parametrize(
    ("sound", "pictures", "expected"),
    [
        (0, 0, (0, 0)),
        (2.5, 0, (2.5, 0)),
        (0, 1.2, (0, 1.2)),
        (7, 9, (0, 2)),
        (3, None, (0, None)),
        (None, 3, (None, 0)),
    ],
)
def test_time_begins_with_the_earlier_stream(late, sound, pictures, expected):
    clock = read_clock(late(sound, pictures))
    assert (clock.sound, clock.pictures) == pytest.approx(expected, abs=0.002)
    assert clock.stated is not None


def test_a_recording_and_a_picture_begin_at_once(tmp_path, tone):
    from PIL import Image

    soundfile.write(tmp_path / "a.wav", tone(2.0, 16_000), 16_000)
    assert read_clock(tmp_path / "a.wav") == Clock(0.0, None, 2.0)
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    assert read_clock(tmp_path / "a.png").pictures == 0.0


def test_what_is_neither_is_refused(tmp_path):
    (tmp_path / "letter.mp4").write_text("Dear sir")
    with pytest.raises(MediaError, match=r"letter\.mp4: cannot be decoded"):
        read_clock(tmp_path / "letter.mp4")
