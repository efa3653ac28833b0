import type { CurrentState, Deployment, DeploymentBrief } from '../../client/contract.js';
import { placeKey } from './place.js';

/** One deployment that a rollback may copy. */
export interface RollbackSource {
  /** What to ask for: nothing for the last good one. */
  readonly targetVersion: string | undefined;
  readonly source: Pick<DeploymentBrief, 'id' | 'version' | 'deployed_at'>;
}

/** What a rollback would do, as the service tells it. */
export interface RollbackPreview {
  /** Whether the deployment is still what runs there; only then it can be rolled back by its id. */
  readonly isWhatRuns: boolean;
  /** What may be copied, the last good one first. None where there is nothing. */
  readonly sources: readonly RollbackSource[];
}

/**
 * Finds what a rollback from a deployment would copy: `previous_good` is what the service says that it returns
 * to, and of a version that is named, it copies the newest deployment that has ever been deployed.
 *
 * @param row the place's row, as it is now
 * @param deployments deployments of the place, the newest first
 */
export function previewRollback(
  from: Deployment,
  row: CurrentState | undefined,
  deployments: readonly Deployment[],
): RollbackPreview {
  if (row?.current?.id !== from.id) return { isWhatRuns: false, sources: [] };
  const lastGood = row.previous_good;
  const key = placeKey(from);
  const versions = new Map<string, Deployment>();
  for (const each of deployments) {
    const canBeCopied = each.deployed_at !== null && each.id !== from.id && placeKey(each) === key;
    if (canBeCopied && !versions.has(each.version)) versions.set(each.version, each);
  }
  return {
    isWhatRuns: true,
    sources: [
      ...(lastGood === null ? [] : [{ targetVersion: undefined, source: lastGood }]),
      ...[...versions].map(([targetVersion, source]) => ({ targetVersion, source })),
    ],
  };
}

/** What a rollback copies, in the order in which it is shown. Where it runs is as good as the same. */
export const copiedFields = [
  'version',
  'type',
  'commit_sha',
  'commit_at',
  'description',
  'build_uri',
  'resource',
  'pipeline_extra_params',
] as const satisfies readonly (keyof Deployment)[];
