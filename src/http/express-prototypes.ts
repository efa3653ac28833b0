import { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestListener, ServerOptions } from 'node:http';

/** The classes of which a server makes its requests and responses. */
export type Messages = Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>;

/** What Express shows of itself, and its types leave out: the prototypes of its messages. */
interface Prototypes {
  request: object;
  response: object;
}

/**
 * Lets a server make its requests and responses as the ones that an Express app wants.
 *
 * Express exchanges the prototype of both when a request comes in. V8 takes that as a sign that nothing is
 * certain about them, and every later use of either is slow, those in Node's own code first of all. Of
 * messages that were made with the prototype which Express wants, it exchanges nothing.
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
