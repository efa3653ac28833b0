import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { startSignInService } from '../support/sign-in.js';
import type { SignInService } from '../support/sign-in.js';
import { live } from './support/board.js';
import { openBrowser } from './support/chromium.js';
import type { Browser } from './support/chromium.js';
import { watch } from './support/watch.js';

describe('signing in with a browser, under a prefix', function () {
  this.timeout(120_000);
  let running: SignInService;
  let browser: Browser;
  let page: Page;

  before(async () => {
    running = await startSignInService({ prefix: '/tools/queue' });
    browser = await openBrowser();
  });
  beforeEach(async () => {
    await browser.context.clearCookies();
    page = await browser.context.newPage();
    page.setDefaultTimeout(60_000);
  });
  afterEach(() => page.close());
  after(async () => {
    await browser.close();
    await running.stop();
  });

  /** What a script of the page gets for a call, with the cookie that the browser has. */
  const call = (method: string, path: string) =>
    page.evaluate(
      async ([url, verb]) => {
        const headers = { 'Content-Type': 'application/json' };
        const body = verb === 'GET' ? null : '{}';
        return (await fetch(url, { method: verb, headers, body })).status;
      },
      [running.publicUrl + path, method] as const,
    );

  async function signIn(): Promise<void> {
    await page.goto(`${running.publicUrl}/?environment=production`);
    await page.getByRole('link', { name: 'Sign in with GitHub' }).click();
    await page.getByRole('button', { name: 'acme' }).click();
    await live(page);
  }

  it('shows the board of the organisation that was chosen, and ends by signing out', async () => {
    const watched = await watch(page);
    await signIn();
    expect(page.url()).to.equal(`${running.publicUrl}/?environment=production`);
    expect(await page.locator('.login').innerText()).to.equal('mona');
    const hosts = new Set(watched.requests.map((url) => new URL(url).origin));
    expect([...hosts]).to.have.members([new URL(running.publicUrl).origin, running.gitHub.url]);
    expect(watched.faults).to.deep.equal([]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor();
    expect(await browser.context.cookies()).to.deep.equal([]);
  });

  it('keeps the session from scripts, and changes from pages without its token', async () => {
    await signIn();
    expect(await page.evaluate('document.cookie')).to.equal('');
    const [cookie] = await browser.context.cookies();
    expect(cookie).to.include({ httpOnly: true, sameSite: 'Lax', path: '/tools/queue' });
    expect(await call('GET', '/v1/deployments')).to.equal(200);
    expect(await call('POST', '/v1/deployments')).to.equal(403);
  });

  it('takes no change from another page of the same site, though the browser sends the cookie', async () => {
    await signIn();
    // Another port of this machine is of the same site to a browser, so that it sends the cookie.
    await page.goto(`${running.gitHub.url}/elsewhere`);
    const refusals = () =>
      running.service.logs.filter(({ code, method }) => code === 'forbidden' && method === 'none');
    const before = refusals().length;
    const form = `
      const form = document.createElement('form');
      form.method = 'post';
      form.action = '${running.publicUrl}/v1/deployments/rollback?name=checkout';
      document.body.append(form);
      form.submit();
    `;
    const [response] = await Promise.all([
      page.waitForResponse((one) => one.url().includes('/v1/deployments/rollback')),
      page.evaluate(form),
    ]);
    expect(response.status()).to.equal(403);
    expect(refusals().length).to.equal(before + 1);
  });

  it('tells the person on a page why it came to nothing', async () => {
    running.web.person.consents = false;
    try {
      await page.goto(`${running.publicUrl}/session/sign-in`);
      expect(await page.getByRole('alert').innerText()).to.include('You did not let the app');
      expect(await page.getByRole('link', { name: 'Back' }).getAttribute('href')).to.equal(
        '/tools/queue/',
      );
    } finally {
      running.web.person.consents = true;
    }
  });
});
