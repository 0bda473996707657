"""How a source is entered as a user, in words. No Qt."""

from __future__ import annotations

from engine.types import Plant, SourceLogin
from hmi import formats
from hmi.formats import t


def words_of(login: SourceLogin, plant: Plant, now_us: int) -> str:
    """Whom we log in as, whether there is a password, who set it, and what became of it."""
    user = t("User {user}.", user=login.user)
    if not login.set_us:
        return f"{user} {t('No password is set, so nobody logs in.')}"
    when = formats.moment(login.set_us, now_us, plant.timezone)
    since = t("Password set {when} by {by}.", when=when, by=login.by)
    return f"{user} {since} {_state(login)}"


def _state(login: SourceLogin) -> str:
    if login.state == "refused":
        return t(
            "The server refused it. It is not sent again by itself, so that the account is not locked: set "
            "the right one, or press Try now once it was put right at the server."
        )
    if login.state == "sent":
        return t(
            "Its first try did not end well. It is not sent again by itself, so that the account is not "
            "locked: set it anew, or press Try now."
        )
    return t("It works.") if login.state == "accepted" else t("It was not tried yet.")


def is_poor(login: SourceLogin) -> bool:
    """Whether a person must see to it."""
    return login.state in ("none", "refused", "sent")


def wrong(new: str, again: str) -> str:
    """What is wrong with a password typed twice, "" = nothing, or nobody typed the second one yet."""
    return t("The two differ.") if again and new != again else ""


def is_ready(new: str, again: str) -> bool:
    """Whether it may be set."""
    return bool(new) and new == again
