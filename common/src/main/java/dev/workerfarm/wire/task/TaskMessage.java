package dev.workerfarm.wire.task;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.Times;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One task on its way to a worker (Celery protocol 2).
 *
 * @param id the task's id, the same for every attempt and every delivery
 * @param retries attempts before this one
 * @param generation how often it was replayed from the dead letters; our own header {@code farm-generation}
 * @param replyTo the queue that wants the outcome, or null: nobody does
 * @param correlationId what the reply carries back
 * @param headers every header as it came, unknown ones too; strings, numbers, Booleans, lists, maps, nulls
 */
public record TaskMessage(
        String id,
        String task,
        int retries,
        int generation,
        List<Object> args,
        Map<String, Object> kwargs,
        @Nullable String replyTo,
        String correlationId,
        boolean ignoreResult,
        Map<String, @Nullable Object> headers) {

    public TaskMessage {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    /** When it was published, by the publisher's clock; null where it does not say, as Celery's do not. */
    public @Nullable Instant published() {
        return headers.get(Headers.PUBLISHED) instanceof Long millis ? Instant.ofEpochMilli(millis) : null;
    }

    /** Not to run before, Celery's {@code eta}; null where it does not say. */
    public @Nullable Instant eta() {
        return Times.read(headers, Headers.ETA);
    }

    /** Whether it came too late to run, by Celery's {@code expires}. */
    public boolean isExpired(Instant now) {
        var expires = Times.read(headers, Headers.EXPIRES);
        return expires != null && !now.isBefore(expires);
    }

    /** When it is run again where it fails, by the caller's own choice; null where the task's type is to say. */
    public @Nullable RetryPolicy retry() {
        return CallHeaders.retry(headers);
    }

    /** How long a run may take, by the caller's own choice; for a message that carries many calls, each of them. */
    public TimeLimits timeLimits() {
        return CallHeaders.timeLimits(headers);
    }

    /** The items of a chunk that have outlasted their hard time limit before: their places in the chunk. */
    public Set<Integer> timedOut() {
        return CallHeaders.timedOut(headers);
    }

    /** Of a chunk: whether its producer takes several replies, each of some of the items. */
    public boolean takesParts() {
        return headers.get(Headers.CUT) instanceof Boolean;
    }

    /** Of a chunk: whether a worker may cut it. Not what runs again: its outcome, or a note of it, may be there already. */
    public boolean mayBeCut() {
        return Boolean.TRUE.equals(headers.get(Headers.CUT))
                && retries == 0
                && generation == 0
                && !storesResult()
                && timedOut().isEmpty();
    }

    /** Whether the worker is asked to keep the outcome in Redis. */
    public boolean storesResult() {
        return Boolean.TRUE.equals(headers.get(Headers.STORE_RESULT));
    }

    /** The same message, asking the worker to keep the outcome in Redis, where it is found by the task's id. */
    public TaskMessage storingResult() {
        Map<String, @Nullable Object> more = new LinkedHashMap<>(headers);
        more.put(Headers.STORE_RESULT, true);
        return new TaskMessage(id, task, retries, generation, args, kwargs, replyTo, correlationId, ignoreResult, more);
    }

    /** A message for one of the calls that this one carries. */
    TaskMessage item(String item, Map<String, Object> named) {
        return new TaskMessage(
                item, task, retries, generation, List.of(), named, replyTo, item, ignoreResult, Map.of());
    }

    /** A first attempt with headers. */
    public static TaskMessage of(
            String id,
            String task,
            List<?> args,
            Map<String, ?> kwargs,
            @Nullable String replyTo,
            Map<String, ? extends @Nullable Object> headers) {
        var values = Collections.<Object>unmodifiableList(args);
        var named = Collections.<String, Object>unmodifiableMap(kwargs);
        return new TaskMessage(id, task, 0, 0, values, named, replyTo, id, false, new LinkedHashMap<>(headers));
    }

    /** What a task message says of itself in its headers, to be known before anything else of it is read. */
    public record Head(String id, String task, int generation, int retries) {
        /** The head of a message, or null where {@link TaskCodec#decode} refuses these headers. */
        public static @Nullable Head of(AMQP.BasicProperties properties) {
            Map<String, Object> headers = properties.getHeaders() == null ? Map.of() : properties.getHeaders();
            var id = Objects.toString(headers.get(Headers.ID), "");
            var task = Objects.toString(headers.get(Headers.TASK), "");
            var generation = count(headers, Headers.GENERATION);
            var retries = count(headers, Headers.RETRIES);
            return id.isEmpty() || !Headers.isShort(id) || task.isEmpty() || generation < 0 || retries < 0
                    ? null
                    : new Head(id, task, generation, retries);
        }

        private static int count(Map<String, Object> headers, String name) {
            var value = headers.get(name);
            return value == null ? 0 : value instanceof Number number ? number.intValue() : -1;
        }
    }
}
