/** Every limit of the product, with its unit in the name. */
export const MAX_POINTS_PER_STROKE = 5_000;
export const MAX_POINTS_PER_SKETCH = 50_000;
export const MAX_STROKES_PER_SKETCH = 1_000;
/** Canvas units: a canvas is a plane of at most this many units in each direction. */
export const MAX_COORDINATE = 1_000_000;
export const MAX_VERSIONS_PER_CANVAS = 100;
export const MAX_NAME_CHARACTERS = 60;
export const MAX_NICKNAME_CHARACTERS = 30;
export const MAX_CATEGORIES_PER_PROJECT = 345;
export const MAX_EXAMPLES_PER_REQUEST = 500;
/** Deleted ones not counted. */
export const MAX_EXAMPLES_PER_PROJECT = 200_000;
/** Ids of strokes and sketches in a canvas' document. */
export const MAX_KEY_CHARACTERS = 100;
/** A finished stroke is committed in pieces of at most so many points or so long a time. */
export const MAX_POINTS_PER_PIECE = 512;
export const MAX_PIECE_MS = 4_000;
export const MAX_LIVE_FRAME_BYTES = 2_048;
export const MAX_AWARENESS_BYTES = 4_096;
export const MAX_SYNC_MESSAGE_BYTES = 1_048_576;
export const MAX_REQUEST_BYTES = 16_777_216;
export const MAX_LIVE_STROKES_PER_CONNECTION = 2;
export const MAX_CONNECTIONS_PER_ROOM = 200;
/** Canvases that one person has open at the same time, in however many windows. */
export const MAX_CONNECTIONS_PER_PARTICIPANT = 20;
/** What a person may send on canvases: so much a second for long, and so much at once. */
export const SYNC_MESSAGES_PER_SECOND = 120;
export const SYNC_MESSAGES_AT_ONCE = 240;
export const SYNC_BYTES_PER_SECOND = 262_144;
export const SYNC_BYTES_AT_ONCE = 2_097_152;
/** A canvas' document, encoded: above the first people are warned, above the second it is closed. */
export const NEARLY_FULL_DOCUMENT_BYTES = 8_388_608;
export const FULL_DOCUMENT_BYTES = 16_777_216;
/** A canvas' log is replaced by a snapshot when it has so many rows or bytes. */
export const MAX_LOG_ROWS = 200;
export const MAX_LOG_BYTES = 262_144;
/** Changes of a canvas that wait for the database; above that its people are not read any more. */
export const MAX_UNSAVED_BYTES = 8_388_608;
/** A page of a list. */
export const DEFAULT_PAGE_ITEMS = 100;
export const MAX_PAGE_ITEMS = 500;
/** Edge of the raster that the network sees, in pixels. */
export const RASTER_PIXELS = 32;
