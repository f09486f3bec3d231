"""torchvision comes in beside any build of torch, without a warning, and only what is missing is declared."""

import subprocess
import sys

import pytest

from heterophony.encoders.torchvision_models import timm_models, torchvision_models
from heterophony.errors import MissingExtraError


def test_networks_of_both_libraries_are_there() -> None:
    assert torchvision_models().ResNet.__name__ == "ResNet"
    assert timm_models("resnest").ResNestBottleneck.__name__ == "ResNestBottleneck"


def test_in_a_new_process_nothing_is_warned_of_and_what_somebody_declared_is_left_alone() -> None:
    program = (
        "import torch\n"
        "from heterophony.encoders.torchvision_models import torchvision_models\n"
        "library = torch.library.Library('torchvision', 'FRAGMENT')\n"
        "library.define('nms(Tensor theirs, Tensor s, float t) -> Tensor')\n"
        "torchvision_models()\n"
        "print(torch.ops.torchvision.nms.default._schema, torch.ops.torchvision.qnms.default._schema)"
    )
    said = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("torchvision::nms(Tensor theirs, ")
    assert " torchvision::qnms(Tensor dets, " in said.stdout
    assert said.stderr == ""


def test_without_the_extra_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    torchvision_models()
    monkeypatch.setitem(sys.modules, "torchvision.models", None)
    with pytest.raises(MissingExtraError, match=r"torchvision.* not installed; try: pip install 'heterophony\[video"):
        torchvision_models()
    monkeypatch.setitem(sys.modules, "timm.models.vgg", None)
    with pytest.raises(MissingExtraError, match=r"timm.* not installed; try: pip install 'heterophony\[video"):
        timm_models("vgg")
