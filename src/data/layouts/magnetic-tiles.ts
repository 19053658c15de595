import { stemOf } from './file-tree.js';
import { demandNoPattern } from './groups.js';
import type { DatasetLayout, FoundImage, LayoutReading, LeftOut } from './layout.js';

const PICTURE = /^MT_([^/]+)\/Imgs\/[^/]+\.jpe?g$/i;
const GOOD_NAME = /\/exp(\d+)_num_(\d+)\.jpe?g$/i;
const EXPOSURES = 6;
const TEST_EVERY = 5;
/** The tile with these numbers was photographed before: it is tile 40 again. */
const TWIN = { first: 65001, last: 65067 } as const;

type Tiles = Pick<LayoutReading, 'images' | 'leftOut'>;

interface GoodPicture {
  readonly file: string;
  readonly exposure: number;
  readonly number: number;
}

/**
 * The magnetic-tile data set (Huang et al., 2018): `MT_<Class>/Imgs/expE_num_N.jpg` with the mask as PNG beside;
 * `MT_Free` is good. Good pictures are split by tile: in the order of N a new tile starts where the exposure E
 * does not rise. Tiles without exactly six pictures are left out, and one that is another again; of the others
 * every tile whose number (counted from 0 over all tiles) is a multiple of 5 is test. Defective pictures are
 * test. A random split takes all good pictures.
 */
export const magneticTiles: DatasetLayout = {
  name: 'magnetic-tiles',
  expects:
    'magnetic tiles: MT_<Class>/Imgs/expE_num_N.jpg with a .png mask beside, MT_Free for the good ones',

  recognise: ({ images }) => images.some((file) => PICTURE.test(file)),

  read({ images: files }, rule): LayoutReading {
    demandNoPattern(rule, 'magnetic tiles are grouped by tile already');
    const pngs = new Map(files.filter((file) => /\.png$/i.test(file)).map((file) => [stemOf(file), file]));
    const maskOf = (file: string) => {
      const mask = pngs.get(stemOf(file));
      return mask === undefined ? {} : { mask };
    };
    const pictures = files.filter((file) => PICTURE.test(file));
    const isGood = (file: string) => PICTURE.exec(file)![1].toLowerCase() === 'free';
    const good = pictures.filter(isGood);

    const defective = pictures
      .filter((file) => !isGood(file))
      .map((file): FoundImage => {
        const defectClass = PICTURE.exec(file)![1].toLowerCase();
        return { file, label: 'defective', defectClass, split: 'test', group: file, ...maskOf(file) };
      });
    const { images, leftOut } = rule.kind === 'random' ? ungrouped(good) : byTile(good);
    const owned = new Set(pictures.map(stemOf));
    return {
      images: [...images.map((image) => ({ ...image, ...maskOf(image.file) })), ...defective],
      division: 'by tile: tiles 0, 5, 10, … are test, and every defective picture',
      leftOut: [
        ...leftOut.map((left) => ({ ...left, ...maskOf(left.file) })),
        ...[...pngs]
          .filter(([stem]) => !owned.has(stem))
          .map(([, file]) => ({
            file,
            reason: 'a mask without its picture (a .jpg of the same name beside it)',
          })),
      ],
    };
  },
};

function goodImage(file: string, split: FoundImage['split'], group: string): FoundImage {
  return { file, label: 'good', defectClass: 'good', split, group };
}

function ungrouped(files: readonly string[]): Tiles {
  return { images: files.map((file) => goodImage(file, 'train', file)), leftOut: [] };
}

function byTile(files: readonly string[]): Tiles {
  const images: FoundImage[] = [];
  const leftOut: LeftOut[] = [];
  const pictures: GoodPicture[] = [];
  for (const file of files) {
    const name = GOOD_NAME.exec(file);
    if (name) pictures.push({ file, exposure: Number(name[1]), number: Number(name[2]) });
    else leftOut.push({ file, reason: 'its tile is unknown: the name is not of the form expE_num_N.jpg' });
  }
  tilesOf(pictures).forEach((tile, index) => {
    const reason = reasonToLeaveOut(tile, index);
    const split = index % TEST_EVERY === 0 ? 'test' : 'train';
    const group = `tile-${String(index).padStart(3, '0')}`;
    for (const { file } of tile) {
      if (reason === undefined) images.push(goodImage(file, split, group));
      else leftOut.push({ file, reason, group });
    }
  });
  return { images, leftOut };
}

/** The pictures of each tile, in the order in which the tiles were photographed. */
function tilesOf(pictures: readonly GoodPicture[]): readonly (readonly GoodPicture[])[] {
  const tiles: GoodPicture[][] = [];
  let previous: GoodPicture | undefined;
  for (const picture of [...pictures].sort((a, b) => a.number - b.number || a.exposure - b.exposure)) {
    if (previous === undefined || picture.exposure <= previous.exposure) tiles.push([]);
    tiles.at(-1)!.push(picture);
    previous = picture;
  }
  return tiles;
}

function reasonToLeaveOut(tile: readonly GoodPicture[], index: number): string | undefined {
  if (tile.length !== EXPOSURES) {
    const pictures = tile.length === 1 ? 'picture' : 'pictures';
    return `its tile is incomplete: ${tile.length} ${pictures} where ${EXPOSURES} were expected`;
  }
  if (tile.every(({ number }) => number >= TWIN.first && number <= TWIN.last)) {
    return `tile ${index} was photographed before under other numbers`;
  }
  return undefined;
}
