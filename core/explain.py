"""Outcomes in words: what happened, and what somebody can do about it.

The list, the detail, the commands and the history all say it with these sentences.
"""

from http import HTTPStatus

from core.outcome import Failure, FailureKind, Outcome, Response


def status_phrase(status: int) -> str:
    """The registered phrase of a status, such as `Service Unavailable`."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def why(outcome: Outcome) -> str:
    """One short phrase for a table cell: `503 Service Unavailable`, or the failure."""
    if isinstance(outcome, Failure):
        return outcome.detail
    return f"{outcome.status} {status_phrase(outcome.status)}".strip()


def remedy(outcome: Outcome) -> str:
    """One sentence that says what to do, empty after a success."""
    if isinstance(outcome, Response):
        return "" if outcome.is_success else _remedy_for_status(outcome)
    return _REMEDIES[outcome.kind]


_REMEDIES = {
    FailureKind.BLOCKED: "Hookline refused to send it: an admin must lift the reason.",
    FailureKind.DNS: "Check the host name in the URL, and this machine's resolver.",
    FailureKind.CONNECT: "Nothing listens there, or a firewall refuses: check the port "
    "and whether the receiver runs.",
    FailureKind.TLS: "The receiver's certificate or TLS setup must be mended; ignoring "
    "verification would send secrets to whoever answers.",
    FailureKind.TIMEOUT: "The receiver is too slow: it should answer first and work "
    "later, or the webhook needs a longer timeout.",
    FailureKind.PROTOCOL: "What answered does not speak HTTP/1.1: check the port, and "
    "whether the URL needs https.",
    FailureKind.TEMPLATE: "Mend the template; the event is kept and can be "
    "redelivered.",
}

_BY_STATUS = {
    400: "The receiver does not understand the body: compare it with what it expects.",
    401: "The receiver refuses the credentials: check the secret header or the HMAC "
    "secret.",
    403: "The receiver refuses: check the secret, and its allow list of addresses.",
    404: "Nothing is at this path: check the URL.",
    405: "The receiver takes another method: check the webhook's method.",
    410: "The receiver wants no more events: a delivery that meets this switches the "
    "webhook off.",
    413: "The body is too large for the receiver: send less with a template.",
    415: "The receiver takes another content type.",
    422: "The receiver parsed the body and refuses it: compare the fields.",
    429: "The receiver asks for fewer requests: let fewer be in flight at a time.",
}


def _remedy_for_status(response: Response) -> str:
    status = response.status
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < 400:
        where = response.header("location")
        target = f" It pointed to {where}." if where else ""
        return f"Redirects are never followed: set the final URL.{target}"
    if 500 <= status < 600:
        return "The receiver is broken or overloaded: its own log says why."
    return "The receiver did not accept the event."
