from __future__ import annotations

import random

import pytest
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.security.sessions import Sessions
from engine.types.people import Person, RoleAt, SecuritySettings
from tests.engine.security.made import HOUR_US, MIN_US, SHIFTS, HandClock

ADA = Person("ada", "Ada Lovelace", (RoleAt("operator"),))
ENG = Person("eng", "Eve Engineer", (RoleAt("operator"), RoleAt("engineer")))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def sessions(clock: HandClock) -> Sessions:
    return Sessions(clock, SecuritySettings(), SHIFTS, "Europe/Berlin")


def test_who_logs_in_takes_over_the_station_and_no_other(sessions: Sessions) -> None:
    first, _, _ = sessions.begin(ADA, "a", "password")
    other, _, _ = sessions.begin(ADA, "b", "password")
    token, session, over = sessions.begin(ENG, "a", "pin")
    assert [(turn.session.person, turn.what) for turn in over] == [("ada", "ended")]
    assert sessions.of(first) is None and sessions.of(other) and sessions.of(token) == session
    assert "Eve Engineer logged in" in sessions.why_ended(first)


def test_a_session_ends_with_the_shift_and_says_so(sessions: Sessions, clock: HandClock) -> None:
    token, session, _ = sessions.begin(ADA, "a", "password")
    assert session.until_us == clock.now_us() + 4 * HOUR_US
    clock.go(4 * 3600 - 1)
    assert sessions.tick() == [] and sessions.of(token)
    clock.go(1)
    assert sessions.of(token) is None and "shift is over" in sessions.why_ended(token)
    assert [turn.what for turn in sessions.tick()] == ["ended"] and "shift is over" in sessions.why_ended(
        token
    )


def test_a_step_of_the_clock_neither_ends_nor_prolongs(sessions: Sessions, clock: HandClock) -> None:
    token, session, _ = sessions.begin(ADA, "a", "password")
    for hours in (48, -96):
        clock.step(hours * 3600)
        assert sessions.tick() == [] and sessions.of(token)
    shown = sessions.of(token)
    assert shown and shown.until_us == session.until_us - 48 * HOUR_US  # its end by the clock as it is now
    clock.go(4 * 3600)
    assert len(sessions.tick()) == 1 and sessions.of(token) is None


def test_after_idle_minutes_an_engineers_commands_are_locked(sessions: Sessions, clock: HandClock) -> None:
    token, _, _ = sessions.begin(ENG, "a", "password")
    clock.go(599)
    sessions.touch(token)
    clock.go(599)
    assert sessions.tick() == []
    clock.go(1)
    assert [(turn.what, turn.session.is_locked) for turn in sessions.tick()] == [("locked", True)]
    assert sessions.tick() == [], "it is told once"
    held = sessions.held(token)
    assert held and not sessions.unlock(held).is_locked and sessions.tick() == []


def test_an_operators_desk_is_never_locked_by_itself(sessions: Sessions, clock: HandClock) -> None:
    token, _, _ = sessions.begin(ADA, "a", "password")
    clock.go(3 * 3600)
    assert sessions.tick() == [] and sessions.of(token)


def test_a_hand_on_a_locked_desk_unlocks_nothing(sessions: Sessions) -> None:
    token, _, _ = sessions.begin(ADA, "a", "password")
    held = sessions.held(token)
    assert held
    sessions.lock(held, "by hand")
    sessions.touch(token)
    assert held.session.is_locked and sessions.lock(held, "again") is None


def test_a_session_for_minutes_ends_after_them(sessions: Sessions, clock: HandClock) -> None:
    token, session, _ = sessions.begin(ADA, "a", "break glass", 30)
    assert session.until_us - clock.now_us() == 30 * MIN_US
    clock.go(30 * 60)
    assert sessions.of(token) is None and "break-glass" in sessions.why_ended(token)


def test_tokens_are_random_and_kept_as_hashes_only(sessions: Sessions) -> None:
    tokens = {sessions.begin(ADA, f"s{k}", "password")[0] for k in range(100)}
    assert len(tokens) == 100 and min(map(len, tokens)) >= 43
    kept = repr(sessions.all())
    assert not any(token in kept for token in tokens)


def test_a_token_of_another_run_of_the_engine_is_told_why(clock: HandClock) -> None:
    old = Sessions(clock, SecuritySettings(), SHIFTS, "UTC").begin(ADA, "a", "password")[0]
    anew = Sessions(clock, SecuritySettings(), SHIFTS, "UTC")
    assert anew.of(old) is None and "engine was started anew" in anew.why_ended(old)
    assert anew.why_ended("") == ""


class SessionLife:
    """What must hold of sessions, whatever happens in whatever order; kept beside a plain model of them."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.model: dict[str, tuple[str, str, int, bool]] = {}
        """Token → person, station, monotonic end, whether it is locked."""
        self.touched: dict[str, int] = {}
        self.dead: set[str] = set()
        self.open()

    def open(self) -> None:
        self.sessions = Sessions(self.clock, SecuritySettings(), SHIFTS, "Europe/Berlin")

    def login(self, who: int, station: int) -> None:
        person, place = (ADA, ENG)[who % 2], f"s{station % 3}"
        token, session, over = self.sessions.begin(person, place, "password")
        assert (
            60 * MIN_US <= session.until_us - self.clock.wall <= 10 * HOUR_US
        )  # the night of a change of clocks
        for old in [each for each, (_, at, *_) in self.model.items() if at == place]:
            self.forget(old)
        assert all(turn.session.station == place for turn in over) and len(over) <= 1
        self.model[token] = (person.name, place, self.clock.mono + session.until_us - self.clock.wall, False)
        self.touched[token] = self.clock.mono

    def forget(self, token: str) -> None:
        del self.model[token], self.touched[token]
        self.dead.add(token)

    def pick(self, number: int) -> str | None:
        # By station, of which each has one: the order of random tokens would be another one every time.
        by_station = sorted(self.model, key=lambda token: self.model[token][1])
        return by_station[number % len(by_station)] if by_station else None

    def lock(self, number: int, is_locked: bool) -> None:
        token = self.pick(number)
        held = self.sessions.held(token) if token else None
        if token is None or held is None:
            return
        if is_locked:
            self.sessions.lock(held, "by hand")
        else:
            self.sessions.unlock(held)
            self.touched[token] = self.clock.mono
        self.model[token] = (*self.model[token][:3], is_locked)

    def touch(self, number: int) -> None:
        token = self.pick(number)
        if token:
            self.sessions.touch(token)
            if not self.model[token][3] and self.clock.mono < self.model[token][2]:
                self.touched[token] = self.clock.mono

    def logout(self, number: int) -> None:
        if token := self.pick(number):
            assert self.sessions.end(token, "Logged out.")
            self.forget(token)

    def tick(self) -> None:
        turns = self.sessions.tick()
        expected = 0
        for token, (person, station, end, is_locked) in list(self.model.items()):
            if self.clock.mono >= end:
                self.forget(token)
                expected += 1
            elif person == "eng" and not is_locked and self.clock.mono - self.touched[token] >= 10 * MIN_US:
                self.model[token] = (person, station, end, True)
                expected += 1
        assert len(turns) == expected

    def restart(self) -> None:
        for token in list(self.model):
            self.forget(token)
        self.open()

    def check(self) -> None:
        live = {token: each for token, each in self.model.items() if self.clock.mono < each[2]}
        stations = [station for _, station, *_ in live.values()]
        assert len(stations) == len(set(stations)), "two at one station"
        for token, (person, station, _, is_locked) in self.model.items():
            session = self.sessions.of(token)
            if token not in live:
                assert session is None and self.sessions.why_ended(token)
                continue
            assert session and (session.person, session.station, session.is_locked) == (
                person,
                station,
                is_locked,
            )
        for token in list(self.dead)[-5:]:
            assert self.sessions.of(token) is None and self.sessions.why_ended(token)


class SessionMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.life = SessionLife()

    @rule(who=st.integers(0, 1), station=st.integers(0, 2))
    def login(self, who: int, station: int) -> None:
        self.life.login(who, station)

    @precondition(lambda self: self.life.model)
    @rule(number=st.integers(0, 9), is_locked=st.booleans())
    def lock(self, number: int, is_locked: bool) -> None:
        self.life.lock(number, is_locked)

    @precondition(lambda self: self.life.model)
    @rule(number=st.integers(0, 9))
    def touch(self, number: int) -> None:
        self.life.touch(number)

    @precondition(lambda self: self.life.model)
    @rule(number=st.integers(0, 9))
    def logout(self, number: int) -> None:
        self.life.logout(number)

    @rule(seconds=st.sampled_from([0.5, 59, 600, 3600, 8 * 3600]))
    def time_passes(self, seconds: float) -> None:
        self.life.clock.go(seconds)

    @rule(hours=st.sampled_from([-30, -1, 0.01, 1, 30]))
    def clock_steps(self, hours: float) -> None:
        self.life.clock.step(hours * 3600)

    @rule()
    def tick(self) -> None:
        self.life.tick()

    @rule()
    def restart(self) -> None:
        self.life.restart()

    @invariant()
    def everything_holds(self) -> None:
        self.life.check()


TestSessionMachine = SessionMachine.TestCase
TestSessionMachine.settings = how(max_examples=60, stateful_step_count=40, deadline=None)


def lived(seed: int, steps: int) -> None:
    """So many steps chosen by a seed; everything is looked at after each."""
    chance, life = random.Random(seed), SessionLife()
    some = (
        lambda: life.login(chance.randrange(2), chance.randrange(3)),
        lambda: life.lock(chance.randrange(10), chance.random() < 0.5),
        lambda: life.touch(chance.randrange(10)),
        lambda: life.logout(chance.randrange(10)),
        lambda: life.clock.go(chance.choice([0.5, 59, 600, 3600, 8 * 3600])),
        lambda: life.clock.step(3600 * chance.choice([-30, -1, 0.01, 1, 30])),
        life.tick,
    )
    for k in range(steps):
        chance.choice(some)() if k % 500 else life.restart()
        life.check()


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(200))
def test_sessions_hold_over_ten_thousand_steps_of_any_kind(seed: int) -> None:
    lived(seed, 10_000)
