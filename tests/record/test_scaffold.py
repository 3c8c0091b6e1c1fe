"""The worked example: complete, without mistakes, of use to every test, and never written over anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from standoff.errors import CaseError, SettingsError
from standoff.record import check_case, find_case, load_case, scaffold_case, shipped_cases
from standoff.record.case_schema import CaseFrame
from standoff.record.claims_schema import ClaimList


def test_the_example_has_no_mistake_and_shows_every_part(tmp_path: Path) -> None:
    scaffold_case(tmp_path / "my-case")
    assert check_case(tmp_path / "my-case") == ()
    record = load_case(tmp_path / "my-case")
    shown = record.case.model_fields_set
    assert shown == set(CaseFrame.model_fields) - {"step", "game"}
    assert record.claims.model_fields_set == set(ClaimList.model_fields)
    used = {test.test for claim in record.claims.claims for part in claim.parts for test in part.tests}
    assert used >= {"order", "multiverse", "tell", "ledger", "share"}
    assert all(
        (record.events, record.positions, record.series, record.sources, record.ledger, record.judgements)
    )
    extension = [event for event in record.events if event.date > record.case.period.end]
    assert extension, "the example shows what the extension is"


def test_the_block_of_the_game_is_there_to_be_uncommented(tmp_path: Path) -> None:
    folder = tmp_path / "my-case"
    scaffold_case(folder)
    text = (folder / "case.yaml").read_text(encoding="utf-8")
    begin, end = text.index("# game:"), text.index("\n\n", text.index("# game:"))
    block = "\n".join(line.removeprefix("# ") for line in text[begin:end].splitlines())
    (folder / "case.yaml").write_text(text[:begin] + block + text[end:], encoding="utf-8")
    assert check_case(folder) == ()
    assert load_case(folder).case.game is not None


def test_nothing_in_the_example_is_invented_fact(tmp_path: Path) -> None:
    scaffold_case(tmp_path / "case")
    record = load_case(tmp_path / "case")
    assert all(event.person == "" for event in record.events)
    assert all("example" in source.label.lower() for source in record.sources)
    assert all(source.address.startswith("https://example.org/") for source in record.sources)


@pytest.mark.parametrize(
    ("name", "id_"),
    [("my-case", "my-case"), ("2024 talks", "talks"), ("日本", "example"), ("a" * 100, "a" * 64)],
)
def test_the_case_is_called_after_its_folder(tmp_path: Path, name: str, id_: str) -> None:
    scaffold_case(tmp_path / name)
    assert load_case(tmp_path / name).case.id == id_


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    scaffold_case(tmp_path)
    assert check_case(tmp_path) == ()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for taken in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(SettingsError):
            scaffold_case(taken)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SettingsError):
        scaffold_case(tmp_path / "link")


@pytest.mark.parametrize("name", ["x" * 300, "nul\0byte"])
def test_names_that_no_folder_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises((SettingsError, CaseError)):
        scaffold_case(tmp_path / name)


def test_find_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from standoff.errors import NotFoundError

    monkeypatch.chdir(tmp_path)
    scaffold_case(Path("mine"))
    assert find_case("mine") == Path("mine")
    assert find_case(str(tmp_path / "mine")) == tmp_path / "mine"
    (shipped, *_) = shipped_cases()
    Path(shipped).mkdir()
    assert (find_case(shipped) / "case.yaml").is_file(), "an unrelated folder does not hide a shipped case"
    for wrong in (shipped[:-1], "x" * 5000, "nul\0", "", "../" * 50 + "nope"):
        try:
            find_case(wrong)
        except NotFoundError as error:
            assert error.what and error.why and error.do
            if wrong == shipped[:-1]:
                assert f"did you mean `{shipped}`?" in error.do
        else:
            assert wrong == ""
