"""The root of the exception tree; every door prints what, why and what to do."""

from __future__ import annotations


class StandoffError(Exception):
    """Say what is wrong, why, and what to do; every door prints these three and ends with exit code 2."""

    def __init__(self, what: str, why: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.do = do
