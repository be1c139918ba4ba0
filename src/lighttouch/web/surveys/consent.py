"""What people are told before the first question, frozen with the survey."""

import hashlib

from lighttouch.core.protocol.prizes import Prize
from lighttouch.core.protocol.trial import Trial as DeclaredTrial

_FROM = {
    "end_of_analysis": "the analysis is finished",
    "end_of_trial": "the trial has ended",
    "publication": "the report is published",
}


def make_statement(
    declared: DeclaredTrial,
    *,
    title: str,
    programme: str,
    same: bool = True,
    prize: Prize | None = None,
) -> list[str]:
    """Return the statement line by line, in plain words; dates and numbers are the trial file's.

    Parameters
    ----------
    same
        Whether everybody is asked the same. It says if not, and to everybody alike.
    """
    kept = declared.retention
    questions = kept.controller or "the research team, through the person who gave you this link"
    return [
        f"Thank you for looking. “{title}” is run by the research team of {programme}, together "
        "with your employer.",
        f"It is part of a trial: {declared.title}. It asks how work is for you.",
        "Taking part is up to you. Nothing at work depends on it, and you can skip any question.",
        "We ask only what the trial needs."
        + ("" if same else " Not everybody is asked all the same questions."),
        "Your answers are kept under a code, not your name. They are not anonymous: the code lets "
        "us put your answers together over time and with staff records, such as days absent.",
        "Your manager and your team never see your answers. Your employer sees only how many "
        "people answered, and no number below "
        f"{declared.privacy.smallest_cell}. If it sends reminders for us, it can see who is "
        "still to get one.",
        "The research team sees answers by code. The list of codes and names is held by: "
        f"{_clause(kept.key_holder)}.",
        *(say_prize(prize) if prize else ()),
        f"Your answers are deleted {kept.delete_after} after {_FROM[kept.counted_from]}.",
        "On your own page you can see, correct, download or delete your answers, or withdraw. "
        "It opens with the same link. You need not ask anybody.",
        f"Questions, or something to put right: {_clause(questions)}.",
        "“I agree” means that you have read this and take part of your own free will. If you do "
        "not agree, that is the end of it: nobody will remind you.",
    ]


def say_prize(prize: Prize) -> list[str]:
    """Return what people are told of a draw of prizes: what it may tell others about them."""
    worth = prize.worth.strip().rstrip(".")
    if prize.rule == "person_complete":
        return [
            f"Everybody who finishes is entered into a draw: {worth}. If you win, your employer is "
            "told your code so that you get it, and so learns that you answered."
        ]
    return [
        f"There is a draw among teams: {worth}. A team of {prize.smallest_team} or more is entered "
        "once nobody in it is still to answer. Saying no, or withdrawing, is not held against "
        "it. If your team wins, people can tell that everybody in it answered or said no, "
        "but not who did which."
    ]


def version_of(statement: list[str]) -> str:
    """Return what a statement is known by: the SHA-256 of its text."""
    return hashlib.sha256("\n".join(statement).encode()).hexdigest()


def _clause(text: str) -> str:
    return text.strip().rstrip(".")
