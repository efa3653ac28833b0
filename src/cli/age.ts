const units = [
  ['y', 365 * 86_400],
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const;

/**
 * How long ago an instant was, by its largest unit.
 *
 * @param instant RFC 3339
 * @param now milliseconds since 1970
 * @example age('2026-01-05T09:30:00Z', Date.parse('2026-01-05T12:00:00Z')) // '2h'
 */
export function age(instant: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(instant)) / 1000));
  if (Number.isNaN(seconds)) return instant;
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? ['s', 1];
  return `${Math.floor(seconds / length)}${unit}`;
}

/** How far ahead an instant is, likewise. */
export function distance(instant: string, now: number): string {
  return age(new Date(now).toISOString(), Math.max(now, Date.parse(instant)));
}
