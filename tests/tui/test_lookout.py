from tui.lookout import LOST_AFTER, OVERVIEW_AT_LEAST, OVERVIEW_EVERY, Lookout
from tui.widgets.status_line import Liveness


def test_one_question_is_asked_at_a_time() -> None:
    lookout = Lookout()

    asked = [lookout.may_ask(), lookout.may_ask()]
    lookout.heard(None, 0.0)

    assert [*asked, lookout.may_ask()] == [True, False, True]


def test_only_another_mark_is_a_change() -> None:
    lookout = Lookout()

    changes = [lookout.heard(mark, 0.0) for mark in (7, 7, 8, None, 8)]

    assert changes == [True, False, True, False, False]


def test_silence_makes_the_screen_stale_and_then_lost() -> None:
    lookout = Lookout()
    before = lookout.liveness(0.0)
    lookout.heard(1, 10.0)

    assert before == Liveness("idle")
    assert lookout.liveness(12.0) == Liveness("live")
    assert lookout.liveness(22.0) == Liveness("stale", 12)
    assert lookout.liveness(11.0 + LOST_AFTER) == Liveness("lost", 61)


def test_the_overview_is_read_after_a_change_and_now_and_then() -> None:
    lookout = Lookout()
    lookout.heard(1, 0.0)
    lookout.read(0.0)
    quiet = [lookout.may_read(OVERVIEW_EVERY), lookout.may_read(OVERVIEW_AT_LEAST)]

    lookout.heard(2, 0.1)
    changed = [lookout.may_read(0.5), lookout.may_read(OVERVIEW_EVERY)]
    lookout.reads()

    assert quiet == [False, True]
    assert changed == [False, True]
    assert not lookout.may_read(60.0)
