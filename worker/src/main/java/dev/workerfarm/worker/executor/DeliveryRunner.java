package dev.workerfarm.worker.executor;

import dev.workerfarm.json.DecodeException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.context.LogContext;
import dev.workerfarm.wire.task.ChunkPart;
import dev.workerfarm.wire.task.TaskCodec;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.answer.Completion;
import dev.workerfarm.worker.crash.Turn;
import dev.workerfarm.worker.crash.Turns;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.delivery.PrefetchPolicy;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.run.Execution;
import dev.workerfarm.worker.run.Execution.DeadReason;
import dev.workerfarm.worker.run.MapRunner;
import dev.workerfarm.worker.run.MapRunner.Overdue;
import dev.workerfarm.worker.run.MapRunner.Suspended;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one delivery from its turn to its outcome: decodes it, runs it and hands the outcome on, or sets it aside while Redis
 * is away. Threads may share it.
 *
 * @param parts publishes a part of a chunk to a queue, mandatory; throws PublishTimeoutException rather than wait
 */
public record DeliveryRunner(
        Turns turns,
        MapRunner runner,
        Completion completion,
        BiFunction<String, EncodedMessage, CompletableFuture<Void>> parts,
        PrefetchPolicy policy,
        Cancellation cancellation,
        Parked parked) {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryRunner.class);

    /** A delivery that runs, and that another thread may settle. */
    private record Unsettled(DeliveryRunner services, Delivery delivery, TaskMessage message) implements Overdue {
        @Override
        public void settle(Execution execution) {
            services.completion.complete(delivery, message, execution, Map.of()).join();
        }

        @Override
        public void runAgainWithout(int item, @Nullable ChunkPart rest, Execution fallback) {
            services.completion.again(delivery, message, item, rest, fallback).join();
        }

        @Override
        public boolean isRedelivered() {
            return delivery.redelivered();
        }

        @Override
        public String queue() {
            return delivery.queue();
        }

        @Override
        public CompletableFuture<Void> publish(ChunkPart part) {
            return services.parts.apply(queue(), part.message(delivery.properties(), delivery.body()));
        }
    }

    public void handle(Delivery delivery, RunningFile.Slot slot) {
        Turn turn;
        try {
            turn = turns.begin(delivery, slot);
        } catch (InterruptedException e) {
            return; // the process gives up what runs, and the delivery goes back with its connection
        }
        if (!cancellation.isCancelled()) {
            handle(delivery, turn);
        }
        turn.end(); // not after an exception or an Error: the process ends of it
    }

    private void handle(Delivery delivery, Turn turn) {
        var lost = turn.lost();
        if (lost != null) {
            completion.unread(delivery, DeadReason.WORKER_LOST, lost);
            return;
        }
        TaskMessage message;
        try {
            message = TaskCodec.decode(delivery.properties(), delivery.body());
        } catch (DecodeException e) {
            var failure = Failure.builtin("ValueError", String.valueOf(e.getMessage()));
            completion.unread(delivery, DeadReason.UNDECODABLE, failure);
            return;
        }
        LogContext.enter(message.retries(), delivery.queue(), message.headers());
        LogContext.call(message.id(), message.task());
        try {
            run(delivery, message, turn);
        } finally {
            LogContext.leave();
        }
    }

    private void run(Delivery delivery, TaskMessage message, Turn turn) {
        var start = System.nanoTime();
        var earlier = parked.take(delivery);
        var unsettled = new Unsettled(this, delivery, message);
        Execution execution;
        try {
            execution = earlier == null
                    ? runner.run(message, turn, unsettled)
                    : runner.resume(message, turn, unsettled, earlier);
        } catch (Suspended e) {
            parked.add(delivery, e);
            return;
        }
        var nanos = System.nanoTime() - start;
        if (cancellation.isCancelled()) {
            return;
        }
        if (earlier == null) {
            policy.ran(nanos);
        }
        var millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        var format = "ran taskId={} task={} attempt={} queue={} elapsedMs={}";
        LOG.debug(format, message.id(), message.task(), message.retries(), delivery.queue(), millis);
        completion.complete(delivery, message, execution, turn.lostItems());
    }
}
