import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { Processes } from '../support/process.js';
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
import type { Look, OpenBoard } from './support/board.js';

let processes: Processes;
let browser: Browser;
let apiUrl: string;
let board: OpenBoard;

/** Opens the board of an organisation, and waits until all of it is there. */
async function open({ name }: { readonly name: string }, query = '', look?: Look): Promise<Page> {
  board = await openBoard(browser, `${apiUrl}/?organisation=${name}${query}`, look);
  await live(board.page);
  return board.page;
}

/** What is closed, as the banner tells it. */
function gate(page: Page, text: string) {
  return page.locator('.gate', { hasText: text });
}

function organisation(name: string) {
  return Object.assign(new Organisation(apiUrl, name), { name });
}

/** A freeze that is closed all year. */
const allYear = {
  ...{ reason: 'Nobody is there', time_zone: 'Europe/Berlin', rrule: 'FREQ=YEARLY' },
  ...{ starts: '2020-01-01T00:00', ends: '2021-01-01T00:00' },
};

describe('gates on the board in a browser', () => {
  before(async function () {
    this.timeout(120_000);
    processes = await Processes.create();
    ({ apiUrl } = await processes.start(
      { AUTH_ENABLED: 'false', RATE_LIMIT_PER_SECOND: '0' },
      'dist/main.js',
    ));
    browser = await openBrowser();
  });
  afterEach(() => board.page.close());
  after(async () => {
    await browser.close();
    await processes.dispose();
  });

  describe('where much is closed', () => {
    const acme = { name: 'acme' };

    before(async () => {
      const { client, ...made } = organisation(acme.name);
      const fill = new Organisation(apiUrl, made.name);
      await fill.fill();
      await client.putEnvironment('staging', { required_approvals: 2 });
      await fill.create('search', '3.0.0', 'staging', []);
      await fill.create('<b>bold</b>', '1.0.0', 'staging', []);
      const reason = 'The database is failing over <img src=x onerror=alert(1)>';
      const expiresAt = new Date(Date.now() + 5.5 * 3_600_000).toISOString();
      await client.createLock({ scope: { name: 'payments' }, reason, expires_at: expiresAt });
      await client.createLock({ scope: { environment: 'staging' }, reason: 'x'.repeat(1024) });
      await client.createLock({ scope: {}, reason: 'An incident', allow: [] });
      await client.createFreeze({ scope: { environment: 'prod*', name: 'search' }, ...allYear });
    });

    for (const width of [1440, 390]) {
      for (const theme of ['light', 'dark'] as const) {
        it(`has no serious finding of axe-core, and fits, at ${width} pixels, ${theme}`, async () => {
          const page = await open(acme, '', { width, theme });
          await gate(page, 'Frozen').waitFor();
          await page.locator('.need.approval').first().waitFor();
          await keepPicture(page, `gates-${width}-${theme}`);
          expect(await seriousFindings(page)).to.deep.equal([]);
          expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(width);
          await page.getByRole('button', { name: 'Unlock Everything', exact: true }).click();
          await page.getByRole('button', { name: 'Reject search 3.0.0' }).click();
          await page.getByText('Yes, reject').waitFor();
          await keepPicture(page, `gates-asking-${width}-${theme}`);
          expect(await seriousFindings(page)).to.deep.equal([]);
          expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(width);
          await page.locator('.need-open').first().click();
          await page.getByRole('button', { name: 'Lock', exact: true }).click();
          await keepPicture(page, `gates-drawer-${width}-${theme}`);
          expect(await seriousFindings(page)).to.deep.equal([]);
          const right = await page.locator('dialog').evaluate((dialog) => dialog.scrollWidth);
          expect(right).to.be.at.most(width);
          expectClean(board, apiUrl);
        });
      }
    }

    it('says what is closed, why, and until when, the first few and then all', async () => {
      const page = await open(acme);
      await gate(page, 'Frozen').waitFor();
      expect(await page.locator('.gates [role=status]').innerText()).to.equal(
        '3 locks and 1 freeze closed',
      );
      expect(await gate(page, 'Frozen').innerText()).to.match(
        /search in prod\*\s+Nobody is there[^]*no end is known/,
      );
      expect(await page.locator('.gate').count()).to.equal(3);
      await page.locator('.gates').getByRole('button', { name: '1 more' }).click();
      expect(await gate(page, 'payments').innerText()).to.match(
        /The database is failing over <img src=x onerror=alert\(1\)>[^]*opens in 5 h/,
      );
      expect(await gate(page, 'An incident').innerText()).to.match(
        /rollbacks too[^]*until it is unlocked/,
      );
    });

    it('marks the cells that are closed, with the reason', async () => {
      const page = await open(acme);
      await gate(page, 'Frozen').waitFor();
      const marks = (name: string, where: string) =>
        cell(page, name, where)
          .locator('.closed-mark')
          .evaluateAll((found) => found.map((each) => each.getAttribute('title')));
      expect(await marks('search', 'production · gcp · europe-west1')).to.deep.equal([
        'locked: An incident',
        'frozen: Nobody is there',
      ]);
      const [ofPayments] = await marks('payments', 'dev');
      expect(ofPayments).to.match(/^locked: An incident\nlocked: The database is failing over/);
    });

    it('has nothing to press on a wall, and only what concerns it', async () => {
      const page = await open(acme, '&wall&theme=dark&environment=production');
      await gate(page, 'Frozen').waitFor();
      await keepPicture(page, 'gates-wall');
      expect(await page.getByRole('button', { name: /Unlock|Approve|Reject/ }).count()).to.equal(0);
      expect(await gate(page, 'xxx').count()).to.equal(0);
      expect(await page.locator('.need.approval').count()).to.equal(0);
    });

    it('opens by the clock, without anybody', async () => {
      board = await openBoard(browser, 'about:blank');
      const { page } = board;
      await page.clock.install();
      await page.goto(`${apiUrl}/?organisation=acme&q=payments`);
      await live(page);
      await page.locator('.gates').getByRole('button', { name: '1 more' }).click();
      await gate(page, 'opens in 5 h').waitFor();
      await page.clock.fastForward('05:00:00');
      await page.getByText(/opens in \d+ min/).waitFor();
      await page.clock.fastForward('31:00');
      await gate(page, 'payments').waitFor({ state: 'detached' });
      expect(await gate(page, 'Frozen').count()).to.equal(1);
    });
  });

  it('locks a place or its environment, for a reason, and unlocks that lock alone', async () => {
    const tools = organisation('tools');
    await tools.create('mailer', '1.0.0', 'production');
    const waits = await tools.create('mailer', '1.1.0', 'production', []);
    await tools.client.createLock({ scope: { name: 'mailer' }, reason: 'Stays' });
    const page = await open(tools);
    await gate(page, 'Stays').waitFor();
    await page.locator('.mark.waits').click();
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await page.getByLabel('What to lock').selectOption('Everything in production');
    await page.getByRole('button', { name: 'Yes, lock' }).click();
    // The browser asks for a reason.
    expect((await tools.client.listLocks()).locks).to.have.length(1);
    await page.getByLabel('Reason').fill('The provider is down');
    await page.getByLabel('Until').fill('2099-01-01T12:00');
    await page.getByRole('button', { name: 'Yes, lock' }).click();
    await page.getByText('Locked: Everything in production.').waitFor();
    const drawer = page.getByRole('dialog', { name: 'mailer 1.1.0' });
    await drawer.getByText(/locked, opens in \d+ d: The provider is down/).waitFor();
    await drawer.getByText('locked: Stays').waitFor();
    const { locks } = await tools.client.listLocks();
    expect(locks[1]).to.deep.include({
      scope: { environment: 'production' },
      reason: 'The provider is down',
      expires_at: new Date('2099-01-01T12:00').toISOString(),
    });
    await page.keyboard.press('Escape');

    await gate(page, 'The provider is down').waitFor();
    const unlock = page.getByRole('button', { name: 'Unlock Everything in production' });
    await unlock.click();
    await page.getByText('“The provider is down”').waitFor();
    await page.getByRole('button', { name: 'No', exact: true }).click();
    expect((await tools.client.listLocks()).locks).to.have.length(2);
    await unlock.click();
    await page.getByLabel('Reason').fill('It is up again');
    await page.getByRole('button', { name: 'Yes, unlock' }).click();
    await gate(page, 'The provider is down').waitFor({ state: 'detached' });
    await gate(page, 'Stays').waitFor();
    const left = (await tools.client.listLocks()).locks.map(({ reason }) => reason);
    expect(left).to.deep.equal(['Stays']);
    const { events } = await tools.client.listGateEvents();
    expect(events.at(-1)).to.include({ type: 'lock.released', reason: 'It is up again' });
    expect((await tools.client.getDeployment(waits.id)).deployment.status).to.equal('scheduled');
    expectClean(board, apiUrl);
  });

  it('locks with a rollback, and tells whose lock it was', async () => {
    const shop = organisation('shop');
    await shop.create('basket', '1.0.0', 'production');
    const bad = await shop.create('basket', '1.1.0', 'production');
    const page = await open(shop, `&deployment=${bad.id}`);
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('What will be copied').waitFor();
    await page.getByLabel('Lock it, so that it is not deployed again').check();
    await page.getByLabel('Reason').fill('Wrong totals');
    await page.getByRole('button', { name: 'Yes, roll back' }).click();
    await page.getByRole('dialog', { name: 'basket 1.0.0' }).waitFor();
    await page.keyboard.press('Escape');
    await gate(page, 'Rolled back from 1.1.0: Wrong totals').waitFor();
    await page.getByRole('button', { name: /^Unlock basket in production/ }).click();
    await page.getByText(/Placed with a rollback by somebody/).waitFor();
    const [lock] = (await shop.client.listLocks()).locks;
    const [rollback] = (await shop.client.listDeployments({ trigger: 'rollback' })).deployments;
    expect(lock?.deployment_id).to.equal(rollback?.id);
    expectClean(board, apiUrl);
  });

  it('has what waits for approval, and tells who decided what, and which gates were overridden', async () => {
    const bank = organisation('bank');
    await bank.client.putEnvironment('production', { required_approvals: 1 });
    const ledger = await bank.create('ledger', '2.0.0', 'production', []);
    const mailer = await bank.create('mailer', '3.0.0', 'production', []);
    const page = await open(bank);
    const asked = (text: string) => page.locator('.need.approval', { hasText: text });
    expect(await asked('ledger 2.0.0').innerText()).to.include('0 of 1 has approved');
    await page.getByRole('button', { name: 'Approve ledger 2.0.0' }).click();
    await page.getByLabel('Reason').fill('Looked at the dashboard');
    await page.getByRole('button', { name: 'Yes, approve' }).click();
    await asked('ledger').waitFor({ state: 'detached' });
    await page.locator('.timeline').getByText('Looked at the dashboard').waitFor();
    const { deployment } = await bank.client.getDeployment(ledger.id);
    expect(deployment.approvals.map(({ reason }) => reason)).to.deep.equal([
      'Looked at the dashboard',
    ]);

    await asked('mailer').locator('.need-open').click();
    const dialog = page.getByRole('dialog', { name: 'mailer 3.0.0' });
    await dialog.getByText('not approved yet: 0 of 1 approvals').waitFor();
    await dialog.getByRole('button', { name: 'Reject', exact: true }).click();
    await dialog.getByLabel('Reason').fill('Not on a Friday');
    await dialog.getByRole('button', { name: 'Yes, reject' }).click();
    await dialog.locator('.events').getByText('rejected: cancelled').waitFor();
    await dialog.locator('.events').getByText('Not on a Friday').waitFor();
    await page.keyboard.press('Escape');
    await asked('mailer').waitFor({ state: 'detached' });
    expect((await bank.client.getDeployment(mailer.id)).deployment.status).to.equal('cancelled');

    // Registered while somebody looks, and started against all that is closed.
    const urgent = await bank.create('ledger', '2.0.1', 'production', []);
    await asked('ledger 2.0.1').waitFor();
    await bank.client.createLock({ scope: { name: 'ledger' }, reason: 'An incident' });
    const override = { override: { reason: 'It is the fix' } };
    await bank.client.claimDeployment(urgent.id, override);
    await asked('ledger 2.0.1').waitFor({ state: 'detached' });
    const told = page.locator('.timeline li', { hasText: 'started by override' });
    expect(await told.innerText()).to.match(/It is the fix; although [^]*An incident/);
    await told.getByRole('button').click();
    const events = page.getByRole('dialog', { name: 'ledger 2.0.1' }).locator('.events');
    await events.getByText('in progress by override').waitFor();
    expect(
      await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).count(),
    ).to.equal(0);
    await events.getByText('Closed then: not approved yet: 0 of 1 approvals').waitFor();
    await events.getByText('Closed then: locked: An incident').waitFor();
    await keepPicture(page, 'gates-override');
    expectClean(board, apiUrl);
  });
});
