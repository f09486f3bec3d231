"""CLAP, the words branch: RoBERTa and a projection, in the space of CLAP's sounds.

Source: Wu et al., "Large-Scale Contrastive Language-Audio Pretraining with Feature Fusion and Keyword-to-Caption
Augmentation", ICASSP 2023; Liu et al., RoBERTa, 2019. A text is cut after 77 tokens, as in training, and its vector has
length 1. The published package pads every text to 77 tokens and masks the padding; here each text is run by itself and
unpadded, which changes nothing but rounding.

A checkpoint holds both branches, so "clap-words" reads the weights "clap". Where those are an ONNX graph, which holds
the sound branch alone, the graph of the words is added as "clap-words"; it is preferred where it is there. The
tokenizer is a file of its own, "clap-tokenizer", and the same for both models.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32

from heterophony.encoders.clap_network import build_words
from heterophony.encoders.encoder import Fingerprint
from heterophony.encoders.own_weights import Weights, find_weights, has_weights
from heterophony.encoders.run_graph import run_graph
from heterophony.encoders.torch_network import run
from heterophony.errors import ModelError

TOKENIZER = "clap-tokenizer"
MOST_TOKENS = 77
MOST_CHARACTERS = 16_384  # more than 77 tokens of ordinary text; keeps the tokenizer from reading a whole book


@dataclass(frozen=True, slots=True)
class ClapWords:
    """Words encoder: 512 numbers per text, of length 1. The network is loaded by the first `encode`.

    Attributes:
        name: "clap-words" or "clap-unfused-words".
    """

    name: str
    modality: Literal["words"] = field(default="words", init=False)
    dim: int = field(default=512, init=False)

    @property
    def fingerprint(self) -> Fingerprint:
        """The passport of its vectors; its hash of the weights stands for those and the tokenizer.

        Raises:
            ModelError: The weights or the tokenizer are not here.
        """
        both = f"{self._weights().sha256} {find_weights(TOKENIZER).sha256}"
        return Fingerprint(
            encoder=self.name,
            version="1",
            modality=self.modality,
            weights_sha256=hashlib.sha256(both.encode()).hexdigest(),
            window=MOST_TOKENS,
            padding="none: one text at a time",
            pooling="first token, projected, length 1",
        )

    def encode(self, texts: Sequence[str]) -> Float32[np.ndarray, "n dim"]:
        """One vector of length 1 per text. The empty text has a vector too, of the two tokens at its ends.

        Raises:
            ModelError: The weights or the tokenizer are not here, or not those of such a network.
        """
        weights, tokenizer = self._weights(), find_weights(TOKENIZER)
        vectors = [_encode(weights, tokenizer, text) for text in texts]
        return np.stack(vectors) if vectors else np.zeros((0, self.dim), dtype=np.float32)

    def _weights(self) -> Weights:
        """Those of the words alone where they are here, else those of both branches."""
        if has_weights(self.name):
            return find_weights(self.name)
        both = self.name.removesuffix("-words")
        weights = find_weights(both)
        if weights.path.suffix == ".onnx":
            raise ModelError(
                f"weights {both!r} are an ONNX graph, which holds the sound branch alone; add that of the words: "
                f"heterophony weights add {self.name} FILE"
            )
        return weights


def _encode(weights: Weights, tokenizer: Weights, text: str) -> Float32[np.ndarray, " dim"]:
    """The vector of a text."""
    tokens = np.array([_tokenizer(tokenizer.path, tokenizer.sha256).encode(text[:MOST_CHARACTERS]).ids], dtype=np.int64)
    if weights.path.suffix == ".onnx":
        feeds = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
        projected = run_graph(weights, feeds, "text_embeds")[0].astype(np.float64)
    else:
        projected = run(build_words, weights, tokens)[0].astype(np.float64)
    return np.asarray(projected / np.linalg.norm(projected), dtype=np.float32)


@cache
def _tokenizer(path: Path, sha256: str) -> Any:  # noqa: ANN401 - tokenizers has no types
    """At most 77 tokens with <s> and </s>, no padding, whatever the file says of these.

    Raises:
        ModelError: The file is no tokenizer.
    """
    from tokenizers import Tokenizer

    try:
        known = "model" in json.loads(path.read_bytes())
    except ValueError:
        known = False
    if not known:  # tokenizers itself would raise a plain Exception
        raise ModelError(f"{path}: not the tokenizer.json of a RoBERTa (SHA-256 {sha256[:16]}…); add it again")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_length=MOST_TOKENS)
    tokenizer.no_padding()
    return tokenizer
