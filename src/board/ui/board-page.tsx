import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Credentials } from '../../client/client.js';
import { chooseOrganisation, signInLink, signOut } from '../session.js';
import type { Session, TypedToken } from '../session.js';
import { attentionOf, unexplainedFailures } from '../state/attention.js';
import { isChosen, isShown } from '../state/filters.js';
import type { View } from '../state/filters.js';
import { closedIn, closedNow, nextOpening } from '../state/gates.js';
import { inOrder, layOut } from '../state/grid.js';
import { mayBeChosen } from '../state/scope.js';
import type { Wanted } from '../sync.js';
import { Approval } from './approval.js';
import { AttentionStrip } from './attention-strip.js';
import { Drawer } from './drawer.js';
import { Fault } from './fault.js';
import { GatesBanner } from './gates-banner.js';
import { BoardGrid } from './grid.js';
import { Header } from './header.js';
import { KeysHelp } from './keys-help.js';
import { LivenessBar } from './liveness.js';
import { Timeline } from './timeline.js';
import { useBoard } from './use-board.js';
import { useNow } from './use-now.js';
import type { Theme } from './use-theme.js';
import type { ChangeView } from './use-view.js';

interface BoardPageProps {
  readonly base: string;
  readonly session: Session;
  readonly credentials: Credentials;
  readonly organisation: string;
  readonly view: View;
  readonly changeView: ChangeView;
  readonly theme: Theme;
  readonly toggleTheme: () => void;
  readonly onToken: (token: TypedToken | undefined) => void;
}

/** Of how many deployments it is looked up at most how they have failed. */
const maxExplained = 20;

/** The board of an organisation. */
export function BoardPage(props: BoardPageProps) {
  const { base, session, credentials, organisation, view, changeView, theme, toggleTheme } = props;
  const { board, client, sync } = useBoard(base, credentials);
  const now = useNow(15_000, (instant) => nextOpening(closedNow(board.gates, instant)));
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const reloadAfter = (done: Promise<void>) => {
    done.then(() => {
      location.reload();
    }, setFault);
  };
  const searchField = useRef<HTMLInputElement>(null);

  const chosen = [view.provider, view.region, ...view.environments].join();
  const { rows, rollbacks, queue, failures, gates, events, liveness } = board;
  const grid = useMemo(
    () => layOut([...rows.values()].filter((row) => isShown(row, view))),
    [rows, view.search, chosen, view.show],
  );
  const all = useMemo(() => [...rows.values()], [rows]);
  const environments = useMemo(() => inOrder(all.map(({ environment }) => environment)), [all]);
  const needed = useMemo(
    () => attentionOf(board, now).filter(({ place }) => isChosen(place, view)),
    [rows, rollbacks, queue, failures, events, now, chosen],
  );
  // The same while the same is closed, so that no cell is drawn again.
  const isClosed = closedNow(gates, now).map(({ id }) => id);
  const closed = useMemo(() => closedNow(gates, now), [gates, isClosed.join()]);
  const closedFor = useMemo(() => closedIn(closed), [closed]);
  const shownClosed = closed.filter(({ scope }) => mayBeChosen(scope, view));
  const unapproved = board.unapproved.filter(({ deployment }) => isChosen(deployment, view));
  const count = needed.length + unapproved.length;
  const open = (deployment: string | undefined) => {
    changeView({ deployment });
  };

  useEffect(() => {
    if (board.isLoaded) sync.explain(unexplainedFailures(board).slice(0, maxExplained));
  }, [rows, events, board.isLoaded]);

  useEffect(() => {
    document.title = `${count > 0 ? `(${count}) ` : ''}Deployments${organisation && ` · ${organisation}`}`;
  }, [count, organisation]);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof Element && event.target.matches('input, select, textarea');
      const isOther = event.ctrlKey || event.metaKey || event.altKey;
      if (isOther || isTyping || document.querySelector('dialog[open]') !== null) return;
      if (event.key === '/' && searchField.current !== null) {
        event.preventDefault();
        searchField.current.focus();
        searchField.current.select();
      }
      if (event.key === '?') setHelpOpen(true);
    };
    addEventListener('keydown', press);
    return () => {
      removeEventListener('keydown', press);
    };
  }, []);

  return (
    <div class={view.wall ? 'board wall' : 'board'}>
      <Header
        {...{
          base,
          session,
          organisation,
          view,
          changeView,
          theme,
          toggleTheme,
          searchField,
          all,
          environments,
        }}
        onHelp={() => {
          setHelpOpen(true);
        }}
        onSignOut={() => {
          if (session.authentication === 'token') props.onToken(undefined);
          else reloadAfter(signOut(base, session, fetch));
        }}
        onOrganisation={(chosen) => {
          reloadAfter(chooseOrganisation(base, session, chosen, fetch));
        }}
        liveness={liveness}
      />
      <LivenessBar
        liveness={liveness}
        signIn={
          {
            none: undefined,
            token: () => {
              props.onToken(undefined);
            },
            github: signInLink(base, location.pathname + location.search),
          }[session.authentication]
        }
      />
      {fault !== undefined && <Fault fault={fault} />}
      <GatesBanner
        closed={shownClosed}
        {...{ client, now }}
        canAct={!view.wall}
        onChanged={() => {
          sync.refreshGates();
        }}
      />
      <AttentionStrip
        {...{ needed, now }}
        isLoaded={board.isLoaded}
        onOpen={open}
        approvals={unapproved.map((waits) => (
          <li key={`approval ${waits.deployment.id}`}>
            <Approval
              {...{ waits, client, now }}
              login={session.login}
              canAct={!view.wall}
              onOpen={open}
              onDecided={(deployment) => {
                sync.refresh(deployment);
              }}
            />
          </li>
        ))}
      />
      {/* Where nothing may be seen, nothing is empty. */}
      <div class="panes" hidden={liveness.state === 'refused' && !board.isLoaded}>
        <BoardGrid
          {...{ grid, queue, closedFor, now, view, changeView }}
          isLoaded={board.isLoaded}
          isEmpty={rows.size === 0}
          onOpen={open}
          onWanted={(wanted: readonly Wanted[]) => {
            sync.want(wanted);
          }}
        />
        <Timeline {...{ events, view, now }} onOpen={open} />
      </div>
      {!view.wall && view.deployment !== undefined && (
        <Drawer
          key={view.deployment}
          id={view.deployment}
          {...{ client, board, now }}
          login={session.login}
          gitHub={session.gitHub}
          onOpen={open}
          onChanged={(deployment) => {
            sync.refresh(deployment);
          }}
          onClose={() => {
            open(undefined);
          }}
        />
      )}
      {isHelpOpen && (
        <KeysHelp
          onClose={() => {
            setHelpOpen(false);
          }}
        />
      )}
    </div>
  );
}
