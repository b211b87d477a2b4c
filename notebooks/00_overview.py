# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,-all
#     formats: ipynb,py:percent
#     notebook_metadata_filter: kernelspec,jupytext,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 00 · What reproduces and what does not, claim by claim
#
# Four sources tell what quantum diffusion models can do. This page puts each checkable statement of theirs
# (`data/claims.toml`) beside what the notebooks found (`data/processed/*.ledger.json`). It computes nothing and runs last.
#
# A verdict answers one question: does the statement come out here?
#
# | verdict | meaning |
# |---|---|
# | reproduced | yes, within the tolerance that stands beside it, under the condition named there |
# | reproduced beyond the source | yes, and more generally than the source claims |
# | differs | no, under none of the settings that we tried |
# | hinges on a setting | yes under the reading or setting named beside it, which the source leaves open, and not under another |
# | unresolved | our experiment cannot tell; the reason says what would |
# | source inconsistent | the source says two things that exclude each other |
# | not checkable | the source does not determine what to compute |
#
# A row counts a statement, not the weight of the evidence: several rows may rest on one measurement, and counts and
# definitions are among them. A number "holds to 1e-12" when what is left is rounding.
#
# **Writes** the figure `00_overview` and the whole table as `.csv`. Takes a few seconds.

# %%
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from qdm_utils.companion import Book, ledger, paths
from qdm_utils.companion.figures import COLUMN

# %% tags=["parameters"]
show_pending: bool = False  # list also the claims whose notebook has not been written yet

# %%
book = Book("00_overview", globals())
table = pd.DataFrame(ledger.shown_table(paths.records()))
book.save_table(table)

# %% [markdown]
# ## Verdicts by notebook

# %%
order = [name for name in (*ledger.VERDICTS, ledger.PENDING) if name in set(table["verdict"])]
counts = table.groupby(["notebook", "verdict"]).size().unstack(fill_value=0)[order]
counts

# %%
shades = [
    sns.color_palette("colorblind")[k] for k in (2, 9, 3, 1, 7, 4, 5)
]  # green reproduces, red differs
colours = dict(zip((*ledger.VERDICTS, ledger.PENDING), [*shades, "0.88"], strict=True))
figure, axes = plt.subplots(figsize=(COLUMN, 0.8 + 0.19 * len(counts)))
left = 0
for verdict in order:
    axes.barh(counts.index, counts[verdict], left=left, color=colours[verdict], label=verdict)
    left = left + counts[verdict]
axes.invert_yaxis()
axes.set_xlabel("number of claims")
figure.legend(loc="outside upper center", ncols=2, fontsize=6)
book.save_figure(figure)

# %% [markdown]
# ## Every claim that has been checked

# %%
listed = table if show_pending else table[table["verdict"] != ledger.PENDING]
columns = ["notebook", "claim", "statement", "stated", "found", "unit", "verdict", "condition"]
listed[columns].style.set_uuid("ledger").hide(axis="index").set_properties(**{"text-align": "left"})
