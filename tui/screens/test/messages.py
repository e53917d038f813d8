"""What the workers of the test screen tell it."""

from textual.message import Message

from core.actions.preview import Sample
from core.errors import HooklineError
from core.model import Attempt
from core.request import PreparedRequest


class Prepared(Message, bubble=False):
    """The request that a test of this event would send."""

    def __init__(self, sample: Sample, request: PreparedRequest) -> None:
        super().__init__()
        self.sample = sample
        self.request = request


class Sent(Message, bubble=False):
    """A test was sent, and this came of it."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__()
        self.attempt = attempt


class Refused(Message, bubble=False):
    """Nothing could be sent, and why."""

    def __init__(self, problem: Exception) -> None:
        super().__init__()
        self.problem = problem

    @property
    def words(self) -> str:
        """The reason as a sentence."""
        if isinstance(self.problem, HooklineError):
            return str(self.problem)
        return f"That did not work ({type(self.problem).__name__}): {self.problem}"
