import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { AxeResults } from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { createClient, noCredentials } from '../../../src/client/client.js';
import type {
  Deployment,
  DeploymentCreate,
  DeploymentQueueClient,
} from '../../../src/client/client.js';
import type { Browser } from './chromium.js';
import { watch } from './watch.js';
import type { Watched } from './watch.js';

/** How a person looks at the board. */
export interface Look {
  readonly width: number;
  readonly theme: 'dark' | 'light';
}

/** A board that somebody looks at. */
export interface OpenBoard {
  readonly page: Page;
  readonly watched: Watched;
}

/** Opens the board, and waits until all of it is there, and live unless it cannot be. */
export async function openBoard(
  browser: Browser,
  url: string,
  { width, theme }: Look = { width: 1440, theme: 'light' },
): Promise<OpenBoard> {
  const page = await browser.context.newPage();
  // Drawing takes long where much else runs.
  page.setDefaultTimeout(60_000);
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: theme });
  const watched = await watch(page);
  await page.goto(url);
  return { page, watched };
}

/** Waits until all of the board is there, and it follows what happens. */
export async function live(page: Page): Promise<void> {
  await page.locator('.grid[aria-busy=false], .grid-empty[aria-busy=false]').waitFor();
  await page.locator('.liveness.live').waitFor();
}

/** The cell of a component in an environment, and in a place of it where there are several. */
export function cell(page: Page, name: string, where: string): Locator {
  return page.getByRole('button', { name: `${name} in ${where}` });
}

/** What axe-core finds to be serious in what is shown. The policy of the page lets no script in, but this one. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const source = await readFile(
    createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
    'utf8',
  );
  await page.evaluate(source);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** Keeps a picture to be looked at, in the folder that `SCREENSHOTS` names, if there is one. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}

/** Expects that a page asked nobody but its server for anything, and that nothing went wrong on it. */
export function expectClean({ watched }: OpenBoard, origin: string): void {
  // What is asked for in vain, since a drawer was closed meanwhile, is no fault.
  const faults = watched.faults.filter((fault) => !fault.endsWith('net::ERR_ABORTED'));
  expect(faults).to.deep.equal([]);
  expect([...new Set(watched.requests.map((each) => new URL(each).origin))]).to.deep.equal([
    origin,
  ]);
}

/** An organisation with something of everything, as its pipelines have left it. */
export class Organisation {
  readonly client: DeploymentQueueClient;

  constructor(url: string, organisation: string) {
    this.client = createClient({ url, credentials: noCredentials(organisation) });
  }

  /** Registers a deployment, and moves it on. */
  async create(
    name: string,
    version: string,
    environment: string,
    statuses: readonly Deployment['status'][] = ['in_progress', 'deployed'],
    fields: Partial<DeploymentCreate> = {},
  ): Promise<Deployment> {
    const created = await this.client.createDeployment({
      ...{ name, version, environment, provider: 'gcp', type: 'k8s' },
      build_uri: `https://github.com/acme/${name}/actions/runs/1001`,
      ...fields,
    });
    let { deployment } = created;
    for (const status of statuses) {
      ({ deployment } = await this.client.updateDeployment(deployment.id, { status }));
    }
    return deployment;
  }

  /** Fills the board with what a test looks at. */
  async fill(): Promise<void> {
    for (const name of ['basket', 'checkout', 'payments']) {
      for (const environment of ['dev', 'staging', 'production']) {
        await this.create(name, '1.0.0', environment);
        await this.create(name, '1.1.0', environment);
      }
    }
    const uri = 'https://console.cloud.google.com/run/detail/europe-west1/search';
    for (const region of ['europe-west1', 'us-central1']) {
      const fields = { region, deployment_uri: uri };
      await this.create('search', '2.0.0', 'production', ['in_progress', 'deployed'], fields);
    }
    await this.create('payments', '1.2.0', 'production', ['in_progress', 'failed']);
    const held = await this.create('checkout', '1.2.0', 'production', []);
    await this.client.claimDeployment(held.id, { lease_seconds: 600 });
    const waits = await this.create('checkout', '1.3.0', 'production', []);
    await this.client.claimDeployment(waits.id);
    await this.client.rollbackTaxonomy(
      { name: 'basket', environment: 'production', provider: 'gcp' },
      { reason: 'Wrong totals' },
    );
  }
}
