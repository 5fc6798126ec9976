import { describeRefusal, modelId, withProvenance } from '@assay/market';
import { EXIT } from '../exit-codes.ts';
import { clientFor } from '../network/client.ts';
import { shareModel } from '../network/served-models.ts';
import { openOwnModel, rememberTitle } from '../network/model.ts';
import { type AccountOptions, type NetworkOptions, openNetwork } from '../network/network-file.ts';
import type { Outcome } from '../outcome.ts';
import type { CommonOptions } from '../terminal.ts';

export interface ModelRegisterOptions extends CommonOptions, NetworkOptions, AccountOptions {
  /** Where its program, weights and key can be had. */
  readonly uri?: readonly string[];
}

/** Registers the record of a model; on a local network its providers serve it from then on. */
export async function registerModel(
  folder: string,
  options: ModelRegisterOptions,
): Promise<Outcome> {
  const network = openNetwork(options);
  const client = clientFor(network, options);
  const own = openOwnModel(folder);
  try {
    const title = own.bundle.program.name;
    const record = withProvenance(own.record);
    // First where the daemons look: they have it when the first job comes.
    const served = network.local ? shareModel(network, folder, modelId(record)) : null;
    const { id, receipt } = await client.registerModel(record, options.uri ?? []);
    rememberTitle(network, id, title);
    const refusal = describeRefusal(own);
    const evidence = [
      ...(own.trace === null ? [] : ['trace']),
      ...(own.bundle.verifyingKey === null ? [] : ['proof']),
    ];
    const gas = receipt === null ? null : Number(receipt.gasUsed);
    return {
      exitCode: EXIT.ok,
      json: {
        ok: true,
        model: id,
        title,
        evidence,
        refusal,
        gas,
        relations: record.relations,
        served,
      },
      text: [
        `model       ${title}: ${id}`,
        `evidence    ${evidence.length === 0 ? 'none' : evidence.join(', ')}${refusal === null ? '' : ` (no trace: ${refusal})`}`,
        `relations   ${record.relations} over ${record.constants} constants, ${record.traces} traced tensors`,
        gas === null ? 'registered  before' : `registered  for ${gas.toLocaleString('en')} gas`,
        ...(served === null ? [] : [`served      by this network's providers, from ${served}`]),
      ].join('\n'),
    };
  } finally {
    own.bundle.close();
  }
}
