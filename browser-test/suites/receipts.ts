import {
  commitmentName,
  decodeCommitment,
  registrationKey,
  verifyRegistration,
} from '@assay/verifier';
import { toHex } from '@assay/core/hash';
import { CASES, type Fixture } from '../cases.ts';
import { derivations } from '../derivations.ts';
import { loadAnswers, loadBytes, loadGenuine } from '../files.ts';
import { type Check, expectEqual, expectTrue, type Suite } from '../harness.ts';
import { judge, reasonsOf, verdictText } from '../judging.ts';

/** One check for each case: the verdict is the expected one, and in every detail that of Node. */
function verdictChecks(fixture: Fixture): Check[] {
  return CASES[fixture].map(({ name, reasons, change }) => ({
    name,
    async run() {
      const genuine = await loadGenuine(fixture);
      const { verdicts } = await loadAnswers(fixture);
      const verdict = judge({ ...genuine, ...change(genuine) });
      expectEqual(verdict.accepted, reasons === null, 'accepted');
      expectEqual(reasonsOf(verdict).slice(0, reasons?.length ?? 0), reasons ?? [], 'reasons');
      expectEqual(verdictText(verdict), verdicts[name], 'verdict');
    },
  }));
}

/** A key stands for more parameters than are in it: they follow, here as there. */
function derivationChecks(fixture: Fixture): Check[] {
  return [
    {
      name: 'derives the parameters that Node derives, whatever is to be hidden',
      async run() {
        const { verifyingKey } = await loadGenuine(fixture);
        const own = derivations(verifyingKey);
        const node = (await loadAnswers(fixture)).derivations;
        expectEqual(Object.keys(own), Object.keys(node), 'names');
        for (const [name, parameters] of Object.entries(own)) {
          expectEqual(parameters, node[name], name);
        }
        // Hiding costs: not all of them are the same.
        expectTrue(new Set(Object.values(own)).size > 2, 'several sets of parameters');
      },
    },
  ];
}

export const publicReceipt: Suite = {
  name: 'a receipt that shows everything',
  checks: [...verdictChecks('public'), ...derivationChecks('public')],
};

export const committedReceipt: Suite = {
  name: 'a receipt that commits its input',
  checks: [
    ...verdictChecks('committed'),
    {
      name: 'says the name that its owner knows it by',
      async run() {
        const genuine = await loadGenuine('committed');
        const commitment = decodeCommitment(await loadBytes('committed', 'commitment.cbor'));
        if (!commitment.ok) throw new Error(`not a commitment: ${commitment.error.kind}`);
        const name = toHex(commitmentName(commitment.value.root, commitment.value.yReg));
        const port = genuine.verifyingKey.program.inputs[0]?.name ?? '';
        const verdict = judge({ ...genuine, own: { inputNames: new Map([[port, name]]) } });
        expectTrue(verdict.accepted, `an accepted receipt, got ${verdictText(verdict)}`);
        expectEqual(
          [verdict.checked.input, verdict.ports[0]?.commitmentName],
          ['checked', name],
          'input',
        );
      },
    },
    ...derivationChecks('committed'),
  ],
};

export const privateReceipt: Suite = {
  name: 'a receipt of hidden weights and a hidden input',
  checks: [
    ...verdictChecks('private'),
    {
      name: 'has a registration of the weights in its key',
      async run() {
        const { verifyingKey } = await loadGenuine('private');
        expectTrue(registrationKey(verifyingKey).ok, 'a key of the registration');
        expectTrue(verifyRegistration(verifyingKey).ok, 'a registration that holds');
      },
    },
    {
      name: 'says of its input that it is hidden, and nothing else',
      async run() {
        const genuine = await loadGenuine('private');
        const [{ name } = { name: '' }] = genuine.verifyingKey.program.inputs;
        expectEqual(genuine.body.inputs, [{ kind: 'hidden', name }], 'inputs');
        const { checked, ports } = judge(genuine);
        expectEqual([checked.input, checked.output], ['hidden', 'from receipt'], 'checked');
        expectEqual([ports[0]?.shown, ports[1]?.shown], ['hidden', 'public'], 'ports');
      },
    },
    ...derivationChecks('private'),
  ],
};
