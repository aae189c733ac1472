import { Access } from './access.ts';
import { CanvasVersions } from './canvas-versions.ts';
import { Canvases } from './canvases.ts';
import { Categories } from './categories.ts';
import type { DrawPicture } from './example-blobs.ts';
import { ExampleBlobs } from './example-blobs.ts';
import { Examples } from './examples.ts';
import { FeedbackDesk } from './feedback.ts';
import type { ModelVersionStore, Predictor, TrainingRunStore } from './learning-ports.ts';
import { ModelVersions } from './model-versions.ts';
import { Participants } from './participants.ts';
import type { FeedbackStore } from './feedback-ports.ts';
import type {
  Announcer,
  BlobStore,
  CanvasDocuments,
  CanvasInk,
  CanvasStore,
  CanvasVersionStore,
  CategoryStore,
  ExampleStore,
  OpenCanvases,
  ParticipantStore,
  ProjectStore,
} from './ports.ts';
import { Predictions } from './predictions.ts';
import { Projects } from './projects.ts';
import { TrainingRuns } from './training-runs.ts';

/** Where the domain keeps what must last. */
export interface Stores {
  readonly participants: ParticipantStore;
  readonly projects: ProjectStore;
  readonly categories: CategoryStore;
  readonly canvases: CanvasStore;
  readonly examples: ExampleStore;
  readonly feedback: FeedbackStore;
  readonly trainingRuns: TrainingRunStore;
  readonly modelVersions: ModelVersionStore;
}

/** All that the domain needs from outside. */
export interface Ports {
  readonly stores: Stores;
  readonly blobs: BlobStore;
  readonly drawPicture: DrawPicture;
  readonly predictor: Predictor;
  readonly canvasInk: CanvasInk;
  readonly openCanvases: OpenCanvases;
  readonly canvasDocuments: CanvasDocuments;
  readonly canvasVersions: CanvasVersionStore;
  readonly announcer: Announcer;
}

/** What people can do, for every transport. */
export interface Domain {
  readonly participants: Participants;
  readonly projects: Projects;
  readonly canvases: Canvases;
  readonly canvasVersions: CanvasVersions;
  readonly categories: Categories;
  readonly examples: Examples;
  readonly predictions: Predictions;
  readonly feedback: FeedbackDesk;
  readonly trainingRuns: TrainingRuns;
  readonly modelVersions: ModelVersions;
}

/** Builds the domain on its ports. */
export function createDomain(ports: Ports): Domain {
  const { stores, predictor, announcer } = ports;
  const access = new Access(stores);
  const trainingRuns = new TrainingRuns({ ...stores, access });
  const categories = new Categories({ ...stores, predictor, announcer, access, trainingRuns });
  const exampleBlobs = new ExampleBlobs(ports);
  const examples = new Examples({
    ...stores,
    exampleBlobs,
    predictor,
    announcer,
    access,
    trainingRuns,
  });
  const feedback = new FeedbackDesk({
    stores,
    canvasInk: ports.canvasInk,
    predictor,
    access,
    categories,
    examples,
  });
  return {
    participants: new Participants(stores.participants),
    projects: new Projects({ ...stores, openCanvases: ports.openCanvases, access }),
    canvases: new Canvases({ ...stores, access }),
    canvasVersions: new CanvasVersions({
      versions: ports.canvasVersions,
      documents: ports.canvasDocuments,
      access,
    }),
    categories,
    examples,
    predictions: new Predictions({ predictor, access }),
    feedback,
    trainingRuns,
    modelVersions: new ModelVersions({ ...stores, predictor, access }),
  };
}
