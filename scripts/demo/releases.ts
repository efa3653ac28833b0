import type { Deployment, DeploymentCreate } from '../../src/domain/deployments/deployment.js';
import type { Random } from '../../test/support/random.js';
import { consoleUri, devPlace, people, person, pipeline, runUri } from './cast.js';
import type { Component, Person, Place } from './cast.js';
import type { Story } from './play.js';
import type { DemoTenant } from './tenant.js';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A version on its way. */
export interface Release {
  readonly component: Component;
  readonly version: string;
  readonly commit: string;
  readonly committedAt: number;
  readonly author: Person;
  readonly description: string;
}

/** How a version comes out in a place. */
export interface Course {
  readonly tenant: DemoTenant;
  readonly random: Random;
  readonly release: Release;
  readonly environment: string;
  readonly place: Place;
  /** How often it fails before it is deployed. */
  readonly failures?: number;
}

/**
 * A version of a component.
 *
 * @param number its last part, such as `6` or `6-hotfix.1`
 */
export function releaseOf(
  component: Component,
  number: string,
  committedAt: number,
  random: Random,
): Release {
  const { changes, series } = component;
  const digits = Array.from({ length: 40 }, () => Math.floor(random.next() * 16).toString(16));
  return {
    component,
    version: `${series}.${number}`,
    commit: digits.join(''),
    committedAt,
    author: random.pick(people),
    description: random.pick(changes),
  };
}

/** Registers a version in a place, by its pipeline. */
export async function register(
  { tenant, random, release, environment, place }: Course,
  fields: Partial<DeploymentCreate> = {},
): Promise<{ deployment: Deployment; caller: ReturnType<typeof pipeline> }> {
  const { component, version, commit, committedAt, author, description } = release;
  const run = { number: 7_000_000 + Math.floor(random.next() * 1_000_000), commit };
  const caller = pipeline(component.name, author, run);
  const deployment = await tenant.create(caller, {
    name: component.name,
    version,
    environment,
    ...place,
    type: component.type,
    commit_sha: commit,
    commit_at: new Date(committedAt).toISOString(),
    description,
    build_uri: runUri(component.name, run),
    resource: component.type === 'k8s' ? `deployment/${component.name}` : component.name,
    ...fields,
  });
  return { deployment, caller };
}

/** What is said of an attempt that failed. */
const mishaps = [
  'Readiness probe failed for two of six pods',
  'Image pull timed out; the registry was slow',
  'The smoke test of the login got 502',
  'A migration waited for a lock and gave up',
];

/** Registers a version in a place, and carries it out as soon as it is its turn. */
export async function* rollOut(
  course: Course,
  takesMs: number,
): AsyncGenerator<number, Deployment> {
  const { tenant, random, release, environment, place, failures = 0 } = course;
  const { deployment, caller } = await register(course);
  yield tenant.now() + 20 * second;
  for (let attempt = 0; ; attempt += 1) {
    if (environment === 'production') await approveBy(tenant, deployment, approverOf(release));
    const claim = () =>
      tenant.claim(caller, deployment.id, { waitSeconds: 60, leaseSeconds: 3600 });
    let token = await claim();
    while (token === undefined) {
      yield tenant.now() + 30 * second;
      token = await claim();
    }
    yield tenant.now() + takesMs * (0.7 + 0.6 * random.next());
    if (attempt < failures) {
      const notes = random.pick(mishaps);
      await tenant.update(caller, deployment.id, { status: 'failed', notes }, token);
      yield tenant.now() + 4 * minute;
      continue;
    }
    const uri = consoleUri(release.component.name, environment, place);
    const fields = { status: 'deployed', notes: null, deployment_uri: uri } as const;
    return tenant.update(caller, deployment.id, fields, token);
  }
}

/** Who approves what somebody has written: the one beside them. */
export function approverOf({ author }: Release): Person {
  return people[(people.indexOf(author) + 1) % people.length] ?? people[0];
}

/** Lets a person approve what is to come to production. */
export function approveBy(tenant: DemoTenant, { id }: Deployment, who: Person): Promise<void> {
  return tenant.approve(person(who), id);
}

/** How far a version comes: `registered` for production, and never started there. */
export type Goal = 'dev' | 'staging' | 'registered' | 'production';

/**
 * Takes a version from where it is tried out to production.
 *
 * @param upTo where it ends
 */
export async function* promote(course: Omit<Course, 'environment' | 'place'>, upTo: Goal): Story {
  const { tenant, release, random } = course;
  const { component, committedAt } = release;
  /** One attempt of nine fails, and the next one with it now and then. */
  const failures = (): number => [0, 0, 0, 0, 0, 0, 0, 1, random.pick([1, 2])][roll()] ?? 0;
  const roll = (): number => Math.floor(random.next() * 9);
  yield committedAt;
  const inDev = { ...course, environment: 'dev', place: devPlace, failures: failures() };
  yield* rollOut(inDev, 90 * second);
  if (upTo === 'dev') return;
  yield tenant.now() + (15 + 20 * random.next()) * minute;
  for (const place of component.staging) {
    yield* rollOut({ ...course, environment: 'staging', place, failures: failures() }, 3 * minute);
  }
  if (upTo === 'staging') return;
  yield tenant.now() + (1 + 2 * random.next()) * hour;
  for (const place of component.production) {
    const inProduction = { ...course, environment: 'production', place };
    if (upTo === 'registered') await register(inProduction);
    else yield* rollOut(inProduction, 6 * minute);
    yield tenant.now() + 5 * minute;
  }
}
