import type * as Y from 'yjs';
import type { ShownStroke } from '../../shared/canvas-doc.ts';
import { openCanvasDoc } from '../../shared/canvas-doc.ts';
import type { Feedback, FeedbackRequest } from '../../shared/feedback.ts';
import type { Participant, Role } from '../../shared/participant.ts';
import type { Canvas, Project } from '../../shared/project.ts';
import type { StrokeColumns } from '../../shared/stroke.ts';
import { toColumns } from '../../shared/stroke-codec.ts';
import type { Api } from './api.ts';
import { CanvasSync } from './canvas-sync.ts';
import { closeWhenSaved } from './close-when-saved.ts';
import { InkEditor } from './ink-editor.ts';
import { InkIndex } from './ink-index.ts';
import type { OfflineCopy } from './offline-copy.ts';
import { warnBeforeLeaving } from './leave-warning.ts';
import { isAtLeast } from './permissions.ts';
import { Predictions } from './predictions.ts';
import { ProjectState } from './project-state.ts';
import type { Realtime } from './realtime.ts';

export interface SessionOptions {
  readonly api: Api;
  readonly realtime: Realtime;
  /** Where `/sync` is, `ws://…/sync`. */
  readonly syncUrl: string;
  readonly me: Participant;
  readonly canvas: Canvas;
  readonly project: Project;
  readonly doc: Y.Doc;
  /** The copy in this browser, its content in the document already; null where there is none. */
  readonly copy: OfflineCopy | null;
}

/** One open canvas with all that belongs to it: ink, people, predictions, the project's state. */
export class CanvasSession {
  readonly canvas: Canvas;
  readonly project: Project;
  readonly index: InkIndex;
  readonly sync: CanvasSync;
  readonly editor: InkEditor;
  readonly predictions = new Predictions();
  readonly projectState: ProjectState;
  readonly #doc: Y.Doc;
  readonly #api: Api;
  readonly #leave: readonly (() => void)[];

  constructor(options: SessionOptions) {
    const { api, realtime, me, canvas, project, doc } = options;
    this.canvas = canvas;
    this.project = project;
    this.#api = api;
    this.#doc = doc;
    const canvasDoc = openCanvasDoc(doc);
    this.index = new InkIndex(canvasDoc);
    this.sync = this.#openSync(options);
    this.sync.introduce(me);
    this.editor = new InkEditor({
      canvas: canvasDoc,
      index: this.index,
      mode: canvas.mode,
      authorId: me.id,
      sendLive: (frame) => this.sync.sendLive(frame),
      mayDraw: () => this.mayDraw,
    });
    this.projectState = new ProjectState(project.id, api, realtime);
    this.#leave = this.#join(realtime);
  }

  /** What I may do here; it can change while the canvas is open. */
  get role(): Role {
    return this.sync.role;
  }

  get mayDraw(): boolean {
    return isAtLeast(this.role, 'contributor');
  }

  /** All strokes of a sketch, those still being drawn included, as the model is given them. */
  strokesOf(sketchId: string): StrokeColumns[] {
    const finished = this.index.sketches.get(sketchId)?.strokes ?? [];
    return [...finished.map(columnsOf), ...this.liveStrokesOf(sketchId)];
  }

  /** The strokes of a sketch that are still being drawn, one's own last. */
  liveStrokesOf(sketchId: string): StrokeColumns[] {
    const others = [...this.sync.liveInk.strokes].filter((live) => live.sketchId === sketchId);
    const own = this.editor.current;
    const live = others.map((stroke): StrokeColumns => [stroke.xs, stroke.ys, stroke.ts]);
    return own?.stroke.sketchId === sketchId ? [...live, toColumns(own.points)] : live;
  }

  /** Says what a sketch shows. Throws `ApiError`. */
  async giveFeedback(sketchId: string, feedback: FeedbackRequest): Promise<Feedback> {
    const params = { id: this.canvas.id, sketchId };
    return this.#api.call('createFeedback', { params, body: feedback });
  }

  /** Takes feedback back, with the example it became. Throws `ApiError`. */
  async takeBackFeedback(feedbackId: string): Promise<void> {
    await this.#api.call('deleteFeedback', { params: { id: feedbackId } });
  }

  /**
   * Leaves the canvas. What is neither saved nor kept in this browser goes on being sent, and the browser
   * asks before the page is left, until the server has it.
   */
  close(): void {
    for (const leave of this.#leave) leave();
    this.editor.close();
    this.projectState.close();
    this.index.close();
    const stopWarning = warnBeforeLeaving(() => this.sync.isAtRisk);
    closeWhenSaved(this.sync, () => {
      stopWarning();
      this.#doc.destroy();
    });
  }

  #openSync({ doc, canvas, project, copy, syncUrl }: SessionOptions): CanvasSync {
    return new CanvasSync({
      ...{ doc, copy },
      canvasId: canvas.id,
      generation: canvas.generation,
      serverUrl: syncUrl,
      role: project.role,
      hasInk: (strokeId) => this.index.hasInk(strokeId),
    });
  }

  #join(realtime: Realtime): readonly (() => void)[] {
    const leaveRoom = realtime.join(this.canvas.id, (reply) => {
      if (!reply.ok) return;
      this.predictions.replace(reply.predictions);
      // A failed reading is made up by the next reconnect; the canvas works without it.
      this.projectState.load().catch(() => undefined);
    });
    const unhear = realtime.on('prediction:updated', (event) => {
      if (event.canvasId === this.canvas.id) this.predictions.add(event.predictions);
    });
    this.sync.addEventListener('reconnect', () => this.editor.resendLive());
    this.sync.addEventListener('role', () => this.editor.followRole());
    this.index.addEventListener('change', () => this.sync.liveInk.settle());
    // A role that has changed while nobody was connected was told to nobody.
    this.projectState.addEventListener('change', () => {
      if (this.projectState.role) this.sync.setRole(this.projectState.role);
    });
    return [leaveRoom, unhear, warnBeforeLeaving(() => this.sync.isAtRisk)];
  }
}

function columnsOf(stroke: ShownStroke): StrokeColumns {
  return toColumns(stroke.ink.points);
}
