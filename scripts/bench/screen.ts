import { live, openBoard } from '../../test/browser/support/board.js';
import { findChromium, openBrowser } from '../../test/browser/support/chromium.js';

/** A board in a browser that somebody looks at. */
export interface Screen {
  /**
   * When each component was first on the screen, in milliseconds since the epoch: painted as what happened last.
   */
  seen(): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

/** Runs in the page: after the frame that shows new names is drawn, notes when that was. */
const watchNames = `
  seen = new Map();
  const drawn = new MessageChannel();
  const waiting = [];
  drawn.port1.onmessage = () => {
    const at = performance.timeOrigin + performance.now();
    for (const name of waiting.splice(0)) seen.set(name, at);
  };
  const asked = new Set();
  new MutationObserver(() => {
    const names = [...document.querySelectorAll('.timeline .event b')].map((each) => each.textContent);
    const fresh = names.filter((name) => !asked.has(name));
    if (fresh.length === 0) return;
    for (const name of fresh) asked.add(name);
    // A task that is posted by a frame runs once the frame is drawn.
    requestAnimationFrame(() => {
      waiting.push(...fresh);
      drawn.port2.postMessage('');
    });
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
`;

/** Opens the board of a service without authentication; undefined where there is no Chromium. */
export async function openScreen(url: string): Promise<Screen | undefined> {
  if (findChromium() === undefined) return undefined;
  const browser = await openBrowser();
  const { page } = await openBoard(browser, url);
  await live(page);
  await page.evaluate(watchNames);
  return {
    seen: async () => new Map(await page.evaluate<[string, number][]>('[...seen]')),
    close: () => browser.close(),
  };
}
