import { InferenceSession } from 'onnxruntime-node';

const ERRORS_ONLY = 3;

/**
 * A session for a model given as bytes, on one CPU thread: our operators are too small to share,
 * and threads that spin while they wait would take the other cores from the server.
 */
export async function createSession(model: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: ERRORS_ONLY,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}
