/** What is used of cliui (https://github.com/yargs/cliui), which has no types of its own. */
declare module 'cliui' {
  interface Cell {
    readonly text: string;
    /** With its padding. */
    readonly width: number;
    /** Top, right, bottom, left. */
    readonly padding: readonly [number, number, number, number];
  }

  interface Layout {
    /** A row. */
    div(...cells: readonly Cell[]): void;
    toString(): string;
  }

  export default function cliui(options: {
    readonly width: number;
    readonly wrap: boolean;
  }): Layout;
}
