// Tables of the documentation, from bench/results: a marker <!-- bench:FILE[/VIEW] --> names a results file and one of the views below.

/** Rows of cells, the first one the header, as a Markdown table. */
function markdown(rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |').replaceAll('|  |', '| |');
  const [header, ...body] = rows;
  return [line(header), line(header.map(() => '---')).replaceAll(' ', ''), ...body.map(line)].join('\n');
}

const percent = (share) => (share === null || share === undefined ? '' : `${(100 * share).toFixed(2)} %`);
const thousands = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
/** Three digits: nothing here is more exact. */
const three = (value) => (value >= 100 ? thousands(Math.round(value)) : value.toPrecision(3));
const distinct = (values) => [...new Set(values)];

/** One row for each value of `row`, one column for each of `column`; `cell(result)` or ''. */
function pivot(results, row, column, title, cell) {
  const columns = distinct(results.map((result) => result[column]));
  const find = (r, c) => results.find((result) => result[row] === r && result[column] === c);
  const body = distinct(results.map((result) => result[row])).map((r) => [r, ...columns.map((c) => (find(r, c) ? cell(find(r, c)) : ''))]);
  return markdown([[title, ...columns], ...body]);
}

/** What comes after the common words; int16 gradients are the default. A row that only adds to the one before says so. */
function accuracy({ results }) {
  const options = results.map(({ command }) => command.replace(/^bitgauss train | --model convnet| --gradients int16/g, ''));
  const rows = results.map(({ testAccuracy, ensembleAccuracy, imagesPerSecond }, i) => {
    const adds = i > 0 && options[i].startsWith(`${options[i - 1]} `);
    const name = adds ? `the same with \`${options[i].slice(options[i - 1].length + 1)}\`` : `\`${options[i]}\``;
    return [name, percent(testAccuracy), percent(ensembleAccuracy), thousands(Math.round(imagesPerSecond / 10) * 10)];
  });
  return markdown([['`bitgauss train --model convnet …`', 'test accuracy', 'ensemble of 10', 'images/s'], ...rows]);
}

/** A row for each result. `spec`: [key, title, format] of the columns; one that no result has is left out. */
const rows = (...spec) =>
  function view({ results }) {
    const present = spec.filter(([key]) => results.some((result) => result[key] !== undefined));
    const cell = (value, format) => (value === undefined || value === null ? '' : format ? format(value) : value);
    const body = results.map((result) => present.map(([key, , format]) => cell(result[key], format)));
    return markdown([present.map(([, title]) => title), ...body]);
  };
const code = (text) => `\`${text}\``;
const times = (ratio) => `${three(ratio)}x`;

function vggSmall({ results: { ms, bestMs, macs, fileBytes, memoryBytes } }) {
  return markdown([
    ['ms', 'best', 'GMAC/s', 'file, bytes', 'memory, bytes'],
    [three(ms), three(bestMs), three(macs / ms / 1e6), thousands(fileBytes), thousands(memoryBytes)],
  ]);
}

/**
 * Contestants by tasks: ms on an undisturbed core, and how many times ours that is. What could not be done is numbered, with the message it gave below the table.
 * `tasks`: beginnings of the names of tasks.
 */
const compare = (...tasks) =>
  function view({ results }) {
    const chosen = results.filter(({ task }) => tasks.some((start) => task.startsWith(start)));
    if (chosen.length === 0) return '(not measured yet)';
    const errors = distinct(chosen.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`])));
    const table = pivot(chosen, 'name', 'task', 'ms', ({ name, coreMs, error, once, timesOurs }) => {
      if (error !== undefined) return `— (${errors.indexOf(`${name}: ${error}`) + 1})`;
      const ratio = timesOurs === undefined || timesOurs === 1 ? '' : ` (${three(timesOurs)}x)`;
      return `${three(coreMs)}${ratio}${once ? ', one call' : ''}`;
    });
    const whats = distinct(chosen.filter(({ what }) => what !== undefined).map(({ name, what }) => `- ${name}: ${what}`));
    const notes = errors.map((error, i) => `- (${i + 1}) ${error}`);
    return [table, '', ...whats, ...notes].join('\n');
  };

/** Tasks by runtimes, without variants and notes, for a short overview. */
function summary({ results }) {
  const names = ['bitgauss', 'tfjs-wasm', 'onnxruntime-web', 'jax-js'];
  const chosen = names.flatMap((wanted) => results.filter(({ name }) => name === wanted));
  return pivot(chosen, 'task', 'name', 'ms', ({ coreMs, error, timesOurs }) => {
    if (error !== undefined) return '—';
    return timesOurs === undefined || timesOurs === 1 ? three(coreMs) : `${three(coreMs)} (${three(timesOurs)}x)`;
  });
}

/** Calls of bitgauss/kernels of one kind, their times in `unit`. */
const entryCalls = (kind, key, unit) =>
  function view({ results }) {
    const chosen = results.filter((result) => result.kind === kind);
    return rows(['call', 'call'], [key, unit, three], ['best', `best, ${unit}`, three])({ results: chosen });
  };

/** The package on its hosts. */
const hosts = rows(
  ['host', 'host'],
  ['version', 'version'],
  ['features', 'features'],
  ['bytesEqual', 'same bytes', (equal) => (equal ? 'yes' : 'no')],
  ['firstMs', 'load + first prediction, ms', three],
  ['predictionsPerSecond', 'predictions/s', thousands],
  ['imagesPerSecond', 'training images/s', thousands],
  ['threadedImagesPerSecond', 'with threads', thousands],
);

/** The page of examples/browser in Chromium. */
const pages = rows(
  ['page', 'page'],
  ['secondsTo95', 'to 95 %, s', three],
  ['accuracy', 'accuracy'],
  ['imagesPerSecond', 'training images/s'],
  ['longTasks', 'tasks above 50 ms', String],
);

/** Views by the beginning of a file's name; the longest beginning counts. '' is the view of a marker without one. */
const VIEWS = {
  accuracy: {
    '': accuracy,
    official: ({ results }) => accuracy({ results: results.filter(({ command }) => !command.includes('--data digits')) }),
  },
  'kernels-conv2d': { '': ({ results }) => pivot(results, 'shape', 'kernel', 'GMAC/s', ({ gmacs }) => three(gmacs)) },
  'kernels-passes': {
    '': rows(
      ['kernel', 'kernel', code],
      ['ms', 'ms', three],
      ['nsPerElement', 'ns each', three],
      ['element', 'of'],
      ['gmacs', 'GMAC/s', three],
    ),
  },
  'kernels-inference': {
    '': rows(
      ['net', 'net'],
      ['shape', 'layer'],
      ['ms', 'ms', three],
      ['lookupMs', 'lookup, ms', three],
      ['bestMs', 'best, ms', three],
      ['bestLookupMs', 'best, ms', three],
      ['withThresholdMs', 'with threshold, ms', three],
      ['gmacs', 'GMAC/s', three],
      ['lookupGmacs', 'lookup, GMAC/s', three],
      ['popcountMs', 'popcount, ms', three],
      ['popcountGmacs', 'popcount, GMAC/s', three],
    ),
  },
  widths: {
    '': rows(
      ['width', 'width'],
      ['gradients', 'gradients'],
      ['msPerStep', 'ms a step', three],
      ['psPerMac', 'ps per MAC', three],
      ['binaryPsPerMac', 'ps per MAC of binary products', three],
    ),
    memory: ({ results }) =>
      markdown([
        ['width', ...Object.keys(results[0].bytes).map((batch) => `batch ${batch}`)],
        ...results.map(({ width, bytes }) => [width, ...Object.values(bytes).map((n) => three(n / 2 ** 20))]),
      ]),
  },
  'kernels-entry': {
    small: entryCalls('small', 'us', 'µs'),
    large: entryCalls('large', 'ms', 'ms'),
    search: entryCalls('search', 'ms', 'ms'),
  },
  ranks: {
    '': rows(
      ['optimizer', 'optimizer'],
      ['method', 'method'],
      ['rank', 'K', String],
      ['msWeights', 'draws and updates, ms', three],
      ['msPerStep', 'ms a step', three],
      ['ratio', 'of ste', (ratio) => ratio.toFixed(2)],
      ['bytes', 'MiB', (bytes) => three(bytes / 2 ** 20)],
      ['stateBytes', 'behind the weights', (bytes) => three(bytes / 2 ** 20)],
    ),
  },
  'training-optimizers': { '': rows(['optimizer', 'optimizer'], ['ms', 'ms', three], ['nsPerWeight', 'ns a weight', three]) },
  training: {
    '': rows(
      ['method', 'method'],
      ['gradients', 'gradients'],
      ['optimizer', 'optimizer'],
      ['threads', 'threads'],
      ['batch', 'batch'],
      ['msPerStep', 'ms a step', three],
      ['imagesPerSecond', 'images/s', thousands],
      ['speedup', 'of one thread', times],
    ),
  },
  'vgg-small': { '': vggSmall },
  platforms: { '': ({ results }) => hosts({ results: results.hosts }), pages: ({ results }) => pages({ results: results.pages }) },
  resnet18: { '': rows(['shape', 'layer'], ['ms', 'ms', three], ['bestMs', 'best, ms', three], ['gmacs', 'GMAC/s', three]) },
  compare: {
    summary,
    convolutions: compare('conv'),
    gemm: compare('gemm'),
    mlp: compare('mlp'),
    cnn: compare('cnn'),
    inference: compare('vgg-small x'),
    training: compare('vgg-small training'),
  },
};

/** Where figures come from: a line for the bottom of a table. */
function provenance({ command, date, machine, versions = {}, note }) {
  const { node, v8, os, cpu, cores, load } = machine;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const on = [
    node === undefined ? undefined : `Node ${node} (V8 ${v8})`,
    `${cpu}, ${cores} cores`,
    os,
    load === undefined ? undefined : `load ${load}`,
  ];
  return [`\`${command}\`, ${date}`, on.filter((part) => part !== undefined).join(', '), packages.join(', '), note]
    .filter((part) => part !== undefined && part !== '')
    .map((part, i) => (i === 0 ? part : `${part[0].toUpperCase()}${part.slice(1)}`))
    .join('. ')
    .concat('.');
}

/** The text for a marker: `read(file)` gives the parsed results file. */
export function table(marker, read) {
  const [file, view = ''] = marker.split('/');
  if (view === 'machine') return provenance(read(file));
  const prefix = Object.keys(VIEWS)
    .filter((start) => file === start || file.startsWith(`${start}-`))
    .sort((a, b) => b.length - a.length)[0];
  const views = VIEWS[prefix] ?? {};
  if (!Object.hasOwn(views, view)) {
    const known = Object.entries(VIEWS).flatMap(([start, all]) =>
      Object.keys(all).map((name) => (name ? `${start}…/${name}` : `${start}…`)),
    );
    throw new Error(`bench:${marker}: no such table, expected one of ${known.join(', ')}, or FILE/machine`);
  }
  return views[view](read(file));
}
