/** Who ran what, as events and deployments tell it. */
export interface RunOf {
  readonly repository: string | null;
  readonly run_id: string | null;
  readonly run_attempt?: string | null;
}

/** A link that a person may follow: http or https alone; `undefined` for anything else. */
export function webLink(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined || !URL.canParse(text)) return undefined;
  const { protocol, href } = new URL(text);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}

/**
 * The run of a workflow on GitHub.
 *
 * @param gitHub where its pages are, such as `https://github.com`
 */
export function runLink(
  { repository, run_id, run_attempt }: RunOf,
  gitHub: string,
): string | undefined {
  if (repository === null || run_id === null) return undefined;
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^\d+$/.test(run_id)) return undefined;
  const attempt = /^\d+$/.test(run_attempt ?? '') ? `/attempts/${run_attempt ?? ''}` : '';
  return `${gitHub}/${repository}/actions/runs/${run_id}${attempt}`;
}
