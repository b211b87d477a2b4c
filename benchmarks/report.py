"""From timings to the table in README.md, results.csv and the line that describes the machine."""

import csv
import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from benchmarks.timing import Timing

HERE = Path(__file__).parent
PACKAGES = (
    "torch",
    "numpy",
    "pennylane",
    "pennylane-lightning",
    "qulacs",
    "mindquantum",
    "jax",
    "tensorcircuit-ng",
)
UPDATES = (
    20 * 2000
)  # steps of the two-qubit cluster and updates of each, as in the settings published with QuDDPM
COLUMNS = (
    "workload",
    "engine",
    "precision",
    "median_ms",
    "ratio",
    "ratio_low",
    "ratio_high",
    "difference",
    "rounds",
    "compiled_s",
)


def rows(timings: list[Timing]) -> Iterable[dict[str, str]]:
    """One row for each timing, in units of the workload's first engine."""
    ours = timings[0]
    for timing in timings:
        ratio, low, high = timing.ratio(ours)
        yield {
            "workload": timing.workload.title,
            "engine": timing.engine.name,
            "precision": timing.engine.precision,
            "median_ms": short(timing.milliseconds),
            "ratio": short(ratio),
            "ratio_low": short(low),
            "ratio_high": short(high),
            "difference": f"{timing.difference:.0e}",
            "rounds": str(len(timing.rounds)),
            "compiled_s": "" if timing.compiled is None else short(timing.compiled),
        }


def table(lines: list[dict[str, str]]) -> str:
    text = [
        "| workload | engine | precision | median, ms | ratio to ours (quartiles) "
        "| largest difference |",
        "|---|---|---|---|---|---|",
    ]
    for line in lines:
        spread = f"{line['ratio']} ({line['ratio_low']}–{line['ratio_high']})"
        cells = (
            line["workload"],
            line["engine"],
            line["precision"],
            line["median_ms"],
            spread,
            line["difference"],
        )
        text.append(f"| {' | '.join(cells)} |")
    return "\n".join(text)


def compilation(lines: list[dict[str, str]]) -> str:
    """What the first calls of the engines that compile took, from the least to the most."""
    seconds: dict[str, list[float]] = {}
    for line in lines:
        if line["compiled_s"]:
            seconds.setdefault(line["engine"], []).append(float(line["compiled_s"]))
    parts = [f"{name} {short(min(s))} to {short(max(s))} s" for name, s in seconds.items()]
    return f"First calls, which compile and are not in the table: {'; '.join(parts)}."


def estimate(lines: list[dict[str, str]]) -> str:
    """What training the two-qubit cluster would cost: medians of W4 times the authors' updates."""
    parts = []
    for title in dict.fromkeys(
        line["workload"] for line in lines if line["workload"].startswith("W4")
    ):
        costs = [
            f"{float(line['median_ms']) * UPDATES / 6e4:.1f} minutes with {line['engine']}"
            for line in lines
            if line["workload"] == title and line["precision"] == "complex64"
        ]
        parts.append(f"{' and '.join(costs)} for runs={title.split('runs=')[1]}")
    settings = "at the settings published with QuDDPM, 20 steps of 2000 updates each"
    return (
        f"Estimate, not a measurement: {settings}, the medians of W4 add up to {'; '.join(parts)}."
    )


def machine() -> str:
    """Processor, cores, threads and versions: what a reader needs to judge the milliseconds."""
    versions = ", ".join(f"{name} {version(name).split('+')[0]}" for name in PACKAGES)
    machine = f"{_processor()}, {os.cpu_count()} cores, threads = 1"
    return f"{machine}; Python {platform.python_version()}, {versions}."


def publish(lines: list[dict[str, str]]) -> None:
    """Write results.csv and the part of README.md between the markers."""
    with (HERE / "results.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    insert("bench", "\n\n".join((machine(), table(lines), compilation(lines), estimate(lines))))


def insert(name: str, body: str) -> None:
    """Put text between the markers `name` of README.md."""
    begin, end = (f"<!-- {name}:{place} -->" for place in ("begin", "end"))
    page = HERE / "README.md"
    before, rest = page.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    page.write_text(f"{before}{begin}\n{body}\n{end}{after}", encoding="utf-8")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def short(value: float) -> str:
    """Three significant digits, never in powers of ten."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
