package dev.workerfarm.worker;

import dev.workerfarm.error.WrongArgumentsException;
import dev.workerfarm.message.Failure;
import dev.workerfarm.message.MapChunk;
import dev.workerfarm.message.MapChunkResult;
import dev.workerfarm.message.Outcome;
import dev.workerfarm.message.TaskMessage;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.worker.Execution.DeadReason;
import dev.workerfarm.worker.TaskRunner.Call;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs the messages that carry many calls: our own chunks ({@link MapChunk}), each item with an outcome of its own, and
 * Celery's {@code celery.map} and {@code celery.starmap}, which fail as a whole with their first item. What was revoked
 * is not run.
 */
final class MapRunner {
    private static final String CELERY_MAP = "celery.map";
    private static final String CELERY_STARMAP = "celery.starmap";
    /** A task may well answer more than it was given, and all answers are held until the last is there. */
    private static final int MOST_CELERY_ITEMS = 100_000;

    private final TaskRunner runner;
    private final Revocations revocations;
    private final Committer committer;
    private final Cancellation cancellation;
    private final Clock clock;

    MapRunner(TaskRunner runner, Revocations revocations, Committer committer, Cancellation cancellation, Clock clock) {
        this.runner = runner;
        this.revocations = revocations;
        this.committer = committer;
        this.cancellation = cancellation;
        this.clock = clock;
    }

    /**
     * Runs any task message, one call or many, in its turn, if its time has come.
     *
     * @param overdue settles the message where one of its calls outlasts its hard time limit
     */
    Execution run(TaskMessage message, Turn turn, Overdue overdue) {
        var execution = new Run(message, turn, overdue).execute();
        turn.called();
        return execution;
    }

    /** The name of the task that a message is about, which is not its own where it carries many calls. */
    private static String taskOf(TaskMessage message) {
        var inner = switch (message.task()) {
            case MapChunk.TASK -> message.kwargs().get("task");
            case CELERY_MAP, CELERY_STARMAP ->
                message.kwargs().get("task") instanceof Map<?, ?> signature ? signature.get("task") : null;
            default -> null;
        };
        return inner instanceof String name ? name : message.task();
    }

    /** One message on its way. */
    private final class Run {
        private final TaskMessage message;
        private final TaskRun identity;
        private final String about;
        private final Turn turn;
        private final Overdue overdue;
        private final TimeLimits limits;
        private final long start = System.nanoTime();

        Run(TaskMessage message, Turn turn, Overdue overdue) {
            this.message = message;
            this.identity = new TaskRun(message.id(), message.generation(), message.retries());
            this.about = taskOf(message);
            this.turn = turn;
            this.overdue = overdue;
            this.limits = message.timeLimits();
        }

        Execution execute() {
            var revoked = revocations.contains(message.id());
            var eta = message.eta();
            var now = clock.instant();
            if (eta != null && eta.isAfter(now) && !revoked && !message.isExpired(now)) {
                return Execution.of(new Outcome.Postponed(eta, message.retries(), null));
            }
            runner.taken(about, message);
            // A task with shared state asks its ledger first: what it has committed before is too late to be revoked.
            if (revoked && !usesSharedState()) {
                return runner.revoked(about);
            }
            try {
                return switch (message.task()) {
                    case MapChunk.TASK -> runChunk(MapChunk.from(message.kwargs()));
                    case CELERY_MAP, CELERY_STARMAP -> runCelery();
                    default -> runOne();
                };
            } catch (WrongArgumentsException e) {
                return TaskRunner.wrongArguments(e);
            }
        }

        private boolean usesSharedState() {
            return runner.usesSharedState(about);
        }

        private GuardedCalls guarded(int count) {
            return new GuardedCalls(committer, cancellation, identity, count);
        }

        /** What the message comes to, as it is committed where its task uses shared state. */
        private Execution committed(Outcome outcome) {
            return usesSharedState() ? Execution.committed(outcome, identity) : Execution.of(outcome);
        }

        private Execution runOne() {
            var call = Call.of(message);
            Consumer<Outcome> whenOver = outcome -> settle(0, 1, outcome, first -> overdue.comesTo(committed(first)));
            if (!usesSharedState()) {
                return Execution.of(run(0, call, null, true, whenOver));
            }
            var guarded = guarded(1);
            guarded.run(
                    0,
                    shared -> revocations.contains(call.id())
                            ? runner.revoked(call.task()).outcome()
                            : run(0, call, shared, true, whenOver));
            return committed(guarded.finish().get(0));
        }

        /**
         * A call's turn, unless it comes too late. One that has killed its process too often has none, and is given up.
         *
         * @param index which of the message's calls
         * @param alone whether it is the message's only one: what it comes to is what becomes of the message, so that it may
         *     be run again later
         * @param whenOver as {@link TaskRunner#run}'s
         */
        private Outcome run(
                int index, Call call, @Nullable SharedState shared, boolean alone, Consumer<Outcome> whenOver) {
            if (cancellation.isCancelled()) { // as one before it was given up: the message runs elsewhere
                return GuardedCalls.abandoned();
            }
            if (message.isExpired(clock.instant())) {
                return runner.expired(call.task());
            }
            var lost = turn.call(index);
            if (lost != null) {
                return Execution.dead(lost, DeadReason.WORKER_LOST).outcome();
            }
            var own = message.retry();
            Function<Throwable, Outcome> whenThrown = alone
                    ? new Retries(own == null ? runner.retry(call.task()) : own, message.retries(), clock)::after
                    : thrown -> new Outcome.Failed(Failure.of(thrown));
            return runner.run(call, shared, whenThrown, whenOver).outcome();
        }

        /**
         * Settles the message for a call that has outlasted its hard time limit: the outcome that was committed for it first
         * is the one that counts. Where the process gives up what runs the message goes back as it is.
         */
        private void settle(int index, int count, Outcome outcome, Consumer<Outcome> settle) {
            var first = usesSharedState() ? guarded(count).runNow(index, shared -> outcome) : outcome;
            if (first != null) {
                settle.accept(first);
            }
        }

        private Execution runChunk(MapChunk chunk) {
            if (!runner.knows(about)) {
                return TaskRunner.notRegistered(about); // all its items at once: the message goes to the dead letters
            }
            var count = chunk.items().size();
            var room = new FailureRoom();
            var timedOut = message.timedOut();
            if (!usesSharedState()) {
                List<Outcome> outcomes = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    outcomes.add(room.fit(runItem(chunk, i, timedOut, null)));
                }
                return chunk(outcomes);
            }
            var guarded = guarded(count);
            for (int i = 0; i < count; i++) {
                var index = i;
                guarded.run(index, shared -> room.fit(runItem(chunk, index, timedOut, shared)));
            }
            return chunk(guarded.finish());
        }

        /** A chunk of one is run again or given up as its item is; that of several has its items' outcomes. */
        private Execution chunk(List<Outcome> outcomes) {
            if (outcomes.size() == 1) {
                var sole = committed(outcomes.get(0));
                if (sole.isAboutItsMessage()) {
                    return sole;
                }
            }
            for (int i = 0; i < outcomes.size(); i++) {
                if (WorkerLost.is(outcomes.get(i))) { // also one given up in a run before, that died before its burial
                    turn.lostItem(i, ((Outcome.Failed) outcomes.get(i)).failure());
                }
            }
            return committed(new Outcome.Succeeded(new MapChunkResult(outcomes, System.nanoTime() - start).toJson()));
        }

        /** @param timedOut the items that have outlasted their hard time limit in another process */
        private Outcome runItem(MapChunk chunk, int index, Set<Integer> timedOut, @Nullable SharedState shared) {
            var id = chunk.itemId(index);
            if (revocations.contains(message.id()) || revocations.contains(chunk.mapId()) || revocations.contains(id)) {
                return runner.revoked(about).outcome();
            }
            var args = chunk.items().get(index);
            var call = new Call(about, id, message.retries(), args, Map.of(), limits);
            if (timedOut.contains(index)) {
                return runner.timedOut(call);
            }
            var count = chunk.items().size();
            Consumer<Outcome> whenOver = outcome -> settle(index, count, outcome, first -> {
                if (count == 1) {
                    overdue.comesTo(chunk(List.of(first)));
                } else {
                    overdue.runsAgainWithout(index, committed(first));
                }
            });
            return run(index, call, shared, count == 1, whenOver);
        }

        /** Celery's own shape: {@code task} is a signature, {@code it} the items; the result is a plain list. */
        private Execution runCelery() {
            if (!(message.kwargs().get("task") instanceof Map<?, ?> signature)
                    || !(signature.get("task") instanceof String)
                    || !(message.kwargs().get("it") instanceof List<?> items)) {
                throw new WrongArgumentsException(message.task() + "() wants task (a signature) and it (a list)");
            }
            if (items.size() > MOST_CELERY_ITEMS) {
                throw new WrongArgumentsException(message.task() + "() takes at most " + MOST_CELERY_ITEMS + " items");
            }
            if (message.task().equals(CELERY_STARMAP) && !items.stream().allMatch(List.class::isInstance)) {
                throw new WrongArgumentsException(CELERY_STARMAP + "() wants a list of argument lists");
            }
            if (usesSharedState()) {
                return committed(runCeleryGuarded(items));
            }
            List<@Nullable Object> values = new ArrayList<>(items.size());
            for (int i = 0; i < items.size(); i++) {
                var outcome = runCeleryItem(items, i, null);
                if (!(outcome instanceof Outcome.Succeeded succeeded)) {
                    return Execution.of(outcome);
                }
                values.add(succeeded.value());
            }
            return Execution.of(new Outcome.Succeeded(values));
        }

        /** Those behind a failed one are not run: they have no outcome, and no effects. */
        private Outcome runCeleryGuarded(List<?> items) {
            var guarded = guarded(items.size());
            for (int i = 0; i < items.size(); i++) {
                var index = i;
                var outcome = guarded.runNow(index, shared -> runCeleryItem(items, index, shared));
                if (!(outcome instanceof Outcome.Succeeded)) {
                    break;
                }
            }
            List<@Nullable Object> values = new ArrayList<>(items.size());
            for (var outcome : guarded.finish()) {
                if (!(outcome instanceof Outcome.Succeeded succeeded)) {
                    return outcome;
                }
                values.add(succeeded.value());
            }
            return new Outcome.Succeeded(values);
        }

        /** The call is made when its turn comes: all of them together would take more of the heap than the message. */
        private Outcome runCeleryItem(List<?> items, int index, @Nullable SharedState shared) {
            var item = items.get(index);
            List<Object> args = new ArrayList<>(1);
            if (message.task().equals(CELERY_STARMAP)) {
                args.addAll((List<?>) item);
            } else {
                args.add(item);
            }
            var id = message.id() + ":" + index;
            var call = new Call(about, id, message.retries(), args, Map.of(), limits);
            return run(index, call, shared, false, outcome -> settle(index, items.size(), outcome, this::failCelery));
        }

        /** Where the item has succeeded in a twin the message is not settled but goes back: it comes to more than that. */
        private void failCelery(Outcome item) {
            if (!(item instanceof Outcome.Succeeded)) {
                overdue.comesTo(committed(item));
            }
        }
    }
}
