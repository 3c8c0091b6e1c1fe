"""The house keeps its own rules: light imports, one direction, complete reference pages, nothing of this machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from standoff.cli import reference
from standoff.cli.group import COMMANDS
from standoff.record.claims_schema import Test as TestKinds
from standoff.record.codes import CODES

ROOT = Path(__file__).parents[1]
HEAVY = ("numpy", "pydantic", "xarray", "polars", "scipy", "jax", "ruamel", "rich", "pandas", "jinja2")


def loaded_after(statement: str) -> set[str]:
    """Names of the heavy packages that a fresh interpreter has loaded after the statement."""
    code = f"import sys\ntry:\n    {statement}\nexcept SystemExit: pass\nprint(*sys.modules, sep='\\n', file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split()) & set(HEAVY)


@pytest.mark.parametrize(
    "statement",
    [
        "import standoff",
        "import standoff.cli; sys.argv = ['standoff', '--help']; standoff.cli.main()",
        "import standoff.cli; sys.argv = ['standoff', 'assess', '--help']; standoff.cli.main()",
        "import standoff.study",
        "import standoff.api",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_used(statement: str) -> None:
    assert loaded_after(statement) == set()


def test_check_loads_nothing_that_computes() -> None:
    statement = "import standoff.record as r; r.check_case(r.find_case('gaza-2023-2025'))"
    assert loaded_after(statement) <= {"pydantic", "ruamel"}


def test_the_public_face_is_whole() -> None:
    import standoff

    assert set(standoff.__all__) <= set(dir(standoff))
    for name in standoff.__all__:
        assert callable(getattr(standoff, name))
    assert re.fullmatch(r"\d+\.\d+\.\d+", standoff.__version__)
    with pytest.raises(AttributeError):
        _ = standoff.nothing


def test_rooms_import_in_one_direction() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_command_line_reference_is_current() -> None:
    assert (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8") == reference.page(), "run `make docs`"


def test_every_command_has_an_example() -> None:
    assert reference.EXAMPLES.keys() == COMMANDS.keys()


def test_every_setting_has_an_entry() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    options = set(re.findall(r"`(--[a-z-]+)", (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")))
    missing = {option for option in options - {"--help", "--json"} if f"`{option}`" not in page}
    assert not missing


def test_every_kind_of_test_has_an_entry() -> None:
    page = (ROOT / "docs/reference/tests.md").read_text(encoding="utf-8")
    kinds = {get_args(kind.model_fields["test"].annotation)[0] for kind in get_args(get_args(TestKinds)[0])}
    assert len(kinds) >= 7
    assert not {kind for kind in kinds if f"`{kind}`" not in page}


def test_every_mistake_has_an_entry() -> None:
    page = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
    assert not {code for code in CODES if f"`{code}`" not in page}


# Written apart so that this file does not hold what it looks for.
FORBIDDEN = [
    re.compile(pattern)
    for pattern in (
        "/" + "work" + r"/(main|shared|\.library)",
        "/" + r"root\b",
        "/" + r"home/[a-z]",
        "/" + r"tmp/[a-z]",
        "pypi" + r"\.org",
        "files\\." + "pythonhosted",
        "--index" + "-url",
        "find" + r"-links\s",
        r"\b(Clau" + r"de|Chat" + r"GPT|Co" + r"pilot)\b",
    )
]
ALLOWED = {"Makefile"}  # names the options that keep a registry's host out of the locks


def committed() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and name not in ALLOWED]


def test_nothing_committed_speaks_of_this_machine() -> None:
    found = []
    for path in committed():
        if not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [
            f"{path.relative_to(ROOT)}: {hit.group()}" for look in FORBIDDEN for hit in look.finditer(text)
        ]
    assert not found


def test_no_committed_file_is_large() -> None:
    large = {
        path.name: path.stat().st_size
        for path in committed()
        if path.is_file() and path.stat().st_size > 2_000_000
    }
    assert not large
