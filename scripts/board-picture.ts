/**
 * Makes docs/board.png, the picture of the board in README: `npm run board:picture`. The service serves the invented
 * week of `npm run demo`, and Chromium looks at it; `CHROMIUM` names one where it is not on the path.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../src/platform/package-file.js';
import { createLogger } from '../src/platform/logging.js';
import { startService } from '../src/service.js';
import { readSettings } from '../src/settings/settings.js';
import { openBrowser } from '../test/browser/support/chromium.js';
import { organisation } from './demo/cast.js';
import { seedDemo } from './demo/seed.js';

const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-picture-'));
const path = join(folder, 'demo.db');
await seedDemo(path);
const settings = readSettings({
  AUTH_ENABLED: 'false',
  DEV_ORGANISATION: organisation,
  HOST: '127.0.0.1',
  API_PORT: '0',
  MANAGEMENT_PORT: '0',
  LOG_LEVEL: 'warn',
  SQLITE_PATH: path,
});
const service = await startService(settings, createLogger(settings.logLevel));
const browser = await openBrowser();
try {
  const page = await browser.context.newPage();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(service.apiUrl);
  await page.locator('.liveness.live').waitFor();
  await page.locator('.grid[aria-busy=false]').waitFor();
  // What waits is looked up once it is seen.
  await page.locator('.mark.waits', { hasText: ',' }).first().waitFor();
  await page.screenshot({ path: packageFile('docs/board.png'), animations: 'disabled' });
} finally {
  await browser.close();
  await service.stop();
  await rm(folder, { recursive: true, force: true });
}
