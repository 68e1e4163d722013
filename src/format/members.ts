/**
 * The tensors of an ensemble file: those of the base network, and what members have of their own.
 *
 *     member3/NAME        takes the place of tensor NAME of the base: same dtype, same shape
 *     member3.flips/NAME  U8 [n], a flip list (`flips.ts`) for tensor NAME of the base, which is U8
 *
 * Everything else a member shares with the base.
 *
 * @module
 */
import type { Tensor } from './dtypes.js';
import { applyFlips } from './flips.js';
import { formatFailure } from './format-error.js';

/** A tensor of a member as the file holds it. */
interface OwnTensor {
  readonly where: string;
  readonly tensor: Tensor;
  readonly isFlips: boolean;
}

/** By the name of the base's tensor whose place it takes. */
export type Member = ReadonlyMap<string, OwnTensor>;

const MEMBER_NAME = /^member(0|[1-9]\d*)(\.flips)?\/(.*)$/s;

/** Separates members from the base. With `count` 0 no name has a meaning. Throws where a tensor has no place in the base. */
export function splitMembers(
  tensors: ReadonlyMap<string, Tensor>,
  count: number,
): { base: ReadonlyMap<string, Tensor>; members: readonly Member[] } {
  if (count === 0) return { base: tensors, members: [] };
  const base = new Map([...tensors].filter(([name]) => !MEMBER_NAME.test(name)));
  const members = Array.from({ length: count }, () => new Map<string, OwnTensor>());
  for (const [full, tensor] of tensors) {
    const [, index, flips, name] = MEMBER_NAME.exec(full) ?? [];
    if (name === undefined) continue;
    const where = `tensor ${JSON.stringify(full)}`;
    const member = members[Number(index)];
    if (member === undefined) throw formatFailure(where, `member ${index}`, `a member from 0 to ${count - 1}`);
    const place = base.get(name);
    if (place === undefined) throw formatFailure(where, 'no such tensor of the base', 'the name of a tensor in this file');
    if (member.has(name)) throw formatFailure(where, 'a tensor and a flip list', 'one of them');
    const isFlips = flips !== undefined;
    const fits = isFlips
      ? place.dtype === 'U8' && tensor.dtype === 'U8' && tensor.shape.length === 1
      : describe(tensor) === describe(place);
    if (!fits) throw formatFailure(where, `${describe(tensor)} for ${describe(place)}`, isFlips ? 'U8 [n] for U8' : 'the same of both');
    member.set(name, { where, tensor, isFlips });
  }
  return { base, members };
}

function describe({ dtype, shape }: Tensor): string {
  return `${dtype} [${shape.join(', ')}]`;
}

/** Every tensor of a member, those of the base included. */
export function memberTensors(base: ReadonlyMap<string, Tensor>, member: Member): ReadonlyMap<string, Tensor> {
  const tensors = new Map(base);
  for (const [name, { where, tensor, isFlips }] of member) {
    const { dtype, shape, data } = base.get(name)!;
    const whole = isFlips ? { dtype, shape, data: applyFlips(where, data as Uint8Array, tensor.data as Uint8Array) } : tensor;
    tensors.set(name, whole);
  }
  return tensors;
}
