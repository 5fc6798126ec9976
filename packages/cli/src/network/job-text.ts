import { isEnded, type JobView } from '@assay/market';
import { formatDollars } from './amounts.ts';
import { nameOf } from './market-table.ts';

/** A job for programs: amounts as decimal text. */
export function jobJson(job: JobView): object {
  const { id, params, lock, submission, paid, faults } = job;
  return {
    job: id,
    state: job.state,
    model: params.modelId,
    evidence: params.evidence,
    price: String(lock?.price ?? params.maxPrice),
    provider: lock?.provider ?? null,
    outputRoot: submission?.content.outputRoot ?? null,
    traceRoot: submission?.content.traceRoot ?? null,
    proofDigest: submission?.content.proofDigest ?? null,
    settled: job.settled,
    paid: paid === null ? null : String(paid),
    faults: faults.map(({ provider, fault, accuser, reward, refund, burned }) => ({
      provider,
      fault,
      accuser,
      reward: String(reward),
      refund: String(refund),
      burned: String(burned),
    })),
    challenges: job.challenges,
  };
}

/** A job in a few lines: where it stands, whose move it is. */
export function describeJob(
  job: JobView,
  names: ReadonlyMap<string, string>,
  unixSeconds: number,
): string {
  const { params, lock, submission, faults } = job;
  const until = (time: number): string =>
    time > unixSeconds ? `${time - unixSeconds} s left` : 'its time is over';
  const lines = [`job         ${job.id}`, `state       ${job.state}`];
  lines.push(`requester   ${nameOf(names, params.requester)}`);
  lines.push(
    lock === null
      ? `price       at most ${formatDollars(params.maxPrice)}`
      : `provider    ${nameOf(names, lock.provider)} for ${formatDollars(lock.price)}`,
  );
  if (job.state === 'open') lines.push(`waits       for a provider: ${until(params.lockBy)}`);
  if (job.state === 'locked' && lock !== null)
    lines.push(`waits       for work: ${until(lock.due)}`);
  if (submission !== null) lines.push(`output root ${submission.content.outputRoot}`);
  if (submission !== null && !isEnded(job.state)) {
    lines.push(`window      ${until(submission.windowEnd)}, ${job.challenges.length} challenges`);
  }
  if (job.settled !== null) lines.push(`proof       ${job.settled}`);
  if (job.paid !== null) lines.push(`paid        ${formatDollars(job.paid)}`);
  for (const { fault, provider, reward, refund, burned } of faults) {
    lines.push(
      `fault       ${fault} of ${nameOf(names, provider)}: ${formatDollars(refund)} back, ${formatDollars(reward)} reward, ${formatDollars(burned)} burned`,
    );
  }
  return lines.join('\n');
}
