export { FrozenTranscript, OmittingTranscript, RecordingTranscript } from './transcripts.ts';
