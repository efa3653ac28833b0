"""BEGIN, COMMIT and ROLLBACK of a session, and where DuckDB's transactions differ from Snowflake's.

https://docs.snowflake.com/en/sql-reference/transactions. Snowflake reads what is committed at each statement; DuckDB
reads what was committed when the transaction began. Until a transaction has written, its snapshot is renewed before
each statement, which gives Snowflake's behaviour; after that it stays. An error inside a transaction aborts it, as
Snowflake does with TRANSACTION_ABORT_ON_ERROR = TRUE: DuckDB cannot undo one statement alone.
"""

import contextlib

import duckdb

from .errors import SnowflakeError, WriteConflict, from_exception, lock_timeout, transaction_aborted
from .log import log
from .results import TRANSACTION, Result, status
from .session import Session


def answer(session: Session, head: tuple[str, ...]) -> Result | None:
    """Run the statement when it is one of a transaction's, else return None.

    Raises SnowflakeError when a COMMIT fails; the transaction is rolled back then.
    """
    verb = head[0]
    if head[:2] == ("START", "TRANSACTION") or (verb == "BEGIN" and not is_block(head)):
        _begin(session)
    elif verb == "COMMIT":
        _commit(session)
    elif verb == "ROLLBACK":
        _rollback(session)
    else:
        return None
    return status(TRANSACTION)


def refresh_snapshot(session: Session) -> None:
    """Give a transaction that has not written a new snapshot."""
    if session.in_transaction and not session.has_written:
        _duck(session).execute("ROLLBACK")
        _duck(session).execute("BEGIN")


def abort(session: Session) -> None:
    """A statement failed. Outside a transaction nothing is left to do."""
    if not session.in_transaction:
        return
    session.is_aborted = True
    if not session.parameters["TRANSACTION_ABORT_ON_ERROR"]:
        log("difference", session=session.id, detail="Snowflake would keep this transaction open; here it is aborted")


def refuse_statement() -> SnowflakeError:
    """What a statement in an aborted transaction is answered with."""
    return transaction_aborted()


def commit_before_definition(session: Session) -> None:
    """Commit an open transaction, because a definition follows."""
    if session.in_transaction:
        _commit(session)


def is_block(head: tuple[str, ...]) -> bool:
    """Whether a BEGIN opens a Snowflake Scripting block instead of a transaction."""
    return head[0] == "BEGIN" and len(head) > 1 and head[1] not in ("TRANSACTION", "WORK", "NAME")


def _begin(session: Session) -> None:
    """A BEGIN in a transaction is ignored: https://docs.snowflake.com/en/sql-reference/sql/begin"""
    if session.is_aborted:
        raise transaction_aborted()
    if not session.in_transaction:
        _duck(session).execute("BEGIN")
        session.in_transaction, session.has_written = True, False


def _commit(session: Session) -> None:
    """A COMMIT without a transaction does nothing; one of an aborted transaction ends it and is an error.

    Snowflake does not publish what it answers to the latter. An error is the answer that nobody can take for an
    acknowledgement.
    """
    if not session.in_transaction:
        return
    was_aborted, session.in_transaction, session.is_aborted = session.is_aborted, False, False
    if was_aborted:
        _duck(session).execute("ROLLBACK")
        raise transaction_aborted()
    try:
        _duck(session).execute("COMMIT")
    except duckdb.Error as error:
        _rollback_quietly(session)
        try:
            failure = from_exception(error)
        except WriteConflict:
            failure = lock_timeout("?", 0)
        raise failure from None


def _rollback(session: Session) -> None:
    if session.in_transaction:
        session.in_transaction = session.is_aborted = False
        _rollback_quietly(session)


def _rollback_quietly(session: Session) -> None:
    with contextlib.suppress(duckdb.TransactionException):  # a failed COMMIT has ended the transaction already
        _duck(session).execute("ROLLBACK")


def _duck(session: Session) -> duckdb.DuckDBPyConnection:
    return session.connection._duck_conn  # noqa: SLF001
