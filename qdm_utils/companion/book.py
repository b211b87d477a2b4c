"""What a notebook writes its figures, numbers and verdicts down with: data in, files out."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from pandas.io.formats.style import Styler

from qdm_utils.companion import figures, ledger, paths
from qdm_utils.companion.parallel.identity import processor
from qdm_utils.companion.sources.notebook import read_parameters

NO_DATA = "none (computed)"


class Book:
    """The outputs of one notebook, all under one stem.

    Args:
        stem: the notebook's name, such as "03_noise_floor".
        namespace: the notebook's `globals()`; the values of its parameters are taken from there,
            checked against the types of the parameters cell and kept with every figure.

    Raises:
        NotebookError: a parameter of the wrong type, at once, before anything is computed.

    Under the runner the files go to its scratch tree; elsewhere to build/interactive, never over
    published results.
    """

    def __init__(self, stem: str, namespace: dict[str, Any]):
        declared = read_parameters(stem)
        self.stem = stem
        self.parameters = declared.resolve(
            {name: namespace[name] for name in declared.parameters if name in namespace}
        )
        self.tree = paths.output()
        self.claims = ledger.claims_of(stem)
        self._findings = ledger.Findings(self.claims)
        self._manifest: list[dict] = []
        self._data, self._remark = NO_DATA, ""
        figures.use_style()

    def use_data(self, source: str, remark: str = "", stand_in: bool = False) -> None:
        """Say which data set everything from here on is made from.

        Args:
            source: one sentence, for the manifest.
            remark: a few words that go on every figure and beside every verdict; empty where the
                data are what the claims mean.
            stand_in: the data set that was wanted is missing. The runner then publishes beside the
                published results, see `paths.stand_in`, and says so.
        """
        if stand_in and not remark:
            raise ValueError("Argument `remark` must say what stands in, but got ''")
        self._data, self._remark = source, remark
        if stand_in:
            self.tree.mkdir(parents=True, exist_ok=True)
            (self.tree / paths.STAND_IN).write_text(remark, encoding="utf-8")
            print(
                f"NOT THE DATA THAT WERE WANTED: {remark}. "
                "Nothing published is replaced by this run."
            )

    def _name(self, part: str) -> str:
        return f"{self.stem}-{part}" if part else self.stem

    def save_figure(self, figure: Figure, part: str = "") -> None:
        """Save as figures/STEM[-part].png and .pdf with a manifest row of its origin, and show it.

        The picture under the cell is the saved file. The figure is closed: make, finish and save it
        in one cell.
        """
        if self._remark:
            title = figure.get_suptitle()
            figure.suptitle(f"{title}\nData: {self._remark}".strip(), fontsize=7, color="firebrick")
        row = {
            "figure": self._name(part),
            "notebook": self.stem,
            "parameters": self.parameters,
            "seed": self.parameters.get("seed"),
            "dataset": self._data,
            "sha256": figures.save_figure(figure, paths.figures(self.tree), self._name(part)),
            "packages": figures.package_versions(),
            "processor": processor(),
        }
        self._manifest.append(row)
        path = paths.figures(self.tree) / f"{self.stem}.manifest.json"
        path.write_text(
            json.dumps(self._manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        figures.show(figure, path.with_name(f"{self._name(part)}.png"))

    def save_table(self, columns: dict[str, Any] | pd.DataFrame, part: str = "") -> None:
        """Save columns as data/processed/STEM[-part].csv, with 10 significant digits."""
        path = self._data_file(part, "csv")
        pd.DataFrame(columns).to_csv(path, index=False, float_format="%.10g", lineterminator="\n")

    def save_arrays(self, part: str = "", **arrays: np.ndarray) -> None:
        """Save arrays as data/processed/STEM[-part].npz; equal arrays give equal bytes."""
        np.savez(self._data_file(part, "npz"), allow_pickle=False, **arrays)

    def _data_file(self, part: str, suffix: str) -> Path:
        path = paths.processed(self.tree) / f"{self._name(part)}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def check(
        self,
        claim: str,
        values: ArrayLike,
        *,
        setting: str = "",
        null: ArrayLike | None = None,
        error: float = 0.0,
    ) -> None:
        """Hold a measurement against a claim of this notebook, by the criterion declared there.

        Args:
            claim: its id in data/claims.toml.
            values: what its criterion asks for: a number or a sample of runs (equals), numbers
                (bound), single runs (predictive), paired differences (difference), successes as
                booleans (exists, share).
            setting: under which of the claim's unstated settings this was measured, where several
                were tried; one call for each.
            null: single draws of the claim's null.
            error: standard error of a single number.

        Raises:
            LedgerError: an unknown claim or setting, a claim or setting that was checked before, a
                measurement that is not finite or not what the criterion asks for.
        """
        if claim not in self.claims:
            known = ", ".join(self.claims) or "none"
            raise ledger.LedgerError(
                f"{self.stem} has no claim {claim!r} in data/claims.toml; it has: {known}."
            )
        declared = self.claims[claim]
        self._findings.add(
            declared,
            setting,
            ledger.measure(declared, values, error),
            None if null is None else ledger.measure(declared, null),
        )
        ledger.write_records(
            ledger.record_file(self.tree, self.stem), self._findings.records(self._remark)
        )

    def verdicts(self) -> Styler:
        """What was measured beside what the source states, and the verdict: a row for each claim.

        A plain data frame would cut its texts after fifty characters. The fixed name of the table
        makes its HTML the same in every run.
        """
        judged = self._findings.judged()
        data = f"data: {self._remark}" if self._remark else ""
        rows = [
            {
                "claim": key,
                "stated": f"{ledger.show_number(claim.stated)} {claim.unit}".strip(),
                "criterion": ledger.show_criterion(claim),
                "measured": ledger.show_found(claim, dict(self._findings.found[key].measured)),
                "verdict": judged[key].verdict,
                "because": "; ".join(filter(None, (judged[key].because, data))),
            }
            for key, claim in self.claims.items()
            if key in judged
        ]
        if paths.output() == paths.build() / "interactive":
            print("Not published: these files are under build/interactive.", file=sys.stderr)
        table = Styler(pd.DataFrame(rows).set_index("claim"), uuid="verdicts", cell_ids=False)
        left = [("text-align", "left"), ("vertical-align", "top")]
        return table.format(escape="html").set_table_styles([{"selector": "th, td", "props": left}])
