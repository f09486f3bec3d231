"""Everything that is wrong is said at once, wherever it stands, with the name that was probably meant."""

from pathlib import Path

import pytest

from heterophony.errors import ConfigError
from heterophony.recipes.complaints import nearest
from heterophony.recipes.load import load_recipe

BASE = "name: x\nmodalities: {sound: {encoder: yamnet}}\n"


def complained(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "r.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_recipe(str(tmp_path / "r.yaml"))
    return [line.strip() for line in str(error.value).splitlines()[1:]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modle: {}\n", "modle: no such key; did you mean model?"),
        ("model: {hiden: 3}\n", "model.hatr.hiden: no such key; did you mean hidden?"),
        (
            "loss: {name: hierarchical, top_wieght: 1, top_weight: 1}\n",
            "top_wieght: no such key; did you mean top_weight?",
        ),
        ("loss: {name: hierarchicl}\n", "loss: no such name 'hierarchicl'; did you mean hierarchical?"),
        ("loss: {label_smoothing: 0.1}\n", "loss: wanted keys and values, one of them 'name', got"),
        ("loss: 3\n", "loss: wanted keys and values, got 3"),
        ("augment: [{name: noise, sgima: 2}]\n", "sgima: no such key; did you mean sigma?"),
        ("augment: {name: noise}\n", "augment: wanted a list, got"),
        ("priors: {a: {kind: tfidf, analyser: word}}\n", "analyser: no such key; did you mean analyzer?"),
        ("priors: {a: {kind: tfidf, analyzer: wrod}}\n", "got 'wrod'; did you mean word?"),
        ("priors: {a: {kind: liner, of: sound}}\n", "priors.a: no such kind 'liner'; did you mean linear?"),
        ("priors: {a: {kind: linear}}\n", "priors.a.linear.of: is missing"),
        ("priors: {a: {kind: linear, of: words}}\n", "priors.a reads words, but the modalities are sound"),
        ("priors: {a: {kind: tfidf, shortest: 3, longest: 2}}\n", "longest is 2, less than shortest, 3"),
        ("split: {kind: groupd}\n", "got 'groupd'; did you mean grouped?"),
        ("split: grouped\n", "split: wanted keys and values, got 'grouped'"),
        ("fit: {epochs: '5'}\n", "fit.epochs: Input should be a valid integer, got '5'"),
        ("fit: {epochs: 5.0}\n", "fit.epochs: Input should be a valid integer, got 5.0"),
        ("fit: {drop_last: 1}\n", "fit.drop_last: Input should be a valid boolean, got 1"),
        ("fit: {lr: -1}\n", "fit.lr: Input should be greater than 0, got -1"),
        ("members: 0\n", "members: Input should be greater than or equal to 1, got 0"),
        ("seed: true\n", "seed: Input should be a valid integer, got True"),
    ],
)
def test_a_fault_is_said_with_its_place_and_what_was_meant(tmp_path: Path, text: str, said: str) -> None:
    lines = complained(tmp_path, BASE + text)
    assert len(lines) == 1
    assert said in lines[0]


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    text = (
        "nmae: x\n"
        "modalities: {speech: {encoder: 3}, words: {encodr: minilm}}\n"
        "fit: {epocs: 3, batch: many}\n"
        "augment: [{name: noise}, {name: maskng}]\n"
    )
    lines = complained(tmp_path, text)
    wanted = [
        "name: is missing", "nmae: no such key; did you mean name?",
        "modalities.speech.encoder: Input should be a valid string, got 3",
        "modalities.words.encoder: is missing", "modalities.words.encodr: no such key; did you mean encoder?",
        "fit.epocs: no such key; did you mean epochs?", "fit.batch: Input should be a valid integer, got 'many'",
        "augment.1: no such name 'maskng'; did you mean masking?",
    ]  # fmt: skip
    assert len(lines) == len(wanted)
    for one in wanted:
        assert any(line.startswith(one) for line in lines), f"{one!r} is not among {lines}"


def test_where_nothing_is_near_all_names_are_listed() -> None:
    assert nearest("xyz", ["noise", "masking"]) == "there are: noise, masking"
    assert nearest("nois", ["noise", "masking"]) == "did you mean noise?"
