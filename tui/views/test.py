"""What came of a test event: a sentence, what to do, and the answer as lines. Pure."""

from core.explain import remedy, why
from core.model import Attempt
from core.outcome import Failure, Outcome
from tui.views.form import Words
from tui.views.lines import Line, line
from tui.views.response import duration_words, outcome_lines, phase_lines

NOT_RECORDED = "Not recorded in the history: this draft is not saved."


def answer_words(attempt: Attempt, *, recorded: bool) -> tuple[Words, str]:
    """What came of it in one line, and below what follows from that."""
    outcome = attempt.outcome
    took = duration_words(attempt.duration.total_seconds())
    kept = f"Recorded as {attempt.delivery_id}." if recorded else NOT_RECORDED
    once = "" if outcome.is_success else " A test is sent once."
    if isinstance(outcome, Failure):
        head = f"✖ No answer ({outcome.kind}) in {took}. {outcome.detail}"
    else:
        head = f"{'✔' if outcome.is_success else '✖'} {why(outcome)} in {took}"
    then = f"{remedy(outcome)}{once}\n{kept}".strip()
    return Words(head, "ok" if outcome.is_success else "bad"), then


def answer_lines(outcome: Outcome, width: int) -> list[Line]:
    """The answer, if one came, and where the time went."""
    answer = [] if isinstance(outcome, Failure) else [*outcome_lines(outcome), ()]
    return [
        *answer,
        line(("Where the time went", "strong")),
        *phase_lines(outcome.phases, width),
    ]
