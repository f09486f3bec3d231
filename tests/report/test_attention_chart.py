"""The distribution of attention, overall and per top."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from heterophony.report.attention_chart import AttentionChart, attention_chart
from heterophony.report.run_record import NotShown, RunRecord

Record = Callable[..., RunRecord]


def test_quantiles_are_those_of_the_clips_of_each_top(record: Record) -> None:
    run = record()
    found = attention_chart(run)
    assert isinstance(found, AttentionChart)
    assert found.modalities == ("sound", "words")
    assert [(row.name, row.clips) for row in found.rows] == [("All", 30), ("x", 20), ("y", 10)]
    weight = run.evidence[0].attention[:, 0]
    everything = found.rows[0].spreads[0]
    np.testing.assert_allclose(everything.middle, np.median(weight), atol=1e-6)
    np.testing.assert_allclose((everything.low, everything.high), np.quantile(weight, (0.05, 0.95)), atol=1e-6)
    own = weight[np.arange(30) % 3 == 2]
    np.testing.assert_allclose(found.rows[2].spreads[0].mean, own.mean(), atol=1e-6)
    np.testing.assert_allclose(found.rows[2].spreads[1].mean, 1 - own.mean(), atol=1e-6)


def test_clips_with_one_modality_say_nothing_of_it(record: Record) -> None:
    run = record()
    present = run.evidence[0].present.copy()
    present[:10, 1] = False
    found = attention_chart(record(evidence={0: replace(run.evidence[0], present=present)}))
    assert isinstance(found, AttentionChart)
    assert (found.rows[0].clips, found.left_out) == (20, 10)
    none = np.stack([np.ones(30, np.bool_), np.zeros(30, np.bool_)], axis=1)
    gone = attention_chart(record(evidence={0: replace(run.evidence[0], present=none)}))
    assert gone == NotShown("Attention", "no test clip has two modalities")


def test_without_evidence_or_with_one_modality_it_is_left_out(record: Record) -> None:
    left_out = attention_chart(record(evidence={}))
    assert isinstance(left_out, NotShown)
    assert "evidence_test.npz" in left_out.why
    one = record().evidence[0]
    single = replace(one, modalities=("sound",), present=one.present[:, :1], attention=one.attention[:, :1])
    assert attention_chart(record(evidence={0: single})) == NotShown(
        "Attention", "there is one modality only (sound), which gets all of it"
    )
