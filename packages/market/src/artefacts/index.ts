export {
  artefactUrl,
  fetchArtefact,
  fetchBytes,
  type FetchFailure,
  type FetchLimits,
} from './fetch.ts';
export { type ArtefactName, artefactName, expectArtefactName, isArtefactName } from './names.ts';
