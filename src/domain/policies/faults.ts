import { contractViolation } from '../errors.js';
import type { Violation } from '../errors.js';
import { isPattern } from '../scopes/glob.js';
import { globFaults, scopeFaults } from '../scopes/scope.js';
import type { Scope } from '../scopes/scope.js';
import type { PolicyPut, PolicyRule } from './policy.js';

type Job = NonNullable<PolicyRule['who']['job']>;

/** The claims of a job that are globs. */
const jobGlobs = ['repository', 'ref', 'environment', 'job_workflow_ref'] as const;

/**
 * Refuses what a schema cannot say of a policy: globs whose match could take long, and rules that would
 * bind less than they seem to.
 *
 * @throws ApplicationError `contract-violation` with each fault
 */
export function requireSound(policy: PolicyPut): void {
  const { scope, rules } = policy;
  const faults = [
    ...scopeFaults(scope),
    ...rules.flatMap((rule, nth) => ruleFaults(rule, `#/rules/${nth}`, scope)),
  ];
  if (faults.length > 0) throw contractViolation(faults.slice(0, maxFaults));
}

/** As many as a response shows of the contract's own. */
const maxFaults = 20;

function ruleFaults({ who, may }: PolicyRule, pointer: string, scope: Scope): Violation[] {
  const { job } = who;
  return [
    ...(job === undefined ? [] : jobFaults(job, `${pointer}/who/job`)),
    ...(may.includes('configure') && !(isEmpty(scope) && isPinned(job))
      ? [
          {
            pointer: `${pointer}/may`,
            message:
              'may have configure only in a policy with an empty scope, for a job whose ' +
              'job_workflow_ref is named without * and ?',
          },
        ]
      : []),
  ];
}

function jobFaults(job: Job, pointer: string): Violation[] {
  const faults = globFaults(pointer, jobGlobs, job);
  const { repository, repository_id: id, environment } = job;
  const isOne = id !== undefined || (repository !== undefined && !isPattern(repository));
  if (environment !== undefined && !isOne) {
    faults.push({
      pointer: `${pointer}/environment`,
      message:
        'needs repository_id, or a repository without * and ?, beside it: any repository may name ' +
        'an environment of its own',
    });
  }
  return faults;
}

function isEmpty(scope: Scope): boolean {
  return Object.keys(scope).length === 0;
}

function isPinned(job: Job | undefined): boolean {
  const { job_workflow_ref: workflow } = job ?? {};
  return workflow !== undefined && !isPattern(workflow);
}
