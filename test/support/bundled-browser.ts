import { createReadStream, createWriteStream } from 'node:fs';
import { access, lstat, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import type { Headers } from 'tar-fs';
import { extract } from 'tar-fs';

/**
 * The Chromium inside the npm package `@sparticuz/chromium` (Linux x64). The package's own
 * unpacking writes to fixed names in the shared temp folder, readable by whoever came first only;
 * here it goes to a folder of the user's own, once per version.
 */
export interface BundledBrowser {
  readonly executable: string;
  /** What the browser needs in its environment: its libraries and its fonts. */
  readonly env: Readonly<Record<string, string>>;
}

export const hasBundledBrowser = process.platform === 'linux' && process.arch === 'x64';

/** Unpacks the browser where that has not been done, and says how to start it. */
export async function bundledBrowser(): Promise<BundledBrowser> {
  const folder = await unpackedFolder();
  const libraries = [path.join(folder, 'lib'), process.env['LD_LIBRARY_PATH']];
  return {
    executable: path.join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: libraries.filter(Boolean).join(':'),
      FONTCONFIG_FILE: path.join(folder, 'fonts.conf'),
    },
  };
}

/** The folder with SwiftShader's Vulkan device (`libvk_swiftshader.so`, its ICD, `libvulkan`). */
export async function swiftshaderFolder(): Promise<string> {
  return unpackedFolder();
}

async function unpackedFolder(): Promise<string> {
  const archives = archiveFolder();
  const manifest = await readFile(path.join(archives, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const folder = path.join(await cacheFolder(), `chromium-${version}`);
  if (await exists(folder)) return folder;
  // Unpacked beside its place and renamed, so that a folder of this name is always a whole one.
  const unfinished = await mkdtemp(`${folder}-`);
  try {
    await unpack(archives, unfinished, folder);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process was faster: its folder is as good as ours.
    if (!(await exists(folder))) throw error;
  }
  return folder;
}

function archiveFolder(): string {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  return path.resolve(path.dirname(entry), '../../bin');
}

async function unpack(archives: string, to: string, place: string): Promise<void> {
  const archive = (name: string): string => path.join(archives, `${name}.br`);
  const untar = (name: string): Promise<void> =>
    pipeline(
      createReadStream(archive(`${name}.tar`)),
      createBrotliDecompress(),
      extract(to, { map: ownedByUs }),
    );
  await pipeline(
    createReadStream(archive('chromium')),
    createBrotliDecompress(),
    createWriteStream(path.join(to, 'chromium'), { mode: 0o700 }),
  );
  for (const name of ['al2023', 'swiftshader', 'fonts']) await untar(name);
  await writeFile(path.join(to, 'fonts.conf'), fontsConf(place));
}

/** The archives name users of the machine that packed them, whom root would give the files to. */
function ownedByUs(header: Headers): Headers {
  return { ...header, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/** The packed one names folders of the machines that the package is made for. */
function fontsConf(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`;
}

/** `$XDG_CACHE_HOME`, `~/.cache`, or where there is no home, a folder of this user in the temp folder. */
async function cacheFolder(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const own = path.join(cache, 'training-canvas');
  try {
    await mkdir(own, { recursive: true });
    await rm(await mkdtemp(path.join(own, 'probe-')), { recursive: true });
    return own;
  } catch {
    return privateTempFolder();
  }
}

/** A name that others can guess is used only if nobody else can have put anything there. */
async function privateTempFolder(): Promise<string> {
  const uid = process.getuid?.();
  const folder = path.join(tmpdir(), `training-canvas-${uid ?? 'user'}`);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  const { mode, uid: owner } = await lstat(folder);
  const isOurs = (mode & 0o170000) === 0o040000 && (mode & 0o077) === 0 && owner === uid;
  if (!isOurs) throw new Error(`${folder} belongs to somebody else: set XDG_CACHE_HOME.`);
  return folder;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
