import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../test/support/project-root.ts';

const execute = promisify(execFile);

/** Installs the packages we are compared with, where they are not there yet; gives their folder. */
export async function installPeers(): Promise<string> {
  const folder = join(PROJECT_ROOT, 'bench/peers');
  if (!existsSync(join(folder, 'node_modules'))) {
    console.log('Installing the peers of the benchmark …');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await execute(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  }
  return folder;
}
