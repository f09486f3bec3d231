"""transformers is imported in silence, also where its companions are broken."""

import subprocess
import sys
from pathlib import Path

import pytest

from heterophony.encoders.transformers_library import transformers_model
from heterophony.errors import MissingExtraError

pytest.importorskip("transformers")


@pytest.mark.slow
def test_a_companion_that_does_not_fit_is_hidden_and_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "torchaudio.py").write_text("raise OSError('libsomething.so: not there')\n", encoding="utf-8")
    (tmp_path / "torchvision.py").write_text(
        "raise RuntimeError('an operator that does not exist')\n", encoding="utf-8"
    )
    program = (
        f"import sys, warnings; sys.path.insert(0, {str(tmp_path)!r}); warnings.simplefilter('error')\n"
        "import transformers\n"
        "from heterophony.encoders.transformers_library import transformers_model\n"
        "print(transformers_model('whisper.modeling_whisper').WhisperEncoder.__name__)\n"
        "print(any(name in sys.modules for name in ('torchvision', 'torchaudio')))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["WhisperEncoder", "False"]
    assert done.stderr == ""


def test_where_it_is_not_installed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers.models.nobody", None)
    with pytest.raises(MissingExtraError, match=r"heterophony\[transformers\]"):
        transformers_model("nobody.modeling_nobody")
