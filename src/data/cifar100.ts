/**
 * CIFAR-100 (Krizhevsky 2009): photographs of 100 kinds of things in 20 groups, 50,000 for training, 10,000 for testing, u8 [32, 32, 3].
 *
 * @module
 */
import { requireOneOf } from '../core/errors.js';
import { type CifarLabel, type CifarRecords, loadCifar } from './cifar.js';
import type { DataSplits } from './dataset.js';

/** 'fine': 100 classes; 'coarse': the 20 superclasses that they fall into. */
export type Cifar100Labels = 'fine' | 'coarse';

export interface Cifar100Options {
  dataDir?: string;
  /** Default 'fine'. */
  labels?: Cifar100Labels;
}

/** In the order of the numbers in the files, which is the alphabet's. */
const FINE = `
  apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar
  cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster
  house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree
  orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose
  sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television
  tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
`;

const COARSE = `
  aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices household_furniture insects
  large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores medium_mammals
  non-insect_invertebrates people reptiles small_mammals trees vehicles_1 vehicles_2
`;

const coarse: CifarLabel = { name: 'coarse label', classNames: COARSE.trim().split(/\s+/) };
const fine: CifarLabel = { name: 'fine label', classNames: FINE.trim().split(/\s+/) };

export function cifar100Records(chosen: Cifar100Labels): CifarRecords {
  return { labels: [coarse, fine], chosen: chosen === 'fine' ? fine : coarse };
}

/** Reads `<data directory>/cifar100/`; rejects with code 'data' on missing or damaged files. */
export async function cifar100(options: Cifar100Options = {}): Promise<DataSplits> {
  const { dataDir, labels = 'fine' } = options;
  requireOneOf('labels', labels, ['fine', 'coarse']);
  return loadCifar(
    {
      folder: 'cifar100',
      title: 'CIFAR-100',
      files: 'train.bin (or train_1.bin to train_5.bin) and test.bin',
      source: "Alex Krizhevsky's page, www.cs.toronto.edu/~kriz/cifar.html, as the binary version",
      train: [['train.bin'], [1, 2, 3, 4, 5].map((part) => `train_${part}.bin`)],
      test: 'test.bin',
      ...cifar100Records(labels),
    },
    dataDir,
  );
}
