"""An encoder in front of a network: crops with gradient in training, pooled windows otherwise."""

import numpy as np
import pytest
import torch
from torch import nn

from heterophony.augment import Mixup, augmented
from heterophony.batches import Batch
from heterophony.encoders import cut, loudness, pool_heard
from heterophony.errors import ConfigError, ModelError
from heterophony.media import Waveforms
from heterophony.models import Encode, EndToEnd, Hatr, Hearing, Output
from heterophony.models.hearing import pooled_alone
from heterophony.training import seeded

WINDOW = 8


class Head(nn.Module):
    """Its logits are its inputs, side by side."""

    def forward(self, batch: Batch) -> Output:
        x = torch.cat(list(batch.inputs.values()), dim=1)
        return Output(logits={"class": x}, latent=x, attention=torch.ones(len(x), 1))


def wave(length: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-9000, 9000, length).astype(np.int16)


@pytest.fixture
def recordings() -> Waveforms:
    return Waveforms(8000, tuple(wave(length, seed) for seed, length in enumerate((20, 8, 5))))


def model(recordings: Waveforms, pooling: str = "mean", head: nn.Module | None = None) -> EndToEnd:
    with seeded(0):
        encoder = nn.Linear(WINDOW, 3)
    dim = 6 if "+" in pooling else 3
    hearing = Hearing(recordings=recordings, prepare=lambda x: 2 * x, window=WINDOW, pooling=pooling, dim=dim)
    return EndToEnd(encoder, head or Head(), "sound", hearing)


def batch(numbers: list[int]) -> Batch:
    n = len(numbers)
    return Batch(
        inputs={"sound": torch.tensor(numbers)[:, None], "words": torch.arange(2.0 * n).reshape(n, 2)},
        present=torch.tensor([[number >= 0, True] for number in numbers]),
        target=torch.eye(n),
        weight=torch.ones(n),
    )


@pytest.mark.parametrize("pooling", ["mean", "mean+max", "mean+std", "unit-mean"])
def test_a_whole_recording_is_the_pool_of_its_windows_as_a_stored_vector_is(recordings, pooling) -> None:
    network = model(recordings, pooling).eval()
    said = network(batch([2, 0, -1, 1])).logits["class"]
    for row, number in ((0, 2), (1, 0), (3, 1)):
        groups = cut([recordings.whole(number)], WINDOW, WINDOW, batch=1)
        parts = [(network.encoder(torch.from_numpy(2 * x)).detach().numpy(), loudness(x)) for x in groups]
        np.testing.assert_allclose(said[row, :-2].detach().numpy(), pool_heard(parts, pooling), atol=1e-6)
    assert not said[2, :-2].any()  # absent
    assert torch.equal(said[:, -2:], batch([2, 0, -1, 1]).inputs["words"])


@pytest.mark.parametrize("pooling", ["mean", "mean+max", "mean+std", "unit-mean"])
def test_a_crop_has_the_vector_of_a_recording_of_its_own_and_a_gradient(recordings, pooling) -> None:
    network = model(recordings, pooling).train()
    got = Encode(model=network).apply(batch([1, -1]), torch.tensor([0.3, 0.3])).inputs["sound"]
    torch.testing.assert_close(got.detach(), model(recordings, pooling).eval().heard(batch([1, -1])).inputs["sound"])
    got.square().sum().backward()
    if pooling != "unit-mean":  # whose squares always sum to 1
        assert network.encoder.weight.grad.abs().max() > 0


def test_crops_are_drawn_from_the_generator_and_change(recordings) -> None:
    network = model(recordings).train()
    seen = [augmented(batch([0, 0]), Encode(model=network), torch.Generator().manual_seed(s)) for s in (1, 1, 2)]
    first, again, other = (one.inputs["sound"] for one in seen)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first[0], first[1])


def test_the_mixup_of_embeddings_mixes_what_the_encoder_says(recordings) -> None:
    network, mixup = model(recordings).train(), Mixup(alpha=0.2)
    plain = Encode(model=network).apply(batch([0, 1]), torch.zeros(2))
    params = mixup.draw(plain, torch.Generator().manual_seed(5))
    mixed = mixup.apply(plain, params)
    share = params.share[:, None]
    wanted = share * plain.inputs["sound"] + (1 - share) * plain.inputs["sound"][params.partner]
    torch.testing.assert_close(mixed.inputs["sound"], wanted)
    assert mixed.inputs["sound"].requires_grad


def test_recordings_that_were_not_encoded_are_refused_in_training(recordings) -> None:
    with pytest.raises(ModelError, match="sound must be encoded before the network: put Encode first"):
        model(recordings).train()(batch([0]))


def test_vectors_are_taken_as_they_are(recordings) -> None:
    network = model(recordings)
    vectors = network.eval().heard(batch([0, 1]))
    assert torch.equal(network(vectors).logits["class"], network(batch([0, 1])).logits["class"])


def test_what_was_heard_is_forgotten_when_the_weights_change(recordings) -> None:
    network = model(recordings).eval()
    before = network.heard(batch([0])).inputs["sound"]
    state = {name: 2 * x for name, x in network.state_dict().items()}
    network.load_state_dict(state)
    torch.testing.assert_close(network.heard(batch([0])).inputs["sound"], 2 * before)
    network.train()
    with torch.no_grad():
        network.encoder.weight.zero_()
        network.encoder.bias.zero_()
    assert not network.eval().heard(batch([0])).inputs["sound"].any()


def test_bfloat16_gives_float32_vectors_close_by(recordings) -> None:
    network = model(recordings).train()
    exact, rough = (network.crops(batch([0, 1]), torch.zeros(2), p).inputs["sound"] for p in ("float32", "bfloat16"))
    assert rough.dtype == torch.float32
    assert not torch.equal(exact, rough)
    torch.testing.assert_close(exact, rough, atol=0.02, rtol=0.02)


def test_a_batch_in_which_nobody_has_the_modality_goes_through(recordings) -> None:
    with seeded(0):
        hatr = Hatr({"sound": 3, "words": 2}, 2, None, dim=8, hidden=8)
    network = model(recordings, head=hatr).train()
    got = network(Encode(model=network).apply(batch([-1, -1]), torch.zeros(2)))
    assert got.attention[:, 0].tolist() == [0.0, 0.0]


def test_an_unknown_pooling_is_refused() -> None:
    with pytest.raises(ConfigError, match="pooling 'max' is unknown"):
        pooled_alone(torch.zeros(1, 2), "max")
