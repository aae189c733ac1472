import { expect, test } from 'vitest';
import { canvasPath, placeOf, trainingPath } from './router.ts';

const ID = '7b0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2c';

test('the start is the Playground', () => {
  expect(placeOf('/')).toEqual({ kind: 'playground' });
});

test('a shared link leads to its canvas', () => {
  expect(placeOf(canvasPath(ID))).toEqual({ kind: 'canvas', canvasId: ID });
});

test('the projects have a place of their own', () => {
  expect(placeOf('/projects/')).toEqual({ kind: 'projects' });
});

test('what a project has learnt has a place in it', () => {
  expect(placeOf(trainingPath(ID))).toEqual({ kind: 'training', projectId: ID });
});

test('anything else is nowhere', () => {
  expect(placeOf('/canvases/42')).toEqual({ kind: 'unknown' });
});
