"""Which device is meant, and where a model lies."""

import pytest
import torch

from heterophony.errors import ConfigError
from heterophony.training.device import device_of, find_device


def test_the_processor_is_always_there():
    assert find_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(("seen", "name"), [(1, "cuda"), (2, "cuda:1")])
def test_a_graphics_processor_that_is_seen_is_found(monkeypatch, seen, name):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: seen)
    assert find_device(name) == torch.device(name)


@pytest.mark.parametrize(("seen", "name"), [(0, "cuda"), (0, "cuda:0"), (1, "cuda:1")])
def test_one_that_is_not_seen_is_refused_with_what_there_is(monkeypatch, seen, name):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: seen)
    with pytest.raises(ConfigError, match=rf"device {name}: torch .* does not see it; it sees cpu 1, cuda {seen}, mps"):
        find_device(name)


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:x", "cpu:0", "xpu", "cuda:1 "])
def test_what_is_no_device_is_refused(name):
    with pytest.raises(ConfigError, match="wanted cpu, cuda, cuda:1"):
        find_device(name)


def test_a_model_is_where_its_parameters_or_its_buffers_are():
    meta, cpu = torch.device("meta"), torch.device("cpu")
    assert device_of(torch.nn.Linear(1, 1, device="meta"), cpu) == meta
    assert device_of(torch.nn.BatchNorm1d(1, affine=False, device="meta"), cpu) == meta
    assert device_of(torch.nn.ReLU(), meta) == meta
