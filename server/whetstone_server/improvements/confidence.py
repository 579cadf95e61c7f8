"""How sure it is that a proven rewrite holds what it promises: a number from 0 to 1, and the parts it is made of.

It is the weighted geometric mean of the parts, each from 0 to 1: what is weak in one respect is not made up for by
strength in another, as it would be in a sum, and yet no part but the verdict decides alone. More of what speaks for a
rewrite never lowers it. The constants are chosen so that a function which several tests reach with a dozen calls, with
full coverage and a clear gain, lies above 0.8, and one that was only tried on generated inputs below 0.65.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, prod
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from whetstone_server.improvements.improvement import Improvement

INPUTS = 25
"""Distinct inputs after which two thirds (1 - 1/e) of what inputs can say was said; so are the two below."""
CALLS = 4
TESTS = 1.5
UNSEEN = 0.2
"""What is left of a part when there were no recorded calls, no tests, or no line that an input reached."""
WIDTH = 0.5
"""An interval as wide as this share of its estimate counts half."""
MARGIN = 0.08
"""How far above the threshold, as a factor less 1, an interval must begin for two thirds of what that can say."""
PER_ASSUMPTION = 0.2
"""What each assumption leaves."""
UNGROWN = 0.85
"""For a gain that could not be followed through sizes of input."""
PRIOR_KEPT, PRIOR_ROLLED_BACK = 4.5, 0.5
"""Before anything is known of a rule here, nine of ten of its improvements are taken to stay, as if five had been seen:
the prior is Beta(4.5, 0.5)."""


class Past(NamedTuple):
    """How applied improvements of one rule fared in this workspace."""

    kept: int
    rolled_back: int


UNKNOWN = Past(0, 0)


class Part(NamedTuple):
    """One thing that makes an improvement more or less sure."""

    name: str
    value: float
    """0 to 1."""
    weight: float
    """Its share in the whole; the weights of all parts come to 1."""
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """Return the part as JSON names it."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "weight": self.weight,
            "sentence": self.sentence,
        }


class Confidence(NamedTuple):
    """How sure an improvement is, 0 to 1, and why."""

    value: float
    parts: tuple[Part, ...]

    @property
    def weakest(self) -> Part:
        """The part that takes most away from the whole."""
        return min(self.parts, key=lambda part: part.value**part.weight)

    def as_evidence(self) -> dict[str, Any]:
        """Return it as the evidence of a proof holds it."""
        return {"confidence": round(self.value, 3), "confidence_parts": [part.as_json() for part in self.parts]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What confidence in a rewrite that was proven faster can be founded on."""

    inputs: int
    """Distinct inputs on which behaviour was compared."""
    calls: int
    """Calls seen while the project's tests ran."""
    tests: int
    """The project's tests that reach the function and passed with the rewrite."""
    lines: int
    """Of the old function, as far as they can be reached."""
    unreached: int
    """Those of them that no input reached."""
    estimate: float
    """Old time over new time; `low` and `high` are the ends of its interval."""
    low: float
    high: float
    threshold: float
    """What the whole interval must lie above."""
    assumptions: int
    """Inputs unlike any that was seen on which old and new differ."""
    sizes: int
    """Sizes of input at which speed was measured."""
    faster_sizes: int
    """Those of them at which it is certainly faster."""
    past: Past = UNKNOWN


def confidence(evidence: Mapping[str, Any], past: Past = UNKNOWN) -> Confidence:
    """Return how sure the improvement is that `evidence`, a verdict as JSON with its `threshold`, tells of.

    Where the proof did not say `faster` there is no ground for any.
    """
    if evidence.get("verdict") != "faster" or not evidence.get("speedup"):
        return Confidence(0.0, (Part("verdict", 0.0, 1.0, f"the proof said {evidence.get('verdict', 'nothing yet')}"),))
    workload, speedup, growth = evidence["workload"], evidence["speedup"], evidence["growth"]
    return founded(
        Grounds(
            inputs=workload["distinct_inputs"],
            calls=workload["calls"],
            tests=workload["tests"],
            lines=evidence.get("lines", 0),
            unreached=len(evidence["unreached_lines"]),
            estimate=speedup["estimate"],
            low=speedup["low"],
            high=speedup["high"],
            threshold=evidence.get("threshold", 1.0),
            assumptions=len(evidence["assumptions"]),
            sizes=len(growth),
            faster_sizes=sum(step["low"] > 1 for step in growth),
            past=past,
        )
    )


def founded(grounds: Grounds) -> Confidence:
    """Return the confidence that stands on `grounds`."""
    parts = (
        _inputs(grounds),
        _calls(grounds),
        _tests(grounds),
        _coverage(grounds),
        _precision(grounds),
        _margin(grounds),
        _assumptions(grounds),
        _growth(grounds),
        _past(grounds.past),
    )
    return Confidence(prod(part.value**part.weight for part in parts), parts)


def past_of(rule: str | None, improvements: Iterable[Improvement]) -> Past:
    """Return how the applied improvements of a rule, given by its code, fared; nothing is known of nobody's rule."""
    steps = [each.status for each in improvements if rule is not None and each.code == rule]
    return Past(steps.count("applied"), steps.count("rolled-back"))


def confidence_now(improvement: Improvement, improvements: Iterable[Improvement]) -> Confidence:
    """Return how sure an improvement is by its proof and by how its rule has fared here up to now.

    Its own outcome is not counted: a rewrite does not become surer by being applied.
    """
    others = [each for each in improvements if each.id != improvement.id]
    return confidence(improvement.evidence, past_of(improvement.code, others))


def _inputs(grounds: Grounds) -> Part:
    value = _saturating(grounds.inputs, INPUTS)
    return Part("inputs", value, 0.15, f"compared on {_count(grounds.inputs, 'distinct input')}")


def _calls(grounds: Grounds) -> Part:
    seen = f"{_count(grounds.calls, 'call')} recorded in the tests" if grounds.calls else "no call was recorded"
    return Part("calls", _saturating(grounds.calls, CALLS), 0.1, seen)


def _tests(grounds: Grounds) -> Part:
    seen = f"{_count(grounds.tests, 'test')} of the project passed with it" if grounds.tests else "no test reaches it"
    return Part("tests", _saturating(grounds.tests, TESTS), 0.2, seen)


def _coverage(grounds: Grounds) -> Part:
    lines = max(grounds.lines, grounds.unreached)
    reached = lines - grounds.unreached
    value = 1 - (1 - UNSEEN) * (1 - (reached / lines) ** 2 if lines else 0.0)
    said = f"{reached} of {_count(lines, 'line')} reached" if lines else "every line reached"
    return Part("coverage", value, 0.15, f"{said} by the inputs")


def _precision(grounds: Grounds) -> Part:
    width = (grounds.high - grounds.low) / grounds.estimate
    return Part("precision", 1 / (1 + width / WIDTH), 0.03, f"an interval as wide as {width:.0%} of the gain")


def _margin(grounds: Grounds) -> Part:
    margin = max(grounds.low / grounds.threshold - 1, 0.0)
    said = f"which lies {margin:.0%} above the {grounds.threshold:g}× that is asked for"
    return Part("margin", _saturating(margin, MARGIN), 0.04, f"at least {grounds.low:.2f}× faster, {said}")


def _assumptions(grounds: Grounds) -> Part:
    said = f"it takes {_count(grounds.assumptions, 'thing')} for granted" if grounds.assumptions else "no assumption"
    return Part("assumptions", PER_ASSUMPTION**grounds.assumptions, 0.05, said)


def _growth(grounds: Grounds) -> Part:
    if not grounds.sizes:
        return Part("growth", UNGROWN, 0.03, "the gain was not followed through sizes of input")
    value = 1 - (1 - UNSEEN) * (1 - grounds.faster_sizes / grounds.sizes)
    said = f"faster at {grounds.faster_sizes} of {_count(grounds.sizes, 'size')} of input"
    return Part("growth", value, 0.03, said)


def _past(past: Past) -> Part:
    """Return the mean of the posterior: how many of the rule's improvements stay, by what was seen and the prior."""
    kept = PRIOR_KEPT + past.kept
    value = kept / (kept + PRIOR_ROLLED_BACK + past.rolled_back)
    applied = past.kept + past.rolled_back
    seen = f"{past.kept} of {applied} of this rule were kept here" if applied else "it is the first of this rule here"
    return Part("past", value, 0.25, seen)


def _saturating(amount: float, enough: float) -> float:
    """Return from `UNSEEN` for nothing towards 1 for much more than `enough`."""
    return 1 - (1 - UNSEEN) * exp(-amount / enough)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
