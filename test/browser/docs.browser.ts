import { expect } from 'chai';
import type { Page } from 'playwright-core';
import type { Deployment } from '../../src/domain/deployments/deployment.js';
import { listenOnLoopback } from '../support/loopback-server.js';
import { startPrefixProxy } from '../support/prefix-proxy.js';
import { Processes } from '../support/process.js';
import { seriousFindings } from './support/board.js';
import { startAuthenticated } from './support/authenticated.js';
import type { AuthenticatedProcess } from './support/authenticated.js';
import { openBrowser } from './support/chromium.js';
import type { Browser } from './support/chromium.js';
import { watch } from './support/watch.js';
import type { Watched } from './support/watch.js';

const service = 'dist/main.js';
const createOperation = '#operations-Deployments-createDeployment';

let processes: Processes;
let browser: Browser;
let page: Page;
let watched: Watched;

/** Opens the documentation and waits until the contract is shown. */
async function open(apiUrl: string, path = '/docs'): Promise<void> {
  page = await browser.context.newPage();
  // Drawing takes long where much else runs.
  page.setDefaultTimeout(120_000);
  watched = await watch(page);
  await page.goto(apiUrl + path);
  await unfold();
}

/** Opens every group of operations. */
async function unfold(): Promise<void> {
  await page.waitForSelector('.opblock-tag');
  const folded = page.locator('.opblock-tag[data-is-open="false"]');
  while ((await folded.count()) > 0) await folded.first().click();
  await page.waitForSelector('.opblock');
}

/** Tries an operation out, as it stands filled in. @returns the status and the body of the answer */
async function tryOut(operation: string): Promise<{ status: string; body: string }> {
  const block = page.locator(operation);
  if ((await block.locator('.execute').count()) === 0) {
    await block.locator('.opblock-summary-control').click();
  }
  await block.locator('.execute').click();
  const answer = block.locator('.live-responses-table');
  await answer.waitFor();
  return {
    status: (await answer.locator('tbody .response-col_status').first().innerText()).trim(),
    body: await answer.locator('.highlight-code code').first().innerText(),
  };
}

/** Enters a token, and an organisation, in the dialogue behind "Authorize". */
async function authorize(token: string, organisation?: string): Promise<void> {
  await page.locator('.auth-wrapper .authorize').first().click();
  const dialogue = page.locator('.dialog-ux');
  const enter = async (scheme: string, value: string): Promise<void> => {
    const part = dialogue.locator('.auth-container', { hasText: scheme });
    await part.locator('input').fill(value);
    await part.locator('button.authorize').click();
  };
  await enter('bearer (http', token);
  if (organisation !== undefined) await enter('(apiKey)', organisation);
  await dialogue.locator('button.btn-done').first().click();
}

before(async () => {
  processes = await Processes.create();
  browser = await openBrowser();
});
// They are hooks of other files' tests, too.
afterEach(() => (page as Page | undefined)?.close());
after(async () => {
  await browser.close();
  await processes.dispose();
});

describe('the documentation in a browser, with authentication off', function () {
  // It opens every operation, each of which the page then draws whole.
  this.timeout(300_000);
  let apiUrl: string;

  before(async () => {
    ({ apiUrl } = await processes.start({ AUTH_ENABLED: 'false' }, service));
  });

  for (const path of ['/docs', '/docs/']) {
    it(`shows every operation at ${path}, without an error and without another host`, async () => {
      await open(apiUrl, path);
      const contract = (await (await fetch(`${apiUrl}/openapi.json`)).json()) as {
        paths: Record<string, Record<string, { operationId?: string }>>;
      };
      const described = Object.values(contract.paths).flatMap((item) =>
        Object.values(item).flatMap(({ operationId }) => operationId ?? []),
      );
      expect(described).to.have.length.greaterThan(7);
      for (const operationId of described) {
        const block = page.locator(`.opblock[id$="-${operationId}"]`);
        expect(await block.isVisible(), operationId).to.be.true;
        // It is the same page at both.
        if (path !== '/docs') continue;
        const summary = block.locator('.opblock-summary-control');
        await summary.click();
        const responses = block.locator('.responses-table').first();
        await responses.waitFor();
        // What stays open is drawn again with each that is opened.
        await summary.click();
        await responses.waitFor({ state: 'detached' });
      }
      expect(await page.title()).to.equal('Deployment Queue API');
      expect(await page.locator('.loading-container, .errors-wrapper').count()).to.equal(0);
      expect(watched.faults).to.deep.equal([]);
      expect(watched.requests).to.have.length.greaterThan(4);
      expect([...new Set(watched.requests.map((url) => new URL(url).origin))]).to.deep.equal([
        apiUrl,
      ]);
    });
  }

  it('looks as its style sheet says', async () => {
    await open(apiUrl);
    const background = await page.evaluate(
      `getComputedStyle(document.querySelector('${createOperation} .opblock-summary-method')).backgroundColor`,
    );
    expect(background).to.equal('rgb(29, 122, 76)');
  });

  it('begins with its operations folded', async () => {
    page = await browser.context.newPage();
    watched = await watch(page);
    await page.goto(`${apiUrl}/docs`);
    await page.waitForSelector('.opblock-tag');
    expect(await page.locator('.opblock, .model-container').count()).to.equal(0);
  });

  it('is dark where the system is, and readable there', async () => {
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await open(apiUrl);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForSelector('html.dark-mode');
    expect(await background()).to.equal('rgb(28, 32, 34)');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForSelector('html:not(.dark-mode)');
    expect(await background()).not.to.equal('rgb(28, 32, 34)');
    expect(watched.faults).to.deep.equal([]);
  });

  for (const [colorScheme, width] of [
    ['light', 1440],
    ['dark', 390],
  ] as const) {
    it(`has no serious finding of axe-core, ${colorScheme}, at ${width} pixels`, async () => {
      page = await browser.context.newPage();
      await page.goto(`${apiUrl}/docs`);
      await page.locator('#operations-tag-Deployments').click();
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      for (const operation of ['createDeployment', 'listDeployments']) {
        await page.locator(`#operations-Deployments-${operation} .opblock-summary-control`).click();
      }
      await page.locator('.opblock-body textarea').first().waitFor();
      expect(await seriousFindings(page)).to.deep.equal([]);
    });
  }

  it('is no wider than a phone, with an operation open and called', async () => {
    await open(apiUrl);
    await page.setViewportSize({ width: 390, height: 844 });
    const wider = 'document.documentElement.scrollWidth - innerWidth';
    expect(await page.evaluate(wider)).to.equal(0);
    const { status } = await tryOut('#operations-Deployments-listDeployments');
    expect(status).to.match(/^200/);
    expect(await page.evaluate(wider)).to.equal(0);
  });

  it('creates a deployment when it is tried out, and another when it is tried again', async () => {
    await open(apiUrl);
    const ids: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      const { status, body } = await tryOut(createOperation);
      expect(status).to.match(/^201/);
      ids.push((JSON.parse(body) as Deployment).id);
      await page.locator(`${createOperation} .btn-clear`).click();
    }
    const stored = (await (await fetch(`${apiUrl}/v1/deployments`)).json()) as Deployment[];
    expect(stored.map(({ id }) => id)).to.deep.equal(ids.reverse());
    expect(watched.faults).to.deep.equal([]);
  });

  it('lists what is there when that is tried out, since no filter is filled in', async () => {
    await open(apiUrl);
    const { status, body } = await tryOut('#operations-Deployments-listDeployments');
    expect(status).to.match(/^200/);
    expect(JSON.parse(body)).to.have.length(2);
    expect(watched.faults).to.deep.equal([]);
  });

  it('tries calls out behind a proxy that serves it under a path of its own', async () => {
    const proxy = await startPrefixProxy(apiUrl, '/tools/queue');
    try {
      for (const path of ['/tools/queue/docs', '/tools/queue/redoc']) {
        await open(proxy.url, path);
        const { status } = await tryOut('#operations-Deployments-listDeployments');
        expect(status).to.match(/^200/);
        const called = watched.requests.map((url) => url.split('?', 1)[0]);
        expect(called).to.include(`${proxy.url}/tools/queue/v1/deployments`);
        expect(watched.faults).to.deep.equal([]);
      }
    } finally {
      await proxy.stop();
    }
  });

  it('is kept from other hosts and from scripts in the page, should one get in', async () => {
    let asked = 0;
    const elsewhere = await listenOnLoopback((_request, response) => {
      asked += 1;
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end();
    });
    try {
      await open(apiUrl);
      await page.evaluate((url) => fetch(url).catch(() => undefined), elsewhere.url);
      await page.evaluate(`
        const script = document.createElement('script');
        script.textContent = 'globalThis.gotIn = true';
        document.body.append(script);
      `);
      expect(await page.evaluate(() => 'gotIn' in globalThis)).to.be.false;
      expect(asked).to.equal(0);
      expect(watched.faults.filter((fault) => fault.startsWith('policy:'))).to.deep.equal([
        `policy: connect-src ${elsewhere.url}/`,
        'policy: script-src-elem inline',
      ]);
    } finally {
      await elsewhere.stop();
    }
  });
});

describe('the documentation in a browser, with authentication on', () => {
  let running: AuthenticatedProcess;

  before(async () => {
    running = await startAuthenticated(processes);
  });
  after(() => running.stop());

  it('shows the refusal of a call without a token', async () => {
    await open(running.apiUrl);
    const { status, body } = await tryOut(createOperation);
    expect(status).to.match(/^401/);
    expect(body).to.include('Authentication is required');
  });

  it('sends the token that was entered, and keeps it nowhere', async () => {
    await open(running.apiUrl);
    await authorize(running.issuer.sign({ repository_owner: 'acme' }));
    const { status, body } = await tryOut(createOperation);
    expect(status).to.match(/^201/);
    expect(JSON.parse(body)).to.include({ organisation: 'acme', name: 'checkout' });
    expect(watched.faults).to.deep.equal([]);

    const [command = ''] = await page.locator(`${createOperation} .curl-command`).allInnerTexts();
    expect(command).to.match(
      /printf 'Authorization: Bearer %s' "\$TOKEN" \| curl -H @- [^]*\/v1\/deployments/,
    );
    expect(await page.content()).not.to.match(/eyJ[\w-]{16}/);

    expect(await page.evaluate('({ ...localStorage, ...sessionStorage })')).to.deep.equal({});
    expect(await browser.context.cookies()).to.deep.equal([]);
    await page.reload();
    await unfold();
    expect((await tryOut(createOperation)).status).to.match(/^401/);
  });

  it('sends a personal token with the organisation, each of which was entered once', async () => {
    await open(running.apiUrl);
    await authorize(
      running.gitHub.addUser({ login: 'mona', memberships: { acme: 'active' } }),
      'acme',
    );
    const { status, body } = await tryOut(createOperation);
    expect(status).to.match(/^201/);
    expect(JSON.parse(body)).to.include({ organisation: 'acme' });
    const list = '#operations-Deployments-listDeployments';
    expect((await tryOut(list)).status).to.match(/^200/);
    expect(await page.locator('[data-param-name="X-Organisation"]').count()).to.equal(0);
    expect(watched.faults).to.deep.equal([]);
  });
});
