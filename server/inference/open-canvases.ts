import type { JudgedSketch } from './judged-sketch.ts';

/** A canvas whose sketches are judged. */
export class OpenCanvas {
  readonly id: string;
  readonly sketches = new Map<string, JudgedSketch>();
  readonly #findProjectId: (canvasId: string) => Promise<string | null>;
  #project: Promise<string | null> | null = null;
  #knownProjectId: string | null = null;

  constructor(id: string, findProjectId: (canvasId: string) => Promise<string | null>) {
    this.id = id;
    this.#findProjectId = findProjectId;
  }

  /** Null until it was found. */
  get knownProjectId(): string | null {
    return this.#knownProjectId;
  }

  /** Asked once; again after a failure. */
  projectId(): Promise<string | null> {
    this.#project ??= this.#find();
    return this.#project;
  }

  async #find(): Promise<string | null> {
    try {
      this.#knownProjectId = await this.#findProjectId(this.id);
      return this.#knownProjectId;
    } catch (error) {
      this.#project = null;
      throw error;
    }
  }
}

/** The canvases that somebody has open. */
export class OpenCanvases {
  readonly #findProjectId: (canvasId: string) => Promise<string | null>;
  readonly #canvases = new Map<string, OpenCanvas>();

  constructor(findProjectId: (canvasId: string) => Promise<string | null>) {
    this.#findProjectId = findProjectId;
  }

  open(canvasId: string): OpenCanvas {
    const canvas = this.#canvases.get(canvasId) ?? new OpenCanvas(canvasId, this.#findProjectId);
    this.#canvases.set(canvasId, canvas);
    return canvas;
  }

  find(canvasId: string): OpenCanvas | undefined {
    return this.#canvases.get(canvasId);
  }

  /** Whether it is the one that is open under its id now. */
  isOpen(canvas: OpenCanvas): boolean {
    return this.#canvases.get(canvas.id) === canvas;
  }

  ofProject(projectId: string): OpenCanvas[] {
    return [...this.#canvases.values()].filter((canvas) => canvas.knownProjectId === projectId);
  }

  close(canvasId: string): OpenCanvas | undefined {
    const canvas = this.#canvases.get(canvasId);
    this.#canvases.delete(canvasId);
    return canvas;
  }
}
