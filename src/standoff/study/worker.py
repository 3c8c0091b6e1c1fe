"""One part of one claim tested, or the models fitted to the record; in this process or in a worker's."""

from __future__ import annotations

import base64
import json
import multiprocessing
import multiprocessing.connection
import multiprocessing.queues
import os
import threading
import time
import warnings
from collections.abc import Callable
from multiprocessing.synchronize import Event as Signal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from standoff.inference.informed import Informed
    from standoff.record.rows import Record

SAY_EVERY = 0.25  # seconds between words on one part's progress
LOOK_EVERY = 0.2
WORTH_SHARING = "0.3"  # seconds of compiling from which a program is left for the other workers


class Said(NamedTuple):
    """What a test says of itself: ``done`` of ``total`` in ``phase``, by the id of its part."""

    part: str
    phase: str
    done: int
    total: int


class Job(NamedTuple):
    """What all tasks of a run share: the record, the root seed, and priors from elsewhere where they were given."""

    record: Record
    seed: int
    informed: Informed | None = None


class _Desk(NamedTuple):
    job: Job
    say: Callable[[Said], None]


_desk: list[
    _Desk
] = []  # filled once in each worker process, so that the record crosses once and not with each part


def run(job: Job, claim_id: str, part_id: str, say: Callable[[Said], None]) -> bytes:
    """The result of a part, or of the models where no claim is named, as JSON."""
    last = 0.0

    def tell(phase: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SAY_EVERY:
            last = time.monotonic()
            say(Said(part_id, phase, done, total))

    one_thread_each()
    if claim_id:
        return _test(job.record, job.seed, claim_id, part_id, tell)
    if part_id == "informed":
        return _learn_informed(job, tell)
    return _learn(job.record, job.seed, part_id, tell)


def one_thread_each() -> None:
    """Keep compiled arrays to one thread, before they are loaded: processes share the cores, and sums keep their order."""
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_cpu_multi_thread_eigen" not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()


def share_compiled(shelf: str) -> None:
    """Read and leave compiled programs in a folder, before they are loaded; a user's own choice of a folder stands.

    A program that another process is just writing cannot be read: it is compiled here, which needs no warning.
    """
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", shelf)
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", WORTH_SHARING)
    warnings.filterwarnings("ignore", message="Error .*persistent compilation cache")


def _learn(record: Record, seed: int, task: str, tell: Callable[[str, int, int], None]) -> bytes:
    """What the reduced form says, or the game under the rival that the task names; with the posterior as a file."""
    if task == "models":
        return _learn_twin(record, seed, tell)
    kind, _, name = task.partition("-")
    tell("game", 0, 1)
    return _learn_game(record, seed, name, kind == "quick")


def _learn_twin(record: Record, seed: int, tell: Callable[[str, int, int], None]) -> bytes:
    from standoff.inference.learn import learn, named
    from standoff.inference.posterior_files import twin_file
    from standoff.inference.twin_data import twin_data
    from standoff.panel.weekly import weekly_record
    from standoff.study.codec import learned_to_json

    data = twin_data(weekly_record(record))
    lesson = learn(data, record.case.id, seed, tell)
    file = twin_file(lesson.everything, data, record.case.id, seed, named(seed, "file"))
    return _with_file(learned_to_json(lesson.learned), f"twin-{lesson.everything.rival}", file)


def _learn_informed(job: Job, tell: Callable[[str, int, int], None]) -> bytes:
    from standoff.inference.informed import learn_informed
    from standoff.inference.twin_data import twin_data
    from standoff.panel.weekly import weekly_record
    from standoff.study.codec import informed_to_json

    assert job.informed is not None
    tell("priors from elsewhere", 0, 1)
    found = learn_informed(twin_data(weekly_record(job.record)), job.informed, job.seed)
    return _with_file(informed_to_json(found), "informed", b"")


def _learn_game(record: Record, seed: int, name: str, quick: bool) -> bytes:
    from standoff.inference.game_results import learn_game
    from standoff.inference.posterior_files import game_file
    from standoff.panel.weekly import weekly_record
    from standoff.study.codec import game_to_json

    found, fitted = learn_game(weekly_record(record), name, quick, seed)
    file = b"" if fitted is None else game_file(fitted, record.case.id, seed)
    return _with_file(game_to_json(found), f"game-{name}", file)


def _with_file(found: bytes, name: str, file: bytes) -> bytes:
    """A result beside its posterior file, as JSON."""
    stored = {"found": json.loads(found), "file": {"name": name, "data": base64.b64encode(file).decode()}}
    return json.dumps(stored).encode()


def _test(
    record: Record, seed: int, claim_id: str, part_id: str, tell: Callable[[str, int, int], None]
) -> bytes:
    from standoff.claims import run_part
    from standoff.study.codec import part_to_json

    claim = next(claim for claim in record.claims.claims if claim.id == claim_id)
    part = next(part for part in claim.parts if part.id == part_id)
    return part_to_json(run_part(record, claim, part, seed, tell))


def begin(job: Job, said: multiprocessing.queues.Queue[Said], stop: Signal, shelf: str | None = None) -> None:
    """Set up a worker process: its job, a shelf of compiled programs, and an end when the run is stopped or its parent is gone."""
    if shelf is not None:
        share_compiled(shelf)
    _desk.append(_Desk(job, said.put))
    threading.Thread(target=_leave_with_parent, args=(stop,), daemon=True).start()


def work(claim_id: str, part_id: str) -> tuple[bytes, float]:
    """Test one part in a worker process; the result as JSON and the seconds that it took."""
    start = time.monotonic()
    job, say = _desk[0]
    return run(job, claim_id, part_id, say), time.monotonic() - start


def _leave_with_parent(stop: Signal) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    while not stop.is_set():
        if multiprocessing.connection.wait([parent.sentinel], timeout=LOOK_EVERY):
            break
    os._exit(1)
