import open from 'open';

/**
 * Shows a page in the browser of whoever is at this machine.
 *
 * @returns whether one could be started
 */
export async function showInBrowser(url: string): Promise<boolean> {
  try {
    await open(url);
    return true;
  } catch {
    return false;
  }
}
