import express from 'express';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { HttpProblem } from './problem.js';

const json = 'application/json';

/**
 * Reads JSON bodies.
 *
 * The Content-Type is first reduced to `application/json` or nothing: express-openapi-validator
 * keeps a compiled validator for each Content-Type that it has seen, so a caller who varies its
 * parameters would make it grow without end.
 *
 * @param limitBytes larger bodies answer 413
 */
export function readBody(limitBytes: number): (RequestHandler | ErrorRequestHandler)[] {
  const parse = express.json({ limit: limitBytes, type: json, strict: false });
  const translate: ErrorRequestHandler = (error: unknown, _req, _res, next) => {
    next(fromBodyParser(error, limitBytes));
  };
  return [requireJson, parse, reduceContentType, translate];
}

const requireJson: RequestHandler = (req, _res, next) => {
  const sent = req.headers['content-type'];
  const [mediaType = ''] = (sent ?? '').split(';', 1);
  if (!hasBody(req)) {
    delete req.headers['content-type'];
  } else if (mediaType.trim().toLowerCase() !== json) {
    // Only what looks like a media type is said back: the header may hold anything.
    const named = /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/.test(mediaType.trim());
    const found = named ? `is ${mediaType.trim()}` : 'is missing or not a media type';
    throw new HttpProblem('unsupported-media-type', `Content-Type ${found}; allowed: ${json}`);
  }
  next();
};

const reduceContentType: RequestHandler = (req, _res, next) => {
  // A request without a body is judged as JSON that is missing, which says what to send.
  if (req.headers['content-type'] !== undefined || req.body === undefined) {
    req.headers['content-type'] = json;
  }
  next();
};

/** Whether a request announces a body (RFC 9112, section 6.3); one of no bytes is none. */
function hasBody({ headers }: { headers: NodeJS.Dict<string | string[]> }): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Turns what the body parser throws into the answer for it; anything else passes. */
function fromBodyParser(error: unknown, limitBytes: number): unknown {
  if (!(error instanceof Error) || !('status' in error)) return error;
  if (typeof error.status !== 'number' || error.status >= 500) return error;
  switch ('type' in error ? error.type : undefined) {
    case 'entity.parse.failed':
      // The parser's message quotes the body, which may hold anything.
      return new HttpProblem('malformed-request', 'The body is not JSON that can be parsed');
    case 'entity.too.large':
      return new HttpProblem(
        'content-too-large',
        `The body is larger than the ${limitBytes} bytes allowed`,
      );
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new HttpProblem(
        'unsupported-media-type',
        'The body must be JSON in UTF-8, plain or compressed with gzip, deflate or br',
      );
    default:
      // Cut short, or not compressed the way its headers say.
      return new HttpProblem('malformed-request', 'The body did not arrive whole');
  }
}
