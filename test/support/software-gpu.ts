import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { hasBundledBrowser, swiftshaderFolder } from './bundled-browser.ts';

/** Whether there is a Vulkan device in software: SwiftShader, from the package with the browser. */
export const hasSoftwareGpu = hasBundledBrowser;

/** Variables that make SwiftShader the only Vulkan device of a process that starts with them. */
export async function softwareGpuEnvironment(): Promise<Record<string, string>> {
  const folder = await swiftshaderFolder();
  const libraries = [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean);
  return {
    LD_LIBRARY_PATH: libraries.join(':'),
    VK_DRIVER_FILES: path.join(folder, 'vk_swiftshader_icd.json'),
  };
}

/** Variables that leave a process without any Vulkan device. */
export const NO_GPU = { VK_DRIVER_FILES: '/nowhere.json' } as const;

const MESSAGE_WITHIN_MS = 280_000;

/** Runs a bundled entry to its end; gives the message that it sent, and throws if it sent none. */
export async function messageOf(
  entry: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<unknown> {
  const child = fork(entry, args, {
    env: { ...process.env, ...env },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: MESSAGE_WITHIN_MS,
    killSignal: 'SIGKILL',
  });
  let [message, errors]: [unknown, string] = [undefined, ''];
  child.on('message', (given) => (message = given));
  child.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (message === undefined || code !== 0)
    throw new Error(`The process ended with ${signal ?? code}. ${errors}`);
  return message;
}
