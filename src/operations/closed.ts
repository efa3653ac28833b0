/** The answer to a call that created a lock or a freeze, now or earlier under the same key. */
export function closedNow<Gate>(
  location: string,
  gate: Gate,
  replayed: boolean,
): {
  status: 201;
  headers: { Location: string; 'Idempotent-Replayed'?: 'true' };
  body: Gate;
} {
  const replay = replayed ? ({ 'Idempotent-Replayed': 'true' } as const) : {};
  return { status: 201, headers: { Location: location, ...replay }, body: gate };
}
