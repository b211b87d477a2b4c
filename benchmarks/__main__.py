"""`python -m benchmarks`: measure, compare, print; a full run also rewrites the published files."""

import argparse

import torch

from benchmarks import cost, profiles, report, scaling
from benchmarks.engines import Ours
from benchmarks.engines_jax import FusedJax
from benchmarks.engines_mindquantum import MindQuantum
from benchmarks.engines_pennylane import DefaultQubit, Lightning
from benchmarks.engines_qulacs import Qulacs
from benchmarks.engines_tensorcircuit import TensorCircuit
from benchmarks.timing import compare
from benchmarks.workloads import FAMILIES, select
from qdm_utils.arguments import whole_number


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help=f"one of {', '.join(FAMILIES)}; repeatable",
    )
    parser.add_argument(
        "--repeats", type=int, default=9, help="rounds through all engines (default 9)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, to see that everything runs"
    )
    options = parser.parse_args()
    try:
        workloads = select(options.only, options.quick)
        rounds = whole_number("repeats", options.repeats, 1)
    except ValueError as error:
        parser.error(str(error))

    torch.set_num_threads(1)
    engines = [
        Ours(),
        Ours("complex128"),
        FusedJax(),
        TensorCircuit(),
        DefaultQubit(),
        Lightning(),
        Qulacs(),
        MindQuantum(),
    ]
    print(report.machine(), flush=True)
    lines = []
    for workload in workloads:
        new = list(report.rows(compare(engines, Ours("complex128"), workload, rounds)))
        for line in new:
            print(" ".join(f"{key}={value}" for key, value in line.items()), flush=True)
        lines += new
    full = not options.only and not options.quick
    if not options.only or "profile" in options.only:
        profile = profiles.table(profiles.measure(rounds, options.quick), profiles.limit(rounds))
        print(profile, flush=True)
    if not options.only or "cost" in options.only:
        sizes = scaling.QUICK if options.quick else scaling.SIZES
        found = scaling.fit(sizes, scaling.measure(sizes, min(rounds, scaling.ROUNDS)))
        print("Ours:", scaling.law(*found), flush=True)
    if full or ("cost" in options.only and not options.quick):
        large = scaling.table(found[0])
        print(large, flush=True)
        cost.plot(cost.measure())
        scaling.save(*found)
        print("cost.png, cost.pdf and the package's cost.json are written")
    if full:
        report.publish(lines)
        report.insert("profile", profile)
        report.insert("scaling", f"{large}\n\nThe law: {scaling.law(*found)}.")
        print("README.md and results.csv are written")


if __name__ == "__main__":
    main()
