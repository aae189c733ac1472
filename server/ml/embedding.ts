/** Keeps the embedding of a raster without any contrast from dividing by zero. */
const LEAST_LENGTH = 1e-12;

/**
 * Centres embeddings (rows of the centre's size) and scales each to length 1, in place, and
 * returns the same array. Means, heads and everything that compares embeddings takes them so.
 */
export function normalizeEmbeddings(embeddings: Float32Array, center: Float32Array): Float32Array {
  const size = center.length;
  for (let start = 0; start < embeddings.length; start += size) {
    const row = embeddings.subarray(start, start + size);
    let sum = 0;
    for (let d = 0; d < size; d++) {
      const value = (row[d] ?? 0) - (center[d] ?? 0);
      row[d] = value;
      sum += value * value;
    }
    const length = Math.sqrt(sum) + LEAST_LENGTH;
    for (let d = 0; d < size; d++) row[d] = (row[d] ?? 0) / length;
  }
  return embeddings;
}

/** The mean of the rows; all zero where there is none. */
export function meanEmbedding(embeddings: Float32Array, size: number): Float32Array {
  const mean = new Float32Array(size);
  const rows = embeddings.length / size;
  for (let i = 0; i < embeddings.length; i++) {
    const d = i % size;
    mean[d] = (mean[d] ?? 0) + (embeddings[i] ?? 0) / rows;
  }
  return mean;
}
