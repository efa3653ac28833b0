import type { Command, Option } from 'commander';
import { inputs } from '../../generated/inputs.js';

/** A shell's script: it asks the program what may stand where the cursor is. */
export const completionScripts = {
  bash: `_deployment_queue() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(deployment-queue complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _deployment_queue deployment-queue
`,
  zsh: `#compdef deployment-queue
_deployment_queue() {
  local -a found
  found=("\${(@f)$(deployment-queue complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _deployment_queue deployment-queue
`,
  fish: `complete -c deployment-queue -f -a '(deployment-queue complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
} as const;

/**
 * What may stand in the place of the last word.
 *
 * @param words what stands after the program's name; the last one is unfinished, and may be empty
 */
export function candidates(program: Command, words: readonly string[]): string[] {
  const before = words.slice(0, -1);
  let command = program;
  for (const word of before) {
    const found = command.commands.find((one) => one.name() === word);
    command = found ?? command;
  }
  const help = command.createHelp();
  const options = help.visibleOptions(command);
  const last = before.at(-1) ?? '';
  const asking = options.find(({ long, short }) => last !== '' && [long, short].includes(last));
  const found =
    asking !== undefined && takesValue(asking)
      ? valuesOf(asking)
      : [
          ...help.visibleCommands(command).map((one) => one.name()),
          ...help.visibleArguments(command).flatMap(({ argChoices = [] }) => argChoices),
          ...options.flatMap(({ long }) => long ?? []),
        ];
  const start = words.at(-1) ?? '';
  return found.filter((one) => one.startsWith(start));
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

/** The values of an option, where the contract lists them. */
function valuesOf({ long, argChoices }: Option): readonly string[] {
  const name = (long ?? '').slice(2).replaceAll('-', '_');
  const input = Object.values(inputs)
    .flat()
    .find((one) => one.name === name);
  return argChoices ?? input?.enum ?? [];
}
