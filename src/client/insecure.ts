import { isLoopbackUrl } from '../platform/loopback-url.js';

/** Whether everyone between here and a URL can read what is sent there: plain http, to another machine. */
export function isInsecure(url: URL): boolean {
  return url.protocol === 'http:' && !isLoopbackUrl(url);
}

/** What is wrong with such a URL, after its name. */
export const insecureFault =
  'must be https, since everyone in between can read a token that goes over http: that is for this machine, and elsewhere only with allowInsecureHttp (--allow-insecure-http)';
