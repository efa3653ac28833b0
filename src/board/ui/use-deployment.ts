import { useEffect, useState } from 'preact/hooks';
import type {
  Deployment,
  DeploymentEvent,
  DeploymentQueueClient,
  Lineage,
  QueuePosition,
} from '../../client/client.js';

/** All that the service tells of one deployment. */
export interface Known {
  readonly deployment: Deployment;
  readonly etag: string;
  readonly events: readonly DeploymentEvent[];
  readonly hasMoreEvents: boolean;
  readonly lineage: Lineage;
  /** Where it stands, while it waits or is carried out. */
  readonly position: QueuePosition | undefined;
}

/** How many events of a deployment are shown. */
const maxEvents = 100;

/**
 * Reads a deployment, and again whenever something is told of it.
 *
 * @param change differs once there is something new
 */
export function useDeployment(
  client: DeploymentQueueClient,
  id: string,
  change: unknown,
): { readonly known: Known | undefined; readonly fault: unknown; readonly again: () => void } {
  const [known, setKnown] = useState<Known>();
  const [fault, setFault] = useState<unknown>();
  const [times, setTimes] = useState(0);
  useEffect(() => {
    const ended = new AbortController();
    read(client, id, ended.signal).then(
      (found) => {
        setKnown(found);
        setFault(undefined);
      },
      (error: unknown) => {
        if (!ended.signal.aborted) setFault(error);
      },
    );
    return () => {
      ended.abort();
    };
  }, [client, id, change, times]);
  return {
    known,
    fault,
    again: () => {
      setTimes((before) => before + 1);
    },
  };
}

async function read(
  client: DeploymentQueueClient,
  id: string,
  signal: AbortSignal,
): Promise<Known> {
  const [{ deployment, etag }, { events, next }, lineage] = await Promise.all([
    client.getDeployment(id, { signal }),
    client.listDeploymentEvents(id, { limit: maxEvents }, { signal }),
    client.getDeploymentLineage(id, { signal }),
  ]);
  const isOpen = ['scheduled', 'in_progress', 'failed'].includes(deployment.status);
  const position = isOpen ? await client.getQueuePosition(id, { signal }) : undefined;
  return { deployment, etag, events, hasMoreEvents: next !== undefined, lineage, position };
}
