"""What a result depends on besides its inputs: Python, the packages imported here, our own code."""

import os
import platform
import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "qdm-companion"
# With these, linear algebra runs as it would on another processor, down to its last digits.
KERNELS = ("ATEN_CPU_CAPABILITY", "OPENBLAS_CORETYPE", "MKL_CBWR")


def packages() -> tuple[str, ...]:
    """Names of the packages that this one declares as its dependencies, test tools aside.

    Raises:
        RuntimeError: this package is importable but was never installed, so that nothing tells what
            it needs.
    """
    try:
        declared = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        raise RuntimeError(f"{DISTRIBUTION} is not installed: pip install --no-deps -e .") from None
    needed = [line for line in declared if "extra ==" not in line]
    return tuple(sorted(re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed))


def describer() -> Callable[[tuple[str, ...]], dict[str, str]]:
    """A function that describes the process it runs in: what to compare, and its version there.

    It is made here, and imports what it needs, so that it travels to another process as its own
    code. By its name it would be looked up in the other side's copy of this package, which is what
    is in question.
    """

    def describe(names: tuple[str, ...]) -> dict[str, str]:
        import hashlib
        import importlib.util
        import platform
        from importlib import metadata
        from pathlib import Path

        found = {"Python": ".".join(platform.python_version_tuple()[:2])}
        for name in names:
            try:
                # A build tag such as +cpu is no other version.
                found[name] = metadata.version(name).split("+")[0]
            except metadata.PackageNotFoundError:
                found[name] = "nothing"
        place = importlib.util.find_spec("qdm_utils")
        code = hashlib.sha256()
        for folder in (place.submodule_search_locations or []) if place else []:
            for path in sorted(Path(folder).rglob("*.py")):
                code.update(
                    path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
                )
        return found | {"qdm_utils": f"code {code.hexdigest()[:12]}" if place else "nothing"}

    return describe


def difference(there: dict[str, str], here: dict[str, str]) -> str:
    """What differs between two descriptions, in words; empty if nothing does.

    >>> difference({"numpy": "2.2.5", "torch": "2.13.0"}, {"numpy": "2.2.6", "torch": "2.13.0"})
    'numpy (2.2.5 there, 2.2.6 here)'
    """
    names = [name for name in here if there.get(name) != here[name]]
    return ", ".join(
        f"{name} ({there.get(name, 'nothing')} there, {here[name]} here)" for name in names
    )


def processor() -> str:
    """The name of the processor, as the system tells it, and how libraries were told to use it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    told = [f"{name}={os.environ[name]}" for name in KERNELS if name in os.environ]
    return " ".join([next(named, platform.processor() or platform.machine()), *told])
