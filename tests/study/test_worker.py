"""Workers leave what they compiled for each other, and a user's own choice of a folder stands."""

from __future__ import annotations

import os

import pytest

from standoff.study.worker import WORTH_SHARING, share_compiled

FOLDER, LEAST = "JAX_COMPILATION_CACHE_DIR", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"


@pytest.mark.filterwarnings("default")
def test_compiled_programs_are_shared_in_the_folder_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (FOLDER, LEAST):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    share_compiled("shelf")
    assert (os.environ[FOLDER], os.environ[LEAST]) == ("shelf", WORTH_SHARING)


def test_a_users_own_folder_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, "mine")
    monkeypatch.setenv(LEAST, "2")
    share_compiled("shelf")
    assert (os.environ[FOLDER], os.environ[LEAST]) == ("mine", "2")
