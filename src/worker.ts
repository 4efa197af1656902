/** The module of a worker thread: one engine, one task after another. */
import { workerData } from 'node:worker_threads';
import { createEngine } from './deflate/create-engine.js';
import { taskFunctions } from './task-functions.js';
import { serve } from './threads/serve.js';
import type { WorkerSettings } from './work.js';

const { engine, recentLength }: WorkerSettings = workerData;

export default serve(taskFunctions(createEngine(engine), recentLength));
