import { writeSync } from 'node:fs';

/** Prints the URL of a module that is loaded; hooks run in a thread of their own. */
export function load(url, context, nextLoad) {
  writeSync(1, `${url}\n`);
  return nextLoad(url, context);
}
