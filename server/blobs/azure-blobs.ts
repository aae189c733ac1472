import type { ContainerClient } from '@azure/storage-blob';
import type { BlobStore } from '../domain/ports.ts';
import { assertBlobKey } from './blob-key.ts';
import { blobsUnavailable } from './blobs-unavailable.ts';

interface AzureBlobsOptions {
  readonly connectionString: string;
  /** Made when it is not there. */
  readonly container: string;
}

/** A person waits for the answer: better a clear error in seconds than one in minutes. */
const RETRIES = {
  maxTries: 2,
  tryTimeoutInMs: 5_000,
  retryDelayInMs: 100,
  maxRetryDelayInMs: 500,
};

/** Blobs in Azure Blob Storage. Nothing is asked of it before the first use. */
export async function openAzureBlobs(options: AzureBlobsOptions): Promise<BlobStore> {
  // Loaded here, since who keeps blobs as files need not wait for this large package.
  const { BlobServiceClient, RestError } = await import('@azure/storage-blob');
  const service = BlobServiceClient.fromConnectionString(options.connectionString, {
    retryOptions: RETRIES,
  });
  const container = onDemand(service.getContainerClient(options.container));
  const blobOf = async (key: string) => (await container()).getBlockBlobClient(key);
  return {
    put: async (key, bytes, contentType) => {
      assertBlobKey(key);
      await translated(async () => {
        const headers = { blobHTTPHeaders: { blobContentType: contentType } };
        await (await blobOf(key)).uploadData(bytes, headers);
      });
    },
    get: async (key) => {
      assertBlobKey(key);
      return translated(async () => {
        try {
          return await (await blobOf(key)).downloadToBuffer();
        } catch (error) {
          if (error instanceof RestError && error.statusCode === 404) return null;
          throw error;
        }
      });
    },
    delete: async (key) => {
      assertBlobKey(key);
      await translated(async () => (await blobOf(key)).deleteIfExists());
    },
    list: (prefix) => translated(async () => listBlobs(await container(), prefix)),
    check: () =>
      translated(async () => {
        await (await container()).getProperties();
      }),
  };
}

/** The container, made at the first use; a failure is not remembered. */
function onDemand(container: ContainerClient): () => Promise<ContainerClient> {
  let ready: Promise<ContainerClient> | null = null;
  return () => {
    ready ??= container.createIfNotExists().then(
      () => container,
      (error: unknown) => {
        ready = null;
        throw error;
      },
    );
    return ready;
  };
}

async function listBlobs(
  container: ContainerClient,
  prefix: string,
): Promise<{ key: string; modifiedAt: Date }[]> {
  const blobs: { key: string; modifiedAt: Date }[] = [];
  for await (const { name, properties } of container.listBlobsFlat({ prefix })) {
    blobs.push({ key: name, modifiedAt: properties.lastModified });
  }
  return blobs;
}

async function translated<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw blobsUnavailable(error);
  }
}
