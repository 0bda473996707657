"""``watchroom models``: the versions of all models, and what a person decides of them; through the engine."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from engine.cli.moments import instant
from engine.cli.out import Exit, fail, say, say_json, table
from engine.cli.person import add_person, is_new, logged_in
from engine.client import Client, RequestFailed
from engine.clock import SystemClock
from engine.typed import unpack
from engine.types import ModelState
from engine.wire import (
    JobAskBody,
    JobBody,
    JobState,
    ModelChangeBody,
    ModelsAnswer,
    NormalAnswer,
    NormalBody,
    PlantAnswer,
    RetrainAnswer,
    RetrainBody,
    encode,
)

ACTS = {
    "list": "", "import": "FOLDER", "promote": "ID VERSION", "shadow": "ID VERSION", "retire": "ID VERSION",
    "rollback": "ID", "baseline": "ID ASSET", "retrain": "CLASS", "normal": "ASSET",
}  # fmt: skip
"""What can be done, and the words that follow."""
CHANGE_S = 60.0
"""A model is tried in a process of its own before it is taken."""
POLL_S = 0.5
Result = TypeVar("Result")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb, after the project folder."""
    parser.add_argument("act", nargs="?", default="list", choices=ACTS, help="what to do; list if left out")
    parser.add_argument(
        "words",
        nargs="*",
        help="; ".join(f"{act} {words}" for act, words in ACTS.items() if words),
    )
    parser.add_argument("--reason", default="", metavar="WHY", help="why; it goes on record")
    parser.add_argument("--try", dest="trial", action="store_true", help="only say what would be done")
    parser.add_argument("--override", action="store_true", help="promote against the rule, on record")
    parser.add_argument("--follow", choices=["14d", "72h"], default="", help="baseline: follow it again")
    parser.add_argument("--start", default="", metavar="TIME", help="normal: from when on it was normal")
    parser.add_argument("--end", default="now", metavar="TIME", help="normal: until when")
    parser.add_argument("--json", action="store_true", help="list: one JSON object a line")
    add_person(parser)


def models(arguments: argparse.Namespace) -> Exit:
    """Do what is asked, and say what became of it."""
    act, words = arguments.act, arguments.words
    if len(words) != len(ACTS[act].split()):
        return fail(f"write it as: watchroom models DIR {act} {ACTS[act]}".rstrip(), Exit.USAGE)
    client = Client(arguments.dir, "cli")
    try:
        # Before there are people the name counts that is given.
        nobody = is_new(client)
        with contextlib.nullcontext() if nobody else logged_in(client, arguments) as session:
            by = arguments.person if session is None else session.full_name
            if act == "list":
                _list(client.call("models", None, ModelsAnswer, timeout_s=CHANGE_S), arguments.json)
            elif act == "retrain":
                body = RetrainBody(words[0], by)
                done = _job(client, "retrain", body, RetrainAnswer)
                say(f"{done.id} {done.version}: {done.text}")
            elif act == "normal":
                return _normal(client, arguments, by)
            else:
                answer = client.call("model_change", _body(arguments, by), ModelsAnswer, CHANGE_S)
                say(f"would be done: {answer.text}" if arguments.trial else answer.text)
    finally:
        client.close()
    return Exit.DONE


def _body(arguments: argparse.Namespace, by: str) -> ModelChangeBody:
    words: Sequence[str] = arguments.words
    facts: dict[str, Any] = {"id": words[0]}
    if arguments.act == "import":
        facts = {"id": "", "folder": str(Path(words[0]).absolute())}
    elif arguments.act == "baseline":
        facts |= {"asset": words[1], "window": arguments.follow}
    elif len(words) > 1:
        facts |= {"version": words[1]}
    return ModelChangeBody(
        arguments.act,
        **facts,
        by=by,
        reason=arguments.reason,
        is_trial=arguments.trial,
        is_override=arguments.override,
    )


def _normal(client: Client, arguments: argparse.Namespace, by: str) -> Exit:
    zone = ZoneInfo(client.call("plant", None, PlantAnswer).project.plant.timezone)
    now_us = SystemClock().now_us()
    try:
        if not arguments.start:
            raise ValueError("say from when on it was normal: --start TIME, as in -24h or 2026-11-22T06:00Z")
        start_us, end_us = (instant(each, now_us, zone) for each in (arguments.start, arguments.end))
    except ValueError as error:
        return fail(str(error), Exit.USAGE)
    body = NormalBody(arguments.words[0], start_us, end_us, by=by, reason=arguments.reason)
    done = _job(client, "normal", body, NormalAnswer)
    left = f"; left out: {', '.join(done.left_out)}" if done.left_out else ""
    say(f"{done.asset}: learned from {done.rows} rows of {len(done.tags)} tags{left}")
    return Exit.DONE


def _job(client: Client, kind: str, body: object, result: type[Result]) -> Result:
    """Wait for long work; Ctrl+C stops it. Raises: RequestFailed."""
    state = client.call("job", JobBody(kind, encode(body)), JobState)
    told = -1
    try:
        while not state.done:
            time.sleep(POLL_S)
            state = client.call("job_state", JobAskBody(state.job), JobState)
            if int(10 * state.progress) > told:
                told = int(10 * state.progress)
                say(f"{10 * told} %")
    except KeyboardInterrupt:
        client.call("job_cancel", JobAskBody(state.job), JobState)
        raise
    if state.error:
        raise RequestFailed(state.error)
    return unpack(state.result, result)


def _list(answer: ModelsAnswer, as_json: bool) -> None:
    rows: list[tuple[str, ...]] = [("model", "version", "role", "class", "assets", "right", "wrong", "why")]
    for each in answer.models:
        if as_json:
            say_json(_plain(each))
        act = next((rate for rate in each.rates if rate.tier == "act"), None)
        right, wrong = (str(act.right), str(act.wrong)) if act is not None else ("", "")
        rows.append((
            each.card.id, each.card.version, each.role, each.card.asset_class, str(len(each.assets)),
            right, wrong, each.why,
        ))  # fmt: skip
    if as_json:
        return
    if answer.models:
        table(rows)
    else:
        say("there is no model yet; bring one in with: watchroom models DIR import FOLDER")
    if answer.text:
        say(answer.text)


def _plain(state: ModelState) -> dict[str, Any]:
    """One version without the rows that only the engine needs."""
    card = state.card
    return {
        "id": card.id, "version": card.version, "role": state.role, "why": state.why, "by": state.by,
        "kind": card.kind, "asset_class": card.asset_class, "title": card.title, "assets": state.assets,
        "signed": state.signed, "since_us": state.since_us, "failures": card.failures, "rates": state.rates,
        "drift": state.drift, "sha256": card.sha256,
    }  # fmt: skip
