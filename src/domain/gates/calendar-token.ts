/**
 * The token of a calendar: it says whose it is, so that one look finds it.
 *
 * @param secret 43 characters of base64url that are random
 */
export function calendarToken(organisation: string, secret: string): string {
  return `${Buffer.from(organisation).toString('base64url')}.${secret}`;
}

const form = /^([\w-]{1,400})\.[\w-]{43}$/;

/** Whose calendar a token is for; `undefined` when it cannot be one. */
export function organisationOfToken(token: string): string | undefined {
  const [, encoded] = form.exec(token) ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString();
}
