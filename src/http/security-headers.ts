import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/**
 * The headers that helmet would set on each response, by name. They never change, so helmet is asked
 * once. No response of this service is a page: nothing may be loaded for one, nor may it be framed.
 */
const securityHeaders: ReadonlyMap<string, string> = askHelmet();

/** The same as one list, name and value by turns, as `writeHead` takes it. */
export const rawSecurityHeaders: readonly string[] = [...securityHeaders].flat();

/** Sets them. */
export function setSecurityHeaders(res: ServerResponse): void {
  for (const [name, value] of securityHeaders) res.setHeader(name, value);
}

function askHelmet(): Map<string, string> {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  const setHeaders = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
  });
  setHeaders(res.req, res, (error) => {
    if (error !== undefined) throw new Error('helmet failed', { cause: error });
  });
  return new Map(res.getHeaderNames().map((name) => [name, String(res.getHeader(name))]));
}
