"""What a summary says of a collection, as value, text and JSON."""

from __future__ import annotations

import json
import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from euxfel.core.display import detector_facts, summarise
from euxfel.core.display.details import dtype_name
from euxfel.core.display.summary import Summary
from euxfel.fileaccess.errors import PropertyNameError, SourceNameError
from euxfel.fileaccess.problems import Problem, ProblemKind

HUGE = 2**64 - 1


def camera(make: Any, n: int = 1, **more: Any) -> Any:
    return make.instrument(f"SPB_CAM/CAM/{n}:daqOutput", **more)


def lines_of(summary: Summary, width: int | None = None) -> list[str]:
    return summary.to_text(width).splitlines()


def test_head_tells_where_and_how_long(make: Any) -> None:
    text = lines_of(summarise(make.collection(make.control("SPB_X/M/1"), camera(make))))
    assert text[0] == "File RAW-R0238-DA01-S00000.h5 of proposal 700000 (SPB, raw)"
    assert "Trains    20, from 10000 to 10019" in text
    assert "Duration  2.0 s" in text


def test_a_run_of_several_files_has_its_number(make: Any) -> None:
    summary = summarise(make.collection(*make.agipd()))
    assert lines_of(summary)[0] == "Run 238 of proposal 700000 (SPB, raw)"
    assert (summary.place.run, summary.place.n_files, summary.place.file) == (238, 16, None)


def test_files_of_different_runs_name_none(make: Any) -> None:
    first, second = make.file("DA01"), make.file("DA02")
    other = replace(second, filename=second.filename.replace("0238", "0239"))
    files = [first, other]
    summary = summarise(make.collection(make.control("A/M/1"), files=files, is_single_run=False))
    assert summary.place.run is None
    assert lines_of(summary)[0] == "Data of several runs of proposal 700000 (SPB, raw)"


def test_files_with_other_names_are_still_a_run(make: Any) -> None:
    files = [replace(make.file("DA01"), filename=f"/x/file{n}.h5") for n in range(2)]
    assert lines_of(summarise(make.collection(files=files)))[0] == "Run"


def test_rogue_train_ids_are_named_apart(make_with: Any) -> None:
    """B8/B9: info works with train ID 2^64-1; first, last and duration ignore it."""
    make = make_with([3, *range(10000, 10010), HUGE])
    summary = summarise(make.collection(make.control("A/M/1"), suspect=[3, HUGE]))
    assert "Trains    12, from 10000 to 10009" in lines_of(summary)
    assert "Duration  1.0 s" in lines_of(summary)
    assert f"Suspect   2 trains, not trusted above: 3, {HUGE}" in lines_of(summary)
    assert json.loads(json.dumps(summary.to_dict()))["trains"]["suspect"] == [3, HUGE]


def test_no_trains_at_all(make_with: Any) -> None:
    """B12: a selection of zero trains is shown."""
    make = make_with([])
    collection = make.collection(make.control("A/M/1"), *make.agipd())
    text = lines_of(summarise(collection, "*", counts=True))
    assert "Trains    0" in text
    assert any("no frames" in line for line in text)


def test_absent_trains_and_short_aggregators_are_told(make_with: Any) -> None:
    make = make_with([*range(10000, 10005), *range(10008, 10013)])
    short = make.file("DA02", [10000, 10001, 10002])
    collection = make.collection(make.control("A/M/1"), files=[make.file("DA01"), short])
    text = lines_of(summarise(collection))
    assert "Absent    3 trains between: 10005 to 10007" in text
    assert "Lacking   DA02: 7 of 10 trains (70.0 %)" in text


def test_corrected_files_do_not_fill_gaps_of_raw_ones(make: Any) -> None:
    raw = make.file("AGIPD00", [10000])
    corrected = replace(make.file("AGIPD00"), filename="/x/CORR-R0238-AGIPD00-S00000.h5")
    summary = summarise(make.collection(make.control("A/M/1"), files=[raw, corrected]))
    assert [s.aggregator for s in summary.shortfalls] == ["AGIPD00"]


def test_a_detector_is_one_line(make: Any) -> None:
    modules = [n for n in range(16) if n not in (3, 7)]
    summary = summarise(make.collection(*make.agipd(modules), camera(make)))
    (line,) = summary.detectors
    assert line.missing_modules == (3, 7)
    assert [s.pattern for s in summary.instrument] == ["SPB_CAM/CAM/1:daqOutput"]
    text = lines_of(summary)
    assert "  SPB_DET_AGIPD1M-1/DET/{0..2,4..6,8..15}CH0:xtdf" in text
    wanted = "AGIPD-1M, 14 modules of 512 x 128 pixels, 64 frames per train, 1280 in all"
    assert f"      {wanted}" in text
    assert "      missing modules 3, 7" in text


def test_varying_frames_show_as_a_range(make: Any) -> None:
    collection = make.collection(*make.agipd([0], lambda t: 60 + t % 3 if t % 2 else 0))
    text = summarise(collection).to_text()
    assert "60 to 62 frames per train in 10 of 20 trains, 611 in all" in text


def test_one_frame_is_not_several(make: Any) -> None:
    source = make.instrument("FXE_XAD_JF1M/DET/JNGFR01:daqOutput", key="data.adc", shape=(1, 4, 8))
    assert "1 frame per train, 20 in all" in summarise(make.collection(source)).to_text()


def test_jungfrau_counts_memory_cells_as_frames(make: Any) -> None:
    source = make.instrument(
        "SPB_IRDA_JF4M/DET/JNGFR03:daqOutput", key="data.adc", shape=(16, 512, 1024)
    )
    facts = detector_facts(make.collection(source), source.source)
    assert facts == {"dims": (512, 1024), "frames_per_train": 16, "total_frames": 320}


def test_detector_facts_of_one_module(make: Any) -> None:
    collection = make.collection(*make.agipd(range(2), lambda t: 62 if t == 10007 else 60))
    facts = detector_facts(collection, "SPB_DET_AGIPD1M-1/DET/1CH0:xtdf")
    assert facts == {"dims": (512, 128), "frames_per_train": 62, "total_frames": 1202}


def test_detector_facts_refuse_other_sources(make: Any) -> None:
    collection = make.collection(camera(make))
    with pytest.raises(SourceNameError, match=r"SPB_CAM.*not a detector module"):
        detector_facts(collection, "SPB_CAM/CAM/1:daqOutput")
    with pytest.raises(SourceNameError):
        detector_facts(collection, "SPB_DET_AGIPD1M-1/DET/1CH0:xtdf")


def test_a_detector_without_frames_key_still_shows(make: Any) -> None:
    source = make.instrument("A_DET_AGIPD1M-1/DET/0CH0:xtdf", key="header.pulseCount")
    text = summarise(make.collection(source)).to_text()
    assert "frames not known: no key image.data" in text
    with pytest.raises(PropertyNameError):
        detector_facts(make.collection(source), source.source)


def test_counts_group_what_is_equal(make: Any) -> None:
    modules = make.agipd(range(3)) + make.agipd([3], lambda t: int(t > 10004))
    summary = summarise(make.collection(*modules), counts=True)
    assert [s.pattern for s in summary.detectors[0].sources] == [
        "SPB_DET_AGIPD1M-1/DET/{0..2}CH0:xtdf",
        "SPB_DET_AGIPD1M-1/DET/3CH0:xtdf",
    ]
    assert "image  15 of 20 trains (75.0 %), 1 entry per train" in summary.to_text()


def test_counts_show_each_index_group(make: Any) -> None:
    source = camera(make, counts=lambda t: 5, also={"other": lambda t: t % 2})
    (line,) = summarise(make.collection(source), counts=True).instrument
    assert line.details is not None
    assert [(c.group, c.n_with_data, c.n_entries) for c in line.details.counts] == [
        ("data", 20, 100),
        ("other", 10, 10),
    ]


def test_details_show_keys_without_value_suffix(make: Any) -> None:
    collection = make.collection(make.control("SPB_X/M/1"), camera(make))
    text = lines_of(summarise(collection, details_for_sources="SPB_X/*"))
    assert "  SPB_X/M/1  (MotorDevice)" in text
    assert "        actualPosition  float32  mm" in text
    assert "        actualVelocity  float32" in text
    assert "      only in RUN: classId" in text
    assert "  SPB_CAM/CAM/1:daqOutput" in text


def test_details_show_shape_and_units(make: Any) -> None:
    text = lines_of(summarise(make.collection(camera(make)), ["*CAM*"]))
    assert "      data  20 of 20 trains (100 %), 1 entry per train" in text
    assert "        data.image  float32  3 x 5  ph" in text


def test_globs_are_case_sensitive_and_several(make: Any) -> None:
    collection = make.collection(*(make.control(f"{name}/M/1") for name in ("Aa", "Bb", "Cc")))
    summary = summarise(collection, ["a*", "B?/M/*", "Cc/M/[1-3]"])
    assert [line.details is not None for line in summary.control] == [False, True, True]


def test_similar_sources_are_grouped_unless_told(make: Any) -> None:
    collection = make.collection(*(make.control(f"A/M/{n}") for n in range(1, 12)))
    assert [s.pattern for s in summarise(collection).control] == ["A/M/{1..11}"]
    singles = summarise(collection, group_sources=False).control
    assert [s.pattern for s in singles] == [f"A/M/{n}" for n in range(1, 12)]


def test_ungrouped_detectors_list_their_modules(make: Any) -> None:
    collection = make.collection(*make.agipd(range(12)))
    summary = summarise(collection, group_sources=False, with_aggregators=True)
    shown = summary.detectors[0].sources
    assert [s.aggregators for s in shown] == [(f"AGIPD{n:02d}",) for n in range(12)]


def test_aggregators_split_groups(make: Any) -> None:
    sources = [camera(make, n, aggregator="DA01" if n < 3 else "DA02") for n in range(5)]
    text = lines_of(summarise(make.collection(*sources), with_aggregators=True))
    assert "  SPB_CAM/CAM/{0..2}:daqOutput  [DA01]" in text
    assert "  SPB_CAM/CAM/{3,4}:daqOutput  [DA02]" in text


def test_aggregators_of_a_detector_are_a_pattern(make: Any) -> None:
    text = summarise(make.collection(*make.agipd()), with_aggregators=True).to_text()
    assert "SPB_DET_AGIPD1M-1/DET/{0..15}CH0:xtdf  [AGIPD{00..15}]" in text


def test_auxiliary_sources_show_when_asked(make: Any) -> None:
    reduction = replace(camera(make), source="DA01@A/B:c", section="REDUCTION")
    collection = make.collection(make.control("A/M/1"))
    auxiliary = replace(collection.auxiliary, sources={"DA01@A/B:c": reduction})
    collection = replace(collection, auxiliary=auxiliary)
    assert summarise(collection).reduction is None
    text = lines_of(summarise(collection, with_auxiliary=True))
    assert text[text.index("Reduction sources (1)") + 1] == "  DA01@A/B:c"
    assert "Errata sources (0)" in text


def test_legacy_names_say_what_they_stand_for(make: Any) -> None:
    legacy = {f"D/DET/{n}CH0:xtdf": f"D/CORR/{n}CH0:output" for n in range(16)}
    text = lines_of(summarise(make.collection(legacy_sources=legacy)))
    assert "Legacy names (16)" in text
    assert "  D/DET/{0..15}CH0:xtdf -> D/CORR/{0..15}CH0:output" in text


def test_legacy_names_in_another_order_are_not_grouped(make: Any) -> None:
    summary = summarise(make.collection(legacy_sources={"A/1": "B/2", "A/2": "B/1"}))
    assert [(line.old, line.new) for line in summary.legacy] == [("A/1", "B/2"), ("A/2", "B/1")]


def test_problems_that_say_the_same_are_one_line(make: Any) -> None:
    alike = [Problem(ProblemKind.SUSPECT_TRAINS, "train 5", file=f"/d/F{n}.h5") for n in range(16)]
    other = Problem(ProblemKind.UNUSABLE_FILE, "no METADATA", file="/d/G.h5")
    summary = summarise(make.collection(known_problems=[*alike, other]))
    text = lines_of(summary)
    assert text[text.index("Problems (17)") + 1 :] == [
        "  suspect-trains: train 5 [F0.h5 and 15 more]",
        "  unusable-file: no METADATA [G.h5]",
    ]
    assert len(summary.to_dict()["problems"]) == 17


def test_many_problems_are_cut_short(make: Any) -> None:
    many = [Problem(ProblemKind.UNUSABLE_FILE, f"reason {n}") for n in range(12)]
    text = lines_of(summarise(make.collection(known_problems=many)))
    assert text[-1] == "  ... and 2 more, see run.problems"


def test_a_damaged_source_keeps_the_others_shown(make: Any) -> None:
    """A defect is isolated to the source it touches."""
    bad = replace(camera(make, 1), damage="index makes no sense")
    text = lines_of(summarise(make.collection(bad, camera(make, 2)), "*", counts=True))
    assert "      cannot be read: index makes no sense" in text
    assert "      data  20 of 20 trains (100 %), 1 entry per train" in text


def test_names_cannot_drive_a_terminal(make: Any) -> None:
    """F3: a name with control characters is spelled out."""
    evil = "A/\x1b[2J\r\nB\u202e/1"
    problem = Problem(ProblemKind.BAD_METADATA, "says \x1b[31mred")
    collection = make.collection(
        make.control(evil), known_problems=[problem], legacy_sources={evil: "C"}
    )
    text = summarise(collection, "*").to_text()
    assert all(line.isprintable() for line in text.split("\n"))
    assert "A/\\x1b[2J\\r\\nB\\u202e/1" in text


def test_a_width_wraps_messages_but_cuts_no_name(make: Any) -> None:
    name = "SPB_" + "LONG" * 30 + "/M/1"
    problem = Problem(ProblemKind.BAD_METADATA, "word " * 40)
    summary = summarise(make.collection(make.control(name), known_problems=[problem]))
    text = lines_of(summary, width=60)
    assert f"  {name}" in text
    assert all(len(line) <= 60 for line in text if name not in line)


def test_json_keeps_every_fact(make: Any) -> None:
    collection = make.collection(make.control("A/M/1"), *make.agipd(range(3)))
    found = json.loads(json.dumps(summarise(collection, "*", counts=True).to_dict()))
    assert found["schema"] == 1
    assert set(found) == {
        "schema", "place", "trains", "shortfalls", "detectors", "instrument", "control",
        "reduction", "errata", "legacy", "problems", "offsets",
    }  # fmt: skip
    assert found["detectors"][0]["frames"]["n_frames"] == 1280
    assert found["detectors"][0]["sources"][0]["names"] == [
        f"SPB_DET_AGIPD1M-1/DET/{n}CH0:xtdf" for n in range(3)
    ]
    assert found["control"][0]["details"]["keys"][0]["units"] == "mm"


def test_a_summary_is_a_value(make: Any) -> None:
    collection = make.collection(make.control("A/M/1"), *make.agipd(range(3)))
    summary = summarise(collection, "*")
    assert summary == summarise(collection, "*")
    assert pickle.loads(pickle.dumps(summary)) == summary
    assert str(summary) == summary.to_text()
    with pytest.raises(FrozenInstanceError):
        summary.legacy = ()  # type: ignore[misc]


def test_text_of_any_storage_is_str() -> None:
    import numpy as np

    assert {dtype_name(np.dtype(d)) for d in ("O", "S5", "U7")} == {"str"}
    assert dtype_name(np.dtype("<u2")) == "uint16"
