"""What people do with an alarm that a server keeps: acknowledge, confirm, comment, shelve (OPC 10000-9, 5).

The server's "Good" only says that it took the call. What came of it is told by its own event, so until that
comes the alarm stays as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from asyncua import Client, ua

from engine.drivers.driver import Context
from engine.drivers.opcua.address import AddressMistake, parse
from engine.drivers.opcua.failures import UNANSWERED, status_name
from engine.drivers.opcua.link import Link
from engine.drivers.opcua.namespaces import Namespaces, node_id
from engine.drivers.opcua.reading import content, local
from engine.drivers.opcua.server import NAMESPACES_NODE, read_values
from engine.drivers.opcua.session import REQUEST_S, link_key
from engine.types import ConditionAnswer, ConditionCall

_C = ua.StatusCodes
_ids = ua.ObjectIds
_SHELVING = "ShelvingState"
_TYPE_METHODS = {
    "Acknowledge": _ids.AcknowledgeableConditionType_Acknowledge,
    "Confirm": _ids.AcknowledgeableConditionType_Confirm,
    "AddComment": _ids.ConditionType_AddComment,
    "TimedShelve": _ids.ShelvedStateMachineType_TimedShelve,
    "OneShotShelve": _ids.ShelvedStateMachineType_OneShotShelve,
    "Unshelve": _ids.ShelvedStateMachineType_Unshelve,
}
"""The methods as the types have them; a server must take these with the ConditionId as the object, also where
its conditions are no nodes (5.5.4, 5.7.3, 5.8.10)."""

_NO_SUCH = frozenset(
    (
        _C.BadMethodInvalid,
        _C.BadNodeIdUnknown,
        _C.BadNodeIdInvalid,
        _C.BadNotImplemented,
        _C.BadNotSupported,
        _C.BadNotExecutable,
        _C.BadNothingToDo,
    )
)
"""Nothing was done: there is no such method at this place."""
_WORDS: dict[int, str] = {
    _C.BadEventIdUnknown: "the alarm has changed meanwhile: look at what it says now and do it again",
    _C.BadConditionBranchAlreadyAcked: "it is acknowledged already",
    _C.BadConditionBranchAlreadyConfirmed: "it is confirmed already",
    _C.BadConditionAlreadyShelved: "it is shelved already",
    _C.BadConditionNotShelved: "it is not shelved",
    _C.BadConditionDisabled: "the alarm is switched off at the server",
    _C.BadEventNotAcknowledgeable: "this alarm cannot be acknowledged",
    _C.BadShelvingTimeOutOfRange: "the server does not shelve it for so long: choose a shorter time",
    _C.BadUserAccessDenied: "the server does not allow it without a user of its own",
    _C.BadNodeIdUnknown: "the server no longer knows this alarm, or does not offer this",
    _C.BadNodeIdInvalid: "the server no longer knows this alarm, or does not offer this",
    _C.BadMethodInvalid: "the server does not offer this for the alarm",
    _C.BadNotImplemented: "the server does not offer this for the alarm",
    _C.BadNotSupported: "the server does not offer this for the alarm",
    _C.BadNotExecutable: "the server does not allow this for the alarm now",
    _C.BadNothingToDo: "the server does not offer this for the alarm",
    _C.BadInvalidState: "the alarm is not in a state in which this can be done",
    _C.BadTooManyOperations: "the server is too busy for it now",
    _C.BadSessionIdInvalid: "the server no longer knows our session, which is made anew: do it again then",
    _C.BadSessionClosed: "the server no longer knows our session, which is made anew: do it again then",
}


async def call(context: Context, asked: ConditionCall) -> ConditionAnswer:
    """Ask the server once, over the session that is open; see ``engine.drivers.driver.Driver.call``."""
    link: Link | None = context.shared.opened(link_key(context))
    source = context.source
    if link is None or link.failure is not None:
        return ConditionAnswer(
            "refused", f"{source.id} is not connected: nothing was sent, do it again later"
        )
    if link.security == "none" and not source.unsecured_writes:
        return ConditionAnswer(
            "refused",
            f"the link to {source.id} is not encrypted, so nothing is sent over it: use security, or set "
            "unsecured_writes = true for it in plant.toml",
        )
    longest_s = source.timeout_s or REQUEST_S
    try:
        async with asyncio.timeout(longest_s):
            places = await _places(link.client, asked)
    except AddressMistake as mistake:
        return ConditionAnswer("refused", f"this alarm cannot be named to the server: {mistake}")
    except (ua.UaError, OSError, TimeoutError) as error:
        return ConditionAnswer("refused", f"{link.where} does not answer ({_named(error)}): nothing was sent")
    answer = ConditionAnswer("refused", _WORDS[_C.BadNodeIdUnknown])
    for place in places:
        code = await _sent(link.client, place, longest_s)
        answer = _answer(code, link.where)
        if code not in _NO_SUCH:
            break
    return answer


async def _places(client: Client, asked: ConditionCall) -> list[ua.CallMethodRequest]:
    """The call as it may be addressed: to the condition's own method, and to the one of its type.

    node-opcua knows only the first, many PLCs only the second. The second is tried only after the server
    said that the first does not exist, so nothing is ever done twice.
    """
    (table,) = await read_values(client, [NAMESPACES_NODE])
    namespaces = Namespaces(tuple(str(uri) for uri in content(table) or ()), {})
    condition = namespaces.node_id(parse(asked.id))
    if condition is None:
        return []
    method, arguments = _method(asked)
    is_shelf = asked.what in ("shelve", "unshelve")
    path = [_SHELVING] if is_shelf else []
    paths = [_path(condition, [*path, method])]
    if is_shelf:
        paths.append(_path(condition, path))
    found = [_target(one) for one in await client.uaclient.translate_browsepaths_to_nodeids(paths)]
    own = found[0]
    holder = found[-1] if is_shelf else condition
    places: list[ua.CallMethodRequest] = []
    if own is not None and holder is not None:
        places.append(_request(holder, own, arguments))
    of_type = node_id(_TYPE_METHODS[method])
    if is_shelf and holder is not None:
        places.append(_request(holder, of_type, arguments))
    return [*places, _request(condition, of_type, arguments)]


def _method(asked: ConditionCall) -> tuple[str, list[ua.Variant]]:
    if asked.what == "unshelve":
        return "Unshelve", []
    if asked.what == "shelve":
        if asked.one_shot:
            return "OneShotShelve", []
        return "TimedShelve", [ua.Variant(asked.seconds * 1000.0, ua.VariantType.Double)]
    names = {"acknowledge": "Acknowledge", "confirm": "Confirm", "comment": "AddComment"}
    words = f"{asked.comment} ({asked.by})" if asked.comment and asked.by else asked.comment or asked.by
    comment = ua.LocalizedText(words) if words else ua.LocalizedText()
    return names[asked.what], [
        ua.Variant(asked.event_id, ua.VariantType.ByteString),
        ua.Variant(comment, ua.VariantType.LocalizedText),
    ]


def _path(start: ua.NodeId, names: Sequence[str]) -> ua.BrowsePath:
    make: Any = ua.RelativePathElement
    elements = [
        make(
            ReferenceTypeId=node_id(_ids.HierarchicalReferences),
            IsInverse=False,
            IncludeSubtypes=True,
            TargetName=ua.QualifiedName(name, 0),
        )
        for name in names
    ]
    return ua.BrowsePath(StartingNode=start, RelativePath=ua.RelativePath(Elements=elements))


def _target(found: ua.BrowsePathResult) -> ua.NodeId | None:
    return local(found.Targets[0].TargetId) if found.StatusCode.is_good() and found.Targets else None


def _request(node: ua.NodeId, method: ua.NodeId, arguments: list[ua.Variant]) -> ua.CallMethodRequest:
    request: Any = ua.CallMethodRequest()
    request.ObjectId, request.MethodId, request.InputArguments = node, method, list(arguments)
    return request


async def _sent(client: Client, request: ua.CallMethodRequest, longest_s: float) -> int:
    """Send it once; the StatusCode, ``BadTimeout`` when there was no answer."""
    try:
        async with asyncio.timeout(longest_s):
            (result,) = await client.uaclient.call([request])
    except ua.UaStatusCodeError as error:
        return error.code
    except (ua.UaError, OSError, TimeoutError, ValueError):
        return _C.BadTimeout
    return result.StatusCode.value


def _answer(code: int, where: str) -> ConditionAnswer:
    if not code & 0x8000_0000:
        return ConditionAnswer("asked")
    name = status_name(code)
    if code in UNANSWERED:
        return ConditionAnswer(
            "unknown",
            f"{where} gave no answer ({name}): it may or may not have been done, what the alarm says next "
            "will tell",
        )
    words = _WORDS.get(code)
    return ConditionAnswer("refused", f"{words} ({name})" if words else f"{where} refused it with {name}")


def _named(error: BaseException) -> str:
    return status_name(error.code) if isinstance(error, ua.UaStatusCodeError) else type(error).__name__
