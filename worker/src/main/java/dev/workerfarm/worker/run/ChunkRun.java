package dev.workerfarm.worker.run;

import dev.workerfarm.error.FarmException;
import dev.workerfarm.redis.TaskRun;
import dev.workerfarm.shared.SharedState;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.PackedList;
import dev.workerfarm.wire.task.ChunkPart;
import dev.workerfarm.wire.task.MapChunk;
import dev.workerfarm.wire.task.MapChunkResult;
import dev.workerfarm.worker.commit.GuardedCalls;
import dev.workerfarm.worker.commit.RedisAway;
import dev.workerfarm.worker.commit.SettledRun;
import dev.workerfarm.worker.crash.Charge;
import dev.workerfarm.worker.run.MapRunner.Suspended;
import dev.workerfarm.worker.run.cut.RunningChunk;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run of a chunk, or of a part of one, whose items behind a cut run elsewhere. Items go by their places in the whole chunk. With
 * shared state the order is: the cut is noted, the broker has the items behind it as a message, the others are answered, the ack.
 * Belongs to one thread, but for the cuts.
 */
final class ChunkRun implements CarriedCalls {
    private final MapRunner services;
    private final MessageRun run;
    private final MapChunk chunk;
    /** The id of the whole chunk. */
    private final String root;

    private final Set<Integer> timedOut;
    private final RunningChunk items;
    private final FailureRoom room = new FailureRoom();
    private @Nullable LongFunction<?> ofNumbers;
    /** Whether this run has noted a cut. Used by the thread that cuts. */
    private boolean hasNoted;

    ChunkRun(MapRunner services, MessageRun run, MapChunk chunk) {
        this.services = services;
        this.run = run;
        this.chunk = chunk;
        this.root = Objects.requireNonNullElse(chunk.root(), run.message().id());
        this.timedOut = run.message().timedOut(); // in another process
        var earlier = run.earlier();
        var to = earlier == null ? chunk.to() : Math.min(earlier.end, chunk.to());
        this.items = new RunningChunk(chunk.from(), to, run.overdue().queue(), this::publish);
    }

    Execution execute() {
        run.begin(this, chunk.isOneItem());
        try {
            return run.usesSharedState() ? guarded() : unguarded();
        } catch (RedisAway e) {
            throw new Suspended(e.calls(), items.close());
        } finally {
            services.cuts().end(items);
        }
    }

    /** From now on it may be cut: not before a run has looked up what was committed, and not one that was set aside meanwhile. */
    private void mayBeCut() {
        if (chunk.items().size() > 1
                && run.message().mayBeCut()
                && run.earlier() == null
                && !run.overdue().isRedelivered()) {
            services.cuts().begin(items);
        }
    }

    private Execution unguarded() {
        mayBeCut();
        var outcomes = chunk.items() instanceof PackedList ? packed() : listed();
        return ended(items.close(), outcomes);
    }

    private List<Outcome> listed() {
        List<Outcome> outcomes = new ArrayList<>();
        for (var place = items.next(); place >= 0; place = items.next()) {
            outcomes.add(room.fit(item(place, null)));
        }
        return outcomes;
    }

    /** Whole numbers in, and whole numbers out as far as the task returns such. */
    private List<Outcome> packed() {
        var outcomes = new PackedList.Builder<Outcome>(chunk.items().size());
        for (var place = items.next();
                place >= 0;
                place = items.next(run.calls().now())) {
            var outcome = item(place, null);
            var number = outcome instanceof Outcome.Succeeded succeeded ? Headers.whole(succeeded.value()) : null;
            if (number == null) {
                outcomes.add(room.fit(outcome));
            } else {
                outcomes.addNumber(number);
            }
        }
        return outcomes.build(Outcome.Succeeded::new);
    }

    private Execution guarded() {
        var begun = run.begun();
        var guarded = begun == null ? lookUp() : begun;
        mayBeCut();
        for (var place = items.next(); place >= 0; place = items.next()) {
            var index = place;
            guarded.run(index, shared -> room.fit(item(index, shared)));
        }
        var end = items.close();
        return ended(end, guarded.finish(chunk.from(), end));
    }

    private GuardedCalls lookUp() {
        var end = chunk.to();
        if (run.overdue()
                .isRedelivered()) { // a run before may have cut it, and died before the broker had the other items
            end = services.committer().end(run.identity(), end);
            hasNoted = end < chunk.to();
            items.cutAt(end, end);
        }
        // Of many items that most likely run for the first time nothing is asked: the commit finds what has run all the
        // same.
        var isFirst =
                !chunk.isOneItem() && chunk.root() == null && !run.overdue().isRedelivered();
        return isFirst
                ? new GuardedCalls(services.committer(), services.cancellation(), identity(end), chunk.to())
                : again(end);
    }

    private GuardedCalls again(int end) {
        return GuardedCalls.again(
                services.committer(), services.cancellation(), identity(end), chunk.from(), chunk.to());
    }

    /** A part of a chunk is settled as that, and its outcomes are kept with those of the chunk. */
    private TaskRun identity(int end) {
        var message = run.message();
        var id = end == chunk.to() ? message.id() : new ChunkPart(root, chunk.from(), end).id();
        return new TaskRun(id, message.generation(), message.retries(), root);
    }

    private CompletableFuture<Void> publish(int from, int middle, int to) {
        if (run.usesSharedState()) {
            if (!services.committer().cut(run.identity(), from, hasNoted)) {
                return CompletableFuture.failedFuture(new IllegalStateException("another run has cut it"));
            }
            hasNoted = true;
        }
        var first = run.overdue().publish(new ChunkPart(root, from, middle));
        return middle == to ? first : with(first, new ChunkPart(root, middle, to));
    }

    /** Publishes a second part too: if one of them is not taken, both are given up, as their items run here. */
    private CompletableFuture<Void> with(CompletableFuture<Void> first, ChunkPart part) {
        CompletableFuture<Void> second;
        try {
            second = run.overdue().publish(part);
        } catch (FarmException e) {
            first.completeExceptionally(e);
            throw e;
        }
        var both = CompletableFuture.allOf(first, second);
        both.exceptionally(refused -> {
            first.completeExceptionally(refused);
            second.completeExceptionally(refused);
            return null;
        });
        return both;
    }

    /** A chunk of one is run again or given up as its item is; that of several has its items' outcomes. */
    private Execution ended(int end, List<Outcome> outcomes) {
        if (chunk.isOneItem()) {
            var sole = committed(end, outcomes.get(0));
            if (sole.isAboutItsMessage()) {
                return sole;
            }
        }
        var allSucceeded = outcomes instanceof PackedList<Outcome> packed && packed.isOfNumbers();
        for (int i = 0; i < outcomes.size() && !allSucceeded; i++) {
            if (Charge.isWorkerLost(
                    outcomes.get(i))) { // also one given up in a run before, which died before its burial
                run.turn().lostItems().put(chunk.from() + i, ((Outcome.Failed) outcomes.get(i)).failure());
            }
        }
        return committed(end, result(end, outcomes));
    }

    private Outcome result(int end, List<Outcome> outcomes) {
        var isWhole = chunk.root() == null && end == chunk.to();
        var from = isWhole ? MapChunkResult.WHOLE : chunk.from();
        return new Outcome.Succeeded(new MapChunkResult(outcomes, System.nanoTime() - run.startNanos(), from));
    }

    private Execution committed(int end, Outcome outcome) {
        return run.usesSharedState()
                ? Execution.committed(outcome, new SettledRun(identity(end), chunk.from(), end, chunk.of()))
                : Execution.of(outcome);
    }

    private Outcome item(int place, @Nullable SharedState shared) {
        if (services.revocations().mayConcern(run.calls()) && isRevoked(place)) {
            return services.runner().revoked(run.task(), "revoked");
        }
        if (!timedOut.isEmpty() && timedOut.contains(place)) {
            return TaskRunner.timedOut(run.calls());
        }
        return run.run(place, shared);
    }

    private boolean isRevoked(int place) {
        return Stream.of(run.message().id(), root, chunk.mapId(), id(place)).anyMatch(services.revocations()::contains);
    }

    @Override
    public String id(int place) {
        return chunk.itemId(place);
    }

    @Override
    public boolean isOf(String anId) {
        return anId.startsWith(chunk.mapId()) || anId.equals(run.message().id()) || anId.equals(root);
    }

    @Override
    @SuppressWarnings("unchecked") // all calls are of one type
    public <A> A arguments(TaskType<A, ?> type, int place) {
        var at = place - chunk.from();
        if (!(chunk.items() instanceof PackedList<?> packed) || !packed.isNumber(at)) {
            return Arguments.bind(type, chunk.item(place), Map.of());
        }
        if (ofNumbers == null) {
            ofNumbers = Arguments.ofNumbers(type);
        }
        return ((LongFunction<A>) ofNumbers).apply(packed.number(at));
    }

    @Override
    public void over(int place, Outcome outcome) {
        run.settle(place, () -> again(chunk.to()), outcome, first -> {
            var end = items.close();
            if (chunk.isOneItem()) {
                run.overdue().settle(ended(end, List.of(first)));
            } else {
                var rest = end == chunk.to() ? null : new ChunkPart(root, chunk.from(), end);
                // The items behind a cut have an answer of their own.
                var all = rest == null ? first : result(end, Collections.nCopies(end - chunk.from(), first));
                run.overdue().runAgainWithout(place, rest, committed(end, all));
            }
        });
    }

    /** Keeps a chunk's failures small enough for a message and the heap: without room they lose stack and long text. */
    private static final class FailureRoom {
        private static final int ROOM_CHARS = 2 * 1024 * 1024;
        private static final int BRIEF_TEXT_CHARS = 200;

        private int left = ROOM_CHARS;

        /** The outcome, a failure as long as there is room for it. */
        Outcome fit(Outcome outcome) {
            if (!(outcome instanceof Outcome.Failed failed)) {
                return outcome;
            }
            var failure = failed.failure();
            var chars = failure.text().length()
                    + Objects.toString(failure.stack(), "").length();
            if (chars > left) {
                return new Outcome.Failed(failure.brief(BRIEF_TEXT_CHARS), failed.dead());
            }
            left -= chars;
            return outcome;
        }
    }
}
