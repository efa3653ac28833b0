/**
 * Soaks the compiled service: `npm run build && npm run soak -- --minutes 60 --rate 50`. Prints a
 * sample at a time, then the table; ends with 1 when something rises or an answer was wrong.
 */
import { parseArgs } from 'node:util';
import { soak } from '../test/soak/soak.js';
import { judge, tableOf } from '../test/soak/verdict.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '100' },
    samples: { type: 'string', default: '120' },
  },
});
const [minutes, rate, samples] = [values.minutes, values.rate, values.samples].map(Number);
if (!(Number(minutes) > 0 && Number(rate) > 0 && Number(samples) >= 4)) {
  throw new Error('--minutes and --rate must be numbers above 0, --samples at least 4');
}

const result = await soak({
  seconds: 60 * Number(minutes),
  rate: Number(rate),
  samples: Number(samples),
  onSample: (sample) => {
    console.log(JSON.stringify(sample));
  },
});
const verdicts = judge(result.samples);
console.log(JSON.stringify(result.load));
console.log(tableOf(verdicts));
for (const line of result.errors.slice(0, 20)) console.log(line);
const sound = result.load.unexpected === 0 && result.errors.length === 0 && result.exitCode === 0;
process.exitCode = sound && verdicts.every(({ flat }) => flat) ? 0 : 1;
