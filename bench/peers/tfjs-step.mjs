// Trains the same network with TensorFlow.js on the CPU, in plain JavaScript, and prints how many
// examples a second: `node tfjs-step.mjs '<json of network and batch>' <steps>`.
import * as tf from '@tensorflow/tfjs';

const [options, steps] = process.argv.slice(2);
const { network, batch } = JSON.parse(options);
const { pixels, planes, blocks, categories } = network;

await tf.setBackend('cpu');
const input = tf.input({ shape: [pixels, pixels, planes] });
let features = input;
blocks.forEach(({ channels, stride }, i) => {
  const isResidual = stride === 1 && channels === blocks[i - 1]?.channels;
  const convolved = tf.layers
    .conv2d({ filters: channels, kernelSize: 3, strides: stride, padding: 'same', useBias: false })
    .apply(features);
  const normalized = tf.layers.batchNormalization().apply(convolved);
  const activated = tf.layers.activation({ activation: 'swish' }).apply(normalized);
  features = isResidual ? tf.layers.add().apply([features, activated]) : activated;
});
const embedding = tf.layers.globalAveragePooling2d({}).apply(features);
const scores = tf.layers
  .dense({ units: categories, activation: 'softmax' })
  .apply(tf.layers.dropout({ rate: 0.1 }).apply(embedding));
const model = tf.model({ inputs: input, outputs: scores });
model.compile({ optimizer: tf.train.adam(0.001), loss: 'categoricalCrossentropy' });

const rasters = tf.randomUniform([batch, pixels, pixels, planes]);
const targets = tf.oneHot(
  tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % categories),
    'int32',
  ),
  categories,
);
await model.trainOnBatch(rasters, targets);
const startedAt = performance.now();
for (let i = 0; i < Number(steps); i++) await model.trainOnBatch(rasters, targets);
const seconds = (performance.now() - startedAt) / 1_000;
console.log(JSON.stringify({ examplesPerSecond: (Number(steps) * batch) / seconds }));
