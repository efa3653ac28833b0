import { expect } from 'chai';
import { createClient, gitHubToken } from '../../src/client/client.js';
import { startSignInService } from '../support/sign-in.js';
import type { SignInService } from '../support/sign-in.js';
import { openBrowser } from './support/chromium.js';
import type { Browser } from './support/chromium.js';
import { keepPicture, live, openBoard, seriousFindings } from './support/board.js';

describe('the board in a browser, signed in on GitHub', () => {
  let browser: Browser;
  let running: SignInService;

  before(async () => {
    [browser, running] = await Promise.all([
      openBrowser(),
      startSignInService({ prefix: '/tools/queue' }),
    ]);
  });
  after(async () => {
    await browser.close();
    await running.stop();
  });

  it('chooses an organisation, acts in it, goes over to another, and signs out', async () => {
    const { page, watched } = await openBoard(browser, `${running.publicUrl}/?show=all&q=check`);
    await page.getByRole('link', { name: 'Sign in with GitHub' }).click();
    await page.getByText('You are signed in as mona').waitFor();
    // It is where it was.
    expect(new URL(page.url()).searchParams.get('q')).to.equal('check');
    expect(await seriousFindings(page)).to.deep.equal([]);
    await keepPicture(page, 'organisations');
    await page.getByRole('button', { name: 'acme', exact: true }).click();
    await live(page);
    const api = (path: string, init: object) =>
      page.evaluate(
        `fetch('${running.publicUrl}${path}', ${JSON.stringify(init)}).then((response) => response.status)`,
      );
    // No page changes anything without the token of the session, which the board has.
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({
      ...{ name: 'checkout', version: '1.0.0', environment: 'production' },
      ...{ provider: 'gcp', type: 'k8s' },
    });
    expect(await api('/v1/deployments', { method: 'POST', headers, body })).to.equal(403);
    const csrf = await page.evaluate<string>(
      `fetch('${running.publicUrl}/session').then((response) => response.json()).then((session) => session.csrf_token)`,
    );
    const withToken = { ...headers, 'x-csrf-token': csrf };
    expect(await api('/v1/deployments', { method: 'POST', headers: withToken, body })).to.equal(
      201,
    );
    await page.getByText('1.0.0 waits').click();
    await page.getByRole('button', { name: 'Skip', exact: true }).click();
    await page.getByRole('button', { name: 'Yes, skip' }).click();
    await page.getByText('Done: it is skipped now.').waitFor();
    await page.getByRole('button', { name: 'Un-skip', exact: true }).click();
    await page.getByRole('button', { name: 'Yes, un-skip' }).click();
    await page.getByText('Done: it is scheduled now.').waitFor();
    await page.keyboard.press('Escape');

    // Somebody else has to approve what one has registered.
    const owner = running.gitHub.addUser({
      login: 'hubot',
      memberships: { Acme: 'active' },
      roles: { Acme: 'admin' },
    });
    const client = createClient({
      url: running.service.apiUrl,
      credentials: gitHubToken(owner, 'acme'),
    });
    await client.putEnvironment('production', { required_approvals: 2 });
    await page.reload();
    const asked = page.locator('.need.approval');
    await asked.getByText('You have registered it: somebody else has to approve it').waitFor();
    expect(await asked.getByRole('button', { name: /^Approve/ }).count()).to.equal(0);
    expect(await seriousFindings(page)).to.deep.equal([]);
    await keepPicture(page, 'own-approval');
    const [own] = (await client.listDeployments({ status: ['scheduled'] })).deployments;
    await client.approveDeployment(own?.id ?? '');
    await asked.getByText('1 of 2 have approved · hubot · registered by mona').waitFor();
    await asked.getByRole('button', { name: 'checkout' }).first().click();
    await page.getByRole('dialog').getByText('You have registered it').waitFor();
    expect(
      await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).count(),
    ).to.equal(0);
    await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).waitFor();
    await page.keyboard.press('Escape');

    await Promise.all([
      page.waitForEvent('load'),
      page.getByLabel('Organisation').selectOption('globex'),
    ]);
    await live(page);
    expect(await page.getByLabel('Organisation').inputValue()).to.equal('globex');
    await keepPicture(page, 'signed-in');
    expect(await page.evaluate('document.cookie')).to.equal('');
    expect(await page.evaluate('({ ...localStorage, ...sessionStorage })')).to.deep.equal({});
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor();
    expect(watched.faults.filter((fault) => fault.startsWith('policy:'))).to.deep.equal([]);
  });
});
