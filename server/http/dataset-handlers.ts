import type { DATASET_ROUTES } from '../../shared/api/dataset.ts';
import type { Domain } from '../domain/domain.ts';
import type { Handlers } from './handlers.ts';

/** Categories and examples. */
export function datasetHandlers(domain: Domain): Handlers<keyof typeof DATASET_ROUTES> {
  return { ...categoryHandlers(domain), ...exampleHandlers(domain) };
}

function categoryHandlers({
  categories,
}: Domain): Handlers<'createCategory' | 'listCategories' | 'changeCategory' | 'deleteCategory'> {
  return {
    createCategory: ({ participantId, params, body }) =>
      categories.create(participantId, params.id, body.name),
    listCategories: ({ participantId, params, query }) =>
      categories.list(participantId, params.id, query),
    changeCategory: ({ participantId, params, body }) =>
      categories.change(participantId, params.id, body),
    deleteCategory: async ({ participantId, params }) => {
      await categories.remove(participantId, params.id);
      return undefined;
    },
  };
}

function exampleHandlers({
  examples,
}: Domain): Omit<Handlers<keyof typeof DATASET_ROUTES>, keyof ReturnType<typeof categoryHandlers>> {
  return {
    createExamples: async ({ participantId, params, body }) => {
      const offered = 'examples' in body ? body.examples : [body];
      const added = await examples.send(participantId, params.id, offered);
      const ids = { examples: added.map(({ id }) => ({ id })) };
      return 'examples' in body ? ids : { ...added[0], ...ids };
    },
    listExamples: ({ participantId, params, query }) =>
      examples.list(participantId, params.id, query),
    changeExample: ({ participantId, params, body }) =>
      examples.change(participantId, params.id, body),
    deleteExample: async ({ participantId, params }) => {
      await examples.remove(participantId, params.id);
      return undefined;
    },
    getExampleImage: ({ participantId, params }) => examples.image(participantId, params.id),
    getExampleStrokes: ({ participantId, params }) => examples.strokes(participantId, params.id),
  };
}
