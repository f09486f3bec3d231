"""Decoding once: what is kept is what the readers of one file give, whatever the number of workers."""

import pickle
import shutil

import av
import numpy as np
import pytest
import soundfile

from heterophony.clips import read_tau
from heterophony.clips.segments import segments
from heterophony.errors import InputError, MediaError
from heterophony.media import Form, Item, Looks, SoundStreams, Wanted, decode, iter_seconds

PAIR = Form(24_000, 2)
LOOKS = Looks((0.0, 0.45), 16, "stretch")
BOTH = Wanted(PAIR, LOOKS)


@pytest.fixture(scope="module")
def files(tmp_path_factory, video_file, tone):
    """A noise of 3 s in two channels at 48 kHz, a video of 2 s with sound, one without, a picture, nonsense."""
    folder = tmp_path_factory.mktemp("files")
    noise = np.random.default_rng(0).uniform(-1, 1, (144_000, 2))
    soundfile.write(folder / "noise.wav", noise, 48_000, subtype="FLOAT")
    video_file(folder / "both.mp4", sound="aac")
    video_file(folder / "mute.mp4", pictures=26)
    picture = np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    with av.open(str(folder / "still.png"), "w", format="image2") as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 60, 40, "rgb24"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    (folder / "nonsense.wav").write_bytes(b"nothing of the kind")
    return folder


def heard(item, form=PAIR, limits=None):
    """By the reader of one file, rounded to 16 bits: `[channels, samples]`, None where there is no sound."""
    try:
        blocks = [block for _, block in SoundStreams(item.path, [form], limits, item.stretch)]
    except MediaError:
        return None
    samples = np.concatenate(blocks).reshape(-1, form.channels)
    return np.clip(np.rint(samples * 32768), -32768, 32767).T.astype(np.float32) / 32768


def seen(item, looks=LOOKS, limits=None):
    """By the reader of one file: `[seconds, times, size, size, 3]`, None where there is no picture."""
    path = item.pictures_path or item.path
    try:
        return np.stack([*iter_seconds(path, looks.times, looks.size, looks.fit, limits, None, item.stretch)])
    except MediaError:
        return None


def check(decoded, items):
    for row, item in enumerate(items):
        samples, pictures = heard(item), seen(item)
        assert decoded.has_sound[row] == (samples is not None)
        assert decoded.has_pictures[row] == (pictures is not None)
        if samples is not None:
            assert np.array_equal(decoded.waveform(row, 0, decoded.samples(row)), samples)
        if pictures is not None:
            assert np.array_equal([decoded.frames(row, at) for at in range(decoded.looks(row))], pictures)


def test_every_row_is_what_the_readers_of_one_file_give(files, tmp_path):
    items = [
        Item(files / "noise.wav", files / "both.mp4"),
        Item(files / "both.mp4"),
        Item(files / "mute.mp4"),
        Item(files / "noise.wav"),
        Item(files / "noise.wav", files / "still.png"),
    ]
    decoded = decode(items, BOTH, tmp_path)
    check(decoded, items)
    assert decoded.reasons == ("",) * 5
    assert [decoded.seconds(row) for row in range(5)] == [3, 2, 3, 3, 3]
    assert [decoded.looks(row) for row in range(5)] == [2, 2, 3, 0, 1]


@pytest.mark.parametrize("rate_hz", [48_000, 44_100, 16_000])
def test_stretches_cut_from_one_pass_are_those_decoded_by_themselves(files, tmp_path, rate_hz, monkeypatch):
    opened = []
    for name in ("sound_pieces.open_source", "picture_pieces.open_video"):
        module, _, function = name.partition(".")
        real = getattr(__import__(f"heterophony.media.{module}", fromlist=[function]), function)
        monkeypatch.setattr(
            f"heterophony.media.{name}", lambda path, *rest, real=real: (opened.append(path.name), real(path, *rest))[1]
        )
    cuts = [(0.0, 1.0), (1.0, 2.0), (0.25, 1.875), (0.3, 0.7), (2.0, 3.0), (1.9, 2.4), (2.5, 9.0), None]
    items = [Item(path, pictures, cut) for path, pictures in pairs(files) for cut in cuts]
    wanted = Wanted(Form(rate_hz, 2), LOOKS)
    decoded = decode(items, wanted, tmp_path)
    assert sorted(opened) == [*["both.mp4"] * 3, "mute.mp4", *["noise.wav"] * 2], "each once per pair of files"
    for row, item in enumerate(items):
        samples, pictures = heard(item, wanted.sound), seen(item)
        if samples is not None:
            assert np.array_equal(decoded.waveform(row, 0, decoded.samples(row)), samples), item
        if pictures is not None:
            assert np.array_equal([decoded.frames(row, at) for at in range(decoded.looks(row))], pictures), item


def pairs(files):
    """Files of rows, and of their pictures."""
    noise, both = files / "noise.wav", files / "both.mp4"
    return [(noise, files / "mute.mp4"), (both, None), (noise, both)]


def test_what_is_missing_is_data_and_what_is_damaged_is_refused_alone(files, tmp_path):
    items = [
        Item(files / "mute.mp4"),
        Item(files / "nonsense.wav"),
        Item(files / "noise.wav"),
        Item(files / "gone.wav", files / "mute.mp4"),
        Item(files / "noise.wav", stretch=(5.0, 6.0)),
        Item(files / "both.mp4", stretch=(5.0, 6.0)),
        Item(files / "mute.mp4", stretch=(5.0, 6.0)),
    ]
    decoded = decode(items, BOTH, tmp_path)
    assert decoded.has_sound.tolist() == [False, False, True, False, False, False, False]
    assert decoded.has_pictures.tolist() == [True, *[False] * 6]
    assert (decoded.reasons[0], decoded.reasons[2]) == ("", "")
    assert "nonsense.wav: cannot be decoded" in decoded.reasons[1]
    assert "gone.wav: cannot be opened" in decoded.reasons[3]
    assert "noise.wav, 5 s to 6 s: 0 samples (0 s) is too short" in decoded.reasons[4]
    assert "both.mp4, 5 s to 6 s: 0 samples" in decoded.reasons[5]
    assert "no sound in it, only video; " in decoded.reasons[6]
    assert "mute.mp4, 5 s to 6 s: the pictures end before that" in decoded.reasons[6]
    with pytest.raises(InputError, match=r"row 1 was refused and has no seconds: .*nonsense\.wav"):
        decoded.seconds(1)


def test_one_modality_alone(files, tmp_path):
    items = [Item(files / "both.mp4"), Item(files / "mute.mp4"), Item(files / "noise.wav")]
    sound = decode(items, Wanted(Form(8_000, 1), None), tmp_path)
    assert [bool(reason) for reason in sound.reasons] == [False, True, False]
    assert np.array_equal(sound.waveform(0, 0, 16_000)[0], heard(items[0], Form(8_000, 1))[0, :16_000])
    with pytest.raises(ValueError, match="without pictures"):
        sound.frames(0, 0)
    pictures = decode(items, Wanted(None, LOOKS), tmp_path)
    assert [bool(reason) for reason in pictures.reasons] == [False, False, True]
    assert pictures.seconds(1) == 3
    with pytest.raises(ValueError, match="without sound"):
        pictures.waveform(0, 0, 1)
    with pytest.raises(ValueError, match="sound or looks must be wanted"):
        Wanted(None, None)


def test_nothing_to_decode_is_no_rows(tmp_path):
    decoded = decode([], BOTH, tmp_path)
    assert (len(decoded), decoded.reasons, decoded.has_sound.shape) == (0, (), (0,))
    with pytest.raises(IndexError, match="there are no rows"):
        decoded.samples(0)


def test_seconds_behind_the_end_are_silent_and_show_the_last_picture(files, tmp_path):
    items = [Item(files / "noise.wav", files / "still.png"), Item(files / "noise.wav"), Item(files / "mute.mp4")]
    decoded = decode(items, BOTH, tmp_path)
    assert np.array_equal(decoded.frames(0, 2), decoded.frames(0, 0))
    assert decoded.frames(0, 0).any()
    wave = decoded.waveform(0, 71_000, 2_000)
    assert wave.shape == (2, 2_000)
    assert wave[:, :1_000].all(axis=0).sum() > 900
    assert not wave[:, 1_000:].any()
    assert not decoded.waveform(0, 10**9, 5).any()
    assert not decoded.waveform(2, 0, 24_000).any()
    assert not decoded.frames(1, 0).any()
    for call in (lambda: decoded.waveform(-1, 0, 1), lambda: decoded.frames(3, 0), lambda: decoded.seconds(3)):
        with pytest.raises(IndexError, match="rows are 0 to 2"):
            call()
    with pytest.raises(IndexError, match="must be at least 0"):
        decoded.waveform(0, -1, 1)
    with pytest.raises(IndexError, match="must be at least 0"):
        decoded.frames(0, -1)


def tau_rows(folder):
    """Three clips of the small copy as their segments, in turns, so that neighbours do not share their files."""
    rows = segments(read_tau(folder).clips[:3], 1.0, 4)
    return [Item(row.path, row.pictures_path, row.stretch) for row in sorted(rows, key=lambda row: row.id[-1])]


def contents(decoded):
    return {path.name: path.read_bytes() for path in decoded.folder.iterdir()}


def test_segments_of_the_scenes_give_the_same_bytes_whatever_the_workers(tau_copy, tmp_path):
    items, told = tau_rows(tau_copy), []
    one = decode(items, BOTH, tmp_path / "a", progress=lambda done, of: told.append((done, of)))
    two = decode(items, BOTH, tmp_path / "b", workers=2)
    check(one, items)
    assert told == [(4, 12), (8, 12), (12, 12)]
    assert [one.seconds(row) for row in range(9)] == [1] * 9
    assert all("3 s to 4 s: 0 samples" in reason for reason in one.reasons[9:]), "a clip has three seconds"
    assert contents(one) == contents(two)
    assert sorted(contents(one)) == ["frames.uint8", "index.npz", "sound.int16"]
    assert one.digest == two.digest
    assert len(one.digest) == 32


def test_the_digest_is_that_of_the_content(files, tmp_path):
    shutil.copy(files / "noise.wav", tmp_path / "other.wav")
    same = [decode([Item(path)], BOTH, tmp_path / "a").digest for path in (files / "noise.wav", tmp_path / "other.wav")]
    other = decode([Item(files / "noise.wav", stretch=(0.0, 2.0))], BOTH, tmp_path / "a").digest
    assert same[0] == same[1] != other


def test_what_is_complete_is_read_again_and_a_changed_file_is_decoded_anew(files, tmp_path, monkeypatch):
    path = tmp_path / "noise.wav"
    shutil.copy(files / "noise.wav", path)
    first = decode([Item(path)], BOTH, tmp_path / "kept")
    with monkeypatch.context() as patched:
        patched.setattr("heterophony.media.decode_all.run_in_workers", None)
        again = decode([Item(path)], BOTH, tmp_path / "kept")
    assert (again.folder, again.digest) == (first.folder, first.digest)
    assert np.array_equal(again.waveform(0, 5, 50), first.waveform(0, 5, 50))
    soundfile.write(path, np.full(24_000, 0.5), 24_000)
    changed = decode([Item(path)], BOTH, tmp_path / "kept")
    assert changed.folder != first.folder
    assert changed.waveform(0, 0, 24_000) == pytest.approx(0.5)


def test_it_travels_by_pickle_without_its_files(files, tmp_path):
    decoded = decode([Item(files / "both.mp4")], BOTH, tmp_path)
    decoded.waveform(0, 0, 9)
    decoded.frames(0, 0)
    content = pickle.dumps(decoded)
    assert len(content) < 5_000
    other = pickle.loads(content)
    assert np.array_equal(other.waveform(0, 99, 999), decoded.waveform(0, 99, 999))
    assert np.array_equal(other.frames(0, 1), decoded.frames(0, 1))
