import { eventually } from './eventually.ts';
import type { ServerProcess } from './server-process.ts';
import { startServer } from './server-process.ts';

/** On SIGUSR2 the server collects its garbage and says how much it holds then. */
const FIGURES = `
  process.on('SIGUSR2', () => {
    globalThis.gc();
    globalThis.gc();
    const { heapUsed, arrayBuffers, external } = process.memoryUsage();
    process.stdout.write('held ' + JSON.stringify({ heapUsed, arrayBuffers, external }) + '\\n');
  });`;

/** Memory in bytes that is held after garbage has been collected. */
export interface HeldMemory {
  readonly heapUsed: number;
  readonly arrayBuffers: number;
  readonly external: number;
}

/** The built server in a process that tells what it holds. */
export class MeasuredServer {
  readonly server: ServerProcess;

  private constructor(server: ServerProcess) {
    this.server = server;
  }

  static async start(
    dataDir: string,
    env: Readonly<Record<string, string>>,
  ): Promise<MeasuredServer> {
    const figures = `data:text/javascript,${encodeURIComponent(FIGURES)}`;
    const nodeArguments = ['--expose-gc', '--import', figures];
    return new MeasuredServer(await startServer({ dataDir, env, nodeArguments }));
  }

  /** What it holds, measured now. */
  async heldMemory(): Promise<HeldMemory> {
    const before = this.#answers().length;
    this.server.signal('SIGUSR2');
    return eventually(() => {
      const answer = this.#answers()[before];
      if (!answer) throw new Error('The server has not measured yet.');
      // The line is our own, printed by the script above.
      return JSON.parse(answer) as HeldMemory;
    }, 30_000);
  }

  /** A figure of /metrics, summed over its labels. */
  async metric(name: string): Promise<number> {
    const reply = await fetch(`${this.server.url}/metrics`);
    const lines = (await reply.text()).split('\n').filter((line) => isOf(line, name));
    if (lines.length === 0) throw new Error(`There is no metric ${name}.`);
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  #answers(): string[] {
    return [...this.server.output.matchAll(/^held (.*)$/gm)].map(([, answer = '']) => answer);
  }
}

function isOf(line: string, name: string): boolean {
  return line.startsWith(`${name} `) || line.startsWith(`${name}{`);
}
