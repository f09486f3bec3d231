import pytest
import torch

from heterophony.batches import Batch
from heterophony.errors import InputError, ModelError
from heterophony.models import MODELS, Hatr
from heterophony.training import seeded

DIMS = {"sound": 12, "words": 9}


def small(dims: dict[str, int] = DIMS, n_tops: int | None = 2, dropout: float = 0.1) -> Hatr:
    with seeded(0):
        return Hatr(dims, 4, n_tops, dim=16, hidden=20, dropout=dropout)


def table(rows: int = 30, dims: dict[str, int] = DIMS) -> Batch:
    generator = torch.Generator().manual_seed(1)
    present = torch.ones(rows, len(dims), dtype=torch.bool)
    if len(dims) > 1:
        present[::3, 1] = False
        present[1::3, 0] = False
    inputs = {
        name: torch.randn(rows, d, generator=generator) * present[:, i, None]
        for i, (name, d) in enumerate(dims.items())
    }
    target = torch.eye(4)[torch.arange(rows) % 4]
    return Batch(inputs=inputs, present=present, target=target, weight=torch.ones(rows))


def with_present(batch: Batch, present: torch.Tensor) -> Batch:
    return Batch(inputs=batch.inputs, present=present, target=batch.target, weight=batch.weight)


def parameters(model: torch.nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    ("dims", "n_tops", "golden"),
    [
        ((512, 512), None, 7_319_513),
        ((512, 512), 5, 7_319_513 + 325),
        ((512,), None, 3_698_647),
        ((768,), None, 8_146_519),
        ((512, 512, 512), None, 10_923_738),
        ((768, 512), None, 11_767_385),
        ((1280, 512), None, 25_971_545),
        ((3840, 512), None, 203_160_665),
    ],
)
def test_parameters_are_the_papers_to_the_one(dims, n_tops, golden):
    with torch.device("meta"):
        model = MODELS["hatr"]({f"m{i}": d for i, d in enumerate(dims)}, 23, n_tops)
    assert parameters(model) == golden


def test_the_hidden_width_can_be_set_apart_from_the_input():
    narrow, tied = Hatr({"sound": 1024}, 23, hidden=256), Hatr({"sound": 1024}, 23)
    assert narrow.encoders["sound"].enter[0].weight.shape == (256, 1024)
    assert tied.encoders["sound"].enter[0].weight.shape == (1024, 1024)
    assert Hatr({"sound": 64}, 23).encoders["sound"].enter[0].weight.shape == (256, 64)


def slow_block(block: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    u = torch.nn.functional.leaky_relu(block.widen_norm(block.widen(x)), 0.01)
    return torch.nn.functional.leaky_relu(block.narrow_norm(block.narrow(u)) + x, 0.01)


def test_one_modality_equals_the_layers_of_the_fact_sheet_one_by_one():
    model, batch = small({"sound": 12}, dropout=0.0), table(dims={"sound": 12})
    relu = torch.nn.functional.leaky_relu
    encoder, tail, head = model.encoders["sound"], model.projector, model.class_head
    x = relu(encoder.enter[0](encoder.input_norm(batch.inputs["sound"])), 0.01)
    for block in encoder.blocks:
        x = slow_block(block, x)
    x = encoder.output_norm(encoder.leave[3](relu(encoder.leave[0](x), 0.01)))
    for linear in (tail[0], tail[3], tail[6]):
        x = relu(linear(x), 0.01)
    for block in tail[9:]:
        x = slow_block(block, x)
    output = model(batch)
    torch.testing.assert_close(output.latent, x)
    torch.testing.assert_close(output.logits["class"], head[3](relu(head[0](x), 0.01)))
    torch.testing.assert_close(output.logits["top"], model.top_head(x))
    assert output.latent.shape == (30, 8)
    assert torch.equal(output.attention, torch.ones(30, 1))


def test_dropout_has_the_papers_probabilities():
    model = Hatr({"sound": 512}, 23)
    assert [part.p for part in model.projector if hasattr(part, "p")] == [0.1, 0.1, 0.05]
    assert [block.dropout.p for block in model.projector[9:]] == [0.05, 0.05]
    assert model.class_head[2].p == 0.025
    assert model.encoders["sound"].enter[2].p == model.encoders["sound"].leave[2].p == 0.1
    assert [block.dropout.p for block in model.encoders["sound"].blocks] == [0.1] * 3


def test_without_tops_there_is_no_top_level():
    assert list(small(n_tops=None)(table()).logits) == ["class"]


def test_an_absent_modality_weighs_exactly_nothing():
    batch = table()
    attention = small().eval()(batch).attention
    assert torch.all(attention[~batch.present] == 0)
    torch.testing.assert_close(attention.sum(1), torch.ones(30))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("garbage", [1e6, float("nan"), float("inf")])
def test_garbage_in_absent_rows_changes_nothing_at_all(training, garbage):
    batch = table()
    spoilt = Batch(
        inputs={n: x.masked_fill(~batch.present[:, i, None], garbage) for i, (n, x) in enumerate(batch.inputs.items())},
        present=batch.present,
        target=batch.target,
        weight=batch.weight,
    )
    results = []
    for given in (batch, spoilt):
        model = small().train(training)
        with seeded(5):
            output = model(given)
        output.logits["class"].square().sum().backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        results.append([output.logits["class"], output.logits["top"], *gradients, *model.buffers()])
    for clean, dirty in zip(*results, strict=True):
        assert torch.equal(clean, dirty)


def test_batch_statistics_come_from_present_rows_only():
    model, batch = small(), table()
    model(batch)
    rows = batch.inputs["words"][batch.present[:, 1]]
    norm = model.encoders["words"].input_norm
    torch.testing.assert_close(norm.running_mean, 0.1 * rows.mean(0))
    torch.testing.assert_close(norm.running_var, 0.9 + 0.1 * rows.var(0))


def test_other_rows_do_not_disturb_a_row_in_evaluation():
    model, batch = small().eval(), table()
    order = torch.randperm(30, generator=torch.Generator().manual_seed(3))
    whole, shuffled = model(batch), model(batch.take(order))
    torch.testing.assert_close(shuffled.logits["class"], whole.logits["class"][order])
    torch.testing.assert_close(shuffled.attention, whole.attention[order])
    alone = model(batch.take(torch.tensor([4])))
    torch.testing.assert_close(alone.logits["class"], whole.logits["class"][4:5])


@pytest.mark.parametrize("present_rows", [0, 1, 2])
def test_a_modality_that_is_almost_nowhere_in_a_training_batch_is_trained_all_the_same(present_rows):
    model, batch = small(), table()
    present = torch.ones(30, 2, dtype=torch.bool)
    present[present_rows:, 1] = False
    output = model(with_present(batch, present))
    output.logits["class"].square().sum().backward()
    assert torch.all(torch.isfinite(output.logits["class"]))
    gradient = model.encoders["words"].enter[0].weight.grad
    assert (gradient is None) == (present_rows == 0)
    assert all(torch.isfinite(buffer).all() for buffer in model.buffers())


def test_a_single_row_is_normalised_with_the_running_statistics_and_leaves_them():
    model, batch = small(dropout=0.0), table()
    present = torch.ones(30, 2, dtype=torch.bool)
    present[1:, 1] = False
    before = [buffer.clone() for buffer in model.encoders["words"].buffers()]
    encoder = model.encoders["words"]
    row = encoder(batch.inputs["words"][1:2])
    assert all(torch.equal(old, new) for old, new in zip(before, encoder.buffers(), strict=True))
    torch.testing.assert_close(row, encoder.eval()(batch.inputs["words"][1:2]))


def test_a_training_batch_of_one_sample_works():
    output = small()(table().take(torch.tensor([2])))
    assert torch.all(torch.isfinite(output.logits["class"]))


def test_other_modalities_or_another_order_are_refused():
    batch = table(dims={"words": 9, "sound": 12})
    with pytest.raises(ModelError, match=r"takes the modalities \('sound', 'words'\), in this order; got \('words'"):
        small()(batch)


@pytest.mark.parametrize("dims", [DIMS, {"sound": 12}])
def test_a_sample_without_any_modality_is_refused(dims):
    batch = table(dims=dims)
    present = batch.present.clone()
    present[7] = False
    with pytest.raises(InputError, match=r"1 of 30 samples have no modality at all \(rows 7\)"):
        small(dims)(with_present(batch, present))


def test_a_model_of_nothing_is_refused():
    with pytest.raises(ModelError, match="at least one modality"):
        Hatr({}, 4)


def test_bfloat16_stays_near_float32():
    model, batch = small(dropout=0.0).eval(), table()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = model(batch)
    torch.testing.assert_close(rough.logits["class"].float(), model(batch).logits["class"], atol=0.05, rtol=0.05)
