/** Why bytes are not a receipt. `path` names the field, as `predicate.model.root`. */
export type ReceiptError =
  | { readonly kind: 'receipt/too-large'; readonly limit: number; readonly actual: number }
  | { readonly kind: 'receipt/not-ascii'; readonly offset: number }
  | { readonly kind: 'receipt/too-deep'; readonly limit: number }
  | { readonly kind: 'receipt/too-many-lists'; readonly limit: number }
  | { readonly kind: 'receipt/not-json'; readonly path: string }
  | { readonly kind: 'receipt/missing-field'; readonly path: string }
  | { readonly kind: 'receipt/unknown-field'; readonly path: string }
  | { readonly kind: 'receipt/field'; readonly path: string; readonly expected: string }
  | { readonly kind: 'receipt/payload-type'; readonly expected: string }
  | { readonly kind: 'receipt/statement-type'; readonly expected: string }
  | { readonly kind: 'receipt/predicate-type'; readonly expected: string }
  | { readonly kind: 'receipt/signature-count'; readonly actual: number }
  | { readonly kind: 'receipt/base64'; readonly path: string }
  | { readonly kind: 'receipt/subject' }
  | { readonly kind: 'receipt/not-canonical'; readonly part: 'envelope' | 'statement' };

/** One sentence for people. */
export function describeReceiptError(error: ReceiptError): string {
  switch (error.kind) {
    case 'receipt/too-large':
      return `it has ${error.actual} bytes, more than ${error.limit}`;
    case 'receipt/not-ascii':
      return `byte ${error.offset} is not ASCII`;
    case 'receipt/too-deep':
      return `it nests more than ${error.limit} levels`;
    case 'receipt/too-many-lists':
      return `more than ${error.limit} lists and objects`;
    case 'receipt/not-json':
      return `the ${error.path} is not JSON`;
    case 'receipt/missing-field':
      return `${error.path} is missing`;
    case 'receipt/unknown-field':
      return `${error.path} is not a field of a receipt`;
    case 'receipt/field':
      return `${error.path} is not ${error.expected}`;
    case 'receipt/payload-type':
      return `the payload type is not ${error.expected}`;
    case 'receipt/statement-type':
      return `the statement type is not ${error.expected}`;
    case 'receipt/predicate-type':
      return `the predicate type is not ${error.expected}`;
    case 'receipt/signature-count':
      return `it has ${error.actual} signatures instead of one`;
    case 'receipt/base64':
      return `${error.path} is not canonical base64`;
    case 'receipt/subject':
      return 'the subject is not the digest of the output and the name of the model that the predicate states';
    case 'receipt/not-canonical':
      return `the ${error.part} is not in canonical form (repeated fields, a key id that is not the prover's, other order, spaces or number forms)`;
  }
}
