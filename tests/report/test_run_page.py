"""The page of a run: its numbers, what it leaves out, and what strangers wrote into it."""

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from heterophony.clips import Clip
from heterophony.errors import AlignmentError, InputError
from heterophony.predictions import Predictions
from heterophony.report.run_page import RunPageSettings, pooled_confusion, write_run_page
from heterophony.report.run_record import FoldRows, RunRecord
from heterophony.taxonomy import BST, from_pairs

TREE = from_pairs("t", ["a", "b", "c"], ["x", "x", "y"])
QUICK = RunPageSettings(map="none", draws=20)
Record = Callable[..., RunRecord]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</svg></title></style><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe\u202c",
    "عنوان طويل",
    "\udcff\udcfe.wav",
    "x" * 300,
    "&lt;b&gt; ]]> -->",
    "a\nb\tc\x00d",
]


@pytest.fixture
def table() -> Predictions:
    logits = np.array([[2, 0, 0], [0, 2, 0], [0, 0, 2], [2, 0, 0], [0, 0, 2]], np.float32)
    return Predictions(tuple("vwxyz"), logits, np.array([0, 1, 2, 1, -1]), np.array([0, 0, 1, 1, 1]), TREE.classes)


def page(record: RunRecord, folder: Path, settings: RunPageSettings = QUICK) -> str:
    write_run_page(record, folder / "r.html", settings)
    return (folder / "r.html").read_text(encoding="utf-8")


class Elements(HTMLParser):
    """Names and attributes of all elements, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs


def test_the_page_shows_mean_and_population_spread_and_both_rules(table: Predictions, tmp_path: Path) -> None:
    run = RunRecord(name="run", predictions={"both": table, "sound": table}, taxonomy=TREE)
    text = page(run, tmp_path)
    assert '<b>75.00</b> <span class="faint">± 25.00</span>' in text  # accuracy 1 and 0.5
    assert "counts as 0 in the table above" in text
    assert '<td class="row-head">0 · 1</td>' in text  # class b in the second fold
    assert "script-src 'none'" in unescape(text)


def test_no_class_is_left_out_where_all_are_predicted(tmp_path: Path) -> None:
    whole = Predictions(tuple("abc"), np.eye(3, dtype=np.float32), np.arange(3), np.zeros(3, np.int64), TREE.classes)
    text = page(RunRecord(name="run", predictions={"both": whole}, taxonomy=TREE), tmp_path)
    assert "Every class that occurs is predicted at least once" in text
    assert "left out</th>" not in text


def test_what_is_missing_is_named_with_what_brings_it(record: Record, tmp_path: Path) -> None:
    text = page(record(evidence={}, how_to_add="heterophony report r --data MANIFEST"), tmp_path)
    _, _, rest = text.partition('id="not-shown"')
    for title in ("Attention", "Map of the embeddings", "Players and words", "Rows of the folds", "How it learned"):
        assert title in rest
    assert "heterophony report r --data MANIFEST" in rest
    for link in ("#attention", "#map", "#learning"):
        assert f'href="{link}"' not in text


def test_what_is_there_is_shown(record: Record, tmp_path: Path) -> None:
    run = record(
        histories={0: [{"epoch": 1, "train_loss": 1.0}, {"epoch": 2, "train_loss": 0.5}]},
        clips={},
        clips_given=True,
        rows={0: FoldRows(20, 5, 30), 1: FoldRows(21, 6, 30)},
        split="grouped",
        leakage={"group": "0 of 60 test rows"},
        facts={"Seed": "7"},
        recipe="name: run\n",
        command="heterophony train run",
        again="heterophony train recipe.yaml",
    )
    text = page(run, tmp_path, RunPageSettings(draws=20, map_points=20))
    assert 'id="not-shown"' not in text
    for wanted in (
        "a random part of 30",
        "perplexity 6",
        "train loss",
        '<td class="right">21</td>',
        "all clips of one uploader or place are in the same fold",
        "0 of 60 test rows",
        "heterophony train recipe.yaml",
        "Sure and wrong",
        "not in the collection that was given",
    ):
        assert wanted in text
    anchors = set(re.findall(r'href="#([\w-]+)"', text))
    assert anchors <= set(re.findall(r'id="([\w-]+)"', text))


def test_every_word_of_strangers_stays_a_word(record: Record, tmp_path: Path) -> None:
    run = record()
    names = [f"{HOSTILE[row % len(HOSTILE)]}{row}" for row in range(60)]
    main = run.main
    main = Predictions(tuple(names), main.logits, main.target, main.fold, main.classes)
    evidence = run.evidence[0]
    evidence = type(evidence)(
        tuple(names[:30]), ("sound", "<b>words"), evidence.present, evidence.attention, evidence.before, evidence.latent
    )
    odd = HOSTILE[0]
    hostile = record(
        name=odd,
        subtitle=HOSTILE[1],
        predictions={"sound+words": main, "<i>sound": main},
        evidence={0: evidence},
        clips={key: Clip(id=key, title=key, tags=key, description=key, group=key) for key in names},
        clips_given=True,
        leakage={odd: HOSTILE[3]},
        facts={HOSTILE[1]: HOSTILE[2]},
        recipe="\n".join(HOSTILE),
        command=HOSTILE[3],
        again=odd,
        histories={0: [{"epoch": 1, "<img src=x>": 1.0}, {"epoch": 2, "<img src=x>": 2.0}]},
    )
    text = page(hostile, tmp_path, RunPageSettings(draws=20, map_points=20))
    found = Elements(text)
    assert not found.names & {"script", "img", "iframe", "object", "embed", "form", "b{{", "link", "base"}
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    links = [value or "" for name, value in found.attributes if name in ("href", "src")]
    assert all(value.startswith(("#", "data:audio/mpeg;base64,")) for value in links)
    assert "{{ 7 * 7 }}" in unescape(text)  # as it was written, not 49
    assert "x" * 300 in text


def test_words_stand_apart_from_the_direction_of_what_is_around(record: Record, tmp_path: Path) -> None:
    run = record()
    clips = {key: Clip(id=key, title="\u202eevil") for key in run.main.ids}
    assert "<bdi>\u202eevil</bdi>" in page(record(clips=clips, clips_given=True), tmp_path)


def test_votes_have_no_probabilities(record: Record, tmp_path: Path) -> None:
    text = page(record(said="top-score"), tmp_path)
    above, _, rest = text.partition('id="not-shown"')
    for word in ("log-loss", "calibration", "Sure and wrong", "#reliability"):
        assert word not in above.replace("log-losses in nats", "")
    assert "hierarchical F1" in above
    assert "Log-loss, reliability, clips to look at" in rest


def test_rows_without_a_target_are_not_in_the_confusions(table: Predictions) -> None:
    np.testing.assert_array_equal(pooled_confusion(table), [[1, 0, 0], [1, 1, 0], [0, 0, 1]])


def test_the_same_run_gives_the_same_page(record: Record, tmp_path: Path) -> None:
    settings = RunPageSettings(draws=20, map_points=20, seed=3)
    assert page(record(), tmp_path, settings) == page(record(), tmp_path, settings)


def test_predictions_without_targets_or_over_other_classes_are_refused(table: Predictions, tmp_path: Path) -> None:
    unknown = RunRecord(name="run", predictions={"both": table.take(np.array([4]))}, taxonomy=TREE)
    with pytest.raises(InputError, match="needs predictions with known targets"):
        write_run_page(unknown, tmp_path / "r.html")
    with pytest.raises(AlignmentError, match="not over the classes of 'bst'"):
        write_run_page(RunRecord(name="run", predictions={"both": table}, taxonomy=BST), tmp_path / "r.html")
