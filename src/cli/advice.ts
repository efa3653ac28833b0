import {
  ClaimTimedOut,
  ConnectionFailed,
  CredentialsUnavailable,
  ProblemError,
  SettledOtherwise,
  UnexpectedResponse,
  WaitTimedOut,
} from '../client/client.js';
import type { ClientError, Problem } from '../client/client.js';

/** What to do about an error, where it does not say so itself; the end of a sentence. */
export function adviceFor(error: ClientError): string | undefined {
  if (error instanceof WaitTimedOut) return '--timeout waits longer';
  if (error instanceof ClaimTimedOut) return 'deployment-queue queue says what it waits for';
  if (error instanceof SettledOtherwise) {
    const { deployment_uri: uri } = error.deployment;
    return uri === null ? undefined : `see ${uri}`;
  }
  if (error instanceof ConnectionFailed) return connectionAdvice(error.message);
  if (error instanceof CredentialsUnavailable) {
    return error.retryable ? 'GitHub may give it in a moment: run this again' : undefined;
  }
  if (error.retryable) return 'run this again later; --retry-timeout tries longer';
  if (error instanceof ProblemError) return problemAdvice(error);
  // It asks itself whether the address is right.
  return error instanceof UnexpectedResponse ? undefined : 'run this again later';
}

/** What to do before gates that are closed. */
function gateAdvice({ blocked_by: gates = [] }: Problem): string {
  const kinds = gates.map(({ kind }) => kind);
  const ways = [
    ...(kinds.includes('approval') ? ['somebody else approves it by approve'] : []),
    ...(kinds.some((kind) => kind !== 'approval') ? ['run and claim wait until they open'] : []),
    '--override REASON starts it all the same',
  ];
  return ways.join(', ');
}

function connectionAdvice(message: string): string {
  if (/CERT|ISSUER|SIGNATURE/.test(message)) {
    return 'NODE_EXTRA_CA_CERTS names a file with the certificates of an authority of your own';
  }
  if (message.includes('Proxy response')) return 'see HTTPS_PROXY and NO_PROXY';
  return 'is the address right, and can it be reached from here? HTTPS_PROXY names a proxy';
}

function problemAdvice({ type, problem, status, message }: ProblemError): string | undefined {
  if (type === 'urn:problem-type:deployment-queue:gate-closed') return gateAdvice(problem);
  if (status === 401 && message.includes('audience')) {
    return 'name the one that the service expects: --audience, DEPLOYMENT_QUEUE_AUDIENCE, or the input audience of the action';
  }
  if (status === 412) return 'get it again, and use the ETag that it has now';
  if (status >= 500) return 'it is a fault of the service: tell those who run it the request';
  return undefined;
}
