import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { stateOnHost } from './state-on-host.ts';
import { STEP_OUTPUT_LOCATIONS, stateOnWebGpu } from './state-on-webgpu.ts';
import type { StartingPoint, StepState } from './step-state.ts';
import type { TrainingDevice } from './training-device.ts';

/** The session of a training step, with the state that it works on. */
export interface TrainingSession {
  /** Runs the step on the state and what else it takes; gives the loss. */
  step(inputs: Readonly<Record<string, Tensor>>): Promise<number>;
  /** A copy of the state. */
  read(): Promise<StepState>;
  close(): Promise<void>;
}

const ERRORS_ONLY = 3;

/** Opens the step's graph on a device; `start` is copied. Throws where the device cannot be had. */
export async function openTrainingSession(
  model: Uint8Array,
  device: TrainingDevice,
  start: StartingPoint,
): Promise<TrainingSession> {
  const session = await InferenceSession.create(model, stepSessionOptions(device));
  try {
    // The binding knows no tensors on a CUDA device: there the state crosses the bus at each step.
    return device.provider === 'webgpu'
      ? await stateOnWebGpu(session, sessionOptions(device), start)
      : stateOnHost(session, start);
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** How the session of a step is made on a device. */
function stepSessionOptions(device: TrainingDevice): InferenceSession.SessionOptions {
  const options = sessionOptions(device);
  if (device.provider !== 'webgpu') return options;
  return { ...options, preferredOutputLocation: STEP_OUTPUT_LOCATIONS };
}

function sessionOptions(device: TrainingDevice): InferenceSession.SessionOptions {
  const { provider, threads, spinning } = device;
  return {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: ERRORS_ONLY,
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  };
}
