import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { runService } from '../support/http.js';
import { runSteps, settle, stepsOf } from '../support/walkthrough.js';

for (const document of ['README.md', 'docs/USAGE.md', 'docs/COMMAND_LINE.md']) {
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
      const shown = steps.map(({ answer }) => answer?.trim() ?? '');
      expect(shown.filter((answer) => answer !== '')).to.have.length.greaterThan(3);
      expect(settle(printed.join('\n---\n'))).to.equal(settle(shown.join('\n---\n')));
    });
  });
}
