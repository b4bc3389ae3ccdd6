import type { WriteStream } from 'node:tty';

/** Standard error as a place to draw on. */
export interface Terminal {
  write(text: string): void;
  /** Lines can be drawn over. */
  readonly isInteractive: boolean;
  readonly hasColour: boolean;
  readonly columns: number;
}

export function openTerminal(stream: NodeJS.WriteStream | WriteStream, environment: NodeJS.ProcessEnv): Terminal {
  const isInteractive = stream.isTTY === true && environment.TERM !== 'dumb';
  return {
    write: (text) => void stream.write(text),
    isInteractive,
    hasColour: isInteractive && !environment.NO_COLOR,
    get columns() {
      return stream.columns ?? 80;
    },
  };
}

type Style = 'bold' | 'dim' | 'red' | 'green';

const CODES: Readonly<Record<Style, readonly [on: number, off: number]>> = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39] };

/** `text` in a style, where the terminal has colour. */
export function styled(terminal: Pick<Terminal, 'hasColour'> | null, style: Style, text: string): string {
  const [on, off] = CODES[style];
  return terminal?.hasColour ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}
