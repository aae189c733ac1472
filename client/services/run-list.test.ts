import { describe, expect, test } from 'vitest';
import type { TrainingRun } from '../../shared/training-run.ts';
import { INITIAL_PROGRESS } from '../../shared/training-run.ts';
import { aRun } from '../test-support/learning.ts';
import { RunList } from './run-list.ts';

function run(id: string, change: Partial<TrainingRun>): TrainingRun {
  return aRun({ id, state: 'queued', createdAt: `2026-01-01T00:00:0${id}.000Z`, ...change });
}

function listOf(...runs: readonly TrainingRun[]): RunList {
  const list = new RunList();
  for (const each of runs) list.add(each);
  return list;
}

describe('the runs of a project', () => {
  test('are told apart by what they do', () => {
    const runs = listOf(
      run('1', { state: 'failed' }),
      run('2', { state: 'succeeded' }),
      run('3', { state: 'running' }),
      run('4', { state: 'queued' }),
    );
    expect(runs.active?.id).toBe('3');
    expect(runs.next?.id).toBe('4');
    expect(runs.last?.id).toBe('2');
  });

  test('have a waiting one as the active one while nothing runs', () => {
    const runs = listOf(run('4', {}));
    expect(runs.active?.id).toBe('4');
    expect(runs.next).toBeNull();
  });

  test('wait in the order in which they were asked for', () => {
    const rebuild = run('5', {});
    expect(listOf(run('3', { state: 'running' }), rebuild, run('4', {})).next?.id).toBe('4');
    expect(listOf(rebuild, run('4', {})).active?.id).toBe('4');
  });

  test('never go back when replies are late', () => {
    const runs = listOf(run('1', { state: 'succeeded' }), run('1', { state: 'queued' }));
    expect(runs.active).toBeNull();
    expect(runs.last?.id).toBe('1');
  });

  test('show the furthest progress', () => {
    const at = (milliseconds: number): TrainingRun =>
      run('1', { state: 'running', progress: { ...INITIAL_PROGRESS, milliseconds } });
    expect(listOf(at(500), at(200)).active?.progress.milliseconds).toBe(500);
  });
});
