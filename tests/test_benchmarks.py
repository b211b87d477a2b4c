"""The published benchmark: its pins, and one table in page and CSV. Nothing is timed here."""

import csv
import re
from pathlib import Path

import numpy as np

from benchmarks.scaling import SIZES, counts, fit
from tests.test_environment import lock

HERE = Path(__file__).parents[1] / "benchmarks"


def test_the_pins_shared_with_the_project_are_those_of_the_lock():
    lines = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    # SciPy comes with JAX, which wants a newer one than the lock has.
    assert {"torch", "numpy", "matplotlib"} <= set(pins)
    assert {name: lock()[name] for name in pins if name in lock()} == {
        name: pins[name] for name in pins if name in lock()
    }


def test_the_table_and_the_csv_hold_the_same_rows():
    with (HERE / "results.csv").open(encoding="utf-8", newline="") as file:
        stored = [
            (row["workload"], row["engine"], row["median_ms"]) for row in csv.DictReader(file)
        ]
    page = (HERE / "README.md").read_text(encoding="utf-8")
    table = page.split("<!-- bench:begin -->")[1].split("<!-- bench:end -->")[0]
    shown = [
        re.split(r" *\| *", line.strip("| "))
        for line in table.splitlines()
        if line.startswith("| W")
    ]
    assert stored
    assert [(cells[0], cells[1], cells[3]) for cells in shown] == stored
    assert {name[:2] for name, *_ in stored} == {"W1", "W2", "W3", "W4"}


def test_the_estimated_minutes_are_the_medians_times_the_updates():
    with (HERE / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["workload"].startswith("W4") and row["precision"] == "complex64"
        ]
    page = (HERE / "README.md").read_text(encoding="utf-8")
    sentence = next(line for line in page.splitlines() if line.startswith("Estimate"))
    minutes = [float(value) for value in re.findall(r"([\d.]+) minutes", sentence)]
    assert minutes == [round(float(row["median_ms"]) / 1e3 / 60 * 20 * 2000, 1) for row in rows]


def test_the_fit_finds_the_law_that_made_the_times():
    law = np.array([3e-4, 2e-5, 1e-5, 1e-9, 2e-8, 3e-9])
    times = np.array([counts(size) @ law for size in SIZES])
    found, worst = fit(SIZES, times)
    np.testing.assert_allclose(found, law, rtol=1e-6)
    assert worst < 1e-8
