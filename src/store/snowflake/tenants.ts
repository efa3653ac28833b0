import { otherName } from '../../domain/tenants/tenant.js';
import type { Owner, Tenant } from '../../domain/tenants/tenant.js';
import type { Row, Statement } from './statement.js';
import { instant, text, toTimestamp } from './values.js';

/** The tenant of an owner. */
export function tenantStatement(ownerId: string): Statement {
  return { sql: `SELECT ${columns} FROM tenants WHERE owner_id = ?`, values: [ownerId] };
}

/** Those whose owner was last seen under a login. */
export function seenAsStatement(login: string): Statement {
  return {
    sql: `SELECT ${columns} FROM tenants WHERE login = ? ORDER BY owner_id`,
    values: [login],
  };
}

const columns = 'owner_id, organisation, login, first_seen_at';

/** Turns a row of these into the tenant. */
export function toTenant(row: Row): Tenant {
  return {
    ownerId: text(row, 'OWNER_ID'),
    organisation: text(row, 'ORGANISATION'),
    login: text(row, 'LOGIN'),
    firstSeenAt: instant(row, 'FIRST_SEEN_AT'),
  };
}

/**
 * Registers an owner, or notes its login. May be repeated. Where another transaction takes the owner or the
 * name at the same moment, a hybrid table's key ends this one, and its repetition finds the other's row; with
 * standard tables nobody is there at the same moment.
 */
export function registerStatements(owner: Owner, name: string, at: string): Statement[] {
  const { id, login } = owner;
  return [
    {
      sql: `
    INSERT INTO tenants (${columns})
    SELECT ?,
           CASE WHEN (SELECT COUNT(*) FROM tenants WHERE organisation = ?) = 0 THEN ? ELSE ? END,
           ?,
           ?::TIMESTAMP_NTZ(3)
    FROM (SELECT 1 AS one) AS always
    WHERE NOT EXISTS (SELECT 1 FROM tenants WHERE owner_id = ?)`,
      values: [id, name, name, otherName(name, owner), login, toTimestamp(at), id],
    },
    {
      sql: 'UPDATE tenants SET login = ? WHERE owner_id = ? AND login <> ?',
      values: [login, id, login],
    },
  ];
}
