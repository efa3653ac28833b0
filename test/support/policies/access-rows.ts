import type { Action, PolicyPut } from '../../../src/domain/policies/policy.js';

/** Who asks in the table: a job, by the claims of its token that matter here, or a person. */
export interface Who {
  readonly job?: {
    readonly repository: string;
    readonly repository_id?: string;
    readonly ref?: string;
    readonly environment?: string;
    readonly job_workflow_ref?: string;
    readonly event_name?: string;
  };
  readonly person?: { readonly login: string; readonly role: 'admin' | 'member' };
}

const main = {
  repository: 'acme/checkout',
  repository_id: '1296269',
  ref: 'refs/heads/main',
  environment: 'production',
  job_workflow_ref: 'acme/checkout/.github/workflows/release.yml@refs/heads/main',
  event_name: 'push',
};

/** Everybody in the table, by a name. */
export const everybody = {
  'the job of main': { job: main },
  'a job of a branch': {
    job: { ...main, ref: 'refs/heads/feature/x', environment: 'staging' },
  },
  'a job without environment': {
    job: {
      repository: main.repository,
      repository_id: main.repository_id,
      ref: main.ref,
      event_name: 'workflow_dispatch',
    },
  },
  'a job of the sandbox, whose environment is called production': {
    job: { ...main, repository: 'acme/sandbox', repository_id: '77' },
  },
  'a job of another repository of that name': { job: { ...main, repository_id: '99' } },
  'a job of the renamed repository': { job: { ...main, repository: 'acme/till' } },
  'a job of a tag': { job: { ...main, ref: 'refs/tags/v1.4.0' } },
  'a job in other letters': {
    job: { ...main, repository: 'Acme/Checkout', environment: 'PRODUCTION' },
  },
  'a job of the shared workflow': {
    job: {
      repository: 'acme/basket',
      repository_id: '5',
      ref: 'refs/heads/main',
      job_workflow_ref: 'acme/ci/.github/workflows/deploy.yml@refs/heads/main',
      event_name: 'push',
    },
  },
  'a job of the shared workflow of a branch': {
    job: {
      repository: 'acme/basket',
      repository_id: '5',
      ref: 'refs/heads/main',
      job_workflow_ref: 'acme/ci/.github/workflows/deploy.yml@refs/heads/mine',
      event_name: 'push',
    },
  },
  'a job of a pull request': { job: { ...main, event_name: 'pull_request' } },
  'a job of a pull request from outside': { job: { ...main, event_name: 'pull_request_target' } },
  'an owner': { person: { login: 'olga', role: 'admin' } },
  mona: { person: { login: 'mona', role: 'member' } },
  'another member': { person: { login: 'max', role: 'member' } },
} as const satisfies Record<string, Who>;

/** The places of the table. */
export const places = {
  production: { name: 'checkout', environment: 'production', provider: 'gcp' },
  staging: { name: 'checkout', environment: 'staging', provider: 'gcp' },
  'production eu': {
    name: 'checkout',
    environment: 'production',
    provider: 'gcp',
    cloud_account_id: 'acme-prod',
    region: 'europe-west1',
    cell: 'cell-1',
  },
  'production of payments': {
    name: 'payments-api',
    environment: 'production',
    provider: 'aws',
    region: 'eu-central-1',
  },
} as const;

const all = ['register', 'start', 'report', 'rollback', 'cancel'] as const;
const production = { environment: 'production' };

/** The policies that a part of the table is about. */
export const sets = {
  none: {},
  'a repository with its environment': {
    production: {
      scope: production,
      rules: [
        {
          who: {
            job: {
              repository: 'acme/checkout',
              repository_id: '1296269',
              environment: 'production',
            },
          },
          may: ['register', 'start', 'report'],
        },
        { who: { person: { role: 'admin' } }, may: ['rollback', 'cancel'] },
        { who: { person: { login: 'Mona' } }, may: ['cancel'] },
      ],
    },
  },
  patterns: {
    eu: {
      scope: { region: 'europe-*', cloud_account_id: '*-prod', cell: 'cell-?' },
      rules: [{ who: { job: { repository: 'acme/*', ref: 'refs/tags/v*' } }, may: [...all] }],
    },
    payments: {
      scope: { name: 'payments-*', provider: 'aws', cell: null },
      rules: [
        {
          who: { job: { job_workflow_ref: 'acme/ci/.github/workflows/*@refs/heads/main' } },
          may: ['start', 'report'],
        },
        { who: { job: { ref: 'refs/heads/**' } }, may: ['register'] },
        { who: { person: { role: 'member' } }, may: ['rollback'] },
      ],
    },
  },
  'several that overlap': {
    everywhere: {
      scope: {},
      rules: [{ who: { job: { repository_id: '1296269' } }, may: ['register'] }],
    },
    production: {
      scope: production,
      rules: [{ who: { person: { role: 'member' } }, may: ['start'] }],
    },
  },
  'a workflow that may configure': {
    keepers: {
      scope: {},
      rules: [
        {
          who: {
            job: { job_workflow_ref: 'acme/ci/.github/workflows/deploy.yml@refs/heads/main' },
          },
          may: ['configure'],
        },
      ],
    },
  },
} as const satisfies Record<string, Record<string, unknown>>;

/** The policies of a set, as they are put. */
export function policiesOf(set: keyof typeof sets): [name: string, put: PolicyPut][] {
  return Object.entries(sets[set] as unknown as Record<string, PolicyPut>);
}

/** What decides: for a policy that allows, with the number of its rule; for policies that do not, by name. */
type Decided =
  | 'allowed by default'
  | 'allowed to the owner'
  | `allowed by ${string} ${number}`
  | 'refused by default'
  | 'refused for the pull request'
  | `refused by ${string}`;

/** One row: who, what, where, and what comes of it. */
export type Row = readonly [keyof typeof everybody, Action, keyof typeof places, Decided];

const sandbox = 'a job of the sandbox, whose environment is called production';
const shared = 'a job of the shared workflow';

/** The table, by the policies that there are. */
export const rows: Readonly<Record<keyof typeof sets, readonly Row[]>> = {
  none: [
    ['the job of main', 'read', 'production', 'allowed by default'],
    ['the job of main', 'register', 'production', 'allowed by default'],
    ['the job of main', 'start', 'production', 'allowed by default'],
    ['the job of main', 'report', 'production', 'allowed by default'],
    ['the job of main', 'rollback', 'production', 'allowed by default'],
    ['the job of main', 'cancel', 'production', 'allowed by default'],
    ['the job of main', 'configure', 'production', 'refused by default'],
    [sandbox, 'start', 'production', 'allowed by default'],
    ['mona', 'register', 'production', 'allowed by default'],
    ['mona', 'rollback', 'production', 'allowed by default'],
    ['mona', 'cancel', 'staging', 'allowed by default'],
    ['mona', 'configure', 'production', 'refused by default'],
    ['an owner', 'start', 'production', 'allowed by default'],
    ['an owner', 'configure', 'production', 'allowed to the owner'],
    ['a job of a pull request', 'read', 'production', 'allowed by default'],
    ['a job of a pull request', 'register', 'staging', 'refused for the pull request'],
    ['a job of a pull request', 'start', 'staging', 'refused for the pull request'],
    ['a job of a pull request', 'report', 'staging', 'refused for the pull request'],
    ['a job of a pull request', 'rollback', 'production', 'refused for the pull request'],
    ['a job of a pull request', 'cancel', 'production', 'refused for the pull request'],
    ['a job of a pull request', 'configure', 'production', 'refused for the pull request'],
    ['a job of a pull request from outside', 'read', 'production', 'allowed by default'],
    ['a job of a pull request from outside', 'register', 'staging', 'refused for the pull request'],
    ['a job of a pull request from outside', 'start', 'production', 'refused for the pull request'],
  ],
  'a repository with its environment': [
    ['the job of main', 'register', 'production', 'allowed by production 0'],
    ['the job of main', 'start', 'production', 'allowed by production 0'],
    ['the job of main', 'report', 'production eu', 'allowed by production 0'],
    ['the job of main', 'rollback', 'production', 'refused by production'],
    ['the job of main', 'cancel', 'production', 'refused by production'],
    ['the job of main', 'cancel', 'staging', 'allowed by default'],
    ['the job of main', 'read', 'production', 'allowed by default'],
    ['the job of main', 'configure', 'production', 'refused by default'],
    ['a job in other letters', 'start', 'production', 'allowed by production 0'],
    ['a job of a branch', 'start', 'production', 'refused by production'],
    ['a job of a branch', 'start', 'staging', 'allowed by default'],
    ['a job without environment', 'start', 'production', 'refused by production'],
    ['a job without environment', 'read', 'production', 'allowed by default'],
    [sandbox, 'start', 'production', 'refused by production'],
    [sandbox, 'register', 'production eu', 'refused by production'],
    [sandbox, 'read', 'production', 'allowed by default'],
    [sandbox, 'register', 'staging', 'allowed by default'],
    ['a job of another repository of that name', 'start', 'production', 'refused by production'],
    ['a job of the renamed repository', 'start', 'production', 'refused by production'],
    ['a job of a pull request', 'start', 'production', 'refused for the pull request'],
    [
      'a job of a pull request from outside',
      'report',
      'production',
      'refused for the pull request',
    ],
    ['an owner', 'rollback', 'production', 'allowed by production 1'],
    ['an owner', 'cancel', 'production', 'allowed by production 1'],
    ['an owner', 'start', 'production', 'refused by production'],
    ['an owner', 'configure', 'production', 'allowed to the owner'],
    ['mona', 'cancel', 'production', 'allowed by production 2'],
    ['mona', 'rollback', 'production', 'refused by production'],
    ['mona', 'rollback', 'staging', 'allowed by default'],
    ['another member', 'cancel', 'production', 'refused by production'],
    ['another member', 'configure', 'production', 'refused by default'],
  ],
  patterns: [
    ['a job of a tag', 'start', 'production eu', 'allowed by eu 0'],
    ['the job of main', 'start', 'production eu', 'refused by eu'],
    ['the job of main', 'start', 'production', 'allowed by default'],
    ['mona', 'cancel', 'production eu', 'refused by eu'],
    [shared, 'start', 'production of payments', 'allowed by payments 0'],
    [shared, 'register', 'production of payments', 'allowed by payments 1'],
    [
      'a job of the shared workflow of a branch',
      'start',
      'production of payments',
      'refused by payments',
    ],
    ['a job of a branch', 'register', 'production of payments', 'allowed by payments 1'],
    ['a job of a tag', 'register', 'production of payments', 'refused by payments'],
    ['mona', 'rollback', 'production of payments', 'allowed by payments 2'],
    ['an owner', 'rollback', 'production of payments', 'allowed by payments 2'],
    ['an owner', 'register', 'production of payments', 'refused by payments'],
  ],
  'several that overlap': [
    ['the job of main', 'register', 'production', 'allowed by everywhere 0'],
    ['the job of main', 'register', 'staging', 'allowed by everywhere 0'],
    ['the job of main', 'start', 'production', 'refused by everywhere, production'],
    ['the job of main', 'start', 'staging', 'refused by everywhere'],
    [sandbox, 'register', 'staging', 'refused by everywhere'],
    ['a job of the renamed repository', 'register', 'staging', 'allowed by everywhere 0'],
    ['mona', 'start', 'production', 'allowed by production 0'],
    ['mona', 'start', 'staging', 'refused by everywhere'],
    ['an owner', 'configure', 'production', 'allowed to the owner'],
  ],
  'a workflow that may configure': [
    [shared, 'configure', 'production', 'allowed by keepers 0'],
    ['a job of the shared workflow of a branch', 'configure', 'production', 'refused by default'],
    ['the job of main', 'configure', 'production', 'refused by default'],
    ['mona', 'configure', 'production', 'refused by default'],
    ['an owner', 'configure', 'production', 'allowed to the owner'],
    ['the job of main', 'start', 'production', 'allowed by default'],
    ['mona', 'rollback', 'production', 'allowed by default'],
  ],
};
