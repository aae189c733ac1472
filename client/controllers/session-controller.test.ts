import type { ReactiveControllerHost } from 'lit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CanvasSession } from '../services/canvas-session.ts';
import type { PageServices } from '../services/page-services.ts';
import { SessionController } from './session-controller.ts';

const ME = { id: 'ann', nickname: 'Ann', color: '#0b7fab' };

const host: ReactiveControllerHost = {
  addController: () => undefined,
  removeController: () => undefined,
  requestUpdate: () => undefined,
  updateComplete: Promise.resolve(true),
};

let generation: number;
let closed: number[];
let controller: SessionController;
beforeEach(() => {
  generation = 1;
  closed = [];
  controller = new SessionController(host);
});

/** A server that opens the canvas in its generation of the moment. */
const services = {
  openCanvas: async (id: string) => {
    const canvas = { id, generation };
    return { canvas, close: () => closed.push(canvas.generation) } as unknown as CanvasSession;
  },
  // Nothing else is asked of the services here.
} as unknown as PageServices;

function openGeneration(): number | null {
  const { state } = controller;
  return state.kind === 'open' ? state.session.canvas.generation : null;
}

describe('a canvas that has begun anew', () => {
  test('is opened again and stays in sight until then', async () => {
    await controller.open(services, ME, 'canvas-1');
    generation = 2;
    const reopening = controller.reopen(services, ME);
    expect(openGeneration()).toBe(1);
    await reopening;
    expect(openGeneration()).toBe(2);
    expect(closed).toEqual([1]);
  });

  test('is not opened over and over where the server still names the old one', async () => {
    await controller.open(services, ME, 'canvas-1');
    await controller.reopen(services, ME);
    expect(controller.state.kind).toBe('failed');
    expect(closed).toEqual([1, 1]);
  });
});
