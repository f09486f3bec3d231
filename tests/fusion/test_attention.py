import numpy as np
import pytest
import torch

from heterophony.errors import InputError
from heterophony.fusion import FUSIONS, AttentionFusion, refuse_samples_without_modality


def slow_fusion(fusion: AttentionFusion, features: list[np.ndarray], present: np.ndarray) -> tuple[np.ndarray, ...]:
    """Sample by sample, in float64: softmax(W2 tanh(W1 [f1; ..; fn] + b1) + b2) over what is present."""
    w1, b1, w2, b2 = (p.detach().double().numpy() for p in fusion.parameters())
    fused, weights = [], []
    for i, here in enumerate(present):
        vectors = [f[i] if there else np.zeros_like(f[i]) for f, there in zip(features, here, strict=True)]
        scores = w2 @ np.tanh(w1 @ np.concatenate(vectors) + b1) + b2
        powers = [np.exp(s) if there else 0.0 for s, there in zip(scores, here, strict=True)]
        weights.append([power / sum(powers) for power in powers])
        fused.append(sum(w * v for w, v in zip(weights[-1], vectors, strict=True)))
    return np.array(fused), np.array(weights)


def random_case(n_modalities: int, dim: int = 6, rows: int = 40) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    generator = torch.Generator().manual_seed(n_modalities)
    features = {f"m{i}": torch.randn(rows, dim, generator=generator) for i in range(n_modalities)}
    present = torch.rand(rows, n_modalities, generator=generator) < 0.6
    present[torch.arange(rows), torch.arange(rows) % n_modalities] = True
    return features, present


@pytest.mark.parametrize("n_modalities", [1, 2, 3])
def test_it_equals_a_slow_restatement_whatever_is_present(n_modalities):
    fusion = AttentionFusion(n_modalities, 6)
    features, present = random_case(n_modalities)
    fused, weights = fusion(features, present)
    slow_fused, slow_weights = slow_fusion(fusion, [f.numpy() for f in features.values()], present.numpy())
    np.testing.assert_allclose(fused.detach().numpy(), slow_fused, atol=1e-6)
    np.testing.assert_allclose(weights.detach().numpy(), slow_weights, atol=1e-6)


def test_with_all_present_it_is_the_formula_of_the_paper():
    fusion = AttentionFusion(2, 6)
    features, present = random_case(2)
    fused, weights = fusion(features, torch.ones_like(present))
    a = torch.softmax(fusion.score(torch.tanh(fusion.hidden(torch.cat([features["m0"], features["m1"]], 1)))), 1)
    torch.testing.assert_close(weights, a)
    torch.testing.assert_close(fused, a[:, :1] * features["m0"] + a[:, 1:] * features["m1"])


def test_weights_are_a_distribution_and_exactly_zero_where_absent():
    features, present = random_case(3)
    _, weights = AttentionFusion(3, 6)(features, present)
    assert torch.all(weights[~present] == 0)
    assert torch.all(weights[present] > 0)
    torch.testing.assert_close(weights.sum(1), torch.ones(len(weights)))


def test_a_sample_with_one_modality_is_that_modality():
    features, _ = random_case(2)
    fused, weights = AttentionFusion(2, 6)(features, torch.tensor([[False, True]]).expand(40, 2))
    assert torch.equal(fused, features["m1"])
    assert weights.unique(dim=0).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("garbage", [1e30, float("nan"), float("inf")])
def test_what_stands_in_absent_rows_changes_neither_result_nor_gradient(garbage):
    fusion = AttentionFusion(2, 6)
    features, present = random_case(2)
    spoilt = {n: f.masked_fill(~present[:, i, None], garbage) for i, (n, f) in enumerate(features.items())}
    results = []
    for given in (features, spoilt):
        fusion.zero_grad()
        fused, weights = fusion(given, present)
        fused.square().sum().backward()
        results.append([fused, weights, *(p.grad.clone() for p in fusion.parameters())])
    for clean, dirty in zip(*results, strict=True):
        assert torch.equal(clean, dirty)


def test_no_gradient_flows_into_absent_rows():
    features, present = random_case(2)
    for f in features.values():
        f.requires_grad_()
    AttentionFusion(2, 6)(features, present)[0].sum().backward()
    for column, f in enumerate(features.values()):
        assert torch.all(f.grad[~present[:, column]] == 0)
        assert torch.all(f.grad[present[:, column]].abs().sum(1) > 0)


def test_a_sample_without_any_modality_is_refused_by_its_row():
    features, present = random_case(2)
    present[[3, 17]] = False
    with pytest.raises(InputError, match=r"2 of 40 samples have no modality at all \(rows 3, 17\)"):
        AttentionFusion(2, 6)(features, present)


def test_only_five_rows_are_named():
    with pytest.raises(InputError, match=r"rows 0, 1, 2, 3, 4 …\)"):
        refuse_samples_without_modality(torch.zeros(9, 2, dtype=torch.bool))


def test_another_number_of_modalities_is_refused():
    features, present = random_case(3)
    with pytest.raises(InputError, match="takes 2 modalities"):
        AttentionFusion(2, 6)(features, present)


def test_the_paper_sizes_have_the_papers_parameters():
    assert sum(p.numel() for p in FUSIONS["attention"](2, 128).parameters()) == 256 * 128 + 128 + 128 * 2 + 2
