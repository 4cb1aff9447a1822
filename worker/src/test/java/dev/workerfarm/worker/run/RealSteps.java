package dev.workerfarm.worker.run;

import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.redis.ledger.Journal;
import dev.workerfarm.redis.ledger.Ledger.Entry;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.OutcomeText;
import dev.workerfarm.wire.task.ChunkPart;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.Committer;
import dev.workerfarm.worker.commit.GuardedCalls;
import dev.workerfarm.worker.commit.MemoryLedger;
import dev.workerfarm.worker.crash.Turn;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.run.MapRunner.Overdue;
import dev.workerfarm.worker.run.MapRunner.Suspended;
import dev.workerfarm.worker.run.MessageRun.Retries;
import dev.workerfarm.worker.run.SettlingModel.Kind;
import dev.workerfarm.worker.run.SettlingModel.Outcome;
import dev.workerfarm.worker.run.cut.Cuts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the steps of {@link SettlingModel} come to, decided by the classes that decide it in a worker, on a ledger in memory.
 * Each question is asked once, as the model asks few of them very often. Belongs to one thread.
 */
final class RealSteps {
    private static final String ID = "id";
    private static final Journal.Reader ASKS = new Journal.Reader() {
        @Override
        public <T> T read(Supplier<T> question) {
            return question.get();
        }
    };

    /**
     * What a commit comes to.
     *
     * @param first the outcome that the worker goes on with
     * @param kept the outcome that the ledger has
     * @param effects how often the effects were applied by this commit
     */
    record Committed(Outcome first, Outcome kept, int effects) {}

    /** What a look into the ledger comes to: the task runs, its outcome is there already, or it was revoked before. */
    enum Look {
        RUNS,
        IS_KNOWN,
        IS_REVOKED
    }

    private final Map<List<Object>, Object> answers = new HashMap<>();
    private final Cancellation cancellation = new Cancellation();

    private <T> T once(List<Object> question, Class<T> type, Supplier<T> answer) {
        return type.cast(answers.computeIfAbsent(question, first -> answer.get()));
    }

    /**
     * A delivery's look into the ledger, by {@link MapRunner}.
     *
     * @param committed of this attempt, or {@link SettlingModel#NOTHING}
     */
    Look look(int attempt, Outcome committed, boolean revoked) {
        return once(List.of("look", attempt, committed, revoked), Look.class, () -> {
            var ledger = ledger(attempt, committed);
            var began = new AtomicBoolean();
            var execution = run(ledger, attempt, revoked, began);
            if (began.get()) {
                return Look.RUNS;
            }
            return committed.equals(SettlingModel.NOTHING) ? revokedIf(execution) : knownIf(execution, committed);
        });
    }

    private static Look revokedIf(Execution execution) {
        if (execution.outcome() instanceof dev.workerfarm.wire.Outcome.Failed failed
                && failed.failure().type().equals("TaskRevokedError")) {
            return Look.IS_REVOKED;
        }
        throw new IllegalStateException("neither run nor revoked: " + execution);
    }

    private static Look knownIf(Execution execution, Outcome committed) {
        if (model(execution.outcome()).equals(committed)) {
            return Look.IS_KNOWN;
        }
        throw new IllegalStateException("another than " + committed + ": " + execution);
    }

    /** Whether a run that reads while Redis is away has come to nothing, in the same attempt, by {@link MapRunner}. */
    boolean runsAgainAfterARead(int attempt) {
        return once(List.of("read", attempt), Boolean.class, () -> {
            var ledger = new MemoryLedger();
            var began = new AtomicBoolean();
            try {
                run(ledger, attempt, false, context -> {
                    began.set(true);
                    ledger.away(Integer.MAX_VALUE);
                    return context.shared().value("read").get();
                });
            } catch (Suspended e) {
                ledger.away(0);
                return began.get() && !e.holdsOutcomes() && ledger.find(new TaskRun(ID, 0, attempt)) == null;
            }
            throw new IllegalStateException("a read without Redis came to an outcome");
        });
    }

    private Execution run(MemoryLedger ledger, int attempt, boolean revoked, AtomicBoolean began) {
        return run(ledger, attempt, revoked, context -> {
            began.set(true);
            return 1L;
        });
    }

    private Execution run(MemoryLedger ledger, int attempt, boolean revoked, Function<TaskContext, Object> code) {
        var revocations = new Revocations();
        if (revoked) {
            revocations.add(List.of(ID));
        }
        var task = new StubTask<>(
                TaskType.of("task", RawArguments.class, Object.class).withSharedState(),
                (args, context) -> code.apply(context));
        var tasks = new TaskRunner(
                "cpu-1@here.7",
                TaskRegistry.load(List.of(task)),
                new Activity(Clock.systemUTC()),
                cancellation,
                revocations,
                new TimeLimitWatch(() -> {}, fault -> {}));
        var runner = new MapRunner(
                tasks,
                revocations,
                new Committer(ledger, cancellation),
                cancellation,
                () -> Long.MAX_VALUE,
                new Cuts(),
                Clock.systemUTC());
        var message = new TaskMessage(ID, "task", attempt, 0, List.of(), Map.of(), null, ID, false, Map.of());
        var turn =
                new Turn(RunningFile.open(null, "model", 1).slot(0), List.of(), index -> {}, () -> {}, new TreeMap<>());
        return runner.run(message, turn, new Overdue() {
            @Override
            public void settle(Execution execution) {
                throw new IllegalStateException("nothing is overdue");
            }

            @Override
            public void runAgainWithout(int item, @Nullable ChunkPart rest, Execution fallback) {
                throw new IllegalStateException("nothing is overdue");
            }

            @Override
            public boolean isRedelivered() {
                return false;
            }

            @Override
            public String queue() {
                return "queue";
            }

            @Override
            public CompletableFuture<Void> publish(ChunkPart part) {
                throw new IllegalStateException("nothing is cut");
            }
        });
    }

    /**
     * A commit, by {@link GuardedCalls}, of a run that looked when nothing was committed.
     *
     * @param committed of this attempt meanwhile, or {@link SettlingModel#NOTHING}
     */
    Committed commit(int attempt, Outcome committed, Outcome own) {
        return once(List.of("commit", attempt, committed, own), Committed.class, () -> {
            var ledger = new MemoryLedger();
            var guarded =
                    new GuardedCalls(new Committer(ledger, cancellation), cancellation, new TaskRun(ID, 0, attempt), 1);
            keep(ledger, attempt, committed);
            var first = guarded.runNow(0, shared -> {
                shared.value("effects").add(1); // by each call, also by one that fails then
                return real(own);
            });
            var kept = ledger.find(new TaskRun(ID, 0, attempt));
            var text = ((dev.workerfarm.redis.ledger.Commit.Known) Objects.requireNonNull(kept))
                    .outcomes()
                    .get(0);
            return new Committed(
                    model(Objects.requireNonNull(first)), model(OutcomeText.read(Objects.requireNonNull(text))), (int)
                            ledger.value("effects"));
        });
    }

    /**
     * What comes of a retry that no queue takes.
     *
     * @param counts what the worker goes on with
     * @param first the outcome of the first attempt that the ledger has then
     * @param second that of the second
     */
    record Replaced(Outcome counts, Outcome first, Outcome second) {}

    /**
     * A failure in the place of a retry, by {@link Committer}.
     *
     * @param first the outcome of the first attempt that is committed, or {@link SettlingModel#NOTHING}
     * @param second that of the second
     */
    Replaced replace(Outcome retry, Outcome first, Outcome second) {
        return once(List.of("replace", retry, first, second), Replaced.class, () -> {
            var ledger = new MemoryLedger();
            keep(ledger, 0, first);
            keep(ledger, 1, second);
            var postponed = (dev.workerfarm.wire.Outcome.Postponed) real(retry);
            var failed = (dev.workerfarm.wire.Outcome.Failed) real(new Outcome(retry.run(), Kind.FAILED));
            var counts = new Committer(ledger, cancellation).insteadOf(new TaskRun(ID, 0, 0), postponed, failed);
            return new Replaced(model(counts.join()), kept(ledger, 0), kept(ledger, 1));
        });
    }

    private static Outcome kept(MemoryLedger ledger, int attempt) {
        return ledger.find(new TaskRun(ID, 0, attempt)) instanceof dev.workerfarm.redis.ledger.Commit.Known known
                ? model(OutcomeText.read(Objects.requireNonNull(known.outcomes().get(0))))
                : SettlingModel.NOTHING;
    }

    /** What a thrown exception comes to, by {@link Retries}: a task may run twice. */
    Kind thrown(int attempt) {
        return once(List.of("thrown", attempt), Kind.class, () -> {
            var policy = RetryPolicy.of(2);
            var outcome =
                    new Retries(policy, attempt, Clock.systemUTC()).after(new IllegalStateException("on purpose"));
            return outcome instanceof dev.workerfarm.wire.Outcome.Postponed ? Kind.RETRY : Kind.FAILED;
        });
    }

    /** Whether the thread of a call that was timed out goes on, by {@link Gate}. */
    boolean goesOnAfterTimeOut() {
        return once(List.of("time out"), Boolean.class, () -> {
            var gate = new Gate(ID, new Thread());
            if (!gate.timeOut()) {
                throw new IllegalStateException("it runs, so its time may be over");
            }
            gate.commit();
            return !gate.isTimedOut();
        });
    }

    /** Whether a call that has ended may be timed out, by {@link Gate}. */
    boolean isTimedOutAfterItsEnd() {
        return once(List.of("too late"), Boolean.class, () -> {
            var gate = new Gate(ID, new Thread());
            gate.commit();
            return gate.timeOut() || gate.isTimedOut() || gate.revoke();
        });
    }

    private static MemoryLedger ledger(int attempt, Outcome committed) {
        var ledger = new MemoryLedger();
        keep(ledger, attempt, committed);
        return ledger;
    }

    private static void keep(MemoryLedger ledger, int attempt, Outcome committed) {
        if (!committed.equals(SettlingModel.NOTHING)) {
            var entry = new Entry(0, OutcomeText.of(real(committed)).text());
            ledger.commit(new TaskRun(ID, 0, attempt), List.of(entry), ledger.journal(ASKS));
        }
    }

    private static dev.workerfarm.wire.Outcome real(Outcome outcome) {
        var failure = Failure.builtin(outcome.kind().name(), Integer.toString(outcome.run()));
        return switch (outcome.kind()) {
            case SUCCEEDED -> new dev.workerfarm.wire.Outcome.Succeeded((long) outcome.run());
            case RETRY -> new dev.workerfarm.wire.Outcome.Postponed(Instant.EPOCH.plus(Duration.ofDays(1)), 1, failure);
            case FAILED, TIMED_OUT, REVOKED, TOO_LARGE -> new dev.workerfarm.wire.Outcome.Failed(failure);
        };
    }

    private static Outcome model(dev.workerfarm.wire.Outcome outcome) {
        if (outcome instanceof dev.workerfarm.wire.Outcome.Succeeded succeeded) {
            return new Outcome(Integer.parseInt(String.valueOf(succeeded.value())), Kind.SUCCEEDED);
        }
        var failure = outcome instanceof dev.workerfarm.wire.Outcome.Postponed postponed
                ? Objects.requireNonNull(postponed.failure())
                : ((dev.workerfarm.wire.Outcome.Failed) outcome).failure();
        return new Outcome(Integer.parseInt(failure.text()), Kind.valueOf(failure.type()));
    }
}
