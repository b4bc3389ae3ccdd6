import type { Config, OptimizerConfig } from '../config/config.js';
import type { WordVectors } from '../data/sentence.js';
import { NumericsError } from '../errors.js';
import type { ModelContents } from '../io/model-contents.js';
import { Network } from '../model/network.js';
import { packBatch } from '../model/pack-batch.js';
import { readTensor } from '../model/parameters.js';
import { INITIAL_PHASE, type RandomKey, REINITIAL_PHASE } from '../model/random-streams.js';
import { WORD_TABLE_NAME } from '../model/word-table.js';
import type { Runtime } from '../runtime/runtime.js';
import { planEpoch } from './batch-order.js';
import { Evaluation, trainingCapacity } from './evaluation.js';
import type { Phase, Scores, TrainEvent } from './events.js';
import { initialise } from './initialise.js';
import { type MaskGroup, Optimizer } from './optimizer.js';
import type { Pauses } from './pauses.js';
import {
  hasSubnets,
  isPruned,
  keepSchedule,
  type NetworkPlan,
  type PlannedPhase,
  plannedSteps,
  planPhases,
  stepsPerEpoch,
} from './phases.js';
import { RandomWords } from './random-words.js';
import {
  type Best,
  type Candidate,
  checkRunState,
  type LossSum,
  type RunPosition,
  type RunState,
  type StateSizes,
  type Weights,
} from './run-state.js';
import { learningRate } from './schedule.js';
import { controlMasks, controlWords, masksOfModel } from './subnet-masks.js';
import { headShape, type TaskData, type TrainingData, trainSentences } from './task-data.js';
import { TaskMasks } from './task-masks.js';
import { tensorMasks } from './tensor-masks.js';
import { digestWeights, type WeightDigests } from './weight-digests.js';

/** Counters over a whole run, networks of `single` sharing together. */
export interface Progress {
  steps: number;
  tokens: number;
  readonly totalSteps: number;
}

export interface RunHooks {
  readonly signal: AbortSignal | undefined;
  readonly progress: Progress;
  /** Whether a checkpoint follows a step; none: one follows each epoch. */
  readonly checkpointAfter: ((step: number) => boolean) | undefined;
  readonly digestsAfter: ((step: number) => boolean) | undefined;
  /** Whether the masks of a task are told when they change. */
  readonly masks: boolean;
  /** The state of the whole run. */
  checkpoint(): TrainEvent;
  readonly pauses: Pauses;
}

/**
 * Trains one network on its tasks: warm-up, pruning rounds per task and joint training of the subnets, or joint (or
 * single) dense training. The same code with masks that keep all.
 */
export class NetworkRun {
  readonly network: Network;
  readonly masks: TaskMasks;
  readonly phases: readonly PlannedPhase[];
  readonly keepCounts: readonly number[];
  #position = startOf(0);
  /** Where rounds begin, if that is the end of the warm-up; initial values are computed again. */
  #warm: Weights | null = null;
  #best: Weights | null = null;
  #candidates: Candidate[] = [];
  #result: Best | null = null;
  #groups: readonly MaskGroup[] = [];
  readonly #optimizer: Optimizer;
  readonly #random: RandomWords;
  readonly #tasks: readonly TaskData[];
  readonly #evaluation: Evaluation;
  readonly #groupMasks: readonly number[];
  readonly #given: readonly Uint32Array[] | null;

  constructor(
    private readonly runtime: Runtime,
    private readonly config: Config,
    private readonly data: TrainingData,
    private readonly vectors: WordVectors | null,
    /** Model whose masks are taken instead of pruning. */
    subnets: ModelContents | null,
    plan: NetworkPlan,
  ) {
    this.#tasks = plan.heads.map((index) => data.tasks[index]!);
    this.network = new Network(
      runtime,
      {
        model: config.model,
        words: data.words.vocabulary.size,
        characters: data.characters.size,
        tasks: this.#tasks.map((task) => headShape(task, config.model)),
      },
      true,
    );
    this.keepCounts = isPruned(config) ? keepSchedule(config.prune, this.network.table.prunableCount) : [];
    this.phases = planPhases(config, plan, this.keepCounts);
    this.masks = new TaskMasks(runtime, this.network, hasSubnets(config));
    const optimizers = this.phases.map(({ optimizer }) => optimizer);
    this.#optimizer = new Optimizer(runtime, this.network, optimizers, Math.max(...this.phases.map((phase) => this.#plannedSteps(phase))));
    this.#random = new RandomWords(
      runtime,
      Math.max(
        Math.max(...this.#tasks.map((task) => task.train.length), 64) + this.#stepsPerEpoch(plan.heads),
        controlWords(this.network.table, config.subnets),
      ),
    );
    // Without masks there is one group, and it needs no mask of its own.
    const isMasked = hasSubnets(config) || config.train.sharing === 'hierarchical';
    const hasGroups = isMasked && optimizers.some(({ type }) => type === 'adam');
    const groupCount = hasGroups ? (1 << plan.heads.length) - 1 : 0;
    this.#groupMasks = Array.from({ length: groupCount }, (_, i) => runtime.arena.allocateWords(`mask group ${i}`, this.masks.words));
    const capacity = trainingCapacity(this.#tasks, data.types, config.train.batchSize);
    this.#evaluation = new Evaluation(this.network, this.masks, this.#tasks, data.types, capacity);
    this.network.plan(this.#evaluation.capacity);
    this.#initialise(INITIAL_PHASE);
    if (config.train.sharing === 'hierarchical') {
      this.#tasks.forEach(({ config: { layer } }, local) => {
        if (layer !== 'top' && layer < config.model.layers) this.masks.set(local, this.masks.keptUpTo(layer));
      });
    }
    const names = this.#tasks.map((task) => task.config.name);
    this.#given = subnets && masksOfModel(subnets, this.network.table, names);
  }

  /** Index of a task within this network. */
  local(task: number): number {
    return this.#tasks.findIndex(({ index }) => index === task);
  }

  #stepsPerEpoch(tasks: readonly number[]): number {
    return stepsPerEpoch(tasks, trainSentences(this.data), this.config.train.batchSize);
  }

  #plannedSteps(planned: PlannedPhase): number {
    return plannedSteps(planned, trainSentences(this.data), this.config.train.batchSize);
  }

  /** Trains, from where the run stands. It then stands at the end of its last phase. */
  async *run(hooks: RunHooks): AsyncGenerator<TrainEvent> {
    for (;;) {
      const planned = this.phases[this.#position.phase]!;
      if (this.#position.epoch < 0) this.#beginPhase(planned);
      yield {
        type: 'phase',
        phase: planned.phase,
        epochs: planned.steps > 0 ? Math.ceil(planned.steps / this.#stepsPerEpoch(planned.tasks)) : planned.epochs,
        stepsPerEpoch: this.#stepsPerEpoch(planned.tasks),
        kept: this.#keptNow(planned),
      };
      yield* this.#trainPhase(planned, hooks);
      yield* this.#finishPhase(planned);
      if (hooks.masks && planned.phase.name === 'prune') yield this.#masksOf(planned.tasks[0]!);
      if (this.#position.phase === this.phases.length - 1) return;
      this.#position = startOf(this.#position.phase + 1);
      this.#best = null;
    }
  }

  #keptNow({ tasks }: PlannedPhase): number {
    return Math.max(...tasks.map((task) => this.masks.kept(this.local(task))));
  }

  #beginPhase({ phase, tasks, optimizer, ordinal }: PlannedPhase): void {
    const local = tasks.map((task) => this.local(task));
    if (phase.name === 'train' && hasSubnets(this.config)) this.#setSubnets(ordinal);
    if (phase.name !== 'warmup') {
      this.#rewind(phase.name === 'train');
      this.masks.applyUnion(local);
    }
    this.#groups = this.#groupsOf(local, optimizer);
    this.#optimizer.begin(optimizer);
    this.#position.epoch = 0;
    this.#position.losses = noLosses(tasks);
  }

  /** Gives each task the subnet that it is trained under: its own, or the control that the config asks for. */
  #setSubnets(phase: number): void {
    const { masks } = this.config.subnets;
    if (!this.#given && masks === 'own') return;
    const found = this.#given ?? this.#tasks.map((_, local) => this.masks.get(local) ?? this.masks.allKept());
    const { table } = this.network;
    controlMasks(found, masks, table, this.#random, { seed: this.config.seed, phase }).forEach((bits, local) => {
      this.masks.set(local, bits);
    });
  }

  /** Puts the weights back to where a round or the training of the subnets begins. */
  #rewind(subnets: boolean): void {
    if (subnets && this.config.subnets.weights === 'reinitialised') this.#initialise(REINITIAL_PHASE);
    else if (this.#warm) this.#putWeights(this.#warm);
    else this.#initialise(INITIAL_PHASE);
  }

  #initialise(phase: number): void {
    initialise(this.runtime, this.network, this.data.words, this.vectors, { seed: this.config.seed, phase });
  }

  /** The task sets that the masks divide the weights into; only Adam asks for them. */
  #groupsOf(local: readonly number[], { type }: OptimizerConfig): readonly MaskGroup[] {
    return type === 'adam' ? this.masks.groups(local, (index) => this.#groupMasks[index]!) : [];
  }

  async *#trainPhase(planned: PlannedPhase, hooks: RunHooks): AsyncGenerator<TrainEvent> {
    const { phase, tasks, patience } = planned;
    const budget = this.#plannedSteps(planned);
    const position = this.#position;
    while (position.epochSteps > 0 || (position.phaseSteps < budget && !(patience > 0 && position.sinceBest >= patience))) {
      const epoch = position.epoch + 1;
      const rate = learningRate(planned.optimizer, epoch);
      yield* this.#trainEpoch(planned, epoch, rate, budget, hooks);
      this.#settle();
      // A warm-up is not selected on dev; its last state counts, so only that is scored.
      const scored = phase.name !== 'warmup' || position.phaseSteps >= budget;
      const dev = scored ? await this.#evaluation.score(tasks, 'dev', hooks.pauses) : [];
      const losses = tasks.map((task, t) => {
        const { sum, steps } = position.losses[t]!;
        return { task: this.config.tasks[task]!.name, score: sum / Math.max(1, steps) };
      });
      position.epoch = epoch;
      position.epochSteps = 0;
      position.losses = noLosses(tasks);
      const best = scored && this.#keepBest(epoch, dev);
      yield { type: 'epoch', phase, epoch, rate, losses, dev, best };
      if (!hooks.checkpointAfter) yield hooks.checkpoint();
    }
  }

  /** The steps of an epoch that are not done yet. @param budget steps of the phase */
  async *#trainEpoch(
    { phase, tasks, ordinal }: PlannedPhase,
    epoch: number,
    rate: number,
    budget: number,
    hooks: RunHooks,
  ): AsyncGenerator<TrainEvent> {
    const key: RandomKey = { seed: this.config.seed, phase: ordinal };
    const taking = this.#tasks.filter(({ index }) => tasks.includes(index));
    const { momentumMode } = this.config.train;
    const { progress } = hooks;
    const position = this.#position;
    const steps = planEpoch(this.#random, key, epoch, taking, this.config.train);
    for (const planned of steps.slice(position.epochSteps, position.epochSteps + budget - position.phaseSteps)) {
      hooks.signal?.throwIfAborted();
      const local = this.local(planned.task);
      const task = this.#tasks[local]!;
      const batch = packBatch(
        Array.from(planned.sentences, (i) => task.train[i]!),
        this.data.types,
      );
      const mask = this.masks.pointer(local);
      this.network.prepare(mask, [local], true);
      this.#optimizer.refresh(batch);
      // Until the optimiser steps, nothing has changed that counts: a step may be left, and computed again from its beginning.
      const pass = await hooks.pauses.run(this.network.encodeInParts(batch, { ...key, step: position.phaseSteps }));
      const loss = await hooks.pauses.run(this.network.backwardInParts(pass, local));
      this.#optimizer.step(local, mask, this.#groups, rate, momentumMode);
      const sums = position.losses[tasks.indexOf(planned.task)]!;
      sums.sum += loss;
      sums.steps += 1;
      position.epochSteps += 1;
      position.phaseSteps += 1;
      progress.steps += 1;
      progress.tokens += batch.tokens;
      const { steps: step, totalSteps } = progress;
      yield { type: 'step', phase, epoch, task: task.config.name, step, totalSteps, loss, tokens: batch.tokens };
      if (hooks.digestsAfter?.(step)) yield { type: 'digests', step, tensors: this.#digests() };
      if (hooks.checkpointAfter?.(step)) yield hooks.checkpoint();
      await hooks.pauses.afterStep();
    }
  }

  /** Remembers the weights when the mean dev score is the best so far; ties keep the earlier epoch. */
  #keepBest(epoch: number, scores: Scores): boolean {
    const mean = scores.reduce((sum, { score }) => sum + score, 0) / scores.length;
    const position = this.#position;
    if (position.best && mean <= position.best.mean) {
      position.sinceBest += 1;
      return false;
    }
    position.best = { epoch, mean, scores };
    position.sinceBest = 0;
    this.#best = this.weights();
    return true;
  }

  *#finishPhase({ phase, tasks }: PlannedPhase): Generator<TrainEvent> {
    if (phase.name === 'warmup') {
      if (this.config.prune.rewind === 'warmup') this.#warm = this.weights();
      return;
    }
    if (this.#best) this.#putWeights(this.#best);
    if (phase.name === 'prune') yield* this.#finishRound(phase, tasks[0]!);
    else this.#result = this.#position.best;
  }

  *#finishRound({ round }: Phase, task: number): Generator<TrainEvent> {
    const local = this.local(task);
    const { name } = this.config.tasks[task]!;
    const dev = this.#position.best!.mean;
    const { select } = this.config.prune;
    if (round > 0) this.#candidates.push({ task, round, kept: this.masks.kept(local), dev, mask: this.masks.get(local)! });
    yield { type: 'round', task: name, round, kept: this.masks.kept(local), dev };
    const next = round + 1;
    if (next <= this.keepCounts.length && (select === 'dev' || next <= select)) {
      this.masks.prune(local, this.keepCounts[round]!);
      if (select !== next) return;
      this.#candidates.push({ task, round: next, kept: this.masks.kept(local), dev: null, mask: this.masks.get(local)! });
    }
    const chosen = this.#choose(task);
    this.masks.set(local, chosen.mask);
    yield { type: 'subnet', task: name, round: chosen.round, kept: chosen.kept, dev: chosen.dev };
  }

  /** The subnets that `#finishRound` notes at the end of a phase. */
  #finds({ phase: { name, round }, tasks }: PlannedPhase): { task: number; round: number }[] {
    if (name !== 'prune') return [];
    const rounds = this.config.prune.select === round + 1 ? [round, round + 1] : [round];
    return rounds.filter((found) => found > 0).map((found) => ({ task: tasks[0]!, round: found }));
  }

  /** The masks of a task as they are now, with the shapes of what they cut. */
  #masksOf(task: number): TrainEvent {
    const { name } = this.config.tasks[task]!;
    const { table } = this.network;
    const masks = tensorMasks(table, name, this.masks.get(this.local(task)) ?? this.masks.allKept());
    const tensors = table.parameters.slice(0, masks.length).map(({ name, shape }) => ({ name, shape }));
    return { type: 'masks', task: name, tensors, masks };
  }

  /** The fixed round, or the round with the best dev score; ties go to the sparser subnet. */
  #choose(task: number): Candidate {
    const own = this.#candidates.filter((candidate) => candidate.task === task);
    const { select } = this.config.prune;
    if (select !== 'dev') return own.find(({ round }) => round === select)!;
    return own.reduce((best, candidate) => (candidate.dev! >= best.dev! ? candidate : best));
  }

  /** The subnet that each task was given, by config index; none where nothing is pruned. */
  chosen(task: number): Candidate | null {
    return this.keepCounts.length > 0 ? this.#choose(task) : null;
  }

  /** Best epoch of the final training with its dev scores. */
  get result(): Best {
    if (!this.#result) throw new Error('the final training has not ended');
    return this.#result;
  }

  /** Test scores of tasks; called once, at the end. */
  test(tasks: readonly number[], pauses: Pauses): Promise<Scores> {
    return this.#evaluation.score(tasks, 'test', pauses);
  }

  /** Brings all weights up to date, and sees that they are finite. */
  #settle(): void {
    this.#optimizer.settle();
    const { kernels } = this.runtime;
    const { table, parameters, words } = this.network;
    if (kernels.firstNonFinite(parameters, table.size) >= 0 || kernels.firstNonFinite(words.values, words.rows * words.dimension) >= 0) {
      throw new NumericsError(
        'NOT_FINITE_WEIGHT',
        `a weight is not finite after step ${this.#position.phaseSteps} of its phase; lower the learning rate or clip the gradients`,
      );
    }
  }

  #digests(): WeightDigests[] {
    this.#settle();
    const { parameters, words } = this.#views();
    const { table } = this.network;
    const tensors = table.parameters.map((parameter) => digestWeights(parameter.name, readTensor(parameters, parameter)));
    return [...tensors, digestWeights(WORD_TABLE_NAME, words)];
  }

  /** The present weights, copied. */
  weights(): Weights {
    const { parameters, words } = this.#views();
    return { parameters: parameters.slice(), words: words.slice() };
  }

  /** The present weights, where they are. */
  #views(): Weights {
    const { arena } = this.runtime;
    const { table, parameters, words } = this.network;
    return { parameters: arena.f32(parameters, table.size), words: arena.f32(words.values, words.rows * words.dimension) };
  }

  #putWeights({ parameters, words }: Weights): void {
    const present = this.#views();
    present.parameters.set(parameters);
    present.words.set(words);
  }

  /** The state between two steps; valid until the run goes on, for weights are not copied. */
  save(): RunState {
    this.#settle();
    return {
      position: this.#position,
      optimizer: this.#optimizer.save(),
      current: this.#views(),
      warm: this.#warm,
      best: this.#best,
      masks: this.#tasks.map((_, local) => this.masks.get(local)),
      candidates: this.#candidates,
    };
  }

  /**
   * Continues from a state of `save`, of which nothing is kept.
   * @throws {ModelFileError} CHECKPOINT_STATE
   */
  restore(state: RunState): void {
    checkRunState(state, this.#stateSizes());
    const copy = (weights: Weights | null) => weights && { parameters: weights.parameters.slice(), words: weights.words.slice() };
    this.#position = { ...state.position };
    this.#warm = copy(state.warm);
    this.#best = copy(state.best);
    this.#candidates = state.candidates.map((candidate) => ({ ...candidate, mask: candidate.mask.slice() }));
    state.masks.forEach((bits, local) => {
      this.masks.set(local, bits);
    });
    this.#putWeights(state.current);
    const planned = this.phases[this.#position.phase]!;
    const local = planned.tasks.map((task) => this.local(task));
    this.#groups = this.#groupsOf(local, planned.optimizer);
    this.#optimizer.restore(planned.optimizer, state.optimizer);
  }

  #stateSizes(): StateSizes {
    const { parameters, words } = this.#views();
    return {
      parameters: parameters.length,
      words: words.length,
      optimizerPlanes: this.#optimizer.planeSizes,
      maskWords: this.masks.words,
      heads: this.#tasks.length,
      phases: this.phases.map((planned) => ({
        tasks: planned.tasks.map((task) => this.config.tasks[task]!.name),
        steps: this.#plannedSteps(planned),
        finds: this.#finds(planned),
        isScored: planned.phase.name !== 'warmup',
      })),
    };
  }
}

/** Before the first step of a phase, and before its preparation. */
function startOf(phase: number): RunPosition {
  return { phase, epoch: -1, phaseSteps: 0, epochSteps: 0, losses: [], best: null, sinceBest: 0 };
}

function noLosses(tasks: readonly number[]): LossSum[] {
  return tasks.map(() => ({ sum: 0, steps: 0 }));
}
