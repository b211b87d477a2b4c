"""The environment and the papers of the project: lock, conda file, Makefile, citation."""

import csv
import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from importlib.metadata import distributions, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
CARD = {
    "jupyterlab",
    "jupytext",
    "papermill",
    "strawberryfields",
    "thewalrus",
    "qiskit",
    "torch",
    "seaborn",
}
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}


def lock() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pinned = [
        re.fullmatch(r"([\w.-]+)==([\w.]+)", line)
        for line in lines
        if line and not line.startswith("#")
    ]
    assert all(pinned), "every line of the lock is NAME==VERSION"
    return {canonicalize_name(found[1]): found[2] for found in pinned}


def conda() -> dict[str, str]:
    document = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    pairs = [entry.split(" ") for entry in document["dependencies"] if entry not in ("pip",)]
    return {CONDA_NAMES.get(name, name): constraint for name, constraint in pairs}


def declared() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + project["optional-dependencies"]["test"]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def test_conda_and_lock_agree_and_name_every_direct_dependency():
    pinned, named = lock(), conda()
    assert named.pop("python") == ">=3.11,<3.13"
    assert named == {name: f"={pinned[name]}" for name in named}
    assert set(named) == set(declared())


def test_the_lock_satisfies_what_pyproject_declares():
    for name, requirement in declared().items():
        assert requirement.specifier.contains(lock()[name]), name


def test_the_packages_of_the_card_are_there_and_used():
    assert set(lock()) >= CARD
    files = [*ROOT.glob("qdm_utils/**/*.py"), *ROOT.glob("notebooks/*.py"), ROOT / "Makefile"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for name in CARD:
        assert re.search(rf"(import|from|RUN\)) {name}\b", text), (
            f"{name} is installed but not used"
        )


# `make env` leaves the lock beside what it installs; an environment made in another way keeps to
# the ranges of pyproject.toml.
of_make_env = pytest.mark.skipif(
    not (Path(sys.prefix) / "requirements.lock").exists(), reason="not installed by make env"
)


@of_make_env
def test_no_two_packages_install_the_same_file():
    owners = defaultdict(set)
    for package in distributions():
        name = package.name
        for file, *_ in csv.reader((package.read_text("RECORD") or "").splitlines()):
            owners[file].add(name)
    assert not {file: names for file, names in owners.items() if len(names) > 1}


@of_make_env
def test_this_environment_is_the_locked_one():
    for name, pinned in lock().items():
        assert version(name).split("+")[0] == pinned, name


def make(*arguments: str) -> subprocess.CompletedProcess:
    # The tests themselves run under make, which would leave its mark on this one.
    outer = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, capture_output=True, text=True, env=environment
    )


def test_a_python_outside_the_range_is_refused_with_one_sentence(tmp_path):
    """A stand-in that calls itself 3.13 and otherwise is this Python."""
    other = tmp_path / "python3.13"
    patch = "import sys; sys.version_info = (3, 13, 0); sys.argv = ['-c']; exec(code)"
    other.write_text(f"#!/bin/sh\nexec {sys.executable} -c \"code = '''$2'''; {patch}\"\n")
    other.chmod(0o755)
    done = make("env", f"PYTHON={other}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert "This project needs Python 3.11 or 3.12, but" in done.stderr
    assert "is 3.13; name another with make PYTHON=python3.12." in done.stderr
    assert "Traceback" not in done.stderr


def test_make_reinstalls_only_when_the_lock_changes(tmp_path):
    plan = ["-n", "env", f"VENV={tmp_path}"]
    assert "cmp -s requirements.lock" in make(*plan).stdout
    (tmp_path / "requirements.lock").write_bytes((ROOT / "requirements.lock").read_bytes())
    done = make("env", f"VENV={tmp_path}")
    assert (done.returncode, done.stdout) == (0, "")


def test_ci_runs_what_the_readme_tells_a_newcomer_to_run():
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"```\nmake figures.*\nmake test.*\n```", readme)


def test_links_of_the_readme_lead_somewhere():
    for page in ("README.md", "REPRODUCING.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8")):
            assert (ROOT / target).exists(), f"{page}: {target}"


def test_modules_that_the_readme_points_to_are_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)+\w+\.py)`", readme)
    assert "companion/runner/resume.py" in named
    for name in named:
        assert (ROOT / "qdm_utils" / name).exists(), name


def test_the_citation_file_has_what_the_format_demands():
    """The fields that version 1.2.0 of the Citation File Format requires, references included."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    for reference in citation["references"]:
        assert {"type", "title", "authors"} <= set(reference)
        for author in reference["authors"]:
            assert "name" in author or {"family-names", "given-names"} <= set(author)
    assert "2603.06488v1" in str(citation["references"])


def test_licences_are_there():
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "CC BY 4.0" in (ROOT / "LICENSE-CC-BY").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "pattern",
    [r"(?:^|[^\w.])/(?:work|farm|root|tmp|home)/\w", r"https?://(?:pypi|files\.pythonhosted)"],
)
def test_no_path_of_a_machine_and_no_registry_stands_in_a_tracked_file(pattern):
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    for name in files:
        if (ROOT / name).suffix in (
            ".py",
            ".md",
            ".toml",
            ".yml",
            ".yaml",
            ".ipynb",
            ".json",
            ".cff",
            ".lock",
            ".csv",
            "",
        ):
            text = (ROOT / name).read_text(encoding="utf-8")
            assert name.endswith("test_environment.py") or not re.search(pattern, text), name
