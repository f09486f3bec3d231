"""Fusion over steps against a slow restatement, its published size, and what it does without one modality."""

from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor

from heterophony.batches import Batch
from heterophony.encoders.se_conv_network import SeConv
from heterophony.encoders.vgg_gru_network import VggGru
from heterophony.errors import ModelError
from heterophony.models.recurrent_fusion import RecurrentFusion

HEARD, FRAME, SEEN, STEPS, CLASSES, UNITS = 3, 4, 2, 5, 3, 6
DIMS = {"sound": (STEPS + 1) * HEARD, "pictures": STEPS * (FRAME + SEEN)}


def count(model: torch.nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


@pytest.fixture
def model() -> RecurrentFusion:
    torch.manual_seed(0)
    small = RecurrentFusion(DIMS, CLASSES, units=UNITS, seen=SEEN, steps=STEPS)
    for parameter in small.parameters():
        torch.nn.init.normal_(parameter)
    return small.eval()


def batch(**inputs: Tensor) -> Batch:
    generator = torch.Generator().manual_seed(1)
    inputs = inputs or {name: torch.randn(4, dim, generator=generator) for name, dim in DIMS.items()}
    there = torch.ones(4, len(inputs), dtype=torch.bool)
    return Batch(inputs=inputs, present=there, target=torch.ones(4, 1), weight=torch.ones(4))


def softmax(x: np.ndarray) -> np.ndarray:
    up = np.exp(x - x.max())
    return cast("np.ndarray", up / up.sum())


def recurrent(weights: dict[str, np.ndarray], steps: list[np.ndarray], direction: str) -> list[np.ndarray]:
    """Cho et al., with the reset gate after the product: one direction, in the order of time."""
    w, u = weights[f"weight_ih_l0{direction}"], weights[f"weight_hh_l0{direction}"]
    b, c = weights[f"bias_ih_l0{direction}"], weights[f"bias_hh_l0{direction}"]
    state, out = np.zeros(UNITS), []
    for x in reversed(steps) if direction else steps:
        of_input, of_state = np.split(w @ x + b, 3), np.split(u @ state + c, 3)
        reset, update = (1 / (1 + np.exp(-(of_input[i] + of_state[i]))) for i in (0, 1))
        new = np.tanh(of_input[2] + reset * of_state[2])
        state = (1 - update) * new + update * state
        out.append(state)
    return out[::-1] if direction else out


def slow(model: RecurrentFusion, sound: np.ndarray, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits and latent of one row."""
    state = {name: x.numpy().astype(np.float64) for name, x in model.state_dict().items()}
    weights = {name.removeprefix("gru."): x for name, x in state.items() if name.startswith("gru.")}
    steps = [
        np.concatenate([sound[HEARD * t : HEARD * (t + 1)], pictures[FRAME * t : FRAME * (t + 1)]])
        for t in range(STEPS)
    ]
    both = zip(recurrent(weights, steps, ""), recurrent(weights, steps, "_reverse"), strict=True)
    latent = np.mean([np.concatenate(pair) for pair in both], axis=0)
    heard = softmax(state["heads.sound.linear.weight"] @ sound[-HEARD:] + state["heads.sound.linear.bias"])
    g = pictures[STEPS * FRAME :].reshape(STEPS, SEEN)
    w, b = state["heads.pictures.linear.weight"], state["heads.pictures.linear.bias"]
    seen = np.mean([softmax(w @ one + b) for one in g], axis=0)
    fused = softmax(state["fused.weight"] @ latent + state["fused.bias"])
    return state["head.weight"] @ np.concatenate([fused, heard, seen]) + state["head.bias"], latent


def test_it_is_its_formula(model: RecurrentFusion) -> None:
    given = batch()
    got = model(given)
    for row in range(4):
        logits, latent = slow(model, *(given.inputs[name][row].numpy().astype(np.float64) for name in DIMS))
        np.testing.assert_allclose(got.logits["class"][row].detach(), logits, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(got.latent[row].detach(), latent, rtol=1e-4, atol=1e-5)
    assert got.attention.tolist() == [[0.5, 0.5]] * 4


def test_it_has_the_published_number_of_parameters_beside_the_frozen_heads() -> None:
    model = RecurrentFusion({"sound": 768, "pictures": 2880}, 10)
    assert (count(model.gru), count(model.fused), count(model.head)) == (271_104, 1_290, 310)
    assert (count(model.alone("sound")), count(model.alone("pictures"))) == (1_290, 650)
    assert count(model) - count(model.heads) == 272_704


def test_the_heads_alone_say_what_the_two_networks_said(model: RecurrentFusion) -> None:
    given = batch()
    sound, pictures = (given.inputs[name] for name in DIMS)
    heard = model.alone("sound")(batch(sound=sound))
    head = model.heads["sound"].linear
    torch.testing.assert_close(heard.logits["class"], sound[:, -HEARD:] @ head.weight.T + head.bias)  # type: ignore[operator, union-attr]
    assert torch.equal(heard.latent, sound[:, -HEARD:])
    seen = model.alone("pictures")(batch(pictures=pictures))
    g = pictures[:, STEPS * FRAME :].reshape(4, STEPS, SEEN)
    want = model.heads["pictures"].linear(g).softmax(2).mean(1)  # type: ignore[operator]
    torch.testing.assert_close(seen.logits["class"].exp(), want)
    torch.testing.assert_close(seen.latent, g.mean(1))


def test_over_the_encoders_sequences_the_heads_are_those_of_the_whole_networks() -> None:
    torch.manual_seed(0)
    ear, eye = SeConv(CLASSES, widths=(2, 2, HEARD)).eval(), VggGru(CLASSES, ((FRAME,),), units=SEEN // 2).eval()
    maps, pixels = torch.randn(2, 3, 8, 50), torch.rand(2, STEPS, 3, 8, 8)
    sound, pictures = ear.sequence(maps), eye.sequence(pixels)
    model = RecurrentFusion({"sound": sound.shape[1], "pictures": pictures.shape[1]}, CLASSES, seen=SEEN).eval()
    model.heads["sound"].linear.load_state_dict(ear.head.state_dict())  # type: ignore[operator, union-attr]
    model.heads["pictures"].linear.load_state_dict(eye.head.state_dict())  # type: ignore[operator, union-attr]
    torch.testing.assert_close(model.alone("sound").said(sound), ear(maps))
    torch.testing.assert_close(model.alone("pictures").said(pictures), eye(pixels))


def test_dropout_is_of_the_head_of_pictures_in_training(model: RecurrentFusion) -> None:
    pictures = batch().inputs["pictures"]
    alone = model.alone("pictures").train()
    said = torch.stack([alone(batch(pictures=pictures)).logits["class"] for _ in range(3)])
    assert not torch.equal(said[0], said[1])
    sound = model.alone("sound").train()
    assert torch.equal(*(sound(batch(sound=batch().inputs["sound"])).logits["class"] for _ in range(2)))


@pytest.mark.parametrize("absent", ["sound", "pictures"])
def test_an_absent_modality_is_zeros_with_a_posterior_of_zeros(model: RecurrentFusion, absent: str) -> None:
    given = batch()
    given.present[1, list(DIMS).index(absent)] = False
    given.inputs[absent][1] = 1e6
    got = model(given)
    with torch.no_grad():
        head = model.heads[absent].linear
        head.weight.normal_()  # type: ignore[operator, union-attr]
        head.bias.normal_()  # type: ignore[operator, union-attr]
    again = model(given)
    assert torch.equal(got.logits["class"][1], again.logits["class"][1])
    assert not torch.equal(got.logits["class"][0], again.logits["class"][0])
    assert got.attention[1].tolist() == [float(name != absent) for name in DIMS]
    assert got.logits["class"].isfinite().all()


def test_the_order_of_the_modalities_is_that_of_the_recipe(model: RecurrentFusion) -> None:
    other = RecurrentFusion(dict(reversed(DIMS.items())), CLASSES, units=UNITS, seen=SEEN).eval()
    other.load_state_dict(model.state_dict())
    given = batch()
    turned = batch(**dict(reversed(given.inputs.items())))
    torch.testing.assert_close(other(turned).logits["class"], model(given).logits["class"])


def test_other_modalities_and_sizes_are_refused(model: RecurrentFusion) -> None:
    with pytest.raises(ModelError, match="reads sound and pictures; got sound, words"):
        RecurrentFusion({"sound": 768, "words": 2880}, 10)
    with pytest.raises(ModelError, match="vectors of 128 numbers of sound and 64 of pictures"):
        RecurrentFusion({"sound": 128, "pictures": 64}, 10)
    with pytest.raises(ModelError, match="takes the modality sound alone; got"):
        model.alone("sound")(batch())
    with pytest.raises(ModelError, match="takes the modalities"):
        model(batch(sound=batch().inputs["sound"]))
