package dev.workerfarm.pool.map;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.error.PublishException.MessageRefused;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.pool.transport.Awaited;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.task.ChunkPart;
import dev.workerfarm.wire.task.MapChunkResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The items of a chunk that are answered: the first outcome of an item counts, whichever message it answers, that of the chunk
 * or of a part of it. The chunk is done when all items are answered. Threads may share it.
 */
final class ChunkAnswers implements Awaited {
    private final String id;
    private final int count;
    private final EncodedMessage message;
    private final ChunkSizer sizer;
    private final CompletableFuture<List<Outcome>> done = new CompletableFuture<>();

    @GuardedBy("this")
    private final @Nullable Outcome[] outcomes;

    @GuardedBy("this")
    private int missing;

    /** @param sizer is told how long items ran */
    ChunkAnswers(String id, int count, EncodedMessage message, ChunkSizer sizer) {
        this.id = id;
        this.count = count;
        this.message = message;
        this.sizer = sizer;
        this.outcomes = new @Nullable Outcome[count];
        this.missing = count;
    }

    @Override
    public CompletableFuture<List<Outcome>> done() {
        return done;
    }

    @Override
    public void answered(String replyTo, Outcome outcome) {
        try {
            if (outcome instanceof Outcome.Succeeded succeeded) {
                var result = MapChunkResult.from(succeeded.value(), count);
                if (!result.outcomes().isEmpty()) {
                    sizer.measured(result.outcomes().size(), result.nanos());
                }
                take(result.first(), result.outcomes());
            } else {
                var part = part(replyTo);
                takeAll(part.from(), part.to(), outcome);
            }
        } catch (DecodeException e) {
            done.completeExceptionally(e);
        }
    }

    @Override
    public synchronized List<EncodedMessage> unanswered() {
        if (missing == count) {
            return List.of(message);
        }
        List<EncodedMessage> parts = new ArrayList<>();
        for (int from = 0; from < count; from++) {
            var to = from;
            while (to < count && outcomes[to] == null) {
                to++;
            }
            if (to > from) {
                parts.add(message(from, to));
                from = to;
            }
        }
        return parts;
    }

    /** Halves are published in place of a message that the broker refuses, and so on; a single item fails in its place. */
    @Override
    public List<EncodedMessage> refused(EncodedMessage refused, PublishException why) {
        if (!(why instanceof MessageRefused)) {
            done.completeExceptionally(why);
            return List.of();
        }
        var part = part(refused.properties().getCorrelationId());
        if (part.to() - part.from() == 1) {
            var failure = Failure.builtin("ValueError", "the arguments cannot be published: " + why.getMessage());
            takeAll(part.from(), part.to(), new Outcome.Failed(failure));
            return List.of();
        }
        var middle = (part.from() + part.to()) >>> 1;
        try {
            return List.of(message(part.from(), middle), message(middle, part.to()));
        } catch (EncodeException | DecodeException e) {
            done.completeExceptionally(e);
            return List.of();
        }
    }

    private EncodedMessage message(int from, int to) {
        return new ChunkPart(id, from, to).message(message.properties(), message.body());
    }

    /** The part that a message's id names; the whole chunk where it names none. */
    private ChunkPart part(String messageId) {
        var part = messageId.equals(id) ? null : ChunkPart.of(messageId);
        return part == null || part.to() > count ? new ChunkPart(id, 0, count) : part;
    }

    private void takeAll(int from, int to, Outcome outcome) {
        var all = new Outcome[to - from];
        Arrays.fill(all, outcome);
        take(from, Arrays.asList(all));
    }

    private void take(int from, List<Outcome> answers) {
        @Nullable List<Outcome> all = null;
        synchronized (this) {
            if (missing == count && answers.size() == count) { // nearly always: kept as it is
                missing = 0;
                all = answers;
            }
            for (int i = 0; i < answers.size() && missing > 0; i++) {
                if (outcomes[from + i] == null) {
                    outcomes[from + i] = answers.get(i);
                    missing--;
                }
            }
            if (missing == 0 && all == null) {
                all = Arrays.stream(outcomes).map(Objects::requireNonNull).toList();
            }
        }
        if (all != null) {
            done.complete(all); // outside the lock: what depends on it runs here
        }
    }
}
