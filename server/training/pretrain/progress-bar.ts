const WIDTH = 30;
const REDRAW_AFTER_MS = 200;

/** A bar on a terminal's last line, drawn over itself; nothing at all where output is no terminal. */
export class ProgressBar {
  readonly #output: NodeJS.WriteStream;
  readonly #now: () => number;
  #drawnAt = -Infinity;

  constructor(output: NodeJS.WriteStream, now: () => number) {
    this.#output = output;
    this.#now = now;
  }

  /** Draws how far it is, 0 to 1, with some words; more often than five times a second is left out. */
  draw(share: number, words: string): void {
    if (!this.#output.isTTY || this.#now() - this.#drawnAt < REDRAW_AFTER_MS) return;
    this.#drawnAt = this.#now();
    const full = Math.round(WIDTH * Math.min(1, share));
    const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
    this.#output.write(`\r\x1b[K${bar} ${(share * 100).toFixed(1)} %  ${words}`);
  }

  /** Writes a line that stays, above the bar. */
  say(line: string): void {
    this.#output.write(`${this.#output.isTTY ? '\r\x1b[K' : ''}${line}\n`);
  }
}
