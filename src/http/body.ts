import express from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { HttpError } from './problem.js';

const json = 'application/json';

/** Reads the JSON body of a request; `undefined` when it has none. */
export type ReadBody = (req: Request, res: Response) => Promise<unknown>;

/**
 * Reads JSON bodies.
 *
 * @param limitBytes larger bodies answer 413
 */
export function createBodyReader(limitBytes: number): ReadBody {
  const parse: RequestHandler = express.json({ limit: limitBytes, type: json, strict: false });
  return async (req, res) => {
    if (!hasBody(req) || (await isEmptyAfterAll(req))) return undefined;
    requireJson(req);
    // The server responds to a caller who never sends the rest, under the same id.
    res.setHeader('X-Request-Id', res.locals.requestId);
    return new Promise((resolve, reject) => {
      parse(req, res, (error: unknown) => {
        if (error === undefined) resolve(req.body);
        else reject(fromBodyParser(error, limitBytes));
      });
    });
  };
}

function requireJson(req: Request): void {
  const [mediaType = ''] = (req.headers['content-type'] ?? '').split(';', 1);
  if (mediaType.trim().toLowerCase() === json) return;
  // Only what looks like a media type is repeated: the header may hold anything.
  const named = /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/.test(mediaType.trim());
  const found = named ? `is ${mediaType.trim()}` : 'is missing or not a media type';
  throw new HttpError('unsupported-media-type', `Content-Type ${found}; allowed: ${json}`);
}

/** Whether a request announces a body (RFC 9112, section 6.3); a body of no bytes does not count. */
function hasBody({ headers }: { headers: NodeJS.Dict<string | string[]> }): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/**
 * Whether a body that is announced in chunks, and without a type, turns out to be empty: some proxies
 * forward a POST without a body like that.
 */
async function isEmptyAfterAll(req: Request): Promise<boolean> {
  const { 'transfer-encoding': encoding, 'content-type': type } = req.headers;
  if (encoding === undefined || type !== undefined) return false;
  return new Promise((resolve) => {
    const finish = (empty: boolean) => () => {
      resolve(empty);
    };
    req.once('data', finish(false)).once('end', finish(true)).once('close', finish(false));
  });
}

/** Turns what the body parser throws into the error that the caller gets; anything else passes. */
function fromBodyParser(error: unknown, limitBytes: number): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (!('status' in error)) return error;
  if (typeof error.status !== 'number' || error.status >= 500) return error;
  switch ('type' in error ? error.type : undefined) {
    case 'entity.parse.failed':
      // The parser's message quotes the body, which may hold anything.
      return new HttpError('malformed-request', 'The body is not JSON that can be parsed');
    case 'entity.too.large':
      return new HttpError(
        'content-too-large',
        `The body is larger than the ${limitBytes} bytes allowed`,
      );
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new HttpError(
        'unsupported-media-type',
        'The body must be JSON in UTF-8, plain or compressed with gzip, deflate or br',
      );
    default:
      // Cut short, or not compressed the way its headers say.
      return new HttpError('malformed-request', 'The body did not arrive whole');
  }
}
