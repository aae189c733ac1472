import { z } from 'zod';
import { Category } from '../category.ts';
import { Example, ExampleSource, Split } from '../example.ts';
import { MAX_EXAMPLES_PER_REQUEST } from '../limits.ts';
import { Name } from '../project.ts';
import { StrokesInput } from '../stroke.ts';
import { Uuid } from '../uuid.ts';
import { Id, listOf, Page, routes } from './route.ts';

const NewExample = z.object({ categoryId: Uuid, strokes: StrokesInput }).strict();
const NewExamples = z
  .object({ examples: z.array(NewExample).min(1).max(MAX_EXAMPLES_PER_REQUEST) })
  .strict();
const NewExampleIds = z.object({ examples: z.array(z.object({ id: z.uuid() })) });

const ExampleQuery = Page.extend({
  categoryId: Uuid.optional(),
  source: ExampleSource.optional(),
  split: Split.optional(),
});

/** Categories and examples. */
export const DATASET_ROUTES = routes({
  createCategory: {
    method: 'post',
    path: '/projects/:id/categories',
    summary: 'Adds a category.',
    params: Id,
    body: z.object({ name: Name }).strict(),
    status: 201,
    reply: Category,
  },
  listCategories: {
    method: 'get',
    path: '/projects/:id/categories',
    summary: 'The categories with their example counts.',
    params: Id,
    query: Page,
    status: 200,
    reply: listOf(Category),
  },
  changeCategory: {
    method: 'patch',
    path: '/categories/:id',
    summary: 'Renames a category, or switches its pre-taught examples on or off.',
    params: Id,
    body: z.object({ name: Name.optional(), preTaught: z.boolean().optional() }).strict(),
    status: 200,
    reply: Category,
  },
  deleteCategory: {
    method: 'delete',
    path: '/categories/:id',
    summary: 'Deletes a category and its examples; owner only.',
    params: Id,
    status: 204,
    reply: null,
  },
  createExamples: {
    method: 'post',
    path: '/projects/:id/examples',
    summary: 'Adds one example, or up to 500: all or nothing.',
    params: Id,
    body: z.union([NewExample, NewExamples]),
    status: 201,
    // A single example answers with itself and, like a batch, with the list of ids.
    reply: z.union([Example.extend(NewExampleIds.shape), NewExampleIds]),
  },
  listExamples: {
    method: 'get',
    path: '/projects/:id/examples',
    summary: 'The examples, newest first.',
    params: Id,
    query: ExampleQuery,
    status: 200,
    reply: listOf(Example),
  },
  changeExample: {
    method: 'patch',
    path: '/examples/:id',
    summary: 'Moves an example to another category, or brings a deleted one back.',
    params: Id,
    body: z.object({ categoryId: Uuid.optional(), deleted: z.literal(false).optional() }).strict(),
    status: 200,
    reply: Example,
  },
  deleteExample: {
    method: 'delete',
    path: '/examples/:id',
    summary: 'Deletes an example; can be undone.',
    params: Id,
    status: 204,
    reply: null,
  },
  getExampleImage: {
    method: 'get',
    path: '/examples/:id/image',
    summary: 'The sketch as a PNG.',
    params: Id,
    status: 200,
    reply: 'image/png',
  },
  getExampleStrokes: {
    method: 'get',
    path: '/examples/:id/strokes',
    summary: 'The sketch as strokes in columns.',
    params: Id,
    status: 200,
    reply: z.object({ strokes: z.array(z.array(z.array(z.number()))) }),
  },
});
