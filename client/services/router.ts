/** Where in the page somebody is. */
export type Place =
  | { readonly kind: 'playground' }
  | { readonly kind: 'canvas'; readonly canvasId: string }
  | { readonly kind: 'projects' }
  | { readonly kind: 'training'; readonly projectId: string }
  | { readonly kind: 'unknown' };

const CANVAS_PATH = /^\/canvases\/([0-9a-f-]{36})\/?$/i;
const TRAINING_PATH = /^\/projects\/([0-9a-f-]{36})\/training\/?$/i;

/** The place that a path leads to. */
export function placeOf(path: string): Place {
  if (path === '/' || path === '') return { kind: 'playground' };
  if (/^\/projects\/?$/.test(path)) return { kind: 'projects' };
  const projectId = TRAINING_PATH.exec(path)?.[1];
  if (projectId) return { kind: 'training', projectId };
  const canvasId = CANVAS_PATH.exec(path)?.[1];
  return canvasId ? { kind: 'canvas', canvasId } : { kind: 'unknown' };
}

/** The address that is shared so that others draw along. */
export function canvasPath(canvasId: string): string {
  return `/canvases/${canvasId}`;
}

/** Where a project's learning is looked at and steered. */
export function trainingPath(projectId: string): string {
  return `/projects/${projectId}/training`;
}

/** Follows the browser's address. Event: `change`. */
export class Router extends EventTarget {
  readonly #onPop = (): void => {
    this.dispatchEvent(new Event('change'));
  };

  constructor() {
    super();
    addEventListener('popstate', this.#onPop);
  }

  get place(): Place {
    return placeOf(location.pathname);
  }

  go(path: string): void {
    history.pushState(null, '', path);
    this.dispatchEvent(new Event('change'));
  }

  close(): void {
    removeEventListener('popstate', this.#onPop);
  }
}
