import { loadDriver } from '../store/snowflake/driver.js';
import { warnOfReads } from '../store/snowflake/read-consistency.js';
import { openSession } from '../store/snowflake/session.js';
import { verify } from '../store/snowflake/verify.js';
import { runSnowflakeCommand } from './store-command.js';

/** Connects as the service would, and says what is there, what is missing and how to mend it. */
await runSnowflakeCommand(async (options, say) => {
  const link = await openSession(await loadDriver(options), options);
  try {
    const { facts, faults } = await verify(link, options);
    for (const fact of facts) say(fact);
    for (const fault of faults) say(`MISSING  ${fault}`);
    const warning = await warnOfReads(link, options.tables);
    if (warning !== undefined) say(`WARNING  ${warning}`);
    say(faults.length === 0 ? 'All is well' : `${faults.length} to mend, see above`);
    return faults.length === 0;
  } finally {
    await link.close();
  }
});
