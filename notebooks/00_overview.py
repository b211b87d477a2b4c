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
# # 00 · What holds and what does not, source by source
#
# Four sources tell what quantum diffusion models can do: a theory paper, an explanation of it in everyday language, a
# research log and a project report. The other notebooks let you see each of their results happen. This page holds every
# checkable statement of theirs beside what was measured. It computes nothing new and runs last.
#
# **How a verdict comes about.** Beside each claim stands a criterion, with its reason and with everything that the source
# leaves open (`data/claims.toml`). A notebook hands over what it measured, and nothing else; the verdict follows. A number
# read from one run of theirs is held against single runs of ours. Nobody is contradicted before every fair setting that
# was declared has been tried, and what our experiment cannot tell is called unresolved.

# %%
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from qdm_utils.companion import Book, ledger, paths
from qdm_utils.companion.figures import COLUMN

# %% tags=["parameters"]
show_pending: bool = False  # list also the claims whose measurement has not been made yet

# %% [markdown]
# ## From rows to counts
#
# A row is a claim. Several claims may be settled by one and the same measurement, and such a group counts once. What holds
# by definition, a count or an identity, has been checked and is no evidence.

# %%
book = Book("00_overview", globals())
rows = ledger.table(paths.records())
table = pd.DataFrame(rows)
book.save_table(table)

measurements = table.drop_duplicates(["verdict", "measurement"])
order = [verdict for verdict in ledger.VERDICTS if verdict in set(table["verdict"])]
counts = measurements.groupby(["source", "verdict"]).size().unstack(fill_value=0)[order]
counts

# %%
print(ledger.totals_line(rows))

# %% [markdown]
# What the verdicts mean:

# %%
meanings = pd.Series({verdict: ledger.VERDICTS[verdict] for verdict in order}, name="when")
meanings.to_frame().style.set_uuid("verdicts").set_properties(**{"text-align": "left"})

# %% [markdown]
# ## Notebook by notebook
#
# Blue is for what comes out, grey for what is no evidence or cannot be told, and orange for what hangs on a setting. Red,
# pink and brown are for what does not come out.

# %%
palette = sns.color_palette("colorblind")
colours = {
    "confirmed": palette[0],
    "ordinary draw": palette[9],
    "by definition": "0.80",
    "hinges on a setting": palette[1],
    "unresolved": "0.60",
    "contradicted": palette[3],
    "refuted": palette[4],
    "inconsistent": palette[5],
    "not checkable": "0.90",
    "pending": "1.00",
}
by_notebook = measurements.groupby(["notebook", "verdict"]).size().unstack(fill_value=0)[order]
figure, axes = plt.subplots(figsize=(COLUMN, 0.9 + 0.19 * len(by_notebook)))
left = 0
for verdict in order:
    axes.barh(
        by_notebook.index,
        by_notebook[verdict],
        left=left,
        color=colours[verdict],
        edgecolor="0.3",
        linewidth=0.3,
        label=verdict,
    )
    left = left + by_notebook[verdict]
axes.invert_yaxis()
axes.set_xlabel("measurements")
figure.legend(loc="outside upper center", ncols=2, fontsize=6)
book.save_figure(figure)

# %% [markdown]
# ## What does not come out
#
# The strongest words of the ledger. A contradicted claim carries its best case, a refuted one the law that excludes it, an
# inconsistent one the two places.

# %%
SHOWN = ["notebook", "statement", "stated", "unit", "criterion", "found", "verdict", "because"]


def shown(verdicts, name):
    """The claims with these verdicts, whole and without an index."""
    chosen = table[table["verdict"].isin(verdicts)][SHOWN]
    return chosen.style.set_uuid(name).hide(axis="index").set_properties(**{"text-align": "left"})


shown(["contradicted", "refuted", "inconsistent"], "against")

# %% [markdown]
# ## What hangs on something that the source leaves open

# %%
shown(["hinges on a setting"], "hinges")

# %% [markdown]
# ## What we cannot tell yet

# %%
shown(["unresolved", "pending"] if show_pending else ["unresolved"], "unresolved")

# %% [markdown]
# All claims, one by one, stand in [docs/ledger.md](../docs/ledger.md).
