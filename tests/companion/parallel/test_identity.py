"""What tells one process from another: every file of the package, by name and by content."""

from types import SimpleNamespace

import pytest

from qdm_utils.companion.parallel import identity


@pytest.fixture
def described(tmp_path, monkeypatch):
    """The description of our code, were the package the files given."""

    def describe(files: dict[str, str]) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        place = SimpleNamespace(submodule_search_locations=[str(folder)])
        monkeypatch.setattr("importlib.util.find_spec", lambda name: place)
        return identity.describer()(("numpy",))["qdm_utils"]

    return describe


def test_code_is_the_same_only_under_the_same_names_with_the_same_contents(described):
    one = described({"haar.py": "x = 1\n", "room/page.py": "y = 2\n"})
    assert described({"haar.py": "x = 1\n", "room/page.py": "y = 2\n"}) == one
    others = [
        {"haar.py": "x = 1\n", "room/page.py": "y = 3\n"},
        {"haar.py": "x = 1\n", "room/paged.py": "y = 2\n"},
        {"haar.py": "x = 1\n", "page.py": "y = 2\n"},
        {"haar.py": "x = 1\n"},
        {"haar.py": "x = 1\n", "room/page.py": "y = 2\n", "room/more.py": ""},
    ]
    assert one not in [described(files) for files in others]


def test_what_is_not_installed_is_nothing(described, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = identity.describer()(("numpy", "no-such-package"))
    assert found["qdm_utils"] == found["no-such-package"] == "nothing"
    assert found["numpy"] != "nothing"


@pytest.mark.parametrize("name", ["ATEN_CPU_CAPABILITY", "OPENBLAS_CORETYPE", "MKL_CBWR"])
def test_a_processor_that_is_imitated_is_another_one(name, monkeypatch):
    for each in identity.KERNELS:
        monkeypatch.delenv(each, raising=False)
    plain = identity.processor()
    monkeypatch.setenv(name, "old")
    assert identity.processor() == f"{plain} {name}=old"


def test_workers_are_compared_in_what_computes_and_not_in_what_tests():
    """The dependencies that pyproject.toml declares, and those alone."""
    names = identity.packages()
    assert {"numpy", "torch", "scipy"} <= set(names)
    assert not {"pytest", "hypothesis", "ruff", "psutil"} & set(names)
    there = dict.fromkeys(names, "1") | {"numpy": "2"}
    assert identity.difference(there, dict.fromkeys(names, "1")) == "numpy (2 there, 1 here)"
    assert identity.difference(there, there) == ""


def test_a_module_without_a_folder_has_no_code_to_compare(described, monkeypatch):
    none = described({})
    place = SimpleNamespace(submodule_search_locations=None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: place)
    assert identity.describer()(())["qdm_utils"] == none


@pytest.mark.parametrize(
    ("lines", "named", "told"),
    [
        (["processor\t: 0", "model name\t: A: fast", "model name\t: B"], "one", "A: fast"),
        (["processor\t: 0"], "one", "one"),
        (None, "", "machine"),
    ],
)
def test_a_processor_is_named_by_the_system_or_else_by_its_kind(monkeypatch, lines, named, told):
    def read(path, **_):
        if lines is None:
            raise FileNotFoundError
        return "\n".join(lines)

    for name in identity.KERNELS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(identity.Path, "read_text", read)
    monkeypatch.setattr(
        identity, "platform", SimpleNamespace(processor=lambda: named, machine=lambda: "machine")
    )
    assert identity.processor() == told
