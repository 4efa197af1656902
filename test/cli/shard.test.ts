/** `pzip --shard`: given, or found in the variables of a CI system. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { shardFromEnvironment } from '../../dist/cli/shard.js';
import { runProcess } from '../helpers/run-process.js';
import { makeTree } from '../helpers/trees.js';
import { pzip, pzipFails } from './command.js';

const FOUND: readonly (readonly [NodeJS.ProcessEnv, number | undefined, string])[] = [
  [{ CI_NODE_INDEX: '3', CI_NODE_TOTAL: '8' }, undefined, '3/8 CI_NODE_INDEX=3 CI_NODE_TOTAL=8 (GitLab)'],
  [{ CIRCLE_NODE_INDEX: '0', CIRCLE_NODE_TOTAL: '4' }, 4, '1/4 CIRCLE_NODE_INDEX=0 CIRCLE_NODE_TOTAL=4 (CircleCI)'],
  [
    { BUILDKITE_PARALLEL_JOB: '1', BUILDKITE_PARALLEL_JOB_COUNT: '2' },
    undefined,
    '2/2 BUILDKITE_PARALLEL_JOB=1 BUILDKITE_PARALLEL_JOB_COUNT=2 (Buildkite)',
  ],
  [
    { BITBUCKET_PARALLEL_STEP: '0', BITBUCKET_PARALLEL_STEP_COUNT: '1' },
    undefined,
    '1/1 BITBUCKET_PARALLEL_STEP=0 BITBUCKET_PARALLEL_STEP_COUNT=1 (Bitbucket)',
  ],
  [
    { SEMAPHORE_JOB_INDEX: '2', SEMAPHORE_JOB_COUNT: '2' },
    undefined,
    '2/2 SEMAPHORE_JOB_INDEX=2 SEMAPHORE_JOB_COUNT=2 (Semaphore)',
  ],
  [
    { SYSTEM_JOBPOSITIONINPHASE: '1', SYSTEM_TOTALJOBSINPHASE: '5' },
    undefined,
    '1/5 SYSTEM_JOBPOSITIONINPHASE=1 SYSTEM_TOTALJOBSINPHASE=5 (Azure Pipelines)',
  ],
  [{ JOB_COMPLETION_INDEX: '6' }, 7, '7/7 JOB_COMPLETION_INDEX=6 (a Kubernetes indexed Job)'],
  [
    { JOB_COMPLETION_INDEX: '0', PZIP_SHARD_COUNT: '3' },
    undefined,
    '1/3 JOB_COMPLETION_INDEX=0 PZIP_SHARD_COUNT=3 (a Kubernetes indexed Job)',
  ],
  [
    { AWS_BATCH_JOB_ARRAY_INDEX: '9', AWS_BATCH_JOB_ARRAY_SIZE: '10' },
    undefined,
    '10/10 AWS_BATCH_JOB_ARRAY_INDEX=9 AWS_BATCH_JOB_ARRAY_SIZE=10 (AWS Batch)',
  ],
  [
    {
      SLURM_ARRAY_TASK_ID: '14',
      SLURM_ARRAY_TASK_COUNT: '3',
      SLURM_ARRAY_TASK_MIN: '10',
      SLURM_ARRAY_TASK_MAX: '14',
      SLURM_ARRAY_TASK_STEP: '2',
    },
    undefined,
    '3/3 SLURM_ARRAY_TASK_ID=14 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_MAX=14 (Slurm)',
  ],
  [
    { CLOUD_RUN_TASK_INDEX: '0', CLOUD_RUN_TASK_COUNT: '2' },
    undefined,
    '1/2 CLOUD_RUN_TASK_INDEX=0 CLOUD_RUN_TASK_COUNT=2 (Cloud Run)',
  ],
];

for (const [variables, count, expected] of FOUND) {
  test(`--shard auto reads ${Object.keys(variables).join(', ')}`, () => {
    const { index, count: total, origin } = shardFromEnvironment(count, variables);
    assert.equal(`${index}/${total} ${origin}`, expected);
  });
}

const REFUSED: readonly (readonly [string, NodeJS.ProcessEnv, number | undefined, RegExp])[] = [
  ['none of the variables', { CI_NODE_TOTAL: '1' }, undefined, /CI_NODE_INDEX, CIRCLE_NODE_INDEX.*use --shard I\/N/],
  [
    'those of two systems',
    { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '2', JOB_COMPLETION_INDEX: '0' },
    undefined,
    /CI_NODE_INDEX \(GitLab\) and JOB_COMPLETION_INDEX/,
  ],
  ['an index without a number of machines', { JOB_COMPLETION_INDEX: '0' }, undefined, /auto\/N/],
  ['an index that is too large', { JOB_COMPLETION_INDEX: '3' }, 3, /no machine of 3/],
  ['an index of 0 where 1 is the first', { CI_NODE_INDEX: '0', CI_NODE_TOTAL: '3' }, undefined, /1 to 3/],
  ['another number of machines', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '3' }, 4, /there are 3 machines/],
  ['text', { CI_NODE_INDEX: '1; rm', CI_NODE_TOTAL: '3' }, undefined, /CI_NODE_INDEX is '1; rm'/],
  ['a number of digits without end', { CI_NODE_INDEX: '1'.repeat(99), CI_NODE_TOTAL: '3' }, undefined, /^.{1,150}$/],
  ['more machines than parts can have', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '100001' }, undefined, /1 to 100000/],
  [
    'an array with gaps',
    {
      SLURM_ARRAY_TASK_ID: '5',
      SLURM_ARRAY_TASK_COUNT: '3',
      SLURM_ARRAY_TASK_MIN: '1',
      SLURM_ARRAY_TASK_MAX: '7',
      SLURM_ARRAY_TASK_STEP: '1',
    },
    undefined,
    /not a range/,
  ],
];

for (const [what, variables, count, message] of REFUSED) {
  test(`--shard auto rejects ${what}`, () => {
    assert.throws(() => shardFromEnvironment(count, variables), { message });
  });
}

test('parts of the command merge to the bytes of one command', async (t) => {
  const cwd = makeTree(t, { 'in/a': 'x'.repeat(10_000), 'in/b': 'y', 'in/c/d': 'z'.repeat(20_000) });
  await pzip(cwd, ['-q', 'whole.zip', 'in']);
  await pzip(cwd, ['-q', '--shard', '1/2', 'part-1.zip', 'in']);
  const { stderr } = await pzip(cwd, ['--shard', 'auto', 'part-2.zip', 'in'], {
    env: { CI_NODE_INDEX: '2', CI_NODE_TOTAL: '2' },
  });
  assert.match(stderr, /part 2 of 2: CI_NODE_INDEX=2 CI_NODE_TOTAL=2 \(GitLab\)/);
  await pzipFails(cwd, ['merge', 'out.zip', 'part-2.zip'], 1, ['1/2']);
  await pzip(cwd, ['merge', '-q', 'out.zip', 'part-2.zip', 'part-1.zip']);
  assert.ok(readFileSync(join(cwd, 'out.zip')).equals(readFileSync(join(cwd, 'whole.zip'))));
});

test('an impossible part is rejected', async (t) => {
  const cwd = makeTree(t, { 'in/a': 'x' });
  for (const value of ['0/2', '3/2', '1', '1/0', '1/x', '-1/2', '1/100001', 'auto/0', 'auto/1/2', '']) {
    await pzipFails(cwd, [`--shard=${value}`, 'part.zip', 'in'], 2, ['--shard']);
  }
  await pzipFails(cwd, ['--shard', '1/2', '-', 'in'], 2, ['file']);
  await pzipFails(cwd, ['--shard', '1/2', 'part.zip', 'in', '-'], 2, ['standard input']);
});

test('merge --ranges prints what makes the archive, and writes the tail', async (t) => {
  const cwd = makeTree(t, { 'in/a': 'x'.repeat(10_000), 'in/b': 'y' });
  await pzip(cwd, ['-q', 'whole.zip', 'in']);
  for (const index of ['1', '2']) await pzip(cwd, ['-q', '--shard', `${index}/2`, `part-${index}.zip`, 'in']);
  const parts = ['part-1.zip', 'part-2.zip'];
  const args = ['merge', '--ranges', '--min-range', '0', '--tail', 'tail.bin', ...parts];
  const { format, version, size, ranges } = JSON.parse((await pzip(cwd, args)).stdout.toString());
  assert.deepEqual([format, version], ['pzip-ranges', 1]);
  const script = ranges.map((range: { source: string; from: number; to: number }) => {
    const { source, from, to } = range;
    return `dd if=${source} bs=1 skip=${from} count=${to - from} status=none`;
  });
  await runProcess('sh', ['-c', `{ ${script.join('; ')}; } > out.zip`], { cwd });
  const whole = readFileSync(join(cwd, 'whole.zip'));
  assert.equal(size, whole.length);
  assert.ok(readFileSync(join(cwd, 'out.zip')).equals(whole));
  await pzipFails(cwd, ['merge', '--ranges', ...parts], 2, ['--tail']);
  await pzipFails(cwd, ['merge', '--tail', 'tail.bin', ...parts], 2, ['--ranges']);
  await pzipFails(cwd, ['merge', '--ranges', '--tail', 'tail.bin', '-T', ...parts], 2, ['-T']);
  await pzipFails(cwd, ['merge', '--ranges', '--tail', 'tail.bin'], 2, ['name the parts']);
});

test('parts of a plan merge to the bytes of one command, whatever SOURCE_DATE_EPOCH a builder has', async (t) => {
  const cwd = makeTree(t, { 'in/a': 'x'.repeat(10_000), 'in/b': 'y'.repeat(10_000), 'in/c.map': 'z' });
  const options = ['-x', '*.map', '-9', '--reproducible'];
  await pzip(cwd, ['-q', ...options, 'whole.zip', 'in']);
  const { stderr } = await pzip(cwd, ['plan', '-o', 'plan.json', ...options, 'in']);
  assert.match(stderr, /^3 entries planned/);
  for (const index of ['1', '2']) {
    const args = ['-q', '--plan', 'plan.json', '--shard', `${index}/2`, `part-${index}.zip`];
    await pzip(cwd, args, { env: { SOURCE_DATE_EPOCH: '1' } });
  }
  await pzip(cwd, ['merge', '-q', 'out.zip', 'part-1.zip', 'part-2.zip']);
  assert.ok(readFileSync(join(cwd, 'out.zip')).equals(readFileSync(join(cwd, 'whole.zip'))));
  await pzipFails(cwd, ['plan', 'in'], 2, ['-o plan.json']);
  await pzipFails(cwd, ['plan', '-o', 'plan.json'], 2, ['no inputs for']);
  await pzipFails(cwd, ['--plan', 'plan.json', 'part.zip'], 2, ['--shard']);
  await pzipFails(cwd, ['--plan', 'plan.json', '--shard', '1/2', '-9', 'part.zip'], 2, ['level']);
});
