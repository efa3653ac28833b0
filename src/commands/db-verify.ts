import { loadDriver as loadPostgres, withConnection } from '../store/postgres/driver.js';
import { verify as verifyPostgres } from '../store/postgres/verify.js';
import type { Findings } from '../store/postgres/verify.js';
import { loadDriver } from '../store/snowflake/driver.js';
import { warnOfReads } from '../store/snowflake/read-consistency.js';
import { openSession } from '../store/snowflake/session.js';
import { verify } from '../store/snowflake/verify.js';
import { runServerCommand } from './store-command.js';

/** Says what there is, and what is missing; whether nothing is. */
function tell({ facts, faults, warning }: Findings, say: (line: string) => void): boolean {
  for (const fact of facts) say(fact);
  for (const fault of faults) say(`MISSING  ${fault}`);
  if (warning !== undefined) say(`WARNING  ${warning}`);
  say(faults.length === 0 ? 'All is well' : `${faults.length} to mend, see above`);
  return faults.length === 0;
}

/** Connects as the service would, and says what is there, what is missing and how to mend it. */
await runServerCommand({
  postgres: async (options, say) => {
    const driver = await loadPostgres(options);
    const findings = await withConnection(driver, options.url, (link) =>
      verifyPostgres(link, options),
    );
    return tell(findings, say);
  },
  snowflake: async (options, say) => {
    const link = await openSession(await loadDriver(options), options);
    try {
      const findings = await verify(link, options);
      return tell({ ...findings, warning: await warnOfReads(link, options.tables) }, say);
    } finally {
      await link.close();
    }
  },
});
