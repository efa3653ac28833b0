import type { Deployment } from '../../client/client.js';
import { statusWord } from '../state/words.js';
import { OpenButton } from './open-button.js';
import type { Known } from './use-deployment.js';

interface DrawerLineageProps {
  readonly known: Known;
  readonly onOpen: (id: string) => void;
}

/** What a deployment was copied from, what it replaced, and what replaced it. */
export function DrawerLineage({ known: { lineage }, onOpen }: DrawerLineageProps) {
  const chains = [
    ['Copied from', lineage.copied_from, lineage.more.copied_from],
    ['Rolled back from', lineage.replaced, lineage.more.replaced],
    ['Replaced by', lineage.replaced_by, lineage.more.replaced_by],
  ] as const;
  if (chains.every(([, members]) => members.length === 0)) return null;
  return (
    <section>
      <h3>Lineage</h3>
      {chains.map(([title, members, hasMore]) => (
        <Chain key={title} {...{ title, members, hasMore, onOpen }} />
      ))}
    </section>
  );
}

interface ChainProps {
  readonly title: string;
  readonly members: readonly Deployment[];
  readonly hasMore: boolean;
  readonly onOpen: (id: string) => void;
}

function Chain({ title, members, hasMore, onOpen }: ChainProps) {
  if (members.length === 0) return null;
  return (
    <>
      <h4>{title}</h4>
      <ul class="plain-list">
        {members.map(({ id, version, status, created_at }) => (
          <li key={id}>
            <OpenButton id={id} name={version} onOpen={onOpen} />{' '}
            <span class="nothing">
              {statusWord(status)}, registered{' '}
              {new Date(created_at).toLocaleString('en-GB', {
                dateStyle: 'short',
                timeStyle: 'short',
              })}
            </span>
          </li>
        ))}
        {hasMore && <li class="nothing">and more</li>}
      </ul>
    </>
  );
}
