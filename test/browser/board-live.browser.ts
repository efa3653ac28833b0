import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { startPrefixProxy } from '../support/prefix-proxy.js';
import { Processes } from '../support/process.js';
import { startAuthenticated } from './support/authenticated.js';
import type { AuthenticatedProcess } from './support/authenticated.js';
import { openBrowser } from './support/chromium.js';
import type { Browser } from './support/chromium.js';
import {
  cell,
  expectClean,
  keepPicture,
  live,
  openBoard,
  Organisation,
  seriousFindings,
} from './support/board.js';
import type { OpenBoard } from './support/board.js';

let processes: Processes;
let browser: Browser;
const boards: OpenBoard[] = [];

async function open(url: string): Promise<OpenBoard> {
  const board = await openBoard(browser, url);
  boards.push(board);
  return board;
}

describe('the board in a browser', () => {
  before(async () => {
    processes = await Processes.create();
    browser = await openBrowser();
  });
  afterEach(async () => {
    for (const { page } of boards.splice(0)) await page.close();
  });
  after(async () => {
    await browser.close();
    await processes.dispose();
  });

  describe('while things happen', () => {
    let apiUrl: string;

    before(async () => {
      const environment = { AUTH_ENABLED: 'false', RATE_LIMIT_PER_SECOND: '0' };
      ({ apiUrl } = await processes.start(environment, 'dist/main.js'));
    });

    it('shows them as they happen, and what somebody does on another board', async () => {
      const acme = new Organisation(apiUrl, 'acme');
      await acme.create('checkout', '1.0.0', 'production');
      await acme.create('checkout', '1.1.0', 'production');
      const watching = await open(`${apiUrl}/?organisation=acme`);
      const acting = await open(`${apiUrl}/?organisation=acme`);
      await live(watching.page);
      await live(acting.page);

      const { id } = await acme.create('checkout', '1.2.0', 'production', ['in_progress']);
      await watching.page.getByText('rolling out').waitFor();
      await acme.client.updateDeployment(id, { status: 'failed' });
      await watching.page.locator('.need.failed').waitFor();

      const { page } = acting;
      await page.locator('.need.failed').click();
      await page.getByRole('button', { name: 'Roll back' }).click();
      const preview = page.getByRole('table', { name: 'What will be copied' });
      await preview.waitFor();
      expect(await preview.getByRole('row', { name: /^version/ }).innerText()).to.match(
        /1\.2\.0\s+1\.1\.0/,
      );
      await page.getByLabel('Return to').selectOption({ label: '1.0.0' });
      await preview.getByText('1.0.0', { exact: true }).waitFor();
      await page.getByLabel('Reason').fill('<b>Wrong</b> totals');
      await page.getByRole('button', { name: 'Yes, roll back' }).click();
      await page.getByRole('dialog', { name: 'checkout 1.0.0' }).waitFor();

      await watching.page.locator('.need.rollback_pending').waitFor();
      await watching.page.locator('.timeline').getByText('<b>Wrong</b> totals').waitFor();
      const [rollback] = (await acme.client.listDeployments({ trigger: 'rollback' })).deployments;
      expect(rollback).to.include({ version: '1.0.0', rollback_from_deployment_id: id });
      expectClean(watching, apiUrl);
      expectClean(acting, apiUrl);
    });

    it('does nothing before it is confirmed, and tells what the service has against it', async () => {
      const tools = new Organisation(apiUrl, 'tools');
      const held = await tools.create('mailer', '1.0.0', 'production', []);
      await tools.client.claimDeployment(held.id, { lease_seconds: 600 });
      const waits = await tools.create('mailer', '1.1.0', 'production', []);
      const failed = await tools.create('search', '1.0.0', 'production', ['in_progress', 'failed']);
      const { page } = await open(`${apiUrl}/?organisation=tools`);
      const status = async (id: string) => (await tools.client.getDeployment(id)).deployment.status;
      const show = async (id: string) => {
        await page.goto(`${apiUrl}/?organisation=tools&deployment=${id}`);
        await page.getByRole('heading', { name: 'Events' }).waitFor();
      };
      const act = async (action: string, then: string) => {
        await page.getByRole('button', { name: action, exact: true }).click();
        await page.getByRole('button', { name: then, exact: true }).click();
      };
      await show(held.id);
      await act('Put back', 'No');
      expect(await status(held.id)).to.equal('in_progress');
      await act('Put back', 'Yes, put back');
      await page.locator('.confirmation').getByRole('alert').getByText(/lease/).waitFor();
      await keepPicture(page, 'refused');
      expect(await status(held.id)).to.equal('in_progress');
      await page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await page.getByLabel('Reason').fill('The migration is broken');
      await page.getByRole('button', { name: 'Yes, cancel' }).click();
      await page.getByText('Done: it is cancelled now.').waitFor();
      await page.locator('.events').getByText('The migration is broken').waitFor();
      expect(await status(held.id)).to.equal('cancelled');
      await act('Re-open', 'Yes, re-open');
      await page.getByText('Done: it is scheduled now.').waitFor();

      await show(waits.id);
      await act('Skip', 'Yes, skip');
      await page.getByText('Done: it is skipped now.').waitFor();
      await act('Un-skip', 'Yes, un-skip');
      await page.getByText('Done: it is scheduled now.').waitFor();
      await show(failed.id);
      await act('Retry', 'Yes, retry');
      await page.getByText('Done: it is scheduled now.').waitFor();
      expect(await status(failed.id)).to.equal('scheduled');
    });

    it('says that it is not live while the service is away, and catches up', async () => {
      const acme = new Organisation(apiUrl, 'away');
      await acme.create('checkout', '1.0.0', 'production');
      const proxy = await startPrefixProxy(apiUrl, '');
      try {
        const { page } = await open(`${proxy.url}/?organisation=away`);
        await live(page);
        await proxy.stop();
        await page.getByText('Not live: reconnecting').waitFor();
        await page.locator('.liveness.reconnecting').waitFor();
        await acme.create('checkout', '1.1.0', 'production');
        await proxy.restart();
        await live(page);
        await page.getByText('Not live: reconnecting').waitFor({ state: 'detached' });
        await cell(page, 'checkout', 'production').getByText('1.1.0').waitFor();
      } finally {
        await proxy.stop();
      }
    });

    it('of two organisations knows nothing of the other, whatever it is called', async () => {
      const hostile = '<img src=x onerror="document.title=1">';
      const [one, two] = ['one', 'two'].map((name) => new Organisation(apiUrl, name));
      const [first, second] = await Promise.all(
        ['one', 'two'].map((name) => open(`${apiUrl}/?organisation=${name}`)),
      );
      if (!one || !two || !first || !second) throw new Error('There are not two of them');
      await live(first.page);
      await live(second.page);
      await one.create('only-one', hostile, 'production', ['in_progress', 'failed']);
      await two.create('only-two', '2.0.0', 'production', ['in_progress', 'failed']);
      const text = async (page: Page, own: string) => {
        await page.locator('.need', { hasText: own }).waitFor();
        return page.locator('body').innerText();
      };
      expect(await text(first.page, 'only-one'))
        .to.include(hostile)
        .and.not.include('only-two');
      expect(await text(second.page, 'only-two')).not.to.include('only-one');
      expectClean(first, apiUrl);
      expectClean(second, apiUrl);
    });

    it('shows a thousand taxonomies', async function () {
      this.timeout(300_000);
      const many = new Organisation(apiUrl, 'many');
      const environments = ['dev', 'staging', 'production', 'sandbox'];
      const names = Array.from({ length: 250 }, (_, nth) => `component-${nth}`);
      for (const environment of environments) {
        await Promise.all(
          names.map((name) => many.create(name, '1.0.0', environment, ['deployed'])),
        );
      }
      const board = await open(`${apiUrl}/?organisation=many`);
      const { page } = board;
      const instant = 'performance.now()';
      await page.locator('[data-cell]').first().waitFor();
      const first = Number(await page.evaluate(instant));
      await page.getByText('All 1000').waitFor();
      const whole = Number(await page.evaluate(instant));
      const paint = await page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime",
      );
      console.log(
        `      1,000 taxonomies: first paint ${Math.round(Number(paint))} ms, cells ${Math.round(first)} ms, all ${Math.round(whole)} ms`,
      );
      expect(await page.locator('[data-cell]').count()).to.equal(1000);
      await page.getByRole('searchbox').fill('component-249');
      await cell(page, 'component-1', 'dev').waitFor({ state: 'detached' });
      expect(await page.locator('[data-cell]').count()).to.equal(4);
      expectClean(board, apiUrl);
    });
  });

  describe('with authentication on', () => {
    let running: AuthenticatedProcess;

    before(async () => {
      running = await startAuthenticated(processes);
    });
    after(() => running.stop());

    it('takes a token, keeps it in the tab alone, and forgets it', async () => {
      const token = running.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } });
      const { page } = await open(`${running.apiUrl}/`);
      const signIn = async (organisation: string, of: string) => {
        await page.getByLabel('Organisation').fill(organisation);
        await page.getByLabel('GitHub token').fill(of);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      };
      await page.getByLabel('GitHub token').waitFor();
      expect(await seriousFindings(page)).to.deep.equal([]);
      await keepPicture(page, 'sign-in');

      await signIn('elsewhere', token);
      await page.getByRole('alert').getByText('The service refuses this').waitFor();
      expect(await seriousFindings(page)).to.deep.equal([]);
      await keepPicture(page, 'forbidden');
      await page.getByRole('button', { name: 'Sign in again' }).click();
      await signIn('acme', token);
      await live(page);
      await page.getByText('Nothing has been registered yet').waitFor();
      await page.reload();
      await live(page);
      expect(page.url()).not.to.include(token);
      expect(await page.evaluate('({ ...localStorage })')).to.deep.equal({});
      expect(await page.content()).not.to.include(token);
      const { page: other } = await open(`${running.apiUrl}/`);
      await other.getByLabel('GitHub token').waitFor();

      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('GitHub token').waitFor();
      expect(await page.evaluate('({ ...sessionStorage })')).to.deep.equal({});
    });
  });
});
