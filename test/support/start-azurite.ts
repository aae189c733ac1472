import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { PROJECT_ROOT } from './project-root.ts';

/** Azurite's one account: its name and key are the same everywhere, and public. */
const ACCOUNT = 'devstoreaccount1';
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** An Azure Blob Storage of the test's own. */
export interface Azurite {
  readonly port: number;
  readonly connectionString: string;
  /** The same account through another port, for a proxy. */
  connectionStringAt(port: number): string;
  stop(): Promise<void>;
}

/** Starts Azurite on a free port with an empty folder. */
export async function startAzurite(): Promise<Azurite> {
  const folder = await mkdtemp(join(tmpdir(), 'training-canvas-azurite-'));
  const port = await freePort();
  const script = join(PROJECT_ROOT, 'node_modules/azurite/dist/src/blob/main.js');
  const address = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', folder];
  const flags = ['--silent', '--disableTelemetry', '--skipApiVersionCheck'];
  const child = spawn(process.execPath, [script, ...address, ...flags], { stdio: 'ignore' });
  // It answers 400 to a request that names no account: that is an answer.
  await eventually(() => fetch(`http://127.0.0.1:${port}/`), 30_000);
  return {
    port,
    connectionString: connectionStringAt(port),
    connectionStringAt,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function connectionStringAt(port: number): string {
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${ACCOUNT}`,
    `AccountKey=${ACCOUNT_KEY}`,
    `BlobEndpoint=http://127.0.0.1:${port}/${ACCOUNT}`,
  ].join(';');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
