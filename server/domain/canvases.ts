import type { Role } from '../../shared/participant.ts';
import type { Canvas, CanvasMode, Project } from '../../shared/project.ts';
import type { Access } from './access.ts';
import type { CanvasStore, PageOf, PageRequest, ProjectStore } from './ports.ts';
import { assertAllowed } from './policies.ts';
import { asSeenBy } from './projects.ts';

/** The shared surfaces of a project, and who comes to them. */
export class Canvases {
  readonly #canvases: CanvasStore;
  readonly #projects: ProjectStore;
  readonly #access: Access;

  constructor(ports: {
    readonly canvases: CanvasStore;
    readonly projects: ProjectStore;
    readonly access: Access;
  }) {
    this.#canvases = ports.canvases;
    this.#projects = ports.projects;
    this.#access = ports.access;
  }

  async create(
    participantId: string,
    canvas: { readonly projectId: string; readonly name: string; readonly mode: CanvasMode },
  ): Promise<Canvas> {
    await this.#access.toProject(participantId, canvas.projectId, 'canvas:create');
    return this.#canvases.create(canvas);
  }

  async list(participantId: string, projectId: string, page: PageRequest): Promise<PageOf<Canvas>> {
    await this.#access.toProject(participantId, projectId, 'project:read');
    return this.#canvases.list(projectId, page);
  }

  /**
   * Opens a canvas by its link, over whichever transport: who holds the link and is a stranger to
   * the project becomes its contributor, unless `welcomes` says that he was sent away from it.
   */
  async open(
    participantId: string,
    canvasId: string,
    welcomes: (projectId: string) => boolean = () => true,
  ): Promise<{ readonly canvas: Canvas; readonly project: Project; readonly role: Role }> {
    const canvas = await this.#access.getCanvas(canvasId);
    const project = await this.#projects.find(canvas.projectId);
    if (!project) throw new Error('A canvas has lost its project.');
    let role = await this.#access.roleIn(project, participantId);
    if (!role && welcomes(project.id)) {
      role = 'contributor';
      await this.#projects.grantRole(project.id, participantId, role);
    }
    assertAllowed(project, role, 'project:read');
    return { canvas, project: asSeenBy(role, project), role };
  }
}
