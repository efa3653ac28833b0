import type { Command } from 'commander';
import { Argument } from 'commander';
import { candidates, completionScripts } from '../completion.js';
import type { Session } from '../session.js';

const shells = ['bash', 'zsh', 'fish'] as const;

/** `completion`: has the shell complete what is typed. */
export function addCompletion(program: Command, session: Session): void {
  program
    .command('completion')
    .summary('print the script that has a shell complete what is typed')
    .description('Prints the script that has a shell complete commands, options and their values.')
    .addArgument(new Argument('<shell>', 'yours').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  source <(deployment-queue completion bash)    # in ~/.bashrc
  source <(deployment-queue completion zsh)     # in ~/.zshrc, after compinit
  deployment-queue completion fish > \\
    ~/.config/fish/completions/deployment-queue.fish`,
    )
    .action((shell: (typeof shells)[number]) => {
      session.print(completionScripts[shell]);
    });
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action((words: readonly string[]) => {
      session.print(
        candidates(program, words)
          .map((one) => `${one}\n`)
          .join(''),
      );
    });
}
