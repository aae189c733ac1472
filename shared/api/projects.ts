import { z } from 'zod';
import { Canvas, CanvasMode, Name, Project } from '../project.ts';
import { TrainingStrategyChange } from '../training-strategy.ts';
import { Id, listOf, Page, routes } from './route.ts';

/** Projects, their canvases and who owns them. */
export const PROJECT_ROUTES = routes({
  createProject: {
    method: 'post',
    path: '/projects',
    summary: 'Creates a project with one canvas; I become its owner.',
    body: z.object({ name: Name }).strict(),
    status: 201,
    reply: Project,
  },
  listProjects: {
    method: 'get',
    path: '/projects',
    summary: 'My projects, those I joined, and the Playground.',
    query: Page,
    status: 200,
    reply: listOf(Project),
  },
  getProject: {
    method: 'get',
    path: '/projects/:id',
    summary: 'A project.',
    params: Id,
    status: 200,
    reply: Project,
  },
  changeProject: {
    method: 'patch',
    path: '/projects/:id',
    summary: 'Renames a project or changes its training strategy; owner only.',
    params: Id,
    body: z.object({ name: Name.optional(), strategy: TrainingStrategyChange.optional() }).strict(),
    status: 200,
    reply: Project,
  },
  deleteProject: {
    method: 'delete',
    path: '/projects/:id',
    summary: 'Deletes a project with all its examples; owner only.',
    params: Id,
    status: 204,
    reply: null,
  },
  getOwnerLink: {
    method: 'get',
    path: '/projects/:id/owner-link',
    summary: 'The secret that restores my ownership in another browser; owner only.',
    params: Id,
    status: 200,
    reply: z.object({ token: z.string() }),
  },
  claimOwnership: {
    method: 'post',
    path: '/owner-links',
    summary: 'Restores ownership from an owner link.',
    body: z.object({ token: z.string().min(16).max(100) }).strict(),
    status: 200,
    reply: Project,
  },
  createCanvas: {
    method: 'post',
    path: '/projects/:id/canvases',
    summary: 'Adds a canvas; its document is at /sync/<canvasId>.',
    params: Id,
    body: z.object({ name: Name, mode: CanvasMode }).strict(),
    status: 201,
    reply: Canvas,
  },
  listCanvases: {
    method: 'get',
    path: '/projects/:id/canvases',
    summary: 'The canvases of a project.',
    params: Id,
    query: Page,
    status: 200,
    reply: listOf(Canvas),
  },
  openCanvas: {
    method: 'post',
    path: '/canvases/:id/visits',
    summary: 'Opens a canvas by its link: who does so becomes a contributor of its project.',
    params: Id,
    body: z.object({}).strict(),
    status: 200,
    reply: z.object({ canvas: Canvas, project: Project }),
  },
});
