"""The conductor: a run from start to end, resumable, with progress and provenance; no arithmetic."""

from standoff.study.conductor import DEFAULT_SEED, Pages, Picture, Run, assess
from standoff.study.progress import Listener, Progress

__all__ = ["DEFAULT_SEED", "Listener", "Pages", "Picture", "Progress", "Run", "assess"]
