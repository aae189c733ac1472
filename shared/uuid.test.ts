import { describe, expect, test } from 'vitest';
import { API, type RouteName } from './api.ts';
import type { Route } from './api/route.ts';
import { CanvasJoin, ProjectJoin } from './events.ts';
import { TrainingData } from './training-strategy.ts';

const id = '6f9619ff-8b86-4011-b42d-00c04fc964ff';
const inCapitals = id.toUpperCase();
const strokes = [
  [
    [0, 9],
    [0, 9],
  ],
];

/** What handlers are given for a request to the route. */
function received(name: RouteName, request: Partial<Record<'params' | 'query' | 'body', unknown>>) {
  const { params, query, body }: Route = API[name];
  return {
    params: params?.parse(request.params ?? { id }),
    query: query?.parse(request.query ?? {}),
    body: request.body === undefined ? undefined : body?.parse(request.body),
  };
}

describe('an id in capitals is the same one', () => {
  const withId = Object.entries<Route>(API).filter(([, { path }]) => path.includes('/:id'));

  test.each(withId)('in the path of %s', (_name, { params }) => {
    const sent = { id: inCapitals, sketchId: inCapitals };
    expect(params?.parse(sent)).toMatchObject({ id });
  });

  test('in queries and bodies', () => {
    const example = { categoryId: inCapitals, strokes };
    const body = { categoryId: id };
    expect(received('createExamples', { body: example })).toMatchObject({ body });
    expect(received('createExamples', { body: { examples: [example] } })).toMatchObject({
      body: { examples: [body] },
    });
    expect(received('changeExample', { body: { categoryId: inCapitals } })).toMatchObject({ body });
    expect(received('listExamples', { query: { categoryId: inCapitals } })).toMatchObject({
      query: { categoryId: id },
    });
  });

  test('in feedback', () => {
    const said = { verdict: 'wrong', addToDataset: true, sketchRevision: 1 };
    const body = { ...said, categoryId: inCapitals, modelVersion: inCapitals };
    expect(received('createFeedback', { params: { id, sketchId: id }, body })).toMatchObject({
      body: { categoryId: id, modelVersion: id },
    });
  });

  test('in a training strategy', () => {
    const data = { kind: 'authors', authorIds: [inCapitals] };
    expect(TrainingData.parse(data)).toEqual({ kind: 'authors', authorIds: [id] });
  });

  test('on the event channel', () => {
    expect(CanvasJoin.parse({ canvasId: inCapitals })).toEqual({ canvasId: id });
    expect(ProjectJoin.parse({ projectId: inCapitals })).toEqual({ projectId: id });
  });

  test('but for a sketch, whose id is a key of the document', () => {
    const params = { id, sketchId: inCapitals };
    expect(API.createFeedback.params.parse(params)).toEqual(params);
  });
});
