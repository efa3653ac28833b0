import type { Deployment, DeploymentQueueClient, QueuePosition } from '../client/client.js';
import { printable } from './printable.js';
import type { Session } from './session.js';
import { gist, gistOfGates, namesIn, standingLine } from './standing.js';
import type { Names } from './standing.js';
import { cut } from './table.js';
import { viewOf } from './view.js';

/** How long the end waits for names, in milliseconds. */
const patienceMs = 1_000;

/**
 * Tells on stderr what a deployment waits for: a line whenever that has changed, which a terminal shows anew in
 * its place.
 */
export class WaitingNotice {
  /** Who notes something else meanwhile does it here. */
  readonly session: Session;
  readonly #session: Session;
  #told: Promise<void> = Promise.resolve();
  #gist = '';
  #gates = '';
  #names: Names = new Map();
  #isLast = false;
  readonly #ended = new AbortController();

  constructor(session: Session) {
    this.#session = session;
    this.session = {
      ...session,
      note: (text) => {
        this.#isLast = false;
        session.note(text);
      },
    };
  }

  /** @returns what `claimWhenReady` is to tell */
  of(
    client: DeploymentQueueClient,
    { name, version }: Deployment,
  ): (position: QueuePosition) => void {
    return (position) => {
      this.#told = this.#told.then(() => this.#tell(client, `${name} ${version}`, position));
    };
  }

  /** Waits until all has been told, but for names that are long in coming. */
  async end(): Promise<void> {
    const timer = setTimeout(() => {
      this.#ended.abort();
    }, patienceMs);
    await this.#told;
    clearTimeout(timer);
  }

  async #tell(client: DeploymentQueueClient, what: string, position: QueuePosition): Promise<void> {
    const { columns } = this.#session.screen;
    const isNew = gist(position) !== this.#gist;
    if (!isNew && columns === undefined) return;
    this.#gist = gist(position);
    this.#names = await namesIn(client, position, {
      known: this.#names,
      signal: this.#ended.signal,
    });
    const view = viewOf(this.#session.screen, false);
    const line = printable(`${what} ${standingLine({ position, names: this.#names }, view)}`);
    const gates = gistOfGates(position);
    const areNew = gates !== '' && gates !== this.#gates;
    this.#gates = gates;
    if (columns === undefined) {
      // Gates are opened by people, who look at the page of the run.
      if (areNew) this.session.notice(line);
      else this.session.note(`${line}\n`);
    } else {
      // Up to the line of before, if it is the last one, and over it.
      this.#session.note(`${this.#isLast ? '\u001b[1A\u001b[2K' : ''}${cut(line, columns)}\n`);
      this.#isLast = true;
    }
  }
}
