/**
 * The pads of one argument, in the order in which they are numbered:
 *
 *   messages      one for each element of K that is sent under a pad, in wire order
 *   products      for each product x', y', z' with z' = x'·y', and π_z for the product itself
 *   blind         the denominator r of LogUp's blinding fraction 0/r, if there are lookups
 */
export interface PadShape {
  readonly messages: number;
  readonly products: number;
  readonly blind: boolean;
}

/** The pads of one product: the triple, and the pad of the sent product. */
export interface ProductPads {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly product: number;
}

const PRODUCT_PADS = 4;

export function padCount({ messages, products, blind }: PadShape): number {
  return messages + PRODUCT_PADS * products + (blind ? 1 : 0);
}

/** @throws {RangeError} on a product that the shape has not. */
export function productPads({ messages, products }: PadShape, product: number): ProductPads {
  if (!Number.isInteger(product) || product < 0 || product >= products) {
    throw new RangeError(`productPads: expected a product below ${products}, got ${product}`);
  }
  const first = messages + PRODUCT_PADS * product;
  return { x: first, y: first + 1, z: first + 2, product: first + 3 };
}

/** @throws {RangeError} on a shape without a blinding fraction. */
export function blindPad({ messages, products, blind }: PadShape): number {
  if (!blind) throw new RangeError('blindPad: expected a shape with a blinding fraction, got none');
  return messages + PRODUCT_PADS * products;
}
