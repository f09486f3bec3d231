import copy
import json
import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from heterophony.augment import Masking, ModalityDropout, Noise
from heterophony.batches import Batch
from heterophony.errors import ConfigError, InputError, ModelError
from heterophony.losses import CrossEntropy, Hierarchical
from heterophony.models import Hatr
from heterophony.training import FitSettings, fit, learning_rate, predict, seeded


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def hatr(modalities: int = 2, n_tops: int | None = None) -> Hatr:
    with seeded(0):
        return Hatr({f"m{i}": 16 for i in range(modalities)}, 3, n_tops, dim=64, hidden=64)


def scripted(values: list[float]):
    """A score that says what it is told, one value an epoch."""
    told = iter(values)
    return lambda logits, target: {"accuracy": next(told)}


def run(model, train, validation, score, seed=0, augment=(), on_epoch=None, loss=None, ahead=(), **settings):
    return fit(
        model,
        train,
        validation,
        loss=loss or CrossEntropy(),
        augment=augment,
        settings=FitSettings(**settings),
        score=score,
        generator=generator(seed),
        on_epoch=on_epoch,
        ahead=ahead,
    )


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_it_learns_what_can_be_learned_with_everything_switched_on(blobs, accuracy, precision):
    model, test = hatr(), blobs(600, seed=2)
    augment = [Noise(), Masking(), ModalityDropout(probability=0.3)]
    train, validation = blobs(600), blobs(300, seed=1)
    history = run(model, train, validation, accuracy, augment=augment, epochs=12, precision=precision)
    assert accuracy(predict(model, test), test.target.argmax(1).numpy())["accuracy"] > 0.97
    assert history.rows[-1]["train_loss"] < 0.5 < 0.9 < history.rows[0]["train_loss"]
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert not model.training


def test_one_model_does_without_either_modality_after_modality_dropout(blobs, accuracy):
    model, test = hatr(), blobs(600, seed=2)
    run(model, blobs(600), blobs(300, seed=1), accuracy, augment=[ModalityDropout(probability=0.5)], epochs=12)
    for absent in (0, 1):
        present = torch.ones(600, 2, dtype=torch.bool)
        present[:, absent] = False
        alone = Batch(inputs=test.inputs, present=present, target=test.target, weight=test.weight)
        assert accuracy(predict(model, alone), test.target.argmax(1).numpy())["accuracy"] > 0.93


def test_the_hierarchical_loss_trains_the_top_head_too(blobs, accuracy):
    loss = Hierarchical(membership=torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), top_weight=0.5)
    model, test = hatr(n_tops=2), blobs(300, seed=1)
    run(model, blobs(600), test, accuracy, loss=loss, epochs=10)
    tops = model(test).logits["top"].argmax(1)
    assert (tops == (torch.arange(300) % 3 == 2)).float().mean() > 0.97


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_same_seed_gives_the_same_bytes_and_leaves_the_global_state_alone(blobs, accuracy, precision):
    augment = [Noise(), Masking(), ModalityDropout()]
    before, results = torch.random.get_rng_state(), []
    for seed in (1, 1, 2):
        model = hatr()
        history = run(model, blobs(200), blobs(90, seed=1), accuracy, seed, augment, epochs=2, precision=precision)
        results.append((b"".join(t.numpy().tobytes() for t in model.state_dict().values()), history.rows))
        assert torch.equal(torch.random.get_rng_state(), before)
    assert results[0] == results[1]
    assert results[0][0] != results[2][0]


def test_the_weights_of_the_best_epoch_are_kept_and_patience_ends_the_run(blobs):
    model, kept, rows = hatr(), [], []

    def on_epoch(row: dict[str, float]) -> None:
        rows.append(row)
        kept.append(copy.deepcopy(model.state_dict()))

    values = [0.1, 0.5, 0.3, 0.6, 0.6, 0.2, 0.59, 0.9]
    history = run(model, blobs(130), blobs(30), scripted(values), on_epoch=on_epoch, patience=3)
    assert history.best_epoch == 4  # the equal 0.6 of epoch 5 is not better; epochs 5, 6, 7 use up the patience
    assert [row["epoch"] for row in history.rows] == [1, 2, 3, 4, 5, 6, 7]
    assert rows == history.rows
    assert all(torch.equal(kept[3][name], tensor) for name, tensor in model.state_dict().items())
    assert not torch.equal(kept[6]["class_head.0.weight"], kept[3]["class_head.0.weight"])


def test_it_runs_for_all_epochs_while_there_is_patience(blobs):
    history = run(hatr(), blobs(70), blobs(30), scripted([0.3, 0.2, 0.1]), epochs=3, patience=3)
    assert (len(history.rows), history.best_epoch) == (3, 1)


def test_a_monitor_that_is_not_a_number_never_wins(blobs):
    nan = math.nan
    history = run(hatr(), blobs(70), blobs(30), scripted([nan, 0.2, nan, 0.1]), epochs=4)
    assert history.best_epoch == 2


def test_any_score_can_be_the_monitor(blobs):
    scores = iter([{"accuracy": 0.1, "f1": 0.9}, {"accuracy": 0.2, "f1": 0.8}])
    history = run(hatr(), blobs(70), blobs(30), lambda logits, target: next(scores), epochs=2, monitor="f1")
    assert history.best_epoch == 1
    assert history.rows[1]["f1"] == 0.8


def test_the_learning_rate_of_the_schedule_is_the_one_that_is_used(linear_model, blobs, accuracy):
    # Adam's very first steps move every weight by the learning rate, nearly: with a constant gradient, by exactly it.
    table = blobs(64, modalities=1)
    with seeded(0):
        model = linear_model(16, 3)
    seen = [model.linear.weight.detach().clone()]
    history = run(
        model,
        table,
        table,
        accuracy,
        epochs=6,
        halve_every=2,
        lr=1e-6,
        weight_decay=0.0,
        on_epoch=lambda row: seen.append(model.linear.weight.detach().clone()),
    )
    moved = [float((b.double() - a).abs().median()) for a, b in pairwise(seen)]
    expected = [1e-6, 1e-6, 5e-7, 5e-7, 2.5e-7, 2.5e-7]
    assert [row["learning_rate"] for row in history.rows] == expected
    assert expected == [learning_rate(FitSettings(lr=1e-6, halve_every=2), epoch) for epoch in range(1, 7)]
    np.testing.assert_allclose(moved, expected, rtol=0.1)


def test_validation_is_scored_without_augmentation_on_the_largest_target(blobs):
    seen = []

    def score(logits: np.ndarray, target: np.ndarray) -> dict[str, float]:
        seen.append((logits, target))
        return {"accuracy": 0.5}

    model, validation = hatr(), blobs(31, seed=1)
    run(model, blobs(130), validation, score, augment=[Masking()], epochs=1)
    logits, target = seen[0]
    np.testing.assert_array_equal(logits, predict(model, validation))
    np.testing.assert_array_equal(target, np.arange(31) % 3)
    assert logits.dtype == np.float32


def test_a_modality_that_is_rare_can_be_trained(blobs, accuracy):
    table = blobs(300)
    table.present[2:, 1] = False
    history = run(hatr(), table, blobs(90, seed=1), accuracy, epochs=3, drop_last=False, batch=299)
    assert all(math.isfinite(row["train_loss"]) for row in history.rows)


def test_a_table_of_one_row_can_be_trained_on(blobs, accuracy):
    history = run(hatr(), blobs(1), blobs(3), accuracy, epochs=1)
    assert math.isfinite(history.rows[0]["train_loss"])


@pytest.mark.parametrize(("train", "validation", "name"), [(0, 5, "training"), (5, 0, "validation")])
def test_an_empty_table_is_refused(blobs, accuracy, train, validation, name):
    with pytest.raises(InputError, match=f"the {name} table has no rows"):
        run(hatr(), blobs(train), blobs(validation), accuracy)


def test_an_unknown_monitor_is_refused_with_what_there_is(blobs, accuracy):
    with pytest.raises(ConfigError, match="monitor 'acc' is not among the scores: accuracy"):
        run(hatr(), blobs(70), blobs(30), accuracy, monitor="acc")


def test_a_loss_that_is_not_finite_stops_the_run(blobs, accuracy):
    table = blobs(70)
    table.inputs["m0"][:] = math.nan
    with pytest.raises(ModelError, match="training loss is nan in epoch 1: look for values that are not finite"):
        run(hatr(), table, blobs(30), accuracy)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_what_is_augmented_ahead_has_the_same_bytes_again_and_each_epoch_is_drawn_anew(blobs, accuracy, precision):
    results = []
    for seed in (1, 1, 2):
        model = hatr()
        settings = {"epochs": 2, "batch": 16, "accumulate": 3, "precision": precision}
        history = run(model, blobs(200), blobs(90, seed=1), accuracy, seed, [Noise()], ahead=[Masking()], **settings)
        results.append((b"".join(t.numpy().tobytes() for t in model.state_dict().values()), history.rows))
        assert 0 < history.waited < 1
    assert results[0] == results[1]
    assert results[0][0] != results[2][0]


def test_what_is_augmented_ahead_comes_before_the_step_and_has_chance_of_its_own(blobs, accuracy):
    seen = []

    class Seen:
        def __init__(self, name: str) -> None:
            self.name = name

        def draw(self, batch: Batch, generator: torch.Generator) -> int:
            return int(torch.randint(2**40, (), generator=generator))

        def apply(self, batch: Batch, params: int) -> Batch:
            seen.append((self.name, params))
            x = batch.inputs["m0"] + (1000 if self.name == "ahead" else 0)
            assert self.name == "ahead" or float(x.min()) > 900  # it has been through the other
            return Batch(inputs={"m0": x}, present=batch.present, target=batch.target, weight=batch.weight)

    table = blobs(64, modalities=1)
    run(hatr(1), table, table, accuracy, augment=[Seen("step")], ahead=[Seen("ahead")], epochs=3, batch=16)
    draws = {name: [params for one, params in seen if one == name] for name in ("ahead", "step")}
    assert [len(some) for some in draws.values()] == [12, 12]
    assert len({*draws["ahead"], *draws["step"]}) == 24
    source = generator()
    torch.randint(2**63 - 1, (), generator=source)  # seeds dropout
    own = generator(int(torch.randint(2**63 - 1, (), generator=source)))
    assert draws["ahead"] == [int(torch.randint(2**40, (), generator=own)) for _ in range(12)]


def test_what_fails_ahead_fails_the_run(blobs, accuracy):
    class Broken:
        def draw(self, batch: Batch, generator: torch.Generator) -> int:
            raise InputError("no such recording: 7")

        def apply(self, batch: Batch, params: int) -> Batch:
            return batch

    with pytest.raises(InputError, match="no such recording: 7"):
        run(hatr(), blobs(70), blobs(30), accuracy, ahead=[Broken()])


def test_the_history_is_written_one_epoch_a_line(blobs, tmp_path):
    history = run(hatr(), blobs(70), blobs(30), scripted([0.25, 0.5]), epochs=2)
    history.write(tmp_path / "history.jsonl")
    lines = (tmp_path / "history.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == history.rows
    assert json.loads(lines[1])["accuracy"] == 0.5


def test_the_rate_is_halved_where_the_validation_loss_does_not_fall(linear_model, blobs, accuracy):
    table, validation = blobs(64, modalities=1), blobs(30, seed=1, modalities=1)
    with seeded(0):
        model = linear_model(16, 3)
    seen = []
    settings = {"schedule": "plateau", "plateau_patience": 2, "optimiser": "sgd", "lr": 30.0, "epochs": 12, "batch": 16}

    def on_epoch(row: dict[str, float]) -> None:
        logits = torch.from_numpy(predict(model, validation))
        seen.append(float(torch.nn.functional.cross_entropy(logits, validation.target)))

    history = run(model, table, validation, accuracy, on_epoch=on_epoch, **settings)
    losses = [row["validation_loss"] for row in history.rows]
    np.testing.assert_allclose(losses, seen, rtol=1e-5)
    rate, lowest, waited, wanted = 30.0, math.inf, 0, []
    for loss in losses:
        wanted.append(rate)
        lowest, waited = (loss, 0) if loss < lowest else (lowest, waited + 1)
        if waited == 2:
            rate, waited = rate / 2, 0
    assert [row["learning_rate"] for row in history.rows] == wanted
    assert wanted[-1] < 30.0


def test_without_a_validation_table_the_plateau_is_that_of_the_training_loss(linear_model, blobs, accuracy):
    with seeded(0):
        model = linear_model(16, 3)
    settings = {"schedule": "plateau", "plateau_patience": 1, "optimiser": "sgd", "lr": 30.0, "epochs": 12, "batch": 16}
    history = run(model, blobs(64, modalities=1), None, accuracy, **settings)
    rates = [row["learning_rate"] for row in history.rows]
    falls = [b["train_loss"] < min(a["train_loss"] for a in history.rows[:n]) for n, b in enumerate(history.rows) if n]
    assert [b / a for a, b in pairwise(rates[1:])] == [1.0 if fell else 0.5 for fell in falls[:-1]]
    assert rates[-1] < 30.0
    assert "validation_loss" not in history.rows[0]
