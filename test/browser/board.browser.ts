import { expect } from 'chai';
import { startPrefixProxy } from '../support/prefix-proxy.js';
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
let acme: Organisation;
let board: OpenBoard;

/** Opens the board of the filled organisation. */
async function open(query = '', look?: Look): Promise<OpenBoard> {
  board = await openBoard(browser, `${apiUrl}/?organisation=acme${query}`, look);
  return board;
}

describe('the board in a browser', () => {
  before(async function () {
    this.timeout(120_000);
    processes = await Processes.create();
    ({ apiUrl } = await processes.start(
      { AUTH_ENABLED: 'false', RATE_LIMIT_PER_SECOND: '0' },
      'dist/main.js',
    ));
    acme = new Organisation(apiUrl, 'acme');
    await acme.fill();
    browser = await openBrowser();
  });
  afterEach(() => board.page.close());
  after(async () => {
    await browser.close();
    await processes.dispose();
  });

  it('shows what runs where, who did it, and links to the run and the rollout', async () => {
    const { page } = await open();
    await live(page);
    const headings = await page.getByRole('columnheader').allInnerTexts();
    expect(headings).to.deep.equal(['Component', 'dev', 'staging', 'production']);
    const shown = await cell(page, 'basket', 'dev').innerText();
    expect(shown.replaceAll(/\s+/g, ' ')).to.match(/^basket in dev · gcp: 1\.1\.0 deployed \d+ s$/);
    const search = page.locator('.row', { has: page.getByText('us-central1') });
    expect(await search.getByRole('link', { name: 'run' }).getAttribute('href')).to.equal(
      'https://github.com/acme/search/actions/runs/1001',
    );
    expect(await search.getByRole('link', { name: 'rollout' }).getAttribute('href')).to.equal(
      'https://console.cloud.google.com/run/detail/europe-west1/search',
    );
    expectClean(board, apiUrl);
  });

  it('marks what is rolled out, what waits and why, and what failed', async () => {
    const { page } = await open();
    await live(page);
    const checkout = page.locator('.entry', { has: cell(page, 'checkout', 'production') });
    await checkout.getByText('1.3.0 waits, place 1, another one runs').waitFor();
    expect(await checkout.innerText()).to.match(/1\.1\.0 → 1\.2\.0[^]*rolling out \d+ s/);
    const payments = page.locator('.entry', { has: cell(page, 'payments', 'production') });
    expect(await payments.innerText()).to.match(/1\.2\.0[^]*failed/);
    const needed = await page.locator('.need').allInnerTexts();
    expect(needed.map((text) => text.split('\n')[0])).to.deep.equal(['Failed', 'Rollback pending']);
    expect(needed[0]).to.match(/payments 1\.2\.0[^]*1\.1\.0 was there before/);
  });

  for (const width of [1440, 390]) {
    for (const theme of ['light', 'dark'] as const) {
      it(`has no serious finding of axe-core, and fits, at ${width} pixels, ${theme}`, async () => {
        const { page } = await open('', { width, theme });
        await live(page);
        await keepPicture(page, `board-${width}-${theme}`);
        expect(await seriousFindings(page)).to.deep.equal([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(width);
        await page.locator('.need').first().click();
        await page.getByRole('heading', { name: 'Events' }).waitFor();
        await page.getByRole('button', { name: 'Roll back' }).click();
        await page.getByText('What will be copied').waitFor();
        await keepPicture(page, `drawer-${width}-${theme}`);
        expect(await seriousFindings(page)).to.deep.equal([]);
        const right = await page.locator('dialog').evaluate((dialog) => dialog.scrollWidth);
        expect(right).to.be.at.most(width);
        expectClean(board, apiUrl);
      });
    }
  }

  it('is used by keys: search, cells, drawer, help', async () => {
    const { page } = await open();
    await live(page);
    await page.keyboard.press('/');
    await page.keyboard.type('check prod');
    await cell(page, 'basket', 'dev').waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('q')).to.equal('check prod');
    await page.keyboard.press('Escape');
    const focused = () => page.evaluate('document.activeElement.textContent');
    await page.keyboard.press('j');
    expect(await focused()).to.match(/^checkout in production/);

    await page.getByRole('searchbox').fill('');
    await cell(page, 'basket', 'dev').waitFor();
    await cell(page, 'checkout', 'dev').focus();
    const steps = [];
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'k', 'l', 'h', 'End', 'Home']) {
      await page.keyboard.press(key);
      steps.push(String(await focused()).split(' · ')[0]);
    }
    expect(steps).to.deep.equal([
      ...['checkout in staging', 'payments in staging', 'payments in dev', 'checkout in dev'],
      ...['checkout in staging', 'checkout in dev', 'search in production', 'basket in dev'],
    ]);

    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'basket 1.1.0' }).waitFor();
    // Neither a search nor the grid behind it takes the keys of an open drawer.
    await page.keyboard.press('/');
    expect(await page.evaluate("document.activeElement.closest('dialog') !== null")).to.be.true;
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).to.match(/^basket in dev/);
    expect(new URL(page.url()).searchParams.has('deployment')).to.be.false;

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await seriousFindings(page)).to.deep.equal([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expectClean(board, apiUrl);
  });

  it('has its filters and its drawer in the URL, and Back closes the drawer', async () => {
    const { page } = await open();
    await live(page);
    await page.getByRole('button', { name: 'production', exact: true }).click();
    const show = page.getByRole('group', { name: 'Show' });
    await show.getByRole('button', { name: 'failed' }).click();
    await cell(page, 'basket', 'dev').waitFor({ state: 'detached' });
    await cell(page, 'payments', 'production').click();
    await page.getByRole('dialog', { name: 'payments 1.2.0' }).waitFor();
    const { searchParams } = new URL(page.url());
    expect(searchParams.getAll('environment')).to.deep.equal(['production']);
    expect(searchParams.get('show')).to.equal('failed');

    await page.reload();
    await page.getByRole('dialog', { name: 'payments 1.2.0' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.locator('[data-cell]').count()).to.equal(1);

    await cell(page, 'payments', 'production').click();
    await page.getByRole('dialog').waitFor();
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByRole('button', { name: 'Show everything' }).click();
    await cell(page, 'basket', 'dev').waitFor();
  });

  it('remembers which theme was chosen, and needs none', async () => {
    const { page } = await open();
    const theme = () => page.evaluate('document.documentElement.dataset.theme');
    await page.getByRole('button', { name: 'Dark' }).click();
    expect(await theme()).to.equal('dark');
    await page.reload();
    await page.getByRole('button', { name: 'Light' }).click();
    expect(await theme()).to.equal('light');
    await page.evaluate('localStorage.clear()');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.reload();
    await page.getByRole('button', { name: 'Light' }).waitFor();
    expect(await theme()).to.equal('dark');
  });

  it('has nothing to press on a wall, and is large there', async () => {
    const { page } = await open('&wall&theme=dark&environment=production');
    await live(page);
    await keepPicture(page, 'wall');
    expect(await page.locator('input, select, nav, .filters').count()).to.equal(0);
    const size = await page.evaluate("getComputedStyle(document.querySelector('.board')).fontSize");
    expect(size).to.equal('18px');
    await page.locator('.need').first().click();
    expect(await page.getByRole('dialog').count()).to.equal(0);
    expect(await seriousFindings(page)).to.deep.equal([]);
  });

  it('works under the path of a proxy', async () => {
    const proxy = await startPrefixProxy(apiUrl, '/tools/queue');
    try {
      board = await openBoard(browser, `${proxy.url}/tools/queue/?organisation=acme`);
      const { page, watched } = board;
      await live(page);
      await cell(page, 'basket', 'dev').click();
      await page.getByRole('heading', { name: 'Events' }).waitFor();
      const paths = watched.requests.map((url) => new URL(url).pathname);
      expect(paths.filter((path) => !path.startsWith('/tools/queue/'))).to.deep.equal([]);
      expectClean(board, proxy.url);
    } finally {
      await proxy.stop();
    }
  });
});
