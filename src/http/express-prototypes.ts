import { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestListener, ServerOptions } from 'node:http';

/** The classes of which a server makes its requests and responses. */
export type Messages = Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>;

/** The prototypes of an Express app's messages, which it has and its types leave out. */
interface Prototypes {
  request: object;
  response: object;
}

/**
 * Lets a server create its requests and responses with the prototypes of an Express app.
 *
 * Express replaces the prototype of both when a request comes in. V8 then gives up optimising them, and
 * every later use of either is slow, in Node's own code first of all. Where a message has the prototype of
 * the app already, Express replaces nothing.
 *
 * @returns nothing for a listener that is no Express app
 */
export function messagesOf(listener: RequestListener): Messages {
  if (!hasPrototypes(listener)) return {};
  class AppRequest extends IncomingMessage {}
  class AppResponse<R extends IncomingMessage> extends ServerResponse<R> {}
  Object.setPrototypeOf(AppRequest.prototype, listener.request);
  Object.setPrototypeOf(AppResponse.prototype, listener.response);
  listener.request = AppRequest.prototype;
  listener.response = AppResponse.prototype;
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

function hasPrototypes(listener: RequestListener): listener is RequestListener & Prototypes {
  return 'request' in listener && 'response' in listener;
}
