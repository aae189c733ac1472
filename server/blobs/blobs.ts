import path from 'node:path';
import type { BlobStore } from '../domain/ports.ts';
import { openAzureBlobs } from './azure-blobs.ts';
import { openFileBlobs } from './file-blobs.ts';

/** The part of the configuration that says where blobs are. */
export interface BlobSettings {
  readonly DATA_DIR: string;
  readonly AZURE_STORAGE_CONNECTION_STRING?: string | undefined;
  readonly AZURE_STORAGE_CONTAINER: string;
}

/** The blob store that is configured: Azure Blob Storage, else files in the data folder. */
export async function openBlobs(settings: BlobSettings): Promise<BlobStore> {
  const { DATA_DIR, AZURE_STORAGE_CONNECTION_STRING: connectionString } = settings;
  if (!connectionString) return openFileBlobs(path.join(DATA_DIR, 'blobs'));
  return openAzureBlobs({ connectionString, container: settings.AZURE_STORAGE_CONTAINER });
}
