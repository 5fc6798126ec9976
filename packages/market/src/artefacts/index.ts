export {
  artefactUrl,
  fetchArtefact,
  fetchBytes,
  type FetchFailure,
  type FetchLimits,
} from './fetch.ts';
export { type ArtefactName, artefactName, expectArtefactName, isArtefactName } from './names.ts';
export {
  decodeManifest,
  encodeManifest,
  type Manifest,
  MANIFEST_BYTES,
  MANIFEST_FORMAT,
  type ManifestEntry,
  type ManifestError,
} from './manifest.ts';
