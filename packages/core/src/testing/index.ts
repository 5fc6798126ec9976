export { honestSettlement, seededElements, seededPads } from './pads.ts';
export { seededRandomness } from './randomness.ts';
export { FrozenTranscript, OmittingTranscript, RecordingTranscript } from './transcripts.ts';
