"""`standoff game simulate --impose`: acts named on the command line, and what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from standoff.errors import StandoffError

if TYPE_CHECKING:
    from standoff.standoff_game.effects import Comparison, Outcome
    from standoff.standoff_game.schedule import Schedule
    from standoff.standoff_game.solution import Solution
    from standoff.standoff_game.specification import Specification
    from standoff.standoff_game.start import Simulation, State


class Act(NamedTuple):
    """An act as named: ``menu`` (signal, force or offer), its place there, the weeks in which it is imposed."""

    text: str
    menu: str
    option: int
    weeks: range


def read_act(spec: Specification, text: str, first: int, last: int) -> Act:
    """NAME:FROM-TO as an act of the game; raises StandoffError for what is none."""
    name, _, period = text.rpartition(":")
    begin, _, end = period.partition("-")
    try:
        weeks = range(int(begin), int(end or begin) + 1)
    except ValueError:
        weeks = range(0)
    if not name or len(weeks) == 0 or weeks[0] < first or weeks[-1] > last:
        raise StandoffError(
            f"--impose {text!r} is not NAME:FROM-TO",
            f"weeks count from {first} to {last}",
            "write it as criticism:9-12",
        )
    menus = {"signal": spec.signals, "force": spec.force, "offer": spec.offers}
    found = [menu for menu, names in menus.items() if name in names]
    if len(found) != 1:
        every = [option for names in menus.values() for option in names]
        raise StandoffError(
            f"{name!r} names {'two acts' if found else 'no act'} of this game",
            "--impose takes a signal, a level of force or an offer",
            f"use one of: {', '.join(every)}",
        )
    return Act(text, found[0], menus[found[0]].index(name), weeks)


def _schedules(spec: Specification, act: Act, last: int) -> tuple[Schedule, Schedule]:
    """Without and with the act: a signal is compared with silence, conduct with what the coercer would choose."""
    from standoff.standoff_game.schedule import free_schedule, impose_conduct, impose_signal

    free = free_schedule(last)
    if act.menu == "signal":
        silence = spec.signals.index(spec.silence)
        return impose_signal(free, act.weeks, silence), impose_signal(free, act.weeks, act.option)
    return free, impose_conduct(free, act.weeks, **{act.menu: act.option})


def compared(solution: Solution, act: Act, run: Simulation, start: State) -> Comparison:
    """Paths without and with an act, on the same random numbers."""
    from standoff.standoff_game.effects import compare_schedules

    plans = _schedules(solution.specification, act, start.week - 1 + run.weeks)
    return compare_schedules(solution, *plans, act.weeks.start, run, start)


def effects_of(
    solution: Solution, act: Act, pair: Comparison, run: Simulation, start: State
) -> dict[str, Any]:
    """Effects on deals, time, harm and losses over paths open when the act begins; a signal's also by part."""
    from standoff.standoff_game.effects import deal_within, effect, split_effect, time_to_deal

    cap = start.week - 1 + run.weeks
    outcomes: dict[str, Outcome] = {
        "deal within 8 weeks": deal_within(8, act.weeks[0]),
        "weeks to a deal (cap)": time_to_deal(cap),
        "groups lost": lambda paths: paths.lost.astype(float),
        "harm": lambda paths: paths.harm,
    }
    silence = solution.specification.signals.index(solution.specification.silence)
    found = {}
    for name, outcome in outcomes.items():
        if act.menu == "signal":
            parts = split_effect(solution, act.weeks, act.option, silence, outcome, run, start)._asdict()
        else:
            parts = {"total": effect((outcome(pair.with_act) - outcome(pair.without))[pair.open])}
        found[name] = {part: {"mean": e.mean, "standard error": e.error} for part, e in parts.items()}
    return found


def effect_words(act: Act, found: dict[str, Any]) -> str:
    against = "silence" if act.menu == "signal" else "what the coercer would choose"
    lines = [f"\n{act.text} instead of {against}, paths open when it begins:"]
    for outcome, parts in found.items():
        told = ", ".join(f"{part} {e['mean']:+.4f} ({e['standard error']:.4f})" for part, e in parts.items())
        lines.append(f"  {outcome}: {told}")
    return "\n".join(lines)
