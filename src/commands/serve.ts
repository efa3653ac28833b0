/**
 * The process. It takes signals before it loads the service, which takes longer than the rest of its start.
 */
import { takeStopSignals } from '../platform/stop-signals.js';

const signals = takeStopSignals(() => process.exit(0));

// Keeps Node from opening its inspector at SIGUSR1, through which whoever may send signals would read all that is
// in memory, tokens too. `node --disable-sigusr1` does so from the first moment on; not all versions have it.
process.on('SIGUSR1', () => undefined);

const { start } = await import('./start.js');
await start(signals);
