package dev.workerfarm.worker.answer;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.PublishException.MessageRefused;
import dev.workerfarm.json.JsonWeight;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.ResultCodec;
import dev.workerfarm.wire.context.TraceContext;
import dev.workerfarm.wire.task.ChunkPart;
import dev.workerfarm.wire.task.MapChunkResult;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.delivery.Delivery;
import dev.workerfarm.worker.run.Execution;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;

/**
 * Sends outcomes to their reply queues. What the broker refuses for its size travels in parts, if it is a chunk's, or is the
 * failure {@code ResultTooLarge}. A reply that its queue refuses for long becomes a letter. Threads may share it.
 *
 * @param largestBody the most bytes that the broker takes, as far as is known
 */
public record Replies(Outbox outbox, HeldOutcomes held, Letters letters, LongSupplier largestBody) {
    /** What a reply has around its value, at the most. */
    private static final int FRAME_BYTES = 4_096;

    private static final int LEAST_PART_BYTES = 1_024;

    /** A message that is answered. */
    private record Call(Delivery delivery, TaskMessage message, String replyTo, String effects) {}

    /** Sends the outcome. Completes with what was told: the outcome, or a failure in its place. */
    CompletableFuture<Outcome> answer(Delivery delivery, TaskMessage message, String replyTo, Execution execution) {
        var outcome = execution.outcome();
        var hasEffects = execution.committed() != null && outcome instanceof Outcome.Succeeded;
        var effects = hasEffects ? "; its effects on shared state were applied" : "";
        var call = new Call(delivery, message, replyTo, effects);
        if (message.takesParts()
                && outcome instanceof Outcome.Succeeded succeeded
                && succeeded.value() instanceof MapChunkResult result) {
            var most = Math.min(MapChunkResult.MAX_BYTES, largestBody.getAsLong() - FRAME_BYTES);
            return sendParts(call, result, (int) Math.max(LEAST_PART_BYTES, most))
                    .thenApply(sent -> outcome);
        }
        return send(call, outcome).thenApply(sent -> outcome).exceptionallyCompose(refused -> {
            var told = new Outcome.Failed(Failure.tooLarge(cause(refused).getMessage() + effects));
            return send(call, told)
                    .exceptionallyCompose(again -> letters.buryReply(delivery, replyTo, encode(message, told), again))
                    .thenApply(sent -> told);
        });
    }

    /** The failure of a message that could not be read. Completes also where it cannot be told: the letter has it all. */
    CompletableFuture<Void> answerUnread(Delivery delivery, Failure failure) {
        var id = delivery.properties().getCorrelationId();
        var reply = encode(id, id, new Outcome.Failed(failure));
        return held.track(delivery, outbox.deliverReply(delivery.properties().getReplyTo(), reply), reply, true)
                .exceptionally(refused -> null);
    }

    /**
     * Sends a chunk's results in parts of so many bytes at the most; where the broker refuses one, all in smaller ones. A part is
     * light enough for any reader, or one item: an item that a reader refuses for its weight spoils no other.
     */
    private CompletableFuture<Void> sendParts(Call call, MapChunkResult result, int maxBytes) {
        var replyBytes = Math.min(maxBytes, JsonWeight.SURELY_LIGHT_BYTES);
        var parts = result.toReplies(maxBytes, replyBytes, call.effects()).stream()
                .map(part -> send(call, encode(call.message(), part)))
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(parts).exceptionallyCompose(refused -> {
            var known = largestBody.getAsLong() - FRAME_BYTES;
            var smaller = (int) Math.max(0, known < maxBytes ? known : maxBytes / 2);
            return smaller >= LEAST_PART_BYTES
                    ? sendParts(call, result, smaller)
                    : letters.buryReply(
                            call.delivery(),
                            call.replyTo(),
                            encode(call.message(), new Outcome.Succeeded(result)),
                            cause(refused));
        });
    }

    /** The id of a reply with some of a chunk's outcomes: it names them to a reader who cannot read the reply. */
    private static String partId(TaskMessage message, MapChunkResult.Part part) {
        if (part.from() == MapChunkResult.WHOLE) {
            return message.id();
        }
        var own = ChunkPart.of(message.id());
        var to = part.from() + part.count();
        return new ChunkPart(own == null ? message.id() : own.root(), part.from(), to).id();
    }

    private CompletableFuture<Void> send(Call call, Outcome outcome) {
        return send(call, encode(call.message(), outcome));
    }

    /** Sends one reply; fails if the broker refuses this very message. */
    private CompletableFuture<Void> send(Call call, EncodedMessage reply) {
        return held.track(call.delivery(), outbox.deliverReply(call.replyTo(), reply), reply, true)
                .exceptionallyCompose(refused -> refused instanceof MessageRefused
                        ? CompletableFuture.failedFuture(refused)
                        : letters.buryReply(call.delivery(), call.replyTo(), reply, refused));
    }

    private static EncodedMessage encode(TaskMessage message, Outcome outcome) {
        return inTrace(message, encode(message.id(), message.correlationId(), outcome));
    }

    private static EncodedMessage encode(TaskMessage message, MapChunkResult.Part part) {
        var id = partId(message, part);
        var numbers = part.numbers();
        return inTrace(
                message,
                numbers == null
                        ? encode(id, id, new Outcome.Succeeded(part.json()))
                        : ResultCodec.encodePacked(id, id, part.json(), numbers));
    }

    /** The reply, in the trace that the task belongs to. */
    private static EncodedMessage inTrace(TaskMessage message, EncodedMessage reply) {
        var trace = TraceContext.of(message.headers());
        return trace == null ? reply : reply.withHeaders(trace.headers());
    }

    private static EncodedMessage encode(String taskId, String correlationId, Outcome outcome) {
        try {
            return ResultCodec.encode(taskId, correlationId, outcome);
        } catch (EncodeException e) {
            return ResultCodec.encode(taskId, correlationId, new Outcome.Failed(Failure.ofResult(e)));
        }
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
