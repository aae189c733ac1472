import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../test/support/project-root.ts';

/** Puts tables into `docs/benchmarks.md`, each between the comments that bear its name. */
export async function writeTables(tables: Readonly<Record<string, string>>): Promise<void> {
  const file = join(PROJECT_ROOT, 'docs/benchmarks.md');
  let text = await readFile(file, 'utf8');
  for (const [name, table] of Object.entries(tables)) {
    const [begin, end] = [`<!-- sync ${name} -->`, `<!-- end of sync ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${file} has no place for the table ${name}`);
    text = `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
  }
  await writeFile(file, text);
}
