"""What a declaration says: tasks, seeds that stay theirs, and a hash of the code that counts."""

import json

import numpy as np
import pytest

from qdm_utils.companion.campaigns import CampaignError, declaration, load, seed_of, what_counts
from qdm_utils.companion.campaigns.declaration import select

FUNCTIONS = ("grid", "run", "probe", "small", "seconds")

STEM = "01_line"


def spawn_keys(**parameters):
    defaults = {"height": 1.0, "count": 4, "seed": 7}
    tasks = load(STEM, defaults | parameters).tasks
    return {name: (task.seed.entropy, task.seed.spawn_key) for name, task in tasks.items()}


def test_the_tasks_are_those_of_the_notebooks_parameters(campaigns):
    campaign = load(STEM)
    assert list(campaign.tasks) == ["line-0", "line-1", "line-2", "line-3"]
    assert campaign.tasks["line-2"].values == {"k": 2, "height": 1.0, "seeds": ["line", 2]}
    assert campaign.default
    assert not load(STEM, {"height": 1.0, "count": 2, "seed": 7}).default


def test_a_task_keeps_its_seed_when_the_grid_changes_and_tasks_of_a_group_share_it(campaigns):
    four = spawn_keys()
    assert len(set(four.values())) == 4
    six = spawn_keys(count=6)
    assert {name: six[name] for name in four} == four
    assert spawn_keys(seed=8)["line-0"] == (8, four["line-0"][1])
    campaigns.declare(('["line", k]', '["line"]'))
    assert len(set(spawn_keys().values())) == 1
    campaigns.declare((', "seeds": ["line", k]', ""))
    assert len(set(spawn_keys().values())) == 4


def test_words_in_a_seed_group_are_32_bits_of_their_hash_for_ever():
    """Another number would make every record one of another grid."""
    assert seed_of(7, ["line", 2]).spawn_key == (950649319, 2)
    assert len({seed_of(7, [f"word-{k}"]).spawn_key for k in range(1000)}) == 1000


def test_whole_numbers_in_a_seed_group_are_children_as_numpy_spawns_them(campaigns):
    campaigns.declare(('["line", k]', "[3, k]"))
    task = load(STEM).tasks["line-2"]
    child = np.random.SeedSequence(7).spawn(4)[3].spawn(3)[2]
    assert (task.seed.generate_state(4) == child.generate_state(4)).all()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("One line.", "One long line."),
        ('"""Lines."""', '"""Lines and more."""\n# a comment'),
        ("10.0 + task", "20.0 + task"),
        ('{"small": True}', '{"tiny": True}'),
        ("spawn(0, 1)", "spawn(0, 2)"),
        ("def grid(height, count, seed):", "def grid(height, count, seed):\n    seed"),
        ('1e-9, "result"', '1e-8, "result"'),
    ],
)
def test_what_cannot_change_a_result_does_not_count(campaigns, old, new):
    before = load(STEM).code
    campaigns.declare((old, new))
    assert load(STEM).code == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FACTOR = 2.0", "FACTOR = 3.0"),
        ("normal(size=3)", "uniform(size=3)"),
        ("0 * k", "1 * k"),
        ("(seed).normal()", "(seed).uniform()"),
        ("FACTOR * task", "len(spawn(seed, 2)) * task"),
    ],
)
def test_whatever_run_and_probe_can_reach_counts(campaigns, old, new):
    before = load(STEM).code
    campaigns.declare((old, new))
    assert load(STEM).code != before


@pytest.mark.parametrize("default", [True, False])
def test_a_notebook_owes_its_results_to_more_of_a_declaration_than_a_record_does(
    campaigns, default
):
    def counted(*changes):
        campaigns.declare(*changes)
        return json.dumps(what_counts(STEM, default))

    before = counted()
    for same in (("One line.", "One long line."), ("10.0 +", "20.0 +"), ("(0, 1)", "(0, 2)")):
        assert counted(same) == before, same
    average = "def unused():\n    return spawn(0, 1)", "def summary(result):\n    return {}"
    for other in (
        ("FACTOR = 2.0", "FACTOR = 3.0"),
        ("(seed).normal()", "(seed).uniform()"),
        ("range(count)", "range(1, count)"),
        ('{"small": True}', '{"tiny": True}'),
        ('1e-9, "result"', '1e-8, "result"'),
        average,
    ):
        assert counted(other) != before, other


def test_the_records_count_where_they_are_read_with_every_byte(campaigns):
    def counted(default):
        return json.dumps(what_counts(STEM, default))

    before = counted(True), counted(False)
    assert campaigns.run() == 0
    assert counted(False) == before[1]
    whole = counted(True)
    assert whole != before[0]
    path = campaigns.folder / "line-1.json"
    path.write_text(path.read_text() + "\n")
    assert counted(True) != whole
    path.write_text(path.read_text()[:-1])
    assert counted(True) == whole
    (campaigns.folder / "line-3.json").rename(campaigns.folder / "line-3.jsons")
    assert counted(True) != whole
    assert what_counts("02_other", True) == []


def test_pins_are_found_under_the_name_of_their_distribution(campaigns):
    lock = campaigns.project.root / "requirements.lock"
    lock.write_text(
        "# numpy==1.0\nNumPy==2.2.6 ; python_version > '3'\nscikit-learn==1.7.2 \\\n"
        "    --hash=sha256:0\npillow==12.0.0;extra\nPOT==0.9.6\nscikit-image==0.25.2\n"
    )
    campaigns.declare(
        ("    return 0 * k", "    import PIL, ot, skimage, sklearn\n\n    return 0 * k")
    )
    pins = {"numpy": "2.2.6", "scikit-learn": "1.7.2", "pillow": "12.0.0"}
    assert load(STEM).packages == pins | {"pot": "0.9.6", "scikit-image": "0.25.2"}


def test_a_build_is_no_other_version(monkeypatch):
    monkeypatch.setattr(declaration.metadata, "version", {"torch": "2.13.0+cpu"}.get)
    assert declaration.installed({"torch": "2.12.0"}) == {"torch": "2.13.0"}


def test_a_notebook_without_a_seed_can_have_no_campaign(campaigns):
    campaigns.project.notebook(STEM)
    with pytest.raises(CampaignError, match="01_line must have a parameter `seed` for its campai"):
        load(STEM)


def test_packages_count_with_their_pins_if_they_can_be_reached(campaigns):
    campaign = load(STEM)
    assert campaign.packages == {"numpy": "2.2.6"}
    campaigns.declare(("FACTOR * task", "generator(seed).seed() * task"))
    assert load(STEM).packages == {"numpy": "2.2.6", "torch": "2.13.0"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        *((f"def {name}(", f"def {name[1:]}(", f"must define {name}") for name in FUNCTIONS),
        ("TOLERANCE =", "BAND =", "must define TOLERANCE"),
        ('f"line-{k}":', 'f"line {k}":', "'line 0' cannot name a task and its file"),
        ('f"line-{k}":', 'f"../line-{k}":', "cannot name a task"),
        ('f"line-{k}":', '"revalidated":', "cannot name a task"),
        ('"k": k', '"k": np.arange(3)', "give what JSON can hold"),
        ('"k": k', '"k": np.nan', "give what JSON can hold"),
        ('{"k": k, "height": height, "seeds": ["line", k]}', "[k]", "'line-0' must be a dict"),
        (
            "def grid(height, count, seed)",
            "def grid(height, seed)",
            "take the notebook's parameters",
        ),
        ('"""Lines."""', '"""Lines."""\n1 / 0', "cannot be loaded: ZeroDivisionError"),
        ('"""Lines."""', "def (", "cannot be loaded: SyntaxError"),
    ],
)
def test_a_declaration_that_says_too_little_is_refused_in_one_sentence(
    campaigns, capsys, old, new, said
):
    campaigns.declare((old, new))
    assert campaigns.run() == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not campaigns.folder.exists()


def test_campaigns_are_selected_like_notebooks(campaigns):
    campaigns.file.with_name("02_point.py").write_text("")
    assert select([]) == [STEM, "02_point"]
    assert select(["02", STEM]) == [STEM, "02_point"]
    assert (select(["02"]), select([STEM])) == (["02_point"], [STEM])
    with pytest.raises(CampaignError, match=r"no campaign '03'; the campaigns are: 01_line, 02_p"):
        select(["03"])
