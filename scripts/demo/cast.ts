/** Who and what there is in the demo. All of it is invented. */
import type { Caller } from '../../src/domain/callers/caller.js';
import type { DeploymentCreate } from '../../src/domain/deployments/deployment.js';

/** The organisation. */
export const organisation = 'octo-shop';

/** Where a component runs. */
export type Place = Pick<DeploymentCreate, 'provider' | 'region' | 'cell' | 'cloud_account_id'>;

/** A component, and where it runs. */
export interface Component {
  readonly name: string;
  readonly type: DeploymentCreate['type'];
  /** The version that it begins the week with, without the last number. */
  readonly series: string;
  readonly staging: readonly Place[];
  readonly production: readonly Place[];
  /** What is said of its changes, in turn. */
  readonly changes: readonly string[];
}

const belgium: Place = { provider: 'gcp', region: 'europe-west1', cloud_account_id: 'octo-prod' };
const carolina: Place = { provider: 'gcp', region: 'us-east1', cloud_account_id: 'octo-prod' };
const frankfurt: Place = {
  provider: 'aws',
  region: 'eu-central-1',
  cloud_account_id: '000000000042',
};
const ohio: Place = { provider: 'aws', region: 'us-east-2', cloud_account_id: '000000000042' };
const amsterdam: Place = {
  provider: 'azure',
  region: 'westeurope',
  cloud_account_id: 'octo-azure',
};
const cells = (place: Place): Place[] => ['cell-1', 'cell-2'].map((cell) => ({ ...place, cell }));

/** Where everything is tried out first. */
export const devPlace: Place = {
  provider: 'gcp',
  region: 'europe-west1',
  cloud_account_id: 'octo-dev',
};
const staged = (place: Place): Place => ({ ...place, cloud_account_id: 'octo-staging' });

export const components: readonly Component[] = [
  {
    name: 'checkout',
    type: 'k8s',
    series: '4.12',
    staging: [staged(belgium)],
    production: [belgium, carolina],
    changes: ['One page instead of three', 'Vouchers of two kinds at once', 'Faster totals'],
  },
  {
    name: 'payments',
    type: 'k8s',
    series: '2.31',
    staging: [staged(frankfurt)],
    production: cells(frankfurt),
    changes: ['A second acquirer behind a flag', 'Retries with a budget', 'Refunds in parts'],
  },
  {
    name: 'catalog',
    type: 'k8s',
    series: '7.4',
    staging: [staged(belgium), staged(ohio)],
    production: [belgium, ohio],
    changes: ['Pictures in AVIF', 'Variants by size', 'Fewer queries for a list'],
  },
  {
    name: 'search',
    type: 'k8s',
    series: '3.0',
    staging: [staged(belgium)],
    production: [belgium, carolina],
    changes: ['Synonyms', 'Typing errors forgiven', 'A smaller index'],
  },
  {
    name: 'accounts',
    type: 'k8s',
    series: '5.9',
    staging: [staged(amsterdam)],
    production: [amsterdam],
    changes: ['Passkeys', 'Sessions end everywhere', 'Clearer mails'],
  },
  {
    name: 'notifications',
    type: 'k8s',
    series: '1.18',
    staging: [staged(amsterdam)],
    production: [amsterdam, frankfurt],
    changes: ['Digest once a day', 'Push for parcels', 'Templates checked at the start'],
  },
  {
    name: 'ledger-export',
    type: 'data_pipeline',
    series: '0.44',
    staging: [staged(frankfurt)],
    production: [frankfurt],
    changes: ['Partitions by day', 'Late bookings', 'A check of sums'],
  },
  {
    name: 'network',
    type: 'terraform',
    series: '12.2',
    staging: [staged(belgium)],
    production: [belgium, frankfurt, amsterdam],
    changes: ['Narrower firewall rules', 'A second gateway', 'Shorter lifetimes in DNS'],
  },
];

/** Those who work there. */
export const people = ['octo-amber', 'octo-basil', 'octo-cedar', 'octo-dune'] as const;
export type Person = (typeof people)[number];

/** A person at a terminal or the board. */
export function person(actor: Person): Caller {
  return { organisation, actor, repository: null, workflow: null, source: 'pat', role: 'member' };
}

/** The pipeline of a component, in a run that a person has caused. */
export function pipeline(name: string, actor: Person, run: Run): Caller {
  const repository = `${organisation}/${name}`;
  return {
    organisation,
    actor,
    repository,
    workflow: 'Deploy',
    source: 'oidc',
    job: {
      actorId: '1',
      repositoryId: '1',
      ref: 'refs/heads/main',
      commitSha: run.commit,
      runId: String(run.number),
      runAttempt: '1',
      eventName: 'push',
      environment: null,
      workflowRef: `${repository}/.github/workflows/deploy.yaml@refs/heads/main`,
    },
  };
}

/** A run of a pipeline. */
export interface Run {
  readonly number: number;
  readonly commit: string;
}

/** Where a run can be looked at. */
export function runUri(name: string, { number }: Run): string {
  return `https://github.example.com/${organisation}/${name}/actions/runs/${number}`;
}

/** Where what was deployed can be looked at. */
export function consoleUri(name: string, environment: string, { region }: Place): string {
  return `https://console.example.com/${environment}/${region ?? 'global'}/${name}`;
}
