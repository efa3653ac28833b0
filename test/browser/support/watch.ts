import type { Page } from 'playwright-core';

/** What happened on a page. */
export interface Watched {
  /** The URL of every request that it tried, as far as a page can cause one. */
  readonly requests: readonly string[];
  /** Errors and warnings on its console, exceptions, failed requests, breaches of its policy. */
  readonly faults: readonly string[];
}

/** Notes what a page does, from its first byte on. */
export async function watch(page: Page): Promise<Watched> {
  const requests: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => {
    requests.push(request.url());
  });
  page.on('requestfailed', (request) => {
    faults.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ''}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`answered ${response.status()}: ${response.url()}`);
  });
  page.on('pageerror', (error) => {
    faults.push(`exception: ${error.message}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      faults.push(`console: ${message.text()}`);
    }
  });
  await page.exposeFunction(
    'noteBreach',
    (breach: string) => void faults.push(`policy: ${breach}`),
  );
  await page.addInitScript(`
    document.addEventListener('securitypolicyviolation', (event) => {
      noteBreach(event.effectiveDirective + ' ' + event.blockedURI);
    });
  `);
  return { requests, faults };
}
