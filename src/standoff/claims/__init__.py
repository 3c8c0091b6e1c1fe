"""What is said: tests of claims, weight of evidence, the coding multiverse, and verdicts by rules fixed beforehand."""

from standoff.claims.conclude import conclude
from standoff.claims.part import run_part

__all__ = ["conclude", "run_part"]
