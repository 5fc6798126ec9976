import { describe, expect, test } from 'vitest';
import { ProofReader, ProofWriter } from '../codec/index.ts';
import { addK, type K, ZERO } from '../field/index.ts';
import { RecordingTranscript, seededElements } from '../testing/index.ts';
import { TAG_OPERANDS, TAG_ROUND } from '../transcript/index.ts';
import { inClear, PaddedSender, PlainSender, type Sender } from './index.ts';

const values = seededElements(1, 5);
const pads = seededElements(2, 5);
const sum = (i: number, pad: number): K => addK(values[i] ?? ZERO, pads[pad] ?? ZERO);

/** What was written and what was observed: always the same. */
const sent = (messages: (sender: Sender) => void, padded: boolean): K[] => {
  const [transcript, writer] = [new RecordingTranscript(), new ProofWriter()];
  messages(
    padded ? new PaddedSender(transcript, writer, pads) : new PlainSender(transcript, writer),
  );
  const bytes = writer.finish();
  expect(transcript.observed.flatMap(({ bytes: b }) => [...b])).toEqual([...bytes]);
  expect(transcript.observed.map(({ tag }) => tag)).toEqual([TAG_ROUND, TAG_OPERANDS]);
  return new ProofReader(bytes).ks(bytes.length / 20);
};

describe('senders', () => {
  const messages = (sender: Sender): void => {
    sender.send(TAG_ROUND, values.slice(0, 2));
    sender.send(TAG_OPERANDS, values.slice(2, 5), (i) => i !== 1);
  };

  test('plain: messages as they are', () => {
    expect(sent(messages, false)).toEqual(values);
  });

  test('padded: a pad for each secret element, in order; the rest in clear', () => {
    expect(sent(messages, true)).toEqual([sum(0, 0), sum(1, 1), sum(2, 2), values[3], sum(4, 3)]);
  });

  test('padded: elements in clear use no pad', () => {
    const writer = new ProofWriter();
    const sender = new PaddedSender(new RecordingTranscript(), writer, pads);
    sender.send(TAG_ROUND, values, inClear);
    expect(sender.sent).toBe(0);
    sender.send(TAG_ROUND, values);
    expect(sender.sent).toBe(5);
    const reader = new ProofReader(writer.finish());
    expect([reader.ks(5), reader.ks(5)]).toEqual([values, values.map((_, i) => sum(i, i))]);
  });

  test('padded: no pad is used twice, and nothing is sent without one', () => {
    const [transcript, writer] = [new RecordingTranscript(), new ProofWriter()];
    const sender = new PaddedSender(transcript, writer, pads.slice(0, 3));
    sender.send(TAG_ROUND, values.slice(0, 2));
    expect(() => sender.send(TAG_ROUND, values.slice(0, 2))).toThrow(RangeError);
    expect([writer.length, transcript.observed.length]).toEqual([40, 1]);
  });
});
