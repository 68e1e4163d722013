/**
 * Writes a network and networks sampled around it as one model file. What they share is there once; of every other tensor a member has a flip
 * list or the whole tensor, whichever is smaller.
 *
 * @module
 */
import { argumentError } from '../core/errors.js';
import { flipList } from '../format/flips-write.js';
import { MAX_MEMBERS } from '../format/model-header.js';
import { writeModel } from '../format/model-write.js';
import type { LoweredTensor, Lowering } from '../nn/lowering.js';
import { type ExportInput, writableModel } from './export-model.js';

/** Operations and tensors of a network. */
type Lowered = Pick<Lowering, 'ops' | 'tensors'>;

/** `base` is the network that runs alone where one is asked for; members keep their order. All have the same operations. */
export function exportEnsemble(base: Lowered, members: readonly Lowered[], input: ExportInput): Uint8Array<ArrayBuffer> {
  if (members.length < 1 || members.length > MAX_MEMBERS) throw argumentError('members', members.length, `1 to ${MAX_MEMBERS} of them`);
  const tensors = new Map(base.tensors);
  members.forEach((member, i) => {
    requireSameNetwork(base, member);
    for (const [name, own] of member.tensors) {
      const difference = differenceOf(base.tensors.get(name)!, own);
      if (difference === 'none') continue;
      if (difference === 'whole') tensors.set(`member${i}/${name}`, own);
      else tensors.set(`member${i}.flips/${name}`, { dtype: 'U8', shape: [difference.length], data: difference });
    }
  });
  return writeModel({ ...writableModel(base, input), ensemble: { members: members.length } }, tensors);
}

/** How the file says what differs: a flip list where it is smaller than the tensor. */
function differenceOf(base: LoweredTensor, own: LoweredTensor): 'none' | 'whole' | Uint8Array {
  const list = flipList(bytesOf(base), bytesOf(own));
  if (list.length === 0) return 'none';
  return own.dtype === 'U8' && list.length < own.data.length ? list : 'whole';
}

function bytesOf({ data }: LoweredTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function requireSameNetwork(base: Lowered, member: Lowered): void {
  const layout = ({ ops, tensors }: Lowered): string =>
    JSON.stringify([ops, [...tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])]);
  if (layout(base) !== layout(member)) throw new Error('exportEnsemble: the members are not samples of the same network');
}
