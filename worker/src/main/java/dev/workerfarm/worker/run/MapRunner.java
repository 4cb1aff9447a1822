package dev.workerfarm.worker.run;

import dev.workerfarm.task.TaskType;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.WrongArgumentsException;
import dev.workerfarm.wire.task.ChunkPart;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.commit.GuardedCalls;
import dev.workerfarm.worker.commit.RedisAway;
import dev.workerfarm.worker.crash.Turn;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.run.cut.Cuts;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Runs task messages, none revoked: of one call, chunks ({@link MapChunk}), Celery's maps ({@link CeleryMap}). */
public record MapRunner(
        TaskRunner runner,
        Revocations revocations,
        Committer committer,
        Cancellation cancellation,
        LongSupplier largestMessage,
        Cuts cuts,
        Clock clock) {
    /**
     * Runs any task message, one call or many, in its turn, if its time has come.
     *
     * @throws Suspended if the task uses shared state and Redis is away: the message is to be run again by {@link #resume}
     */
    public Execution run(TaskMessage message, Turn turn, Overdue overdue) {
        return run(message, turn, overdue, null);
    }

    /** As {@link #run}, with what an earlier run of the delivery has come to: what has ended then does not run again. */
    public Execution resume(TaskMessage message, Turn turn, Overdue overdue, Suspended earlier) {
        return run(message, turn, overdue, earlier);
    }

    private Execution run(TaskMessage message, Turn turn, Overdue overdue, @Nullable Suspended earlier) {
        var run = new MessageRun(this, message, taskOf(message), turn, overdue, earlier);
        try {
            var execution = execute(run);
            turn.called();
            return execution;
        } catch (RedisAway e) {
            throw new Suspended(e.calls());
        } finally {
            run.end();
        }
    }

    /** The name of the task that a message is about, which is not its own where it carries many calls. */
    private static String taskOf(TaskMessage message) {
        var inner = switch (message.task()) {
            case MapChunk.TASK -> message.kwargs().get("task");
            case CeleryMap.MAP, CeleryMap.STARMAP -> CeleryMap.taskOf(message);
            default -> null;
        };
        return inner instanceof String name ? name : message.task();
    }

    private Execution execute(MessageRun run) {
        var message = run.message();
        var revoked = revocations.contains(message.id());
        var eta = message.eta();
        var now = clock.instant();
        if (eta != null && eta.isAfter(now) && !revoked && !message.isExpired(now)) {
            return Execution.of(new Outcome.Postponed(eta, message.retries(), null));
        }
        if (run.usesSharedState() && committer.watch().isAway()) {
            throw run.earlier() == null ? new Suspended(null) : run.earlier();
        }
        if (run.begun() == null) {
            runner.taken(run.task(), message);
        }
        // A task with shared state asks its ledger first: what it has committed before is too late to be revoked.
        if (revoked && !run.usesSharedState()) {
            return Execution.of(runner.revoked(run.task(), "revoked"));
        }
        try {
            return switch (message.task()) {
                case MapChunk.TASK -> chunk(run, MapChunk.from(message.kwargs()));
                case CeleryMap.MAP, CeleryMap.STARMAP -> CeleryMap.of(run).execute();
                default -> one(run);
            };
        } catch (WrongArgumentsException e) {
            return TaskRunner.wrongArguments(e);
        }
    }

    private Execution one(MessageRun run) {
        run.begin(new OneCall(run), true);
        if (!run.usesSharedState()) {
            return Execution.of(run.run(0, null));
        }
        var guarded = run.guarded(1);
        guarded.run(
                0,
                shared -> revocations.contains(run.message().id())
                        ? runner.revoked(run.task(), "revoked")
                        : run.run(0, shared));
        return run.committed(guarded.finish().get(0));
    }

    private record OneCall(MessageRun run) implements CarriedCalls {
        @Override
        public String id(int place) {
            return run.message().id();
        }

        @Override
        public boolean isOf(String anId) {
            return run.message().id().equals(anId);
        }

        @Override
        public <A> A arguments(TaskType<A, ?> type, int place) {
            return Arguments.bind(type, run.message().args(), run.message().kwargs());
        }

        @Override
        public void over(int place, Outcome outcome) {
            run.settle(0, () -> run.lookUp(1), outcome, first -> run.overdue().settle(run.committed(first)));
        }
    }

    private Execution chunk(MessageRun run, MapChunk chunk) {
        if (!runner.knows(run.task())) {
            return runner.notRegistered(run.task()); // all its items at once: the message goes to the dead letters
        }
        return new ChunkRun(this, run, chunk).execute();
    }

    /** The delivery that a message came by, for what happens to it while it runs. Any thread may use it. */
    public interface Overdue {
        /** A call is overdue: the message has this outcome. Waits until it is on its way to be acked. */
        void settle(Execution execution);

        /**
         * As {@link #settle}: another process runs the other calls of the chunk.
         *
         * @param rest the part of the chunk that is not elsewhere; null: all that the message has
         * @param fallback its outcome where it cannot be published again
         */
        void runAgainWithout(int item, @Nullable ChunkPart rest, Execution fallback);

        /** Whether it was delivered before. */
        boolean isRedelivered();

        /** The queue that it came from. */
        String queue();

        /** Publishes a part of the chunk to that queue, without waiting; completes when the broker has it. */
        CompletableFuture<Void> publish(ChunkPart part);
    }

    /** Redis is away, so a message's run has stopped: {@link #resume} goes on with it. No attempt is spent. */
    public static final class Suspended extends RuntimeException {
        final transient @Nullable GuardedCalls calls;
        /** Of a chunk: the items from this place on are elsewhere, as it was cut. */
        final int end;

        Suspended(@Nullable GuardedCalls calls, int end) {
            super("Redis is away");
            this.calls = calls;
            this.end = end;
        }

        /** Nothing is elsewhere. */
        Suspended(@Nullable GuardedCalls calls) {
            this(calls, Integer.MAX_VALUE);
        }

        /** Whether a call has ended whose outcome is not committed: it is not to be lost. */
        public boolean holdsOutcomes() {
            return calls != null && calls.holdsOutcomes();
        }
    }
}
