import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONFIG_NAMES } from '../server/config.ts';
import { PROJECT_ROOT } from './support/project-root.ts';

test('every variable of the server has its line in .env.example, and no other has', () => {
  const example = readFileSync(join(PROJECT_ROOT, '.env.example'), 'utf8');
  const names = [...example.matchAll(/^#? ?([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(names).toEqual([...CONFIG_NAMES]);
});
