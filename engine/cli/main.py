"""The verbs of the ``watchroom`` command and their arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import paths
from engine.cli import (
    alarm_commands,
    alarm_journal,
    alarms,
    assets,
    backup,
    exchange,
    history,
    ledger,
    live,
    model_commands,
    people,
    people_keep,
    person,
    project,
    secret,
    soak,
    window,
    write,
)
from engine.cli.out import Exit, fail
from engine.client import EngineAbsent, RequestFailed
from engine.wire import WireError

MOST_HOURS = 720.0
"""Of history that the demo plant is given."""
Verb = Callable[[argparse.Namespace], Exit]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser, verbs = command_parser()
    words = alarm_commands.joined(words)
    # "watchroom DIR" opens the window; a word that is no verb is the folder.
    if not words or (words[0] not in verbs and not words[0].startswith("-")):
        words.insert(0, "open")
    arguments = parser.parse_args(history.joined(words))
    try:
        return int(arguments.verb(arguments))
    except EngineAbsent as error:
        return fail(str(error), Exit.NO_ENGINE)
    except (RequestFailed, WireError) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return Exit.NOT_DONE
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output left; nothing is wrong
        return Exit.NOT_DONE
    except OSError as error:
        return fail(f"{error.filename or 'a file'}: {error.strerror}" if error.strerror else str(error))


def command_parser() -> tuple[argparse.ArgumentParser, set[str]]:
    """The parser of the whole command, and the names of its verbs."""
    parser = argparse.ArgumentParser(
        prog="watchroom", description="Desktop HMI for control rooms. Without a verb it opens the window."
    )
    parser.add_argument("--version", action="version", version=f"watchroom {paths.version()}")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, run: Verb, text: str, *, folder: bool = True) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text)
        added.set_defaults(verb=run)
        if folder:
            added.add_argument("dir", type=Path, help="the project folder (it holds plant.toml)")
        return added

    opened = verb("open", window.open_window, "open the window on a project", folder=False)
    opened.add_argument("dir", type=Path, nargs="?", help="the project folder; without it the last one")
    _add_project_verbs(verb)
    _add_live_verbs(verb)
    _add_window_verbs(verb)
    return parser, set(verbs.choices)


def _add_project_verbs(verb: Callable[..., argparse.ArgumentParser]) -> None:
    engine = verb("engine", project.engine, "run the engine of a project in the foreground")
    engine.add_argument("--started-by", default="", help=argparse.SUPPRESS)
    check = verb("check", project.check, "check a project folder; every finding with file and line")
    tags = verb("tags", project.tags, "list the tags of a project")
    assets.add_arguments(verb("assets", assets.assets, "list the assets of a project and what feeds what"))
    trust = verb("trust", project.trust, "list a source's server certificates, trust one, or show our own")
    trust.add_argument("source", help="id of the source in plant.toml")
    trust.add_argument(
        "--thumbprint", metavar="HEX", help="trust the certificate with this SHA-256 thumbprint"
    )
    trust.add_argument("--remove", action="store_true", help="with --thumbprint: trust it no more")
    trust.add_argument(
        "--ca", type=Path, metavar="FILE", help="trust servers whose certificate this CA signed (DER or PEM)"
    )
    trust.add_argument(
        "--unsecured-writes", action="store_true", help="confirm writes over its link that is not encrypted"
    )
    person.add_person(trust)
    trust.add_argument("--own", action="store_true", help="our own certificate, for the device to trust")
    trust.add_argument("--out", type=Path, metavar="FILE", help="with --own: write it to this file (DER)")
    for each in (check, tags, trust):
        each.add_argument("--json", action="store_true", help="one JSON object a line")
    secret.add_arguments(
        verb("secret", secret.secret, "set, list or remove the passwords of sources", folder=False)
    )
    exchange.add_import(verb("import", exchange.take_in, "take in assets of other systems: AAS, CSV, OPC UA"))
    exchange.add_export(verb("export", exchange.hand_out, "write assets as Asset Administration Shells"))
    saved = verb("backup", backup.backup, "save a project with its history; its engine may run")
    saved.add_argument(
        "to", type=Path, help="an archive to write, or a folder of backups, where only news are copied"
    )
    saved.add_argument("--with-keys", action="store_true", help="with certificates and private keys")
    ledger.add_arguments(
        verb("ledger", ledger.ledger, "check, list and export a ledger; its witnesses", folder=False)
    )
    people_keep.add_keep_arguments(
        verb("keep-people", people_keep.keep_people, "seal people, rights and keys in a file, with 24 words")
    )
    people_keep.add_restore_arguments(
        verb("restore-people", people_keep.restore, "bring people, rights and keys back", folder=False)
    )
    back = verb("restore", backup.restore, "bring a backup back, into an empty folder", folder=False)
    back.add_argument("backup", type=Path, help="an archive, a backup-TIME.json, or a folder of backups")
    back.add_argument("dir", type=Path, help="an empty folder, or one that is not there yet")


def _add_live_verbs(verb: Callable[..., argparse.ArgumentParser]) -> None:
    read = verb("read", live.read, "print the live value of tags, with quality, time and age")
    read.add_argument("tag", nargs="+", help="path of a tag")
    read.add_argument("--watch", action="store_true", help="go on and print every change")
    read.add_argument("--wait", type=float, default=0.0, metavar="S", help="wait up to S s for good values")
    status = verb("status", live.status, "print the state of the engine and its sources")
    status.add_argument("--source", metavar="ID", help="all about this source, and what to do about it")
    listed = verb("alarms", alarms.alarms, "list all alarms that are not normal")
    listed.add_argument("--watch", action="store_true", help="go on and print every change")
    alarm_commands.add_verbs(verb)
    journal = verb("alarm-journal", alarm_journal.alarm_journal, "print or export what alarms did")
    alarm_journal.add_arguments(journal)
    history.add_arguments(verb("history", history.history, "print or export stored samples of tags"))
    write.add_arguments(verb("write", write.write, "write one value to the plant, through the gate"))
    model_commands.add_arguments(
        verb("models", model_commands.models, "list the models that foresee failures, or change them")
    )
    people.add_arguments(verb("people", people.people, "list the people, make the first, or take in a list"))
    browse = verb("browse", live.browse, "list what a device offers, with addresses for tags.csv")
    browse.add_argument("source", help="id of the source in plant.toml")
    browse.add_argument("node", nargs="?", default="", help="address to start from; without it the top")
    for each in (read, status, listed, browse):
        each.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_window_verbs(verb: Callable[..., argparse.ArgumentParser]) -> None:
    demo = verb("demo", window.demo, "start the demo plant with a window on it", folder=False)
    demo.add_argument("--dir", type=Path, help="where to put the demo project")
    demo.add_argument(
        "--tour", type=Path, metavar="DIR", help="no window: save pictures of the displays here"
    )
    demo.add_argument("--plant", default="framing", metavar="NAME", help="which plant; framing if left out")
    demo.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[:SIZE]",
        help="let this fault grow in the plant, from SIZE (0 to 1) on; may be given several times",
    )
    demo.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="the plant lives N times as fast"
    )
    demo.add_argument(
        "--history",
        type=_hours,
        metavar="TIME",
        help="fill so much history before, as in 72h, 3d or 30m; once for a folder",
    )
    fault = verb("fault", window.fault, "let a fault begin in the demo plant, or repair it", folder=False)
    fault.add_argument("do", choices=["set", "clear"])
    fault.add_argument("name", nargs="?", metavar="NAME[:SIZE]", help="clear without a name: all of them")
    fault.add_argument("--dir", type=Path, help="where the demo's project is")
    fault.add_argument("--plant", default="framing", metavar="NAME", help="which plant's demo")
    soak.add_arguments(verb("soak", soak.soak, "prove over hours that faults lose nothing", folder=False))
    shot = verb("screenshot", window.screenshot, "save a picture of a display; needs no screen")
    shot.add_argument("--display", default="overview", metavar="NAME")
    shot.add_argument("--place", default="", metavar="PATH", help="the tag or asset to show there")
    shot.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    shot.add_argument("--size", default="1920x1080", metavar="WxH")
    shot.add_argument("--theme", default="light", choices=["light", "dark", "sunlight"])


def _hours(text: str) -> float:
    """A length of time up to 30 days in hours: ``72h``, ``3d``, ``30m``."""
    unit = {"m": 1 / 60, "h": 1.0, "d": 24.0}.get(text[-1:])
    try:
        hours = float(text[:-1]) * (unit or float("nan"))
    except ValueError:
        hours = float("nan")
    if not 0 < hours <= MOST_HOURS:
        raise argparse.ArgumentTypeError(f'"{text}" is no time up to 30 days; write it as 72h, 3d or 30m')
    return hours


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed <= 1000:
        raise argparse.ArgumentTypeError("wants a number above 0, at most 1000")
    return speed
