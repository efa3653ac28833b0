import { isUtf8 } from 'node:buffer';
import express from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { contractViolation } from '../domain/errors.js';
import { bodyFactor } from './memory.js';
import type { HeldMemory } from './memory.js';
import { HttpError } from './problem.js';

const json = 'application/json';

/**
 * Reads the JSON body of a request; `undefined` when it has none.
 *
 * @param expected whether the operation takes a body; one that it does not take is refused unread
 */
export type ReadBody = (req: Request, res: Response, expected: boolean) => Promise<unknown>;

/**
 * Reads JSON bodies.
 *
 * @param limitBytes larger bodies answer 413
 * @param memory where room is made for each before it is read
 */
export function createBodyReader(limitBytes: number, memory: HeldMemory): ReadBody {
  const limit = { limit: limitBytes, type: json, strict: false };
  const parse: RequestHandler = express.json({ ...limit, verify: requireUtf8 });

  const read = (req: Request, res: Response): Promise<unknown> => {
    requireJson(req);
    const bytes = bodyFactor * announcedBytes(req, limitBytes);
    memory.hold(res, res.locals.caller?.organisation ?? '', bytes);
    // The server responds to a caller who never sends the rest, under the same id.
    res.setHeader('X-Request-Id', res.locals.requestId);
    return new Promise((resolve, reject) => {
      parse(req, res, (error: unknown) => {
        if (error === undefined) resolve(req.body);
        else reject(fromBodyParser(error, limitBytes));
      });
    });
  };

  return async (req, res, expected) => {
    if (!announcesBody(req) || (await isEmptyAfterAll(req))) return undefined;
    try {
      if (expected) return await read(req, res);
      throw contractViolation([{ pointer: '#', message: 'must be left out: none is expected' }]);
    } catch (error) {
      // What is left of it must not stand before the next request of the connection.
      req.resume();
      throw error;
    }
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

/** The parser would decode UTF-7, UTF-16 and UTF-32, and put U+FFFD for what it cannot decode. */
function requireUtf8(_req: unknown, _res: unknown, body: Buffer, charset: string): void {
  if (charset !== 'utf-8') throw notUtf8();
  if (!isUtf8(body)) throw new HttpError('malformed-request', 'The body is not UTF-8');
}

function notUtf8(): HttpError {
  return new HttpError(
    'unsupported-media-type',
    'The body must be JSON in UTF-8, plain or compressed with gzip, deflate or br',
  );
}

/** Whether a request announces a body (RFC 9112, section 6.3); a body of no bytes does not count. */
function announcesBody({ headers }: Request): boolean {
  const length = headers['content-length'];
  return (
    headers['transfer-encoding'] !== undefined || (length !== undefined && !/^0+$/.test(length))
  );
}

/** How large a body may become: the limit, where its headers do not say. */
function announcedBytes({ headers }: Request, limitBytes: number): number {
  const isKnown =
    headers['transfer-encoding'] === undefined && headers['content-encoding'] === undefined;
  return isKnown ? Math.min(limitBytes, Number(headers['content-length'])) : limitBytes;
}

/**
 * Whether a body that is announced in chunks turns out to be empty: some proxies forward a request
 * without a body like that. Nothing is taken from a body that is not.
 */
async function isEmptyAfterAll(req: Request): Promise<boolean> {
  if (req.headers['transfer-encoding'] === undefined) return false;
  return new Promise((resolve) => {
    const finish = (): void => {
      req.off('readable', finish).off('end', finish).off('close', finish);
      resolve(req.readableLength === 0 && req.complete);
    };
    req.on('readable', finish).on('end', finish).on('close', finish);
  });
}

/** Turns what the body parser throws into the error that the caller gets; anything else passes. */
function fromBodyParser(error: unknown, limitBytes: number): Error {
  if (error instanceof HttpError) return error;
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
      return notUtf8();
    default:
      // Cut short, or not compressed the way its headers say.
      return new HttpError('malformed-request', 'The body did not arrive whole');
  }
}
