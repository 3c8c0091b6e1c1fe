"""Every part of every claim tested, and the models fitted: in this process or in several, each result stored as it comes.

The unit of work is one part of one claim, or the models of the record as a whole; its randomness comes from the root seed split by name inside the claims
room, so neither the order of work nor the number of processes can reach a result.
"""

from __future__ import annotations

import base64
import hashlib
import json
import multiprocessing
import signal
import time
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import replace
from queue import Empty
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from standoff.errors import RunError
from standoff.inference.learned import with_game
from standoff.study import worker
from standoff.study.codec import game_from_json, informed_from_json, learned_from_json, part_from_json
from standoff.study.folder import RunFolder, read_json
from standoff.study.identity import canonical
from standoff.study.progress import Listener, Progress
from standoff.study.timings import Timings

if TYPE_CHECKING:
    from standoff.claims.results import PartResult
    from standoff.inference.informed import Informed
    from standoff.inference.learned import Learned
    from standoff.record.rows import Record

LISTEN = 0.2  # seconds between looks at what the workers say


class Task(NamedTuple):
    claim: str
    part: str

    @property
    def file(self) -> str:
        return f"steps/parts/{self.claim}/{self.part}.json" if self.claim else f"steps/{self.part}.json"


MODELS = Task("", "models")
RIVALS = ("M7", "M5", "M6", "M12", "M3", "M4", "M1", "M2", "M0")  # of the game, the dearest first
DEAREST = "M7"


INFORMED = Task("", "informed")


def model_tasks(full: bool, informed: bool = False) -> list[Task]:
    """The reduced form, and the game under each rival: in full with its posterior sampled, or quickly, and then without the
    model of all together, whose games take too long for a quick fit; with priors from elsewhere the reduced form under those too."""
    games = [
        Task("", f"full-{name}" if full else f"quick-{name}") for name in RIVALS if full or name != DEAREST
    ]
    return [MODELS, *games, *([INFORMED] if informed else [])]


class Tested(NamedTuple):
    """Results of parts by claim id, in the case's order, and what the models say; None where none was to be fitted."""

    parts: dict[str, tuple[PartResult, ...]]
    learned: Learned | None
    files: Mapping[str, bytes]


def run_parts(
    folder: RunFolder,
    record: Record,
    seed: int,
    full: bool,
    workers: int,
    timings: Timings,
    listener: Listener,
    informed: Informed | None = None,
) -> Tested:
    """Test what is not stored in the folder yet.

    The models come first: they are the longest task. They are fitted where the case reads its record as a game and an
    effect on a stance is to be tested.

    Raises:
        RunError: a worker process was ended from outside.
    """
    tasks = [Task(claim.id, part.id) for claim in record.claims.claims for part in claim.parts]
    models = model_tasks(full, informed is not None) if wants_models(record) else []
    tasks = [*models, *tasks]
    missing = [task for task in tasks if _stored(folder, task) is None]
    board = _Board(listener, len(tasks), len(tasks) - len(missing))
    run = _here if workers <= 1 or len(missing) <= 1 else _in_processes
    desk = worker.Job(record, seed, informed)
    with closing(run(desk, missing, min(workers, len(missing)), board)) as results:
        for task, result, seconds in results:
            told = json.loads(result)
            stored = {"digest": folder.digest, "result": told, "sha256": _hash(told)}
            folder.write(task.file, canonical(stored))
            timings.note(task.part, seconds)
            board.finish(task)
    parts = {claim.id: _results(folder, tasks, claim.id) for claim in record.claims.claims}
    return (
        Tested(parts, _models(folder, models), _files(folder, models)) if models else Tested(parts, None, {})
    )


def wants_models(record: Record) -> bool:
    """Whether the case reads its record as a game and a claim to be tested has an effect on a stance."""
    if record.case.game is None:
        return False
    tests = (test for claim in record.claims.claims for part in claim.parts for test in part.tests)
    return any(test.test in ("order", "contrast") and hasattr(test.outcome, "stance") for test in tests)


def _models(folder: RunFolder, models: list[Task]) -> Learned:
    """What the reduced form says, with the game beside it, in the order of the list of rivals."""
    found = {task: json.dumps(_told(folder, task)["found"]).encode() for task in models}
    games = [game_from_json(found[task]) for task in models if task not in (MODELS, INFORMED)]
    order = {name: place for place, name in enumerate(sorted(RIVALS, key=lambda name: (len(name), name)))}
    games.sort(key=lambda one: order[one.name])
    learned = with_game(learned_from_json(found[MODELS]), games)
    if INFORMED in found:
        learned = replace(learned, informed=informed_from_json(found[INFORMED]))
    return learned


def _files(folder: RunFolder, models: list[Task]) -> dict[str, bytes]:
    """Posterior files by name, as NetCDF."""
    told = [_told(folder, task)["file"] for task in models]
    return {f"posteriors/{file['name']}.nc": base64.b64decode(file["data"]) for file in told if file["data"]}


def _told(folder: RunFolder, task: Task) -> dict[str, Any]:
    told = _stored(folder, task)
    assert isinstance(told, dict)
    return told


def _results(folder: RunFolder, tasks: list[Task], claim: str) -> tuple[PartResult, ...]:
    stored = [_stored(folder, task) for task in tasks if task.claim == claim]
    return tuple(part_from_json(json.dumps(result).encode()) for result in stored)


def _stored(folder: RunFolder, task: Task) -> object | None:
    """The result of a part as this run stored it; None where there is none, or where it was changed since."""
    stored = read_json(folder.path / task.file)
    if not stored or stored.get("digest") != folder.digest or "result" not in stored:
        return None
    return stored["result"] if stored.get("sha256") == _hash(stored["result"]) else None


def _hash(result: object) -> str:
    return hashlib.sha256(canonical(result)).hexdigest()


class _Board:
    """What is done and what is under way, as one fraction for the listener."""

    def __init__(self, listener: Listener, total: int, done: int) -> None:
        self._listener = listener
        self._total = total
        self._done = done
        self._under_way: dict[str, float] = {}
        self._told = 0.0
        self._tell("")

    def note(self, said: worker.Said) -> None:
        self._under_way[said.part] = said.done / said.total if said.total else 0.0
        self._tell(f"{said.part}: {said.phase}")

    def finish(self, task: Task) -> None:
        self._under_way.pop(task.part, None)
        self._done += 1
        self._tell(task.part)

    def _tell(self, message: str) -> None:
        # A part has several phases of its own, each counted from its beginning: what is under way counts for less than
        # one whole part, and what was told once is not taken back.
        partly = sum(min(share, 1.0) for share in self._under_way.values()) * 0.9
        self._told = max(self._told, min(self._done + partly, self._total))
        self._listener(Progress("tests", self._told, self._total, message))


Done = tuple[Task, bytes, float]


def _here(job: worker.Job, tasks: list[Task], _: int, board: _Board) -> Generator[Done, None, None]:
    for task in tasks:
        start = time.monotonic()
        result = worker.run(job, task.claim, task.part, board.note)
        yield task, result, time.monotonic() - start


def _in_processes(
    job: worker.Job, tasks: list[Task], workers: int, board: _Board
) -> Generator[Done, None, None]:
    context = multiprocessing.get_context("spawn")
    said: multiprocessing.Queue[worker.Said] = context.Queue()
    stop = context.Event()
    shelf = _shelf()
    pool = ProcessPoolExecutor(
        workers,
        mp_context=context,
        initializer=worker.begin,
        initargs=(job, said, stop, shelf.name if shelf else None),
    )
    try:
        with _interrupt_held_back():
            waiting = {pool.submit(worker.work, task.claim, task.part): task for task in tasks}
        for future in _as_done(waiting, said, board):
            result, seconds = future.result()
            yield waiting[future], result, seconds
    except BrokenProcessPool as error:
        # The pool ends those workers that it knows of; one that was just being started would be waited for for ever.
        stop.set()
        for child in multiprocessing.active_children():
            child.kill()
        raise RunError(
            "a worker process ended before its work was done",
            "the system may have run out of memory, or something ended it",
            "run the same command again: it goes on from here; --workers 1 needs less memory",
        ) from error
    except BaseException:
        stop.set()  # workers look at it several times a second, also in the middle of a test
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        said.close()
        if shelf:
            shelf.cleanup()


def _shelf() -> TemporaryDirectory[str] | None:
    """Where workers put what they compiled, so that none compiles what another has; None where nothing can be written."""
    try:
        return TemporaryDirectory(prefix="standoff-", ignore_cleanup_errors=True)
    except OSError:
        return None


@contextmanager
def _interrupt_held_back() -> Iterator[None]:
    """Start worker processes so that Ctrl-C never reaches them: the terminal sends it to all, the parent decides.

    A new process keeps the mask it was born with; what was pressed meanwhile reaches the parent afterwards.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _as_done(
    waiting: Mapping[Future[tuple[bytes, float]], Task],
    said: multiprocessing.Queue[worker.Said],
    board: _Board,
) -> Iterator[Future[tuple[bytes, float]]]:
    left = set(waiting)
    while left:
        ended, left = wait(left, timeout=LISTEN, return_when=FIRST_COMPLETED)
        for note in _notes(said):
            board.note(note)
        yield from ended


def _notes(said: multiprocessing.Queue[worker.Said]) -> Iterator[worker.Said]:
    while True:
        try:
            yield said.get_nowait()
        except Empty:
            return
