import { randomUUID } from 'node:crypto';
import type { Stores } from '../../server/domain/domain.ts';
import type { SketchAddress } from '../../server/domain/feedback-ports.ts';
import type {
  CategoryRecord,
  ExampleRecord,
  NewExample,
  ProjectRecord,
} from '../../server/domain/ports.ts';
import type { Dealt, SplitCounts } from '../../shared/deal-splits.ts';
import { dealSplits } from '../../shared/deal-splits.ts';
import { AppError } from '../../shared/errors.ts';
import type { Split } from '../../shared/example.ts';
import { givenOf } from '../../shared/given.ts';
import { DEFAULT_STRATEGY } from '../../shared/training-strategy.ts';
import { modelVersionStore, trainingRunStore } from './memory-learning-stores.ts';
import type { MemoryTables } from './memory-tables.ts';
import { getFrom, now, ofProject, onePage, put } from './memory-tables.ts';

/** The stores of the domain over plain maps. */
export function memoryStores(tables: MemoryTables): Stores {
  return {
    participants: participantStore(tables),
    projects: projectStore(tables),
    canvases: canvasStore(tables),
    categories: categoryStore(tables),
    examples: exampleStore(tables),
    feedback: feedbackStore(tables),
    trainingRuns: trainingRunStore(tables),
    modelVersions: modelVersionStore(tables),
  };
}

function participantStore({ participants }: MemoryTables): Stores['participants'] {
  return {
    create: async (given) => put(participants, { ...given, id: randomUUID() }),
    find: async (id) => participants.get(id) ?? null,
    update: async (id, change) => put(participants, { ...getFrom(participants, id), ...change }),
  };
}

function projectStore(tables: MemoryTables): Stores['projects'] {
  const { projects, roles, canvases } = tables;
  const key = (projectId: string, participantId: string): string => `${projectId} ${participantId}`;
  const findBy = (is: (project: ProjectRecord) => boolean): ProjectRecord | null =>
    [...projects.values()].find(is) ?? null;
  return {
    create: async ({ name, isPlayground, ownerId, ownerToken, canvas }) => {
      const id = randomUUID();
      if (ownerId) roles.set(key(id, ownerId), 'owner');
      put(canvases, {
        ...{ id: randomUUID(), projectId: id, ...canvas, generation: 1, createdAt: now() },
      });
      const strategy = DEFAULT_STRATEGY;
      return put(projects, {
        ...{ id, name, isPlayground, ownerToken, strategy },
        ...{ modelVersionId: null, createdAt: now() },
      });
    },
    find: async (id) => projects.get(id) ?? null,
    findPlayground: async () => findBy(({ isPlayground }) => isPlayground),
    findByOwnerToken: async (token) => findBy(({ ownerToken }) => ownerToken === token),
    list: async (participantId) =>
      onePage(
        [...projects.values()].filter(
          ({ id, isPlayground }) => isPlayground || roles.has(key(id, participantId)),
        ),
      ),
    update: async (id, { name, strategy }) =>
      put(projects, {
        ...getFrom(projects, id),
        ...(name !== undefined && { name }),
        strategy: { ...getFrom(projects, id).strategy, ...givenOf(strategy ?? {}) },
      }),
    remove: async (id) => void projects.delete(id),
    roleOf: async (projectId, participantId) => roles.get(key(projectId, participantId)) ?? null,
    grantRole: async (projectId, participantId, role) =>
      void roles.set(key(projectId, participantId), role),
    setRole: async (projectId, participantId, role) => {
      if (role) roles.set(key(projectId, participantId), role);
      else roles.delete(key(projectId, participantId));
    },
    grantsOf: async (whereabouts) =>
      whereabouts.map(({ place, participantId }) => {
        const id = 'projectId' in place ? place.projectId : canvases.get(place.canvasId)?.projectId;
        const project = id === undefined ? undefined : projects.get(id);
        if (!project) return null;
        const role = roles.get(key(project.id, participantId)) ?? null;
        return { projectId: project.id, isPlayground: project.isPlayground, role };
      }),
  };
}

function canvasStore({ canvases }: MemoryTables): Stores['canvases'] {
  return {
    create: async (given) =>
      put(canvases, { ...given, id: randomUUID(), generation: 1, createdAt: now() }),
    find: async (id) => canvases.get(id) ?? null,
    list: async (projectId) => onePage(ofProject(canvases, projectId)),
  };
}

function categoryStore({ categories, examples }: MemoryTables): Stores['categories'] {
  const counted = (category: CategoryRecord): CategoryRecord => ({
    ...category,
    preTaught: category.starterName !== null,
    examples: [...examples.values()].filter(
      ({ categoryId, isDeleted }) => categoryId === category.id && !isDeleted,
    ).length,
  });
  return {
    create: async ({ projectId, name, starterName }) => {
      const isTaken = ofProject(categories, projectId).some(
        (other) => other.name.toLowerCase() === name.toLowerCase(),
      );
      if (isTaken) throw new AppError('category.name_taken', 'Taken.');
      const id = randomUUID();
      const rest = { preTaught: starterName !== null, examples: 0, createdAt: now() };
      return put(categories, { id, projectId, name, starterName, ...rest });
    },
    find: async (id) => {
      const category = categories.get(id);
      return category ? counted(category) : null;
    },
    list: async (projectId) => ofProject(categories, projectId).map(counted),
    update: async (id, { name, starterName }) =>
      counted(
        put(categories, {
          ...getFrom(categories, id),
          ...(name !== undefined && { name }),
          ...(starterName !== undefined && { starterName }),
        }),
      ),
    remove: async (id) => {
      categories.delete(id);
      for (const example of examples.values())
        if (example.categoryId === id) examples.delete(example.id);
    },
  };
}

function exampleStore(tables: MemoryTables): Stores['examples'] {
  const { examples } = tables;
  const live = (projectId: string) =>
    ofProject(examples, projectId).filter(({ isDeleted }) => !isDeleted);
  return {
    add: async (given) => {
      if (tables.refusesExamples) throw new AppError('database.unavailable', 'Down.');
      const [first] = given;
      const splits = dealSplits(given, dealtIn(tables, first?.projectId ?? ''));
      return given.map((example, i) =>
        put(examples, {
          ...recordOf(example),
          split: splits[i] ?? 'train',
          createdOrder: tables.next(),
        }),
      );
    },
    find: async (id) => examples.get(id) ?? null,
    list: async (projectId) => onePage(live(projectId)),
    update: async (id, { categoryId, isDeleted }) =>
      put(examples, {
        ...getFrom(examples, id),
        ...(categoryId !== undefined && { categoryId }),
        ...(isDeleted !== undefined && { isDeleted }),
      }),
    newestEmbeddings: async () => [],
    countEmbedded: async () => new Map(),
    dataset: async (projectId) => ofProject(examples, projectId),
    embeddingsOf: async () => [],
    addEmbeddings: async () => undefined,
    removeEmbeddings: async () => undefined,
    countSince: async (projectId, since) =>
      live(projectId).filter(({ createdOrder }) => createdOrder > Number(since ?? 0)).length,
    unreferencedBlobKeys: async (keys) => {
      const used = new Set(
        [...examples.values()].flatMap(({ strokesKey, imageKey }) => [strokesKey, imageKey]),
      );
      return keys.filter((key) => !used.has(key));
    },
  };
}

/** What the examples themselves say; a database counts as it deals. */
function dealtIn({ categories, examples }: MemoryTables, projectId: string): Dealt {
  const dealt = ofProject(examples, projectId).filter(({ source }) => source !== 'feedback');
  const countsOf = (key: 'categoryId' | 'authorId', id: string): SplitCounts => {
    const own = dealt.filter((example) => example[key] === id);
    const count = (split: Split): number => own.filter((each) => each.split === split).length;
    return { train: count('train'), validation: count('validation'), test: count('test') };
  };
  const categoryIds = ofProject(categories, projectId).map(({ id }) => id);
  const authorIds = dealt.flatMap(({ authorId }) => authorId ?? []);
  return {
    categories: new Map(categoryIds.map((id) => [id, countsOf('categoryId', id)])),
    authors: new Map(authorIds.map((id) => [id, countsOf('authorId', id)])),
  };
}

function recordOf(
  example: NewExample,
): Omit<ExampleRecord, 'split'> & Pick<NewExample, 'contentHash'> {
  const { id, projectId, categoryId, authorId, source, canvasId, sketchId } = example;
  const { strokesKey, imageKey, contentHash } = example;
  return {
    ...{ id, projectId, categoryId, authorId, source, canvasId, sketchId },
    ...{ strokesKey, imageKey, contentHash, createdAt: now(), isDeleted: false },
  };
}

function feedbackStore({ feedback, examples }: MemoryTables): Stores['feedback'] {
  const newestOf = <T extends { canvasId: string | null; sketchId: string | null }>(
    table: ReadonlyMap<string, T>,
    { canvasId, sketchId }: SketchAddress,
  ): T[] =>
    [...table.values()]
      .filter((row) => row.canvasId === canvasId && row.sketchId === sketchId)
      .reverse();
  return {
    add: async (given) => put(feedback, { ...given, id: randomUUID(), createdAt: now() }),
    find: async (id) => feedback.get(id) ?? null,
    ofSketch: async (sketch) => newestOf(feedback, sketch),
    liveExamplesOf: async (sketch) =>
      newestOf(examples, sketch)
        .filter(({ source, isDeleted }) => source === 'feedback' && !isDeleted)
        .map(({ id, categoryId }) => ({ id, categoryId })),
    remove: async (id) => void feedback.delete(id),
  };
}
