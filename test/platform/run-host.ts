/**
 * One host from its program to its row.
 *
 * @module
 */
import type { App } from './app.js';
import type { FullReport } from './apps/smoke.js';
import { type Host, versionOf } from './hosts/host.js';
import { type Expected, failed, judge, type Row } from './judge.js';
import type { FirstReport } from './speed.js';

/** Never rejects: what goes wrong is a row that failed, a missing program as well. `processes`: those that time the first prediction. */
export async function runHost(host: Host, app: App, expected: Expected, processes: number): Promise<Row> {
  let version: string | undefined;
  try {
    version = versionOf(host.executable());
    if (host.pinned !== undefined && version !== host.pinned)
      throw new Error(`got version ${version}, expected ${host.pinned}; npm run hosts:install puts it there`);
    const firsts: FirstReport[] = [];
    for (let i = 0; i < processes; i++) firsts.push((await host.run(app, 'first')) as FirstReport);
    return judge(host, version, firsts, (await host.run(app, 'smoke')) as FullReport, expected);
  } catch (error) {
    return failed(host, error, version);
  }
}
