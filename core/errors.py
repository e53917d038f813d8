"""Mistakes a person must correct: each a sentence with what is wrong and what to do.

A delivery that fails is not here: it is a value (`core.outcome.Failure`).

HooklineError
├─ Invalid                  a value that cannot be saved; `field` says which
│  ├─ InvalidUrl · InvalidHeader · InvalidSecret · InvalidTemplate · InvalidPattern
│  ├─ InvalidPayload        JSON that does not parse, or is too large
│  └─ InvalidFilter         a term of a history filter; `start` and `end` say which
├─ TemplateFailed           a template that broke while rendering; `line` says where
├─ UnknownEventType         with the nearest names
├─ IdempotencyConflict      one key, two payloads
├─ NotVerified              MissingHeader · MalformedSignature · StaleTimestamp
│                           · NoMatchingSignature
├─ Forbidden                the person may not do this
├─ NotFound · NameTaken · Stale
└─ StoreProblem             DatabaseLocked · DatabaseUnusable · NewerSchema
                            · NotInitialised · KeyProblem
"""


class HooklineError(Exception):
    """A mistake somebody can correct: `message` says what, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class Invalid(HooklineError):
    """A value that cannot be saved; `field` is its name in forms and commands."""

    field = ""

    def __init__(self, message: str, hint: str = "", *, field: str = "") -> None:
        super().__init__(message, hint)
        if field:
            self.field = field


class InvalidUrl(Invalid):
    """A URL that Hookline will not send to."""

    field = "url"


class InvalidHeader(Invalid):
    """A header name or value that cannot go on the wire, or that Hookline owns."""

    field = "headers"


class InvalidSecret(Invalid):
    """A secret the chosen signing style cannot use."""

    field = "secret"


class InvalidTemplate(Invalid):
    """A template that does not compile; `line` counts from one."""

    field = "template"

    def __init__(self, message: str, hint: str = "", *, line: int = 1) -> None:
        super().__init__(message, hint)
        self.line = line


class InvalidPattern(Invalid):
    """An event pattern that is neither a name, `prefix.*` nor `*`."""

    field = "events"


class InvalidPayload(Invalid):
    """An event payload that is not JSON, or is larger than an event may be."""

    field = "data"


class InvalidFilter(Invalid):
    """A term of a history filter that cannot be used, and where it stands."""

    field = "filter"

    def __init__(
        self, message: str, hint: str = "", *, start: int = 0, end: int = 0
    ) -> None:
        super().__init__(message, hint)
        self.start = start
        self.end = end


class TemplateFailed(HooklineError):
    """A template that broke while rendering; `line` counts from one."""

    def __init__(self, message: str, hint: str = "", *, line: int = 1) -> None:
        super().__init__(message, hint)
        self.line = line


class UnknownEventType(HooklineError):
    """An event of a type the workspace's catalogue does not have."""


class IdempotencyConflict(HooklineError):
    """An idempotency key that was used before, with another payload."""


class NotVerified(HooklineError):
    """A signature that does not hold."""


class MissingHeader(NotVerified):
    """A header the signing style needs is absent."""


class MalformedSignature(NotVerified):
    """A signature header that does not have the style's form."""


class StaleTimestamp(NotVerified):
    """A signed timestamp outside the tolerance."""


class NoMatchingSignature(NotVerified):
    """No signature in the header was made with a given secret over these bytes."""


class Forbidden(HooklineError):
    """The person who asks may not do this."""


class NotFound(HooklineError):
    """Nothing has this id or name in this workspace."""


class NameTaken(Invalid):
    """Another object of the workspace has this name."""

    field = "name"


class Stale(HooklineError):
    """Somebody else saved a newer revision meanwhile."""


class StoreProblem(HooklineError):
    """The database, or what it needs, cannot be used."""


class DatabaseLocked(StoreProblem):
    """Another process holds the database longer than Hookline waits."""


class DatabaseUnusable(StoreProblem):
    """The file is not a database, is damaged, or cannot be written."""


class NewerSchema(StoreProblem):
    """The database was made by a newer Hookline."""


class NotInitialised(StoreProblem):
    """There is no database yet."""


class KeyProblem(StoreProblem):
    """The key that opens the secrets is missing, too open, or another one."""


def problem_words(problem: Exception) -> str:
    """Say what went wrong; what is no sentence of ours at least says what it is."""
    if isinstance(problem, HooklineError):
        return str(problem)
    return f"That did not work ({type(problem).__name__}): {problem}"
