import type { LentConnection } from './driver.js';
import type { Statement } from './statement.js';

/**
 * The statements that the server keeps prepared: it parses each of them once for a connection, and plans it a few times
 * (https://www.postgresql.org/docs/current/sql-prepare.html), which is half of what it takes for most of them.
 *
 * A pooler in transaction mode has each transaction on a connection of whoever is free, where nothing has been prepared
 * or something else by that name. So statements are prepared where the connection's process is the server's own, as
 * it said when it was opened: a pooler gives out processes of its own making.
 */
export class PreparedStatements {
  readonly #direct = new WeakSet<LentConnection>();
  readonly #names = new Map<string, string>();

  /** Finds out where a new connection leads. What it is lent for travels along. */
  async examine(connection: LentConnection): Promise<void> {
    const { rows } = await connection.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    // Missing in its types.
    const { processID } = connection as LentConnection & { readonly processID: number };
    if (rows[0]?.pid === processID) this.#direct.add(connection);
  }

  /** The name under which a connection has, or gets, a statement; none for what is not prepared. */
  nameOn(connection: LentConnection, { sql, values, planned }: Statement): string | undefined {
    if (values.length === 0 || planned === 'each time' || !this.#direct.has(connection)) return;
    let name = this.#names.get(sql);
    if (name === undefined) {
      name = `statement_${this.#names.size + 1}`;
      this.#names.set(sql, name);
    }
    return name;
  }
}
