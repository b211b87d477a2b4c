"""Where things are: in the project, under build/, or where the environment says."""

import pytest

from qdm_utils.companion import paths


@pytest.mark.parametrize(
    ("variable", "place", "default"),
    [
        ("QDM_OUTPUT", paths.output, "build/interactive"),
        ("QDM_RECORDS", paths.records, "."),
    ],
)
def test_a_place_is_the_projects_own_or_the_one_that_is_named(
    project, monkeypatch, variable, place, default
):
    assert place() == project.root / default
    monkeypatch.setenv(variable, str(project.root / "elsewhere"))
    assert place() == project.root / "elsewhere"


def test_the_root_is_named_or_else_the_checkout_of_this_package(project, monkeypatch):
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("QDM_ROOT", ".")
    assert paths.root() == project.root.resolve()
    monkeypatch.delenv("QDM_ROOT")
    assert (paths.root() / "qdm_utils/companion/paths.py").samefile(paths.__file__)


@pytest.mark.parametrize(
    ("tree", "beside"),
    [(".", "build/stand-in"), ("build/verify", "build/stand-in"), ("build/smoke", "build/smoke")],
)
def test_what_other_data_gave_never_lies_among_what_others_rely_on(project, tree, beside):
    assert paths.stand_in(project.root / tree) == project.root / beside


def test_the_data_of_this_machine_are_a_named_folder_and_the_files_downloaded(project, monkeypatch):
    monkeypatch.setenv("QDM_DATA", "/somewhere")
    assert paths.data_here() == ["/somewhere"]
    folder = project.root / "data/raw/mnist"
    folder.mkdir(parents=True)
    for name in ("train.gz", "test.gz"):
        (folder / name).touch()
    assert paths.data_here() == ["/somewhere", "mnist/test.gz", "mnist/train.gz"]
    monkeypatch.delenv("QDM_DATA")
    assert paths.data_here()[0] == ""
