import type { Category } from '../../shared/category.ts';
import type { Example } from '../../shared/example.ts';
import type { ExampleChanged } from '../../shared/events.ts';
import type { Announcer } from '../domain/ports.ts';
import type { Logger } from '../logger.ts';
import type { Channel } from './channel.ts';
import { projectRoom } from './channel.ts';

/** Tells everybody on a project's canvases what has changed in its dataset. */
export function createAnnouncer(options: {
  readonly channel: Channel;
  readonly readCategories: (projectId: string) => Promise<Category[]>;
  readonly logger: Logger;
}): Announcer {
  const { channel, readCategories, logger } = options;
  const sendCategories = async (projectId: string): Promise<void> => {
    try {
      const categories = (await readCategories(projectId)).map(presentCategory);
      channel.to(projectRoom(projectId)).emit('category:changed', { projectId, categories });
    } catch (err) {
      // Whoever missed it reads the list anew when the page is loaded or connects again.
      logger.warn({ err, projectId }, 'realtime.categories_not_sent');
    }
  };
  const categoriesChanged = oneAtATime(sendCategories);
  return {
    categoriesChanged,
    followUpFailed: (projectId, err) => {
      logger.error({ err, projectId }, 'dataset.follow_up_failed');
      // At least every page gets the counts.
      categoriesChanged(projectId);
    },
    exampleAdded: (example, examples) => {
      channel
        .to(projectRoom(example.projectId))
        .emit('example:added', presentExample(example, examples));
    },
    exampleRemoved: (example, examples) => {
      channel
        .to(projectRoom(example.projectId))
        .emit('example:removed', presentExample(example, examples));
    },
  };
}

/**
 * Reads for one project follow each other, and calls during one are answered by the next: so the
 * list that is sent last is the newest.
 */
function oneAtATime(send: (projectId: string) => Promise<void>): (projectId: string) => void {
  const isDirty = new Map<string, boolean>();
  const run = async (projectId: string): Promise<void> => {
    while (isDirty.get(projectId)) {
      isDirty.set(projectId, false);
      await send(projectId);
    }
    isDirty.delete(projectId);
  };
  return (projectId) => {
    const isRunning = isDirty.has(projectId);
    isDirty.set(projectId, true);
    if (!isRunning) void run(projectId);
  };
}

function presentCategory(category: Category): Category {
  const { id, projectId, name, preTaught, examples, createdAt } = category;
  return { id, projectId, name, preTaught, examples, createdAt };
}

function presentExample(example: Example, examples: number): ExampleChanged {
  const { id: exampleId, projectId, categoryId } = example;
  return { projectId, exampleId, categoryId, examples };
}
