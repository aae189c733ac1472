import { randomBytes } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import { MAX_PAGE_ITEMS } from '../../shared/limits.ts';
import type { Role } from '../../shared/participant.ts';
import type { Project } from '../../shared/project.ts';
import type { TrainingStrategyChange } from '../../shared/training-strategy.ts';
import type { Access } from './access.ts';
import type {
  CanvasStore,
  OpenCanvases,
  PageOf,
  PageRequest,
  ProjectRecord,
  ProjectStore,
} from './ports.ts';

const OWNER_TOKEN_BYTES = 24;
const FIRST_CANVAS = { name: 'Canvas', mode: 'free' } as const;

/** Projects, and who owns them. */
export class Projects {
  readonly #projects: ProjectStore;
  readonly #canvases: CanvasStore;
  readonly #openCanvases: OpenCanvases;
  readonly #access: Access;

  constructor(ports: {
    readonly projects: ProjectStore;
    readonly canvases: CanvasStore;
    readonly openCanvases: OpenCanvases;
    readonly access: Access;
  }) {
    this.#projects = ports.projects;
    this.#canvases = ports.canvases;
    this.#openCanvases = ports.openCanvases;
    this.#access = ports.access;
  }

  /** A new project with one canvas; the participant owns it. */
  async create(participantId: string, name: string): Promise<Project> {
    const project = await this.#projects.create({
      name,
      isPlayground: false,
      ownerId: participantId,
      ownerToken: newOwnerToken(),
      canvas: FIRST_CANVAS,
    });
    return asSeenBy('owner', project);
  }

  /** One's own, those joined, and the Playground first. */
  async list(participantId: string, page: PageRequest): Promise<PageOf<Project>> {
    const { items, nextCursor } = await this.#projects.list(participantId, page);
    const seen = await Promise.all(
      items.map(async (project) => {
        const role = await this.#access.roleIn(project, participantId);
        return asSeenBy(role ?? 'viewer', project);
      }),
    );
    return { items: seen, nextCursor };
  }

  async get(participantId: string, projectId: string): Promise<Project> {
    const { project, role } = await this.#access.toProject(
      participantId,
      projectId,
      'project:read',
    );
    return asSeenBy(role, project);
  }

  async change(
    participantId: string,
    projectId: string,
    change: { name?: string | undefined; strategy?: TrainingStrategyChange | undefined },
  ): Promise<Project> {
    const { role } = await this.#access.toProject(participantId, projectId, 'project:change');
    return asSeenBy(role, await this.#projects.update(projectId, change));
  }

  /** Deletes it with everything in it; what it had in the blob store is swept later. */
  async remove(participantId: string, projectId: string): Promise<void> {
    await this.#access.toProject(participantId, projectId, 'project:delete');
    const canvases = await this.#canvases.list(projectId, { limit: MAX_PAGE_ITEMS });
    await this.#projects.remove(projectId);
    await Promise.all(canvases.items.map(({ id }) => this.#openCanvases.forgetCanvas(id)));
  }

  /** The secret that restores the ownership in another browser. */
  async ownerToken(participantId: string, projectId: string): Promise<string> {
    const { project } = await this.#access.toProject(participantId, projectId, 'project:change');
    return project.ownerToken;
  }

  async claimOwnership(participantId: string, token: string): Promise<Project> {
    const project = await this.#projects.findByOwnerToken(token);
    // The Playground has a token, too, because every project has; it opens nothing.
    if (!project || project.isPlayground)
      throw new AppError('project.unknown', 'This owner link does not fit any project.');
    await this.#projects.grantRole(project.id, participantId, 'owner');
    return asSeenBy('owner', project);
  }
}

/** A secret that cannot be guessed. */
export function newOwnerToken(): string {
  return randomBytes(OWNER_TOKEN_BYTES).toString('base64url');
}

/** What the outside reads of a project. */
export function asSeenBy(role: Role, project: ProjectRecord): Project {
  const { id, name, isPlayground, strategy, modelVersionId, createdAt } = project;
  return { id, name, isPlayground, role, strategy, modelVersionId, createdAt };
}
