import * as Y from 'yjs';
import type { Participant, ParticipantChange } from '../../shared/participant.ts';
import type { Project } from '../../shared/project.ts';
import type { Api } from './api.ts';
import { ApiError } from './api.ts';
import { CanvasSession } from './canvas-session.ts';
import { CanvasVersions } from './canvas-versions.ts';
import { openOfflineCopy } from './offline-copy.ts';
import type { Realtime } from './realtime.ts';
import { TrainingState } from './training-state.ts';

export interface PageServicesOptions {
  readonly api: Api;
  readonly realtime: Realtime;
  /** Where `/sync` is, `ws://…/sync`. */
  readonly syncUrl: string;
}

/** What the page can ask of the server, apart from what belongs to one open canvas. */
export class PageServices {
  readonly #options: PageServicesOptions;

  constructor(options: PageServicesOptions) {
    this.#options = options;
  }

  /** Who I am; the first call of every visit, since it opens the session. */
  async identify(): Promise<Participant> {
    return this.#options.api.call('getMe');
  }

  async changeMe(change: ParticipantChange): Promise<Participant> {
    return this.#options.api.call('changeMe', { body: change });
  }

  async listProjects(): Promise<readonly Project[]> {
    return (await this.#options.api.call('listProjects', { query: { limit: 500 } })).items;
  }

  async createProject(name: string): Promise<Project> {
    return this.#options.api.call('createProject', { body: { name } });
  }

  /** The id of a project's first canvas. */
  async firstCanvasId(projectId: string): Promise<string> {
    const params = { id: projectId };
    const { items } = await this.#options.api.call('listCanvases', {
      params,
      query: { limit: 500 },
    });
    const oldest = [...items].sort((a, b) => a.createdAt.localeCompare(b.createdAt))[0];
    if (!oldest) throw notThere('This project has no canvas yet.');
    return oldest.id;
  }

  /** The id of the canvas where everybody starts. */
  async playgroundCanvasId(): Promise<string> {
    const playground = (await this.listProjects()).find((project) => project.isPlayground);
    if (!playground) throw notThere('There is no Playground on this server.');
    return this.firstCanvasId(playground.id);
  }

  /** Opens a canvas by its link: whoever does becomes a contributor of its project. */
  async openCanvas(canvasId: string, me: Participant): Promise<CanvasSession> {
    const params = { id: canvasId };
    const visit = await this.#options.api.call('openCanvas', { params, body: {} });
    const doc = new Y.Doc();
    const { generation } = visit.canvas;
    // Before the connection: what waits here goes with its first step 2.
    const copy = await openOfflineCopy(doc, { canvasId, generation, participantId: me.id });
    return new CanvasSession({ ...this.#options, ...visit, me, doc, copy });
  }

  /** The versions of a canvas that people have kept; read by its `load`. */
  versionsOf(canvasId: string): CanvasVersions {
    return new CanvasVersions(canvasId, this.#options.api);
  }

  /** How a project learns, read once and followed from then on; close it in the end. */
  async openTraining(projectId: string): Promise<TrainingState> {
    const training = new TrainingState(projectId, this.#options);
    try {
      await training.load();
      return training;
    } catch (error) {
      training.close();
      throw error;
    }
  }
}

function notThere(message: string): ApiError {
  return new ApiError({ code: 'canvas.unknown', message, details: {} });
}
