"""The roll-up, proven: nothing tested never passes, a failed MUST is never averaged away, order does not matter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.checks import (
    CantTell,
    Check,
    Inapplicable,
    Look,
    Observation,
    TooLittle,
    Unavailable,
    finding_at,
)
from conformance.model import (
    ConformanceClass,
    Decision,
    FaultOwner,
    Level,
    OfficialId,
    Outcome,
    Profile,
    Requirement,
    Source,
    Text,
    Verdict,
    say,
)
from conformance.run import Observations, decide
from conformance.verdict import decide as roll_up
from conformance.verdict import decide_classes, decide_profile

WORDS = Text("Satz", "sentence")
OUTCOMES = st.sampled_from(list(Outcome))
LEVELS = st.sampled_from(list(Level))


def requirement(
    name: str = "s.t.r", level: Level = Level.MUST, owner: str = "core", sample: int = 1
) -> Requirement:
    return Requirement(
        id=name,
        level=level,
        conformance_class=owner,
        official=OfficialId("s", "1", f"/req/{name}"),
        source=Source("1", "t", "https://example.org/"),
        title=WORDS,
        explanation=WORDS,
        fix=WORDS,
        since="0.1.0",
        theme="t",
        minimum_sample=sample,
    )


def profile(requirements: tuple[Requirement, ...], when: str = "always") -> Profile:
    classes = tuple(
        ConformanceClass(id=name, title=WORDS, uris=(f"uri:{name}",), when=when)
        for name in sorted({r.conformance_class for r in requirements} | {"core"})
    )
    return Profile("s", "1", WORDS, "D", "https://example.org/", "m", classes, (), requirements)


@st.composite
def judged(draw: st.DrawFn) -> tuple[Profile, dict[str, Verdict]]:
    """A profile with verdicts, as no run could be odder."""
    size = draw(st.integers(0, 12))
    requirements = tuple(
        requirement(f"s.t.r-{i:02d}", draw(LEVELS), draw(st.sampled_from(["core", "other"])))
        for i in range(size)
    )
    return profile(requirements), {r.id: Verdict(r.id, draw(OUTCOMES)) for r in requirements}


def decision_of(rules: Profile, verdicts: dict[str, Verdict]) -> Decision:
    return decide_profile(decide_classes(rules, verdicts, None))[0]


@given(judged())
def test_nothing_passed_is_never_conforming(case: tuple[Profile, dict[str, Verdict]]) -> None:
    rules, verdicts = case
    for each in decide_classes(rules, verdicts, None):
        if each.decision is Decision.CONFORMING:
            assert each.must.passed > 0
            assert each.must.failed == each.must.untested == each.must.cant_tell == 0


@given(judged())
def test_a_failed_must_is_never_averaged_away(case: tuple[Profile, dict[str, Verdict]]) -> None:
    rules, verdicts = case
    failed = any(r.level.mandatory and verdicts[r.id].outcome is Outcome.FAILED for r in rules.requirements)
    assert (decision_of(rules, verdicts) is Decision.NOT_CONFORMING) == failed


@given(judged(), OUTCOMES)
def test_recommendations_never_change_a_decision(
    case: tuple[Profile, dict[str, Verdict]], other: Outcome
) -> None:
    rules, verdicts = case
    changed = {
        r.id: verdicts[r.id] if r.level.mandatory else replace(verdicts[r.id], outcome=other)
        for r in rules.requirements
    }
    assert decision_of(rules, verdicts) is decision_of(rules, changed)


@given(judged(), st.randoms())
def test_the_order_of_verdicts_does_not_matter(
    case: tuple[Profile, dict[str, Verdict]], random: object
) -> None:
    rules, verdicts = case
    shuffled = list(verdicts.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide_classes(rules, dict(shuffled), None) == decide_classes(rules, verdicts, None)


@given(judged(), LEVELS, OUTCOMES)
def test_an_unrelated_requirement_changes_no_other_class(
    case: tuple[Profile, dict[str, Verdict]], level: Level, outcome: Outcome
) -> None:
    rules, verdicts = case
    stranger = requirement("s.unrelated.new", level, "stranger")
    more = profile((*rules.requirements, stranger))
    after = {
        c.conformance_class: c
        for c in decide_classes(more, verdicts | {stranger.id: Verdict(stranger.id, outcome)}, None)
    }
    for before in decide_classes(rules, verdicts, None):
        assert after[before.conformance_class] == before


@given(st.lists(OUTCOMES, max_size=8))
def test_the_whole_rule(outcomes: list[Outcome]) -> None:
    decision, _ = roll_up(outcomes)
    if Outcome.FAILED in outcomes:
        assert decision is Decision.NOT_CONFORMING
    elif {Outcome.CANT_TELL, Outcome.UNTESTED} & set(outcomes) or Outcome.PASSED not in outcomes:
        assert decision is Decision.UNDETERMINED
    else:
        assert decision is Decision.CONFORMING


def test_a_class_not_claimed_is_not_judged() -> None:
    must = requirement()
    rules = profile((must,), when="claimed")
    verdicts = {must.id: Verdict(must.id, Outcome.INAPPLICABLE)}
    assert [c.decision for c in decide_classes(rules, verdicts, frozenset())] == [Decision.NOT_CLAIMED]
    assert decide_profile(decide_classes(rules, verdicts, frozenset()))[0] is Decision.UNDETERMINED


GOOD = Look("x-1")
BAD = Look("x-2", finding_at(None, "x-2", "a", "b"))


def outcome_of(looks: list[object], sample: int = 1) -> Verdict:
    def check() -> object:
        for look in looks:
            if isinstance(look, Exception):
                raise look
            yield look

    must = requirement(sample=sample)
    return decide(Check(must.id, check, ()), must, Observations({}, {}))  # type: ignore[arg-type]


@given(st.integers(0, 6), st.integers(1, 6))
def test_too_small_a_sample_never_passes(looks: int, sample: int) -> None:
    verdict = outcome_of([GOOD] * looks, sample)
    assert (verdict.outcome is Outcome.PASSED) == (looks >= sample)


@given(st.permutations([GOOD, GOOD, BAD, Unavailable(WORDS, FaultOwner.NETWORK)]))
def test_a_deviation_seen_stands_whatever_happens_later(looks: list[object]) -> None:
    seen = looks[: next(i for i, look in enumerate(looks) if isinstance(look, Exception))]
    verdict = outcome_of(looks)
    assert verdict.outcome is (Outcome.FAILED if BAD in seen else Outcome.UNTESTED)


@pytest.mark.parametrize("owner", list(FaultOwner))
def test_an_observation_that_cannot_be_had_never_fails_a_requirement(owner: FaultOwner) -> None:
    verdict = outcome_of([Unavailable(WORDS, owner)])
    assert verdict.outcome is (Outcome.CANT_TELL if owner is FaultOwner.SUITE else Outcome.UNTESTED)
    assert verdict.owner is owner
    assert verdict.cause is not None


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [(Inapplicable, Outcome.INAPPLICABLE), (CantTell, Outcome.CANT_TELL), (TooLittle, Outcome.UNTESTED)],
)
def test_a_check_may_end_early(ended: type[Exception], outcome: Outcome) -> None:
    assert outcome_of([GOOD, ended(WORDS)]).outcome is outcome
    assert outcome_of([BAD, ended(WORDS)]).outcome is Outcome.FAILED


@pytest.mark.parametrize("fault", [KeyError("x"), RecursionError(), ValueError("{odd} braces"), TypeError()])
def test_a_fault_of_ours_is_never_the_subjects(fault: Exception) -> None:
    verdict = outcome_of([fault])
    assert verdict.outcome is Outcome.CANT_TELL
    assert verdict.owner is FaultOwner.SUITE


def test_an_observation_is_made_once_and_its_fault_is_one_root_cause() -> None:
    made: list[str] = []

    def root() -> None:
        made.append("root")
        raise Unavailable(say("weg", "gone"), FaultOwner.NETWORK)

    known = {
        "root": Observation("root", root, (), lambda _n: 1),
        "leaf": Observation("leaf", lambda root: root, ("root",), lambda _n: 0),
    }
    observations = Observations(known, {})
    causes = []
    for name in ("leaf", "root", "leaf"):
        must = requirement()
        causes.append(decide(Check(must.id, lambda _value: iter(()), (name,)), must, observations).cause)
    assert made == ["root"]
    assert {cause.observation for cause in causes if cause} == {"root"}
