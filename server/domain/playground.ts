import { AppError } from '../../shared/errors.ts';
import type { Predictor } from './learning-ports.ts';
import type { CategoryStore, ProjectRecord, ProjectStore } from './ports.ts';
import { newOwnerToken } from './projects.ts';

/** What the Playground can tell apart from the start: words that the starter model knows. */
export const PLAYGROUND_CATEGORIES: readonly string[] = [
  'cat',
  'dog',
  'house',
  'sun',
  'tree',
  'car',
  'fish',
  'flower',
  'star',
  'apple',
  'bird',
  'bicycle',
  'cloud',
  'face',
  'clock',
  'umbrella',
  'airplane',
  'butterfly',
  'guitar',
  'snowman',
];

interface PlaygroundPorts {
  readonly projects: ProjectStore;
  readonly categories: CategoryStore;
  readonly predictor: Predictor;
}

/**
 * The project that everybody finds at the start. Safe to call at every start, after a crash in the
 * middle of it, and by two servers at once: the store keeps one Playground and each name once.
 */
export async function ensurePlayground(ports: PlaygroundPorts): Promise<ProjectRecord> {
  const playground =
    (await ports.projects.findPlayground()) ??
    (await ports.projects.create({
      name: 'Playground',
      isPlayground: true,
      ownerId: null,
      ownerToken: newOwnerToken(),
      canvas: { name: 'Playground', mode: 'free' },
    }));
  const existing = await ports.categories.list(playground.id);
  const names = new Set(existing.map(({ name }) => name.toLowerCase()));
  const missing = PLAYGROUND_CATEGORIES.filter((name) => !names.has(name));
  for (const name of missing) await addCategory(ports, playground.id, name);
  return playground;
}

async function addCategory(
  { categories, predictor }: PlaygroundPorts,
  projectId: string,
  name: string,
): Promise<void> {
  const starterName = predictor.findStarterCategory(name);
  try {
    await categories.create({ projectId, name, starterName });
  } catch (error) {
    // Another server has just added it.
    if (!(error instanceof AppError && error.code === 'category.name_taken')) throw error;
  }
}
