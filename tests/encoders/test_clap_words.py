"""CLAP's words branch on a tiny checkpoint and a tiny tokenizer, against RoBERTa and CLAP of transformers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from heterophony.encoders import load_encoder
from heterophony.encoders.own_weights import find_weights
from heterophony.errors import ModelError

pytest.importorskip("transformers")

TEXTS = ["dog barking in the rain", "", "a low hum, then silence", "rain " * 200, "Käse; 雨の音 🎵"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """Bytes and pairs of them, with RoBERTa's ends, learned from a few words; pads to 128 as files on the hub may."""
    made = Tokenizer(models.BPE(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(["dog barking", "rain falling", "a low hum and a high hum"] * 9, trainer)
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    made.enable_padding(length=128, pad_id=1, pad_token="<pad>")
    return made


@pytest.fixture
def here(tiny_clap: Callable[[bool], Any], lay: Callable[..., None], tokenizer: Tokenizer, tmp_path: Path) -> Path:
    """Weights in the layout of the hub and the tokenizer, both in the cache folder."""
    lay("clap", tiny_clap(True).state_dict())
    tokenizer.save(str(tmp_path / "weights" / "clap-tokenizer.json"))
    return tmp_path / "weights"


def tokens_of(tokenizer: Tokenizer, text: str) -> torch.Tensor:
    """Padded to 77 as LAION's package does it; a mask of ones and zeros below."""
    ids = [token for token in tokenizer.encode(text).ids if token != 1]
    ids = ids if len(ids) <= 77 else [*ids[:76], 2]
    padded = torch.tensor([ids + [1] * (77 - len(ids))])
    return torch.stack([padded, (padded != 1).long()])


@pytest.mark.usefixtures("here")
def test_vectors_are_those_of_transformers_which_pads_to_77_tokens(
    tiny_clap: Callable[[bool], Any], tokenizer: Tokenizer
) -> None:
    ours = load_encoder("clap-words").encode(TEXTS)
    for row, text in enumerate(TEXTS):
        ids, mask = tokens_of(tokenizer, text)
        with torch.inference_mode():
            theirs = tiny_clap(True).get_text_features(input_ids=ids, attention_mask=mask).pooler_output[0].numpy()
        np.testing.assert_allclose(ours[row], theirs, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1.0, atol=1e-6)


def test_vectors_from_the_file_of_laion_are_those_of_roberta_and_its_projection(
    tiny_clap: Callable[[bool], Any],
    laion_checkpoint: Callable[..., dict[str, Any]],
    lay: Callable[..., None],
    here: Path,
    tokenizer: Tokenizer,
) -> None:
    from heterophony.encoders.transformers_library import transformers_model

    state = laion_checkpoint(tiny_clap(True).state_dict())["state_dict"]
    lay("clap", {f"state_dict.{name}": tensor for name, tensor in state.items()})
    config = transformers_model("roberta.configuration_roberta").RobertaConfig(
        vocab_size=400,
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=96,
        max_position_embeddings=90,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
    )
    roberta = transformers_model("roberta.modeling_roberta").RobertaModel(config).eval()
    text = {name.removeprefix("module.text_branch."): x for name, x in state.items() if "text_branch" in name}
    missing, unexpected = roberta.load_state_dict(text, strict=False)
    assert (missing, set(unexpected)) == ([], {"embeddings.position_ids"})
    head = torch.nn.Sequential(torch.nn.Linear(128, 8), torch.nn.ReLU(), torch.nn.Linear(8, 8))
    head.load_state_dict({name[23:]: x for name, x in state.items() if name.startswith("module.text_projection.")})
    ids, mask = tokens_of(tokenizer, TEXTS[0])
    with torch.inference_mode():
        theirs = head(roberta(input_ids=ids, attention_mask=mask).pooler_output)[0].numpy()
    assert here.is_dir()
    ours = load_encoder("clap-words").encode(TEXTS[:1])[0]
    np.testing.assert_allclose(ours, theirs / np.linalg.norm(theirs), atol=1e-5)


@pytest.mark.usefixtures("here")
def test_a_text_has_the_same_bytes_alone_and_among_others() -> None:
    encoder = load_encoder("clap-words")
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert alone.tobytes() == together.tobytes()
    assert encoder.encode(TEXTS[::-1])[::-1].tobytes() == together.tobytes()
    assert encoder.encode([]).shape == (0, 512)


@pytest.mark.usefixtures("here")
def test_only_the_first_77_tokens_are_read() -> None:
    long = "rain" + " rain" * 90
    first, second, third = load_encoder("clap-words").encode([long, long + " dog", "dog " + long])
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != third.tobytes()


def graph(path: Path) -> np.ndarray:
    """Writes a graph whose vector is the mean of the embeddings of the tokens; these are returned."""
    table = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["all"]),
        helper.make_node("ReduceMean", ["all"], ["text_embeds"], axes=[1], keepdims=0),
    ]
    ends = [
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch_size", "sequence_length"])],
        [helper.make_tensor_value_info("text_embeds", TensorProto.FLOAT, ["batch_size", 8])],
    ]
    built = helper.make_graph(nodes, "g", *ends, [numpy_helper.from_array(table, "table")])
    onnx.save(helper.make_model(built, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return table


def test_a_graph_of_the_words_is_preferred_and_changes_the_passport(here: Path, tokenizer: Tokenizer) -> None:
    before = load_encoder("clap-words").fingerprint
    table = graph(here / "clap-words.onnx")
    ids = [token for token in tokenizer.encode(TEXTS[0]).ids if token != 1]
    mean = table[ids].mean(axis=0)
    ours = load_encoder("clap-words").encode(TEXTS[:1])[0]
    np.testing.assert_allclose(ours, mean / np.linalg.norm(mean), atol=1e-6)
    assert [line.split(":")[0] for line in before.differences(load_encoder("clap-words").fingerprint)] == [
        "weights_sha256"
    ]


def test_the_tokenizer_is_part_of_the_passport(here: Path) -> None:
    before = load_encoder("clap-words").fingerprint
    file = here / "clap-tokenizer.json"
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert before.weights_sha256 != load_encoder("clap-words").fingerprint.weights_sha256 != find_weights("clap").sha256


def test_a_graph_of_the_sound_branch_has_no_words(here: Path) -> None:
    (here / "clap.safetensors").unlink()
    graph(here / "clap.onnx")
    with pytest.raises(ModelError, match=r"holds the sound branch alone.*heterophony weights add clap-words FILE"):
        load_encoder("clap-words")


def test_a_missing_tokenizer_is_named_and_a_broken_one_is_refused(here: Path) -> None:
    (here / "clap-tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"'clap-tokenizer' are not here; wanted is tokenizer.json"):
        load_encoder("clap-words")
    for content in ("{}", "no JSON"):
        (here / "clap-tokenizer.json").write_text(content, encoding="utf-8")
        with pytest.raises(ModelError, match=r"not the tokenizer.json of a RoBERTa"):
            load_encoder("clap-words").encode(["dog"])
