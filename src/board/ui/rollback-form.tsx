import { useEffect, useState } from 'preact/hooks';
import type { Deployment, DeploymentQueueClient } from '../../client/client.js';
import type { DeploymentAction } from '../state/actions.js';
import { filtersOf, placeKey } from '../state/place.js';
import { copiedFields, previewRollback } from '../state/rollback.js';
import type { RollbackPreview } from '../state/rollback.js';
import { Confirmation } from './confirmation.js';
import { Fault } from './fault.js';

interface RollbackFormProps {
  readonly client: DeploymentQueueClient;
  readonly deployment: Deployment;
  readonly action: DeploymentAction;
  readonly onCancel: () => void;
  readonly onDone: (created: Deployment) => void;
}

/** How many deployments of the place are looked at for versions to return to. */
const maxLooked = 100;

/** Rolls back, after it has shown what will be copied. */
export function RollbackForm({ client, deployment, action, onCancel, onDone }: RollbackFormProps) {
  const [preview, setPreview] = useState<RollbackPreview>();
  const [chosen, choose] = useState(0);
  const [source, setSource] = useState<Deployment>();
  const [auto, setAuto] = useState(false);
  const [lock, setLock] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const option = preview?.sources[chosen];

  useEffect(() => {
    const ended = new AbortController();
    look(client, deployment, ended.signal).then(setPreview, (error: unknown) => {
      if (!ended.signal.aborted) setFault(error);
    });
    return () => {
      ended.abort();
    };
  }, [client, deployment.id]);
  useEffect(() => {
    setSource(undefined);
    if (option === undefined) return;
    const ended = new AbortController();
    client.getDeployment(option.source.id, { signal: ended.signal }).then(
      ({ deployment: found }) => {
        setSource(found);
      },
      (error: unknown) => {
        if (!ended.signal.aborted) setFault(error);
      },
    );
    return () => {
      ended.abort();
    };
  }, [client, option?.source.id]);

  const rollBack = async (reason: string | undefined) => {
    const target = option?.targetVersion;
    const query = target === undefined ? {} : { target_version: target };
    const { deployment: created } = await client.rollbackDeployment(deployment.id, query, {
      ...(reason !== undefined && { reason }),
      ...(auto && { auto }),
      ...(lock && { lock }),
    });
    onDone(created);
  };
  return (
    <Confirmation
      action={action}
      takesReason
      isReady={source !== undefined}
      onCancel={onCancel}
      onConfirm={rollBack}
    >
      {fault !== undefined && <Fault fault={fault} />}
      {preview?.isWhatRuns === false && (
        <p class="fault" role="alert">
          It is not what runs there any more: something else has begun since.
        </p>
      )}
      {preview?.isWhatRuns === true && preview.sources.length === 0 && (
        <p class="fault" role="alert">
          There is nothing to return to.
        </p>
      )}
      {preview !== undefined && preview.sources.length > 0 && (
        <label>
          Return to
          <select
            value={String(chosen)}
            onChange={({ currentTarget }) => {
              choose(Number(currentTarget.value));
            }}
          >
            {preview.sources.map(({ targetVersion, source: { version, id } }, nth) => (
              <option key={id + (targetVersion ?? '')} value={String(nth)}>
                {targetVersion === undefined ? `${version}, the last good one` : version}
              </option>
            ))}
          </select>
        </label>
      )}
      {source !== undefined && <Copied {...{ source, from: deployment }} />}
      <label class="check">
        <input
          type="checkbox"
          checked={auto}
          onChange={({ currentTarget }) => {
            setAuto(currentTarget.checked);
          }}
        />
        A worker may start it; otherwise a claim by its id
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={lock}
          onChange={({ currentTarget }) => {
            setLock(currentTarget.checked);
          }}
        />
        Lock it, so that it is not deployed again before somebody unlocks it
      </label>
    </Confirmation>
  );
}

/** What the new deployment will have, beside what runs now. */
function Copied({ source, from }: { readonly source: Deployment; readonly from: Deployment }) {
  return (
    <table class="copied">
      <caption>What will be copied</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Now</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {copiedFields
          .filter((field) => source[field] !== null || from[field] !== null)
          .map((field) => (
            <tr key={field} class={source[field] === from[field] ? 'same' : ''}>
              <th scope="row">{field.replaceAll('_', ' ')}</th>
              <td>{from[field] ?? '–'}</td>
              <td>{source[field] ?? '–'}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

async function look(
  client: DeploymentQueueClient,
  from: Deployment,
  signal: AbortSignal,
): Promise<RollbackPreview> {
  const filters = filtersOf(from);
  const [{ rows }, { deployments }] = await Promise.all([
    client.listCurrent({ ...filters, limit: 100 }, { signal }),
    client.listDeployments({ ...filters, limit: maxLooked }, { signal }),
  ]);
  const key = placeKey(from);
  return previewRollback(
    from,
    rows.find((row) => placeKey(row) === key),
    deployments,
  );
}
