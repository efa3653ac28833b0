import type { Liveness } from '../state/board.js';

const words = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  refused: 'Not live',
} as const;

/** Whether what is seen is what is. */
export function LivenessBadge({ liveness }: { readonly liveness: Liveness }) {
  return (
    <span class={`liveness ${liveness.state}`} role="status">
      <span class="dot" aria-hidden="true" />
      {words[liveness.state]}
    </span>
  );
}

interface LivenessBarProps {
  readonly liveness: Liveness;
  /** Where somebody can sign in again, if anywhere: a link, or what to do. */
  readonly signIn: string | (() => void) | undefined;
}

/** Says why the board does not follow, in words that cannot be overlooked. */
export function LivenessBar({ liveness, signIn }: LivenessBarProps) {
  if (!('why' in liveness)) return null;
  const isRefused = liveness.state === 'refused';
  return (
    <div class={`notice ${liveness.state}`} role="alert">
      <strong>{isRefused ? 'The service refuses this' : 'Not live: reconnecting'}</strong>
      <span>{liveness.why}</span>
      {isRefused && typeof signIn === 'string' && (
        <a class="button" href={signIn}>
          Sign in again
        </a>
      )}
      {isRefused && typeof signIn === 'function' && (
        <button class="button" type="button" onClick={signIn}>
          Sign in again
        </button>
      )}
    </div>
  );
}
