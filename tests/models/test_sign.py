"""SIGN: its blocks are dense powers, new rows those of the block matrix, without steps it is the plain network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from torch import Tensor

from heterophony.batches import Batch
from heterophony.errors import ConfigError, InputError, ModelError
from heterophony.models.banked import Banked
from heterophony.models.mlp import Mlp
from heterophony.models.node_bank import GraphSettings, NodeBank, node_bank
from heterophony.models.nodes import nodes
from heterophony.models.sign import Sign, SignOnNodes, blocks_of_bank, blocks_of_nodes


def batch(views: list[Tensor], rows: slice) -> Batch:
    count = len(range(*rows.indices(40)))
    present = torch.ones(count, 2, dtype=torch.bool)
    present[2, 0] = present[4, 1] = False
    inputs = {
        name: view[rows].float() * present[:, place, None]
        for place, (name, view) in enumerate(zip(("sound", "words"), views, strict=True))
    }
    return Batch(inputs=inputs, present=present, target=torch.ones(count, 1), weight=torch.ones(count))


@pytest.fixture
def bank(views: list[Tensor]) -> NodeBank:
    return node_bank(batch(views, slice(0, 30)), GraphSettings(k=4))


def joined(given: Batch) -> np.ndarray:
    return torch.cat(list(given.inputs.values()), dim=1).double().numpy()


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_blocks_are_dense_powers(bank: NodeBank, views: list[Tensor], steps: int) -> None:
    x = joined(batch(views, slice(0, 30)))
    for made in (blocks_of_bank(bank, steps), blocks_of_nodes(bank.nodes(), steps)):
        assert list(made.inputs) == ["x", *(f"{m}^{r}" for m in (0, 1) for r in range(1, steps + 1))]
        np.testing.assert_allclose(made.inputs["x"], x, atol=1e-6)
        for m, matrix in enumerate(bank.laplacians()):
            dense = matrix.toarray().astype(np.float64)
            own = x * bank.present[:, m, None].numpy()
            for r in range(1, steps + 1):
                want = np.linalg.matrix_power(dense, r) @ own
                np.testing.assert_allclose(made.inputs[f"{m}^{r}"], want, atol=1e-5)
                column = list(made.inputs).index(f"{m}^{r}")
                assert torch.equal(made.present[:, column], bank.present[:, m])


def test_blocks_of_new_samples_are_rows_of_the_powers_of_the_block_matrix(bank: NodeBank, views: list[Tensor]) -> None:
    new = batch(views, slice(30, 40))
    attached = bank.attach(bank.nodes(), new)
    made = blocks_of_nodes(attached, 3)
    whole = np.concatenate([joined(batch(views, slice(0, 30))), joined(new)])
    present = torch.cat([bank.present, new.present]).numpy()
    for m, matrix in enumerate(bank.laplacians()):
        below = attached.asked[m] @ torch.eye(40)
        dense = np.zeros((40, 40))
        dense[:30, :30], dense[30:] = matrix.toarray(), below.numpy()
        for r in (1, 2, 3):
            want = (np.linalg.matrix_power(dense, r) @ (whole * present[:, m, None]))[30:]
            np.testing.assert_allclose(made.inputs[f"{m}^{r}"], want, atol=1e-5)
    some = blocks_of_nodes(bank.attach(bank.nodes(), new.take(torch.tensor([3, 1]))), 3)
    for name, x in some.inputs.items():
        torch.testing.assert_close(x, made.inputs[name][[3, 1]], rtol=1e-5, atol=1e-6)


def test_samples_in_another_order_give_the_same_answers(bank: NodeBank) -> None:
    order = torch.from_numpy(np.random.default_rng(3).permutation(30))
    sign = SignOnNodes(Sign(10, 3, 2, hidden=(8, 5))).double().eval()
    x, graphs = bank.features(bank.vectors), [one.astype(np.float64) for one in bank.laplacians()]
    turned = [csr_array(one[order.numpy()][:, order.numpy()]) for one in graphs]
    want = sign(nodes([one.double() for one in x], graphs, bank.present)).logits["class"][order]
    got = sign(nodes([one.double()[order] for one in x], turned, bank.present[order])).logits["class"]
    torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)


def test_without_steps_it_is_the_plain_network(views: list[Tensor]) -> None:
    given = batch(views, slice(0, 30))
    sign = Sign(10, 3, 2, steps=0, hidden=(8, 5)).eval()
    plain = Mlp({"sound": 6, "words": 4}, 3, (8, 5)).eval()
    plain.load_state_dict({name.removeprefix("mlp."): x for name, x in sign.state_dict().items() if name != "theta"})
    blocks = blocks_of_bank(node_bank(given, GraphSettings(k=4)), 0)
    torch.testing.assert_close(sign(blocks).logits["class"], plain(given).logits["class"])
    banked = Banked(SignOnNodes(sign), ("sound", "words"), GraphSettings(k=4)).eval()
    banked.remember(node_bank(given, GraphSettings(k=4)))
    new = batch(views, slice(30, 40))
    torch.testing.assert_close(banked(new).logits["class"], plain(new).logits["class"])
    torch.testing.assert_close(banked(new).attention, new.present / new.present.sum(dim=1, keepdim=True))


def test_the_mixture_sums_to_one_over_what_is_there(bank: NodeBank) -> None:
    sign = Sign(10, 3, 2, steps=2, hidden=(8, 5)).eval()
    blocks = blocks_of_bank(bank, 2)
    theta = torch.tensor([0.1, -0.4, 0.7, 0.2, 0.3])
    with torch.no_grad():
        sign.theta.copy_(theta)
    weight = sign.mixture(blocks)
    torch.testing.assert_close(weight[0], theta.softmax(dim=0))
    want = theta[[0, 3, 4]].softmax(dim=0)  # row 2 lacks the first modality
    torch.testing.assert_close(weight[2], torch.stack([want[0], torch.tensor(0.0), torch.tensor(0.0), *want[1:]]))
    said = sign(blocks)
    torch.testing.assert_close(said.attention.sum(dim=1), torch.ones(30))
    torch.testing.assert_close(said.attention[2], torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(said.attention[0, 0], weight[0, 1:3].sum() + weight[0, 0] / 2)
    mixed = sum(weight[:, [place]] * x for place, x in enumerate(blocks.inputs.values()))
    alone = replace(blocks, inputs={"mixed": mixed}, present=torch.ones(30, 1, dtype=torch.bool))
    torch.testing.assert_close(said.logits["class"], sign.mlp(alone).logits["class"])


def test_on_disk_are_the_same_numbers_in_half_precision(bank: NodeBank, tmp_path: Path) -> None:
    kept, memory = blocks_of_bank(bank, 2, tmp_path), blocks_of_bank(bank, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0^1.f16", "0^2.f16", "1^1.f16", "1^2.f16", "x.f16"]
    for name, x in memory.inputs.items():
        assert torch.equal(kept.inputs[name], x.half())
    sign = Sign(10, 3, 2, hidden=(8, 5)).eval()
    torch.testing.assert_close(sign(kept).logits["class"], sign(memory).logits["class"], atol=5e-3, rtol=5e-3)
    large = replace(bank, vectors={name: x * 1e6 for name, x in bank.vectors.items()})
    with pytest.raises(InputError, match="is too large for float16"):
        blocks_of_bank(large, 1, tmp_path)


def test_parameters_and_refusals(bank: NodeBank) -> None:
    counts = [sum(p.numel() for p in model.parameters()) for model in (Sign(192, 10, 2), Mlp({"x": 192}, 10))]
    assert counts[0] == counts[1] + 5
    with pytest.raises(ConfigError, match="steps=-1"):
        Sign(4, 2, 1, steps=-1)
    with pytest.raises(ModelError, match="mixes 5 blocks; got 3"):
        Sign(10, 3, 2)(blocks_of_bank(bank, 1))
