package dev.workerfarm.worker.answer;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.OutcomeText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores outcomes in Redis, many at once, on its own thread; while Redis is away they are not. Threads may share it. */
public final class ResultStore {
    private static final Logger LOG = LoggerFactory.getLogger(ResultStore.class);
    private static final int MOST_AT_ONCE = 100;
    /** Else each message would wait for a Redis that is frozen before its ack. */
    private static final Duration ASK_NO_MORE = Duration.ofSeconds(1);

    private record Waiting(String id, String outcome, CompletableFuture<Void> tried) {}

    private final Consumer<Map<String, String>> writer;
    private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
    private final Loop loop = Loop.goingOn("workerfarm-results", this::writeBatch);
    /** When Redis last did not answer, by System.nanoTime, or null: it did; used by the writing thread alone. */
    private @Nullable Long awaySince;

    /** @param writer writes texts by task id; throws {@link RedisUnreachableException} if Redis does not answer soon */
    public ResultStore(Consumer<Map<String, String>> writer) {
        this.writer = writer;
    }

    public ResultStore start() {
        loop.start();
        return this;
    }

    /** Completes once it is stored, or cannot be; never exceptionally. */
    public CompletableFuture<Void> store(String id, Outcome outcome) {
        var tried = new CompletableFuture<Void>();
        waiting.add(new Waiting(id, OutcomeText.of(outcome).text(), tried));
        return tried;
    }

    /** Ends its thread; what waits is not stored. */
    public void close() {
        loop.stop();
    }

    private void writeBatch() throws InterruptedException {
        List<Waiting> batch = new ArrayList<>();
        batch.add(waiting.take());
        waiting.drainTo(batch, MOST_AT_ONCE - 1);
        Map<String, String> outcomes = new LinkedHashMap<>();
        batch.forEach(each -> outcomes.put(each.id(), each.outcome()));
        var since = awaySince;
        try {
            if (since == null || System.nanoTime() - since > ASK_NO_MORE.toNanos()) {
                writer.accept(outcomes);
                awaySince = null;
            }
        } catch (RedisUnreachableException | SharedStateException e) {
            if (since == null) {
                LOG.warn("results are not stored for now count={} reason={}", batch.size(), e.getMessage());
            }
            awaySince = System.nanoTime();
        } finally { // also after a fault: a message waits for this before its ack
            batch.forEach(each -> each.tried().complete(null));
        }
    }
}
