import { ProblemError } from '../../client/client.js';

/** What to say of a failure: of a problem, what the service says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether asking again leads to nothing until somebody does something: nobody is signed in, or may not. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ProblemError && [400, 401, 403, 422].includes(error.status);
}

/** Everything that a problem says beside its detail. */
export function detailsOf(error: unknown): readonly string[] {
  if (!(error instanceof ProblemError)) return [];
  const { errors = [], access } = error.problem;
  return [
    ...errors.map(({ pointer, parameter, message }) =>
      [pointer ?? parameter, message].filter(Boolean).join(': '),
    ),
    ...(access?.changeable_by ? [`Who can change that: ${access.changeable_by}`] : []),
  ];
}
