import { describe, expect, test } from 'vitest';
import { MAX_LIVE_FRAME_BYTES, MAX_POINTS_PER_PIECE } from '../../shared/limits.ts';
import { encodeLiveFrame } from '../../shared/sync-protocol.ts';
import { StrokeRecorder } from './stroke-recorder.ts';

const STROKE = {
  strokeId: '7b0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2c',
  sketchId: '3f0d4e9e-53a5-4a3e-8f0a-0c9f6f3a1b2c',
  authorId: 'ann',
  style: { tool: 'pen', color: '#26221d', width: 6 },
} as const;

function sample(x: number, at: number, pressure: number | null = null) {
  return { x, y: 0, pressure, at };
}

describe('a stroke being recorded', () => {
  test('leaves out where the pen stands still', () => {
    const recorder = new StrokeRecorder(STROKE, sample(1, 0));
    recorder.add(sample(1, 10));
    recorder.add(sample(2, 20));
    expect(recorder.points).toMatchObject({ xs: [1, 2], ts: [0, 20] });
  });

  test('keeps the pressure of a pen and makes up that of a mouse', () => {
    const pen = new StrokeRecorder(STROKE, sample(0, 0, 0.9));
    expect(pen.points.pressures).toEqual([0.9]);
    const mouse = new StrokeRecorder(STROKE, sample(0, 0));
    for (let i = 1; i < 20; i++) mouse.add(sample(i * 30, i * 10));
    expect(mouse.points.pressures.at(-1)).toBeLessThan(0.2);
    expect(Math.min(...mouse.points.pressures)).toBeGreaterThanOrEqual(0);
  });

  test('tells the others each point once', () => {
    const recorder = new StrokeRecorder(STROKE, sample(0, 0));
    recorder.add(sample(1, 10));
    expect(recorder.takeFrame()).toMatchObject({ sequence: 0, points: { xs: [0, 1] } });
    expect(recorder.takeFrame()).toBeNull();
    recorder.add(sample(2, 20));
    expect(recorder.takeFrame()).toMatchObject({ sequence: 2, points: { xs: [2] } });
  });

  test('tells the whole piece again after a reconnect', () => {
    const recorder = new StrokeRecorder(STROKE, sample(0, 0));
    recorder.takeFrame();
    recorder.resend();
    expect(recorder.takeFrame()).toMatchObject({ sequence: 0 });
  });

  test('keeps frames below the limit of their size, whatever has piled up', () => {
    const recorder = new StrokeRecorder(STROKE, sample(-900_000, 0));
    for (let i = 1; i < 500; i++) recorder.add(sample(i % 2 ? 900_000 : -900_000, i * 1_000));
    for (let frame = recorder.takeFrame(); frame; frame = recorder.takeFrame())
      expect(encodeLiveFrame(frame).length).toBeLessThanOrEqual(MAX_LIVE_FRAME_BYTES);
  });
});

describe('a long stroke', () => {
  test('is cut after so many points, and the next piece begins where the last ended', () => {
    const recorder = new StrokeRecorder(STROKE, sample(0, 0));
    for (let i = 1; i < MAX_POINTS_PER_PIECE; i++) recorder.add(sample(i, i));
    const piece = recorder.takePiece(600);
    expect(piece?.id).toBe(`${STROKE.strokeId}/0`);
    expect(piece?.ink.points.xs).toHaveLength(MAX_POINTS_PER_PIECE);
    expect(recorder.pieceId).toBe(`${STROKE.strokeId}/1`);
    expect(recorder.points).toMatchObject({ xs: [MAX_POINTS_PER_PIECE - 1], ts: [0] });
  });

  test('is cut after 4 seconds', () => {
    const recorder = new StrokeRecorder(STROKE, sample(0, 0));
    recorder.add(sample(1, 100));
    expect(recorder.takePiece(3_999)).toBeNull();
    expect(recorder.takePiece(4_000)).not.toBeNull();
    recorder.add(sample(2, 4_100));
    expect(recorder.finish().ink).toMatchObject({ startedAt: 100, points: { ts: [0, 4_000] } });
  });

  test('knows the box of all its pieces', () => {
    const recorder = new StrokeRecorder(STROKE, sample(-5, 0));
    recorder.add(sample(50, 100));
    recorder.takePiece(5_000);
    recorder.add(sample(60, 5_100));
    expect(recorder.box).toMatchObject({ left: -5, right: 60 });
  });
});
