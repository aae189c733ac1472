import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../test/support/project-root.ts';

const execute = promisify(execFile);

/** Installs the packages we are compared with, where they are not there yet; gives their folder. */
export async function installPeers(): Promise<string> {
  const folder = join(PROJECT_ROOT, 'bench/peers');
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>;
  };
  const isInstalled = Object.keys(dependencies).every((name) =>
    existsSync(join(folder, 'node_modules', name)),
  );
  if (!isInstalled) {
    console.log('Installing the peers of the benchmark …');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await execute(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  }
  return folder;
}
