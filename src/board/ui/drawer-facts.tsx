import type { ComponentChildren } from 'preact';
import { approvalInWords } from '../state/approvals.js';
import { runLink, webLink } from '../state/links.js';
import { shortCommit, since } from '../state/words.js';
import type { Known } from './use-deployment.js';
import { WebLink } from './web-link.js';

interface DrawerFactsProps {
  readonly known: Known;
  readonly gitHub: string;
  readonly now: number;
}

/** What a deployment says of itself. */
export function DrawerFacts({ known, gitHub, now }: DrawerFactsProps) {
  const { deployment, events } = known;
  const [registration] = events;
  const run = (registration && runLink(registration, gitHub)) ?? webLink(deployment.build_uri);
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    ['Registered', <Instant key="registered" at={deployment.created_at} now={now} />],
    ['Started', <Instant key="started" at={deployment.started_at} now={now} />],
    ['Ended', <Instant key="ended" at={deployment.finished_at} now={now} />],
    ['By', deployment.created_by_actor],
    [
      'From',
      [deployment.created_by_repo, deployment.created_by_workflow].filter(Boolean).join(' · '),
    ],
    ['Approved by', deployment.approvals.map(approvalInWords).join('\n')],
    ['Trigger', deployment.trigger],
    ['Type', deployment.type],
    ['Started by', deployment.auto ? 'a worker, or a claim by its id' : 'a claim by its id alone'],
    ['Commit', shortCommit(deployment.commit_sha)],
    ['Resource', deployment.resource],
    ['Description', deployment.description],
    ['Notes', deployment.notes],
    ['Parameters', deployment.pipeline_extra_params],
    ['Id', <code key="id">{deployment.id}</code>],
  ];
  return (
    <section class="facts">
      <h3>About it</h3>
      <p class="links">
        <WebLink href={run}>Run</WebLink>
        <WebLink href={webLink(deployment.deployment_uri)}>Rollout</WebLink>
      </p>
      <dl>
        {facts
          .filter(([, value]) => value !== null && value !== undefined && value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function Instant({ at, now }: { readonly at: string | null; readonly now: number }) {
  if (at === null) return <span class="nothing">not yet</span>;
  return (
    <time dateTime={at}>
      {new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })}{' '}
      <span class="nothing">{since(at, now)} ago</span>
    </time>
  );
}
