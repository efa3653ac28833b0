import type { StoredRows } from '../faults/support/stored-state.js';
import { runStatement } from './shared.js';

/** Reads what a database holds of an environment. */
export async function readRows(url: string, environment: string): Promise<StoredRows> {
  const [row = {}] = await runStatement(
    url,
    `WITH own AS (SELECT * FROM deployments WHERE environment = $1)
     SELECT
       (SELECT json_agg(own ORDER BY created_at, id)::text FROM own) AS deployments,
       (SELECT json_agg(
          to_jsonb(event) || jsonb_build_object('changed', to_json(event.changed)::text)
          ORDER BY event.deployment_id, event.revision
        )::text
        FROM deployment_events AS event JOIN own ON own.id = event.deployment_id) AS events,
       (SELECT json_agg(json_build_object('key', key, 'id', deployment ->> 'id'))::text
        FROM idempotency_keys WHERE deployment ->> 'environment' = $1) AS keys`,
    [environment],
  );
  const rowsOf = (name: string): never => JSON.parse((row[name] ?? '[]') as string) as never;
  return {
    deployments: rowsOf('deployments'),
    events: rowsOf('events'),
    keys: rowsOf('keys'),
    isInOrder: false,
    damage: '',
  };
}
