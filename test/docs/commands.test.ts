import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { runService } from '../support/http.js';
import { runSteps, settle, stepsOf } from '../support/walkthrough.js';

/** How many answers each shows at the least. */
const shown = {
  'README.md': 4,
  'docs/USAGE.md': 4,
  'docs/QUEUE.md': 3,
  'docs/GATES.md': 4,
  'docs/COMMAND_LINE.md': 4,
};

for (const [document, least] of Object.entries(shown)) {
  describe(`the commands of ${document}`, () => {
    const running = runService();

    it('give the answers that it shows, copied line by line', async () => {
      const text = await readFile(new URL(`../../${document}`, import.meta.url), 'utf8');
      const steps = stepsOf(text);
      const here = steps.map(({ commands, answer }) => ({
        commands: commands.replaceAll('http://127.0.0.1:8000', running.service.apiUrl),
        answer,
      }));
      const printed = await runSteps(here);
      expect(printed).to.have.length(steps.length);
      const answers = steps.map(({ answer }) => answer?.trim() ?? '');
      expect(answers.filter((answer) => answer !== '')).to.have.length.at.least(least);
      expect(settle(printed.join('\n---\n'))).to.equal(settle(answers.join('\n---\n')));
    });
  });
}
