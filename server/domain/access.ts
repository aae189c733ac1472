import { AppError } from '../../shared/errors.ts';
import type { Role } from '../../shared/participant.ts';
import type { Canvas } from '../../shared/project.ts';
import type { CanvasStore, ProjectRecord, ProjectStore } from './ports.ts';
import type { Action } from './policies.ts';
import { assertAllowed, effectiveRole } from './policies.ts';
import type { Standing, Whereabouts } from './standing.ts';

/** A project somebody may do the thing asked for in, and the role that allows it. */
export interface Granted {
  readonly project: ProjectRecord;
  readonly role: Role;
}

/** Finds what a request speaks of and refuses whoever may not do it. */
export class Access {
  readonly #projects: ProjectStore;
  readonly #canvases: CanvasStore;

  constructor(stores: { readonly projects: ProjectStore; readonly canvases: CanvasStore }) {
    this.#projects = stores.projects;
    this.#canvases = stores.canvases;
  }

  /** Throws `project.unknown`, `access.denied` or `project.protected`. */
  async toProject(participantId: string, projectId: string, action: Action): Promise<Granted> {
    const project = await this.#projects.find(projectId);
    if (!project)
      throw new AppError('project.unknown', 'There is no such project; it may have been deleted.');
    const role = await this.roleIn(project, participantId);
    assertAllowed(project, role, action);
    return { project, role };
  }

  /** Throws also `canvas.unknown`. */
  async toCanvas(
    participantId: string,
    canvasId: string,
    action: Action,
  ): Promise<Granted & { readonly canvas: Canvas }> {
    const canvas = await this.getCanvas(canvasId);
    return { canvas, ...(await this.toProject(participantId, canvas.projectId, action)) };
  }

  /** Throws `canvas.unknown`. */
  async getCanvas(canvasId: string): Promise<Canvas> {
    const canvas = await this.#canvases.find(canvasId);
    if (!canvas)
      throw new AppError('canvas.unknown', 'There is no such canvas; it may have been deleted.');
    return canvas;
  }

  /** What each may do at his place, read all at once. */
  async standingsOf(whereabouts: readonly Whereabouts[]): Promise<Standing[]> {
    const grants = await this.#projects.grantsOf(whereabouts);
    return grants.map((grant) => {
      if (!grant) return { kind: 'gone' };
      const { projectId } = grant;
      const role = effectiveRole(grant, grant.role);
      return role ? { kind: 'member', projectId, role } : { kind: 'stranger', projectId };
    });
  }

  /** The role that counts for a participant, or null for a stranger. */
  async roleIn(project: ProjectRecord, participantId: string): Promise<Role | null> {
    if (project.isPlayground) return effectiveRole(project, null);
    return effectiveRole(project, await this.#projects.roleOf(project.id, participantId));
  }
}
