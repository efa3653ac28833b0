import type { Store } from '../store/store.js';

/** How long after a change of another process its work is looked for, in milliseconds. */
export const afterOthersMs = 30_000;

/**
 * Does something a while after other processes have changed something, or may have: who was to do what follows from that
 * may be dead. It is done once for all changes of such a while.
 *
 * @returns ends it
 */
export function afterOthers(
  store: Pick<Store, 'subscribeToOthers'>,
  act: () => void,
  afterMs = afterOthersMs,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const unsubscribe = store.subscribeToOthers(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      act();
    }, afterMs).unref();
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
