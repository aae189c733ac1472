import { z } from 'zod';
import { CanvasVersion } from '../canvas-version.ts';
import { Canvas, Name } from '../project.ts';
import { Id, listOf, Page, routes } from './route.ts';

/** What a canvas was, and beginning it anew. */
export const HISTORY_ROUTES = routes({
  listCanvasVersions: {
    method: 'get',
    path: '/canvases/:id/versions',
    summary: 'The versions of a canvas that have been kept, newest first.',
    params: Id,
    query: Page,
    status: 200,
    reply: listOf(CanvasVersion),
  },
  createCanvasVersion: {
    method: 'post',
    path: '/canvases/:id/versions',
    summary: 'Keeps the canvas as it is now under a name.',
    params: Id,
    body: z.object({ name: Name }).strict(),
    status: 201,
    reply: CanvasVersion,
  },
  restoreCanvasVersion: {
    method: 'post',
    path: '/canvas-versions/:id/restore',
    summary:
      'Makes the canvas look like the version; answers with what was there before, kept, too.',
    params: Id,
    body: z.object({}).strict(),
    status: 200,
    reply: CanvasVersion,
  },
  deleteCanvasVersion: {
    method: 'delete',
    path: '/canvas-versions/:id',
    summary: 'Forgets a version.',
    params: Id,
    status: 204,
    reply: null,
  },
  renewCanvas: {
    method: 'post',
    path: '/canvases/:id/renewal',
    summary: 'Begins the document anew with what is shown, without what was erased; owner only.',
    params: Id,
    body: z.object({}).strict(),
    status: 200,
    reply: Canvas,
  },
});
