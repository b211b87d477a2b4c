"""Campaigns: long computations of many independent tasks, whose records notebooks draw from.

A campaign is declared in campaigns/NN_slug.py (see `declaration`, and campaigns/README.md for a
page on how to write one) and computed by `python -m qdm_utils campaign`. Its records lie in
data/campaigns/NN_slug/, each with what it came from. A notebook asks for them with
`records_of(book)`, which refuses to mix records of different code; `Records.recompute` computes a
few of them again in the notebook.

Modules: `declaration` reads a campaign, `records` its records, `measure` is what a worker does,
`work` what the command does, `reading` what a notebook sees.
"""

from qdm_utils.companion.campaigns.declaration import Campaign, CampaignError, load, seed_of, stems
from qdm_utils.companion.campaigns.reading import Records, Result, check, records_of, what_counts
from qdm_utils.companion.campaigns.records import Record, Survey, survey
from qdm_utils.companion.campaigns.work import compute, prune, revalidate
