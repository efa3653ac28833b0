/** A command that a runner finds in what a step prints. */
export interface RunnerCommand {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** What .NET passes over when it compares by a culture: control, format and other ignorable characters. */
const ignorable = /[\p{C}\p{DI}]/gu;

/**
 * Reads what one of a step's streams carried, as the runner does: line by line, where a carriage return ends
 * a line, too. It is stricter than the runner in one thing: a command may have any name.
 *
 * See `ActionCommand.cs` and `ProcessInvoker.cs` of https://github.com/actions/runner/tree/main/src.
 *
 * @returns the commands, and the lines that are none
 */
export function readCommands(text: string): {
  readonly commands: readonly RunnerCommand[];
  readonly rest: string;
} {
  const commands: RunnerCommand[] = [];
  const rest = text.replaceAll(/[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+$/g, (line) => {
    const compared = line.replaceAll(ignorable, '');
    const found = newForm(compared) ?? oldForm(compared);
    if (found === undefined) return line;
    commands.push(found);
    return '';
  });
  return { commands, rest };
}

/** `::command name=value,name=value::data`, after white space. */
function newForm(line: string): RunnerCommand | undefined {
  const [, info, data = ''] = /^\s*::(.*?)::(.*)$/.exec(line) ?? [];
  return info === undefined ? undefined : commandOf(info, ',', data);
}

/** `##[command name=value;name=value]data`, wherever it begins. */
function oldForm(line: string): RunnerCommand | undefined {
  const [, info, data = ''] = /##\[(.*?)\](.*)$/.exec(line) ?? [];
  return info === undefined ? undefined : commandOf(info, ';', data);
}

function commandOf(info: string, separator: string, data: string): RunnerCommand {
  const [command = '', ...properties] = info.split(' ');
  const pairs = properties.join(' ').split(separator);
  return {
    command,
    properties: Object.fromEntries(
      pairs
        .map((pair) => /^(.*?)=(.*)$/.exec(pair.trim()) ?? [])
        .flatMap(([, name, value = '']) => (name === undefined ? [] : [[name, unescaped(value)]])),
    ),
    data: unescaped(data),
  };
}

function unescaped(text: string): string {
  const characters: Record<string, string> = { '0D': '\r', '0A': '\n', '3A': ':', '2C': ',' };
  return text
    .replaceAll(/%(0D|0A|3A|2C)/g, (_escape, code: string) => characters[code] ?? '')
    .replaceAll('%25', '%');
}
