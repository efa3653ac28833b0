"""The one shared database: runs one statement of a session and says what Snowflake would answer."""

import contextlib
import time
import warnings
from functools import lru_cache
from typing import Any

import duckdb
from fakesnow.conn import FakeSnowflakeConnection
from fakesnow.dialect import parse_one
from fakesnow.instance import FakeSnow
from sqlglot import exp

from . import alterations, commands, foreign_keys, matched_rows, transactions
from .adapted_cursor import AdaptedCursor, plain_sql, refuse_dropped_constructs
from .catalog import Catalog, extend_information_schema
from .errors import WriteConflict, from_exception, lock_timeout, not_supported_here, syntax_error
from .lengths import Lengths
from .log import log
from .parsed import Parsed
from .prepared import Key, Prepared, PreparedStatements, key_of
from .results import DEFINITION, DELETE, INSERT, MERGE, SELECT, SESSION, UPDATE, Result, changed, status, text_result
from .session import Session
from .sql_text import REMEMBERED, tokens_of, words
from .translations import MILLISECONDS, Context, Translation, translate
from .wire import encode_table
from .write import write_of

# DuckDB runs these, Snowflake has no such syntax: https://docs.snowflake.com/en/sql-reference/sql/insert and .../update
_FOREIGN = ("RETURNING", "ON CONFLICT")
_RETRY_SECONDS = 0.005
_WRITES = {"INSERT": INSERT, "UPDATE": UPDATE, "DELETE": DELETE, "MERGE": MERGE}
_PLAIN = {"INSERT", "UPDATE", "DELETE", "SELECT", "WITH"}
_DEFINES = {"CREATE", "DROP", "ALTER", "TRUNCATE", "COMMENT"}


class Database:
    """fakesnow's in-memory database with one schema, shared by all sessions.

    max_lock_wait: seconds after which a blocked statement fails even when the session's parameter is longer.
    """

    def __init__(self, name: str, schema: str, max_lock_wait: float, prepared: PreparedStatements) -> None:
        warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
        refuse_dropped_constructs()
        extend_information_schema()
        self._fakesnow = FakeSnow(create_database_on_connect=True, create_schema_on_connect=True)
        # Its tables are small: a statement takes longest to be handed to another thread and back.
        self._fakesnow.duck_conn.execute("SET GLOBAL threads = 1")
        self.catalog = Catalog(self._fakesnow.duck_conn)
        self._fakesnow.connect(name, schema).close()
        self._fakesnow.create_database_on_connect = self._fakesnow.create_schema_on_connect = False
        self._lengths = Lengths()
        self._max_lock_wait = max_lock_wait
        self._prepared = prepared
        self._parsed = Parsed(self._fakesnow.duck_conn)
        self._time_zone_columns: frozenset[str] = frozenset()

    def connect(self, database: str | None, schema: str | None) -> FakeSnowflakeConnection:
        """A connection of a new session; unknown names leave it without a current database or schema."""
        return self._fakesnow.connect(database, schema)

    def run(self, session: Session, sql: str, binds: list[Any], keep_matched: bool = False) -> Result:
        """Run one statement. Raises SnowflakeError. keep_matched: see matched_rows.py."""
        head = words(sql, 3)
        if not head:
            raise syntax_error("Empty SQL statement.")
        self._refuse_foreign(sql)
        answered = transactions.answer(session, head) or commands.answer(session, self.catalog, sql, head)
        if answered:
            return answered
        if session.is_aborted:
            raise transactions.refuse_statement()
        if head[0] in _DEFINES:
            return self._define(session, sql, binds)
        if head[0] == "EXPLAIN":
            return self._explain(session, sql, binds, head)
        return self._wait_and_run(session, sql, binds, head[0], keep_matched)

    def _wait_and_run(
        self, session: Session, sql: str, binds: list[Any], verb: str, keep_matched: bool = False
    ) -> Result:
        matched = self._matched(session, sql, binds) if keep_matched else None
        lock = matched_rows.lock(matched) if matched and verb == "DELETE" else None
        blocked = False
        deadline, seconds = self._lock_deadline(session, sql)
        while True:
            transactions.refresh_snapshot(session)
            try:
                if lock:
                    self._attempt(session, *lock, "UPDATE")
                return self._attempt(session, sql, binds, verb)
            except WriteConflict as conflict:
                # A blocked statement of Snowflake's waits for the lock and then reads what was committed. That is
                # what running it again on a new snapshot gives, as long as this transaction has written nothing.
                if session.in_transaction and session.has_written:
                    transactions.abort(session)
                    log("write-conflict", session=session.id, detail=str(conflict))
                    raise lock_timeout(_target(sql), 0) from None
                if time.monotonic() >= deadline:
                    transactions.abort(session)
                    raise lock_timeout(_target(sql), seconds) from None
                if not blocked:
                    blocked = True
                    log("blocked", session=session.id, table=_target(sql))
                time.sleep(_RETRY_SECONDS)
                if matched is not None:
                    sql, binds = matched_rows.only(sql, binds, matched)
                    matched = None

    def _matched(self, session: Session, sql: str, binds: list[Any]) -> matched_rows.Matched | None:
        def select(question: str, values: list[Any]) -> list[list[Any]]:
            return self._execute(session, question, values, "SELECT").rowset

        return matched_rows.find(session.connection._duck_conn, select, sql, binds)  # noqa: SLF001

    def _attempt(self, session: Session, sql: str, binds: list[Any], verb: str) -> Result:
        try:
            result = self._write(session, sql, binds, verb) if verb in _WRITES else self._execute(session, sql, binds, verb)
        except Exception as error:  # every failure below is somebody's answer
            failure = from_exception(error)
            transactions.abort(session)
            raise failure from None
        if verb in _WRITES and session.in_transaction:
            # What found no row holds no lock, so the snapshot may still be renewed.
            session.has_written |= any(int(count or 0) > 0 for count in result.rowset[0])
        return result

    def _write(self, session: Session, sql: str, binds: list[Any], verb: str) -> Result:
        """A write with what DuckDB does not check; outside a transaction it is one, so that a failure undoes it."""
        duck, table = session.connection._duck_conn, _target(sql)  # noqa: SLF001
        if not session.in_transaction:
            duck.execute("BEGIN")
        try:
            result = self._execute(session, sql, binds, verb)
            write = write_of(sql)
            foreign_keys.check(duck, self._parsed, self.catalog, table, write)
            self._lengths.check(duck, self._parsed, str(session.connection.schema), table, write)
            if not session.in_transaction:
                duck.execute("COMMIT")
        except Exception:
            if not session.in_transaction:
                with contextlib.suppress(duckdb.TransactionException):  # a failed COMMIT has ended it already
                    duck.execute("ROLLBACK")
            raise
        return result

    def _execute(self, session: Session, sql: str, binds: list[Any], verb: str) -> Result:
        connection = session.connection
        rewritten, applied = translate(sql, session.context)
        key = key_of(connection, verb, rewritten)
        prepared = self._prepared.get(key)
        cursor = AdaptedCursor(connection, connection._duck_conn)  # noqa: SLF001
        if prepared:
            self._log_translations(session, applied, prepared.milliseconds, sql)
            if prepared.sql:
                return self._run_prepared(connection._duck_conn, prepared.sql, binds, verb)  # noqa: SLF001
            cursor.run_again(prepared.ran, binds)
        else:
            cursor.run(rewritten, binds)
            self._log_translations(session, applied, cursor.milliseconds, sql)
            self._remember(key, cursor, binds, verb)
        rowtype, rowset = encode_table(cursor.table(), self._time_zone_columns)
        self._forget_old_results()
        default = SELECT if verb in ("SELECT", "WITH", "VALUES") else DEFINITION if verb in _DEFINES else SESSION
        return Result(rowtype, rowset, _WRITES.get(verb, default))

    def _explain(self, session: Session, sql: str, binds: list[Any], head: tuple[str, ...]) -> Result:
        """https://docs.snowflake.com/en/sql-reference/sql/explain, with DuckDB's plan in the place of Snowflake's."""
        if head != ("EXPLAIN", "USING", "TEXT"):
            raise not_supported_here("EXPLAIN without USING TEXT")
        statement, connection = sql[tokens_of(sql)[3].start :], session.connection
        cursor = AdaptedCursor(connection, connection._duck_conn)  # noqa: SLF001
        try:
            plan = cursor.explain(translate(statement, session.context)[0], binds)
        except Exception as error:  # every failure is somebody's answer
            raise from_exception(error) from None
        return text_result(["content"], [[plan]], SELECT)

    def _remember(self, key: Key, cursor: AdaptedCursor, binds: list[Any], verb: str) -> None:
        """Keep what was made of a statement. A definition does not change it: DuckDB looks at the tables each time."""
        ran = cursor.repeatable(binds) if "$" not in key[0] else None
        if ran is None:
            return
        sql = plain_sql(ran) if verb in _PLAIN else None
        self._prepared.add(key, Prepared(sql, () if sql else ran, cursor.milliseconds))

    def _run_prepared(self, duck: duckdb.DuckDBPyConnection, sql: str, binds: list[Any], verb: str) -> Result:
        self._parsed.execute(duck, sql, binds)
        if verb in _WRITES:
            return changed(_WRITES[verb], int(duck.fetchall()[0][0]))
        return Result(*encode_table(duck.to_arrow_table(), self._time_zone_columns), SELECT)

    def _define(self, session: Session, sql: str, binds: list[Any]) -> Result:
        """DDL ends an open transaction: https://docs.snowflake.com/en/sql-reference/transactions#ddl"""
        transactions.commit_before_definition(session)
        table = commands.declared_table(sql)
        schema = str(session.connection.schema)
        alteration = alterations.check(sql, self.catalog)
        if alteration and alteration.verb == "ALTER":
            for column in alteration.columns:
                self._lengths.widen(schema, alteration.table, alterations.type_of(column))
            return status(DEFINITION)
        result = self._wait_and_run(session, sql, binds, words(sql, 1)[0])
        commands.record_definition(self.catalog, sql, table)
        self._record_lengths(schema, sql, table, alteration)
        if words(sql, 2) == ("DROP", "SCHEMA"):
            self.catalog.remove_dropped()
        if words(sql, 1) == ("CREATE",):
            self._time_zone_columns |= _time_zone_columns(sql)
        return result

    def _record_lengths(self, schema: str, sql: str, table: str | None, alteration: alterations.Alteration | None) -> None:
        if alteration and alteration.verb == "ADD":
            for column in alteration.columns:
                self._lengths.add(schema, alteration.table, alterations.definition_of(column))
        elif alteration:
            for column in alteration.columns:
                self._lengths.remove(schema, alteration.table, column[-1].text.upper())
        elif table and words(sql, 1) == ("DROP",):
            self._lengths.drop(schema, table)
        elif table:
            self._lengths.create(schema, table, sql)

    def _lock_deadline(self, session: Session, sql: str) -> tuple[float, float]:
        parameter = "HYBRID_TABLE_LOCK_TIMEOUT" if self.catalog.get(_target(sql)) else "LOCK_TIMEOUT"
        wanted = float(session.parameters[parameter])
        seconds = min(wanted, self._max_lock_wait)
        return time.monotonic() + seconds, seconds

    def _refuse_foreign(self, sql: str) -> None:
        if construct := _foreign(sql):
            raise syntax_error(f"syntax error unexpected '{construct}'.")
        if words(sql, 1)[0] in ("DECLARE", "EXECUTE", "CALL") or transactions.is_block(words(sql, 2)):
            raise not_supported_here("Snowflake Scripting")

    def _forget_old_results(self) -> None:
        """fakesnow keeps every result for RESULT_SCAN; a long run of tests would fill the memory."""
        cache = self._fakesnow.results_cache
        for query_id in list(cache)[:-500]:
            cache.pop(query_id, None)

    def _log_translations(
        self, session: Session, applied: tuple[Translation, ...], milliseconds: bool, sql: str
    ) -> None:
        for entry in (*applied, MILLISECONDS) if milliseconds else applied:
            log("translation", name=entry.name, session=session.id, sql=sql[:200])


@lru_cache(maxsize=REMEMBERED)
def _foreign(sql: str) -> str | None:
    """The construct of DuckDB's that a statement has."""
    text = " ".join(token.text.upper() for token in tokens_of(sql) if token.token_type.name != "STRING")
    return next((construct for construct in _FOREIGN if f" {construct} " in f" {text} "), None)


@lru_cache(maxsize=REMEMBERED)
def _time_zone_columns(sql: str) -> frozenset[str]:
    """The columns that a CREATE TABLE declares TIMESTAMP_TZ; none when the text is of another kind."""
    try:
        expression = parse_one(translate(sql, Context("", "", None, ""))[0])
    except Exception:  # the statement has run already, and this only refines how its columns are shown
        return frozenset()
    return frozenset(
        column.name.upper()
        for column in expression.find_all(exp.ColumnDef)
        if column.kind and column.kind.this == exp.DataType.Type.TIMESTAMPTZ
    )


@lru_cache(maxsize=REMEMBERED)
def _target(sql: str) -> str:
    """The upper-case name of the table that a statement writes, for the message about its lock."""
    texts = [token.text.upper() for token in tokens_of(sql)]
    for word in ("UPDATE", "INTO", "FROM"):
        if word in texts[:3]:
            index = texts.index(word) + 1
            while index + 2 < len(texts) and texts[index + 1] == ".":
                index += 2
            return texts[index]
    return "?"
