import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import { createClient } from '../../client/client.js';
import type { ClientError, Credentials, DeploymentQueueClient } from '../../client/client.js';
import { sleep } from '../../client/time.js';
import { feedOf } from '../live.js';
import { boardPace } from '../pace.js';
import { emptyBoard, reduce } from '../state/board.js';
import type { Board, BoardAction, Liveness } from '../state/board.js';
import { BoardSync } from '../sync.js';
import { isRefusal, messageOf } from './failure.js';

/** The board of an organisation, and what keeps it as the service has it. */
export interface UsedBoard {
  readonly board: Board;
  readonly client: DeploymentQueueClient;
  readonly sync: BoardSync;
}

/** How often locks and freezes are read while somebody looks. */
const gatesEveryMs = 15_000;
/** How long after a failure everything begins again. */
const againMs = 5_000;

/** Follows what these credentials may see, until there are others. */
export function useBoard(base: string, credentials: Credentials): UsedBoard {
  const [board, dispatch] = useReducer<Board, BoardAction>(reduce, emptyBoard);
  const send = useRef(dispatch);
  send.current = dispatch;
  const { client, sync } = useMemo(() => {
    const say = (action: BoardAction) => {
      send.current(action);
    };
    let isLive = false;
    const client = createClient({
      url: base,
      credentials,
      // The page's own origin: that it is plain http is nothing new to who has opened it.
      allowInsecureHttp: true,
      retry: {
        onRetry: (error) => {
          if (!isLive) say({ type: 'liveness', liveness: livenessOf(false, error) });
        },
      },
    });
    const feed = feedOf(client, (isOpen, reason) => {
      isLive = isOpen;
      say({ type: 'liveness', liveness: livenessOf(isOpen, reason) });
      // What the feed does not tell may have changed meanwhile.
      if (isOpen) made.refreshGates();
    });
    const made = new BoardSync({ client, feed, dispatch: say, pace: boardPace, gatesEveryMs });
    return { client, sync: made };
  }, [base, credentials]);

  useLayoutEffect(() => {
    const ended = new AbortController();
    dispatch({ type: 'reset' });
    void keepRunning(sync, dispatch, ended.signal);
    return () => {
      ended.abort();
    };
  }, [sync]);
  useEffect(() => {
    const see = () => {
      sync.see(document.visibilityState === 'visible');
    };
    see();
    document.addEventListener('visibilitychange', see);
    return () => {
      document.removeEventListener('visibilitychange', see);
    };
  }, [sync]);
  return { board, client, sync };
}

/** The service ends a stream now and then, which is no failure. */
function livenessOf(isOpen: boolean, reason: ClientError | undefined): Liveness {
  if (isOpen) return { state: 'live' };
  return reason ? { state: 'reconnecting', why: reason.message } : { state: 'connecting' };
}

async function keepRunning(
  sync: BoardSync,
  dispatch: (action: BoardAction) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await sync.run(signal);
    } catch (error) {
      if (signal.aborted) return;
      const state = isRefusal(error) ? 'refused' : 'reconnecting';
      dispatch({ type: 'liveness', liveness: { state, why: messageOf(error) } });
      if (state === 'refused') return;
    }
    try {
      await sleep(againMs, signal);
    } catch {
      return;
    }
  }
}
