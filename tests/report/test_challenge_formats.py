"""The entries name what is there."""

import pytest

from heterophony.metrics import METRICS
from heterophony.report.challenge_author import Description
from heterophony.report.challenge_formats import FORMATS, Format
from heterophony.report.challenge_results import BY_CLASS


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_measures_and_descriptions_are_known(form: Format) -> None:
    assert FORMATS[form.name] is form
    assert set(form.measures.values()) <= set(METRICS)
    assert set(form.measures.values()) <= set(BY_CLASS)
    assert set(form.description) <= set(Description.model_fields)
    assert len(form.columns) == (3 if form.score else 2 + form.taxonomy.n_classes)
