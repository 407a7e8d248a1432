"""What the audit can say somebody did: stable names, kept in the chain and in every export."""

from __future__ import annotations

from enum import StrEnum


class Deed(StrEnum):
    """One name each. A name in use is never changed; pages show a word of their language."""

    # questions
    TAKE = "take"
    RELEASE = "release"
    HAND_OVER = "hand over"
    COMMENT = "comment"
    ESCALATE = "escalate"
    ESCALATION_SETTLED = "escalation settled"
    ANSWER = "answer"
    REJECT = "reject"
    CLOSED_AS_SPAM = "closed as spam"
    CLOSED_AS_NOT_A_CLAIM = "closed as not a claim"
    UNDO = "undo"
    MERGE = "merge"
    MERGE_INTO_FACT = "merge into fact"
    SPLIT = "split"
    SPLIT_OFF = "split off"
    QUESTION_SETTLE = "question.settle"
    QUESTION_REOPEN = "question.reopen"
    QUESTIONS_COPIED = "questions.copied"

    # a second person
    PROPOSE = "propose"
    APPROVE = "approve"
    APPROVAL_REFUSED = "approval refused"
    OVERTAKEN = "overtaken"
    SEND_BACK = "send back"

    # fact-checks
    REVISE = "revise"
    RETRACT = "retract"
    MARK_OUTDATED = "mark outdated"
    MERGE_FACT_CHECK = "merge fact-check"
    DROP_VARIANT = "drop variant"
    RESTORE_VARIANT = "restore variant"
    NO_DUPLICATE = "no duplicate"
    ROLL_BACK = "roll back"
    ROLLED_BACK = "rolled back"
    IMPORT = "import"
    IMPORT_LEFT_OUT = "import left out"
    VOTE = "vote"
    BURST = "burst"

    # people of the desk
    MODERATOR_ADD = "moderator.add"
    MODERATOR_CHANGE = "moderator.change"
    MODERATOR_ASK = "moderator.ask"
    MODERATOR_LINK = "moderator.link"
    MODERATOR_REVOKE = "moderator.revoke"
    MODERATOR_RESTORE = "moderator.restore"
    MODERATOR_RESET_FACTOR = "moderator.reset_factor"
    MODERATOR_SLEEP = "moderator.sleep"
    SESSION_BEGIN = "session.begin"
    SESSION_END = "session.end"
    FACTOR_ADD = "factor.add"
    FACTOR_REMOVE = "factor.remove"
    FACTOR_GIVEN = "factor.given"
    FACTOR_REFUSED = "factor.refused"
    FACTOR_RECOVERY = "factor.recovery"
    INFLUENCER_INVITE = "influencer.invite"
    INFLUENCER_WITHDRAW = "influencer.withdraw"
    INFLUENCER_JOIN = "influencer.join"

    # the desk in a messenger
    CHAT_CODE = "chat.code"
    CHAT_LINK = "chat.link"
    CHAT_UNLINK = "chat.unlink"
    PIN_SET = "pin.set"
    PIN_WRONG = "pin wrong"
    STEP_UP = "step up"

    # the installation
    UPDATE_AGAIN = "update.again"
    UPDATE_DROP = "update.drop"
    TASK_AGAIN = "task.again"
    TASK_DROP = "task.drop"
    MESSAGE_AGAIN = "message.again"
    MESSAGE_DROP = "message.drop"
    AUDIT_EXPORT = "audit.export"


def of_person(name: str) -> str:
    """What was done to somebody of the desk is filed under this."""
    return f"moderator/{name}"


def spelt(what: str) -> tuple[str, ...]:
    """As something may stand in the chain: people were filed under their bare name, too, before
    there was one way."""
    bare = what.removeprefix("moderator/")
    return (what,) if "/" in bare else (bare, of_person(bare))
