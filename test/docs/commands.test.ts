import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { runService } from '../support/http.js';
import { runSteps, settle, stepsOf } from '../support/walkthrough.js';

const shown = ['README', 'docs/USAGE', 'docs/QUEUE', 'docs/GATES', 'docs/COMMAND_LINE'];

for (const document of shown.map((name) => `${name}.md`)) {
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
      expect(answers.filter((answer) => answer !== '')).to.have.length.greaterThan(2);
      expect(settle(printed.join('\n---\n'))).to.equal(settle(answers.join('\n---\n')));
    });
  });
}
