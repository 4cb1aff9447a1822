package dev.workerfarm.wire.letter;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Headers;
import dev.workerfarm.wire.task.TaskCodec;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the dead letters, read again: a {@link DeadLetter} with the message that it is about, unpacked where it
 * lay in an envelope. Anybody may have put anything there: what is missing is null.
 *
 * @param id the task's id; of a message without one that can be typed, {@code letter-} and 12 digits of a hash
 * @param reason one word, such as {@code unknown-task}; {@code unknown} where it does not say
 * @param more what else the worker noted, such as an exit code, by name
 * @param headers the message's own headers as far as they can be read: strings, numbers, Booleans, lists, maps, nulls
 * @param properties the message's properties, with its headers as they came, ours left out
 * @param body the message's body, or with {@code truncated} only its beginning; nobody changes it
 */
@SuppressWarnings("ArrayRecordComponent") // as the broker gave it; nobody compares two of them
public record Letter(
        String id,
        @Nullable String task,
        String reason,
        @Nullable String failure,
        @Nullable String stack,
        @Nullable String queue,
        @Nullable String worker,
        @Nullable String at,
        int generation,
        int attempts,
        Map<String, @Nullable Object> more,
        Map<String, @Nullable Object> headers,
        AMQP.BasicProperties properties,
        byte[] body,
        boolean truncated) {
    /** The reason of a letter that is an outcome. */
    public static final String UNANSWERED = "unanswered";

    private static final int MOST_HISTORY = 10;
    private static final int MAX_HISTORY_CHARS = 512;
    /** The fields of an entry in the order of a reader; a header keeps none. */
    private static final List<String> ENTRY =
            List.of("generation", "attempts", "reason", "failure", "queue", "worker", "at");

    /** What our headers, and those that the broker has added on the way and would read again, begin with. */
    private static final Pattern ADDED =
            Pattern.compile(DeadLetter.PREFIX + "|x-(first|last)-death-|x-(death|(delivery|acquired)-count)$");

    /** The message that a letter is about, without what we added. */
    private record Original(AMQP.BasicProperties properties, byte[] body, boolean truncated) {}

    /** Reads a letter. Nothing is thrown: what cannot be read is shown as it came. */
    public static Letter decode(AMQP.BasicProperties properties, byte[] body) {
        Map<String, Object> all = properties.getHeaders() == null ? Map.of() : properties.getHeaders();
        var own = DeadLetter.shallow(all);
        var original = Boolean.TRUE.equals(own.remove(DeadLetter.ENVELOPE)) ? unpacked(properties, body) : null;
        if (original == null) {
            Map<String, Object> theirs = new HashMap<>(all);
            theirs.keySet().removeIf(name -> ADDED.matcher(name).lookingAt());
            original = new Original(Body.again(properties, theirs), body, false);
        }
        var headers = DeadLetter.shallow(original.properties().getHeaders());
        var id = id(headers, original, own.get(DeadLetter.AT) + " " + own.get(DeadLetter.WORKER) + " ");
        var queue = text(own.remove(DeadLetter.QUEUE));
        return new Letter(
                id,
                text(headers.get(Headers.TASK)),
                Objects.requireNonNullElse(text(own.remove(DeadLetter.REASON)), "unknown"),
                text(own.remove(DeadLetter.FAILURE)),
                text(own.remove(DeadLetter.STACK)),
                // Where RabbitMQ has dead-lettered it itself, it says where from.
                queue == null ? text(own.get("x-first-death-queue")) : queue,
                text(own.remove(DeadLetter.WORKER)),
                text(own.remove(DeadLetter.AT)),
                count(headers, Headers.GENERATION),
                1 + count(headers, Headers.RETRIES),
                more(own),
                Collections.unmodifiableMap(headers),
                original.properties(),
                original.body(),
                original.truncated());
    }

    /**
     * The message to be published again, with {@code farm-generation} one more, and what became of it so far, 10
     * entries at most, in {@code farm-history}; attempts begin anew; {@code eta} and {@code expires} are gone; its
     * outcome is to be stored, as who waited for it has most likely gone. The same letter gives the same generation
     * each time. A letter that is an outcome ({@link #isOutcome}) goes as it is. Throws EncodeException if only the beginning of the message was kept, or its headers have no room.
     */
    public EncodedMessage replay(Instant now) {
        if (truncated) {
            throw new EncodeException("only the beginning of its body was kept");
        }
        if (isOutcome()) {
            return new EncodedMessage(properties, body);
        }
        Map<String, @Nullable Object> replayed = new HashMap<>(properties.getHeaders());
        replayed.put(Headers.GENERATION, generation == Integer.MAX_VALUE ? generation : generation + 1);
        replayed.put(Headers.PUBLISHED, now.toEpochMilli());
        replayed.put(Headers.STORE_RESULT, true);
        replayed.put(Headers.HISTORY, history());
        replayed.computeIfPresent(Headers.RETRIES, (name, before) -> 0);
        replayed.replace("eta", null);
        replayed.replace("expires", null);
        return new EncodedMessage(Body.again(properties, replayed), body);
    }

    /** Whether it is the outcome of a task, which its caller's queue did not take: a replay runs nothing. */
    public boolean isOutcome() {
        return reason.equals(UNANSWERED);
    }

    /** The body as {@code args} and {@code kwargs}, {@code json}, {@code text} or {@code base64}, as it can be read. */
    public Map<String, @Nullable Object> content() {
        Map<String, @Nullable Object> content = new LinkedHashMap<>();
        try {
            var message = TaskCodec.decode(properties, body);
            content.put("args", message.args());
            content.put("kwargs", message.kwargs());
            return content;
        } catch (DecodeException e) {
            // which is why most letters of that kind are here
        }
        try {
            content.put("json", Json.read(Body.json(properties, headers, body)));
            return content;
        } catch (DecodeException e) {
            // a stranger's
        }
        try {
            var decoder = StandardCharsets.UTF_8.newDecoder();
            content.put("text", decoder.decode(ByteBuffer.wrap(body)).toString());
        } catch (CharacterCodingException e) {
            content.put("base64", Base64.getEncoder().encodeToString(body));
        }
        return content;
    }

    /** What became of the message before, this letter included. */
    public List<Map<String, @Nullable Object>> history() {
        List<Map<String, @Nullable Object>> entries = new ArrayList<>();
        if (headers.get(Headers.HISTORY) instanceof List<?> before) {
            for (var entry : before) {
                if (entry instanceof Map<?, ?> table) {
                    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                    ENTRY.stream().filter(table::containsKey).forEach(name -> copy.put(name, table.get(name)));
                    table.forEach((name, value) -> copy.put(String.valueOf(name), value));
                    entries.add(copy);
                }
            }
        }
        Map<String, @Nullable Object> last = new LinkedHashMap<>();
        last.put("generation", generation);
        last.put("attempts", attempts);
        last.put("reason", reason);
        last.put("failure", failure == null ? null : Failure.cut(failure, MAX_HISTORY_CHARS, "..."));
        last.put("queue", queue);
        last.put("worker", worker);
        last.put("at", at);
        entries.add(last);
        return entries.subList(Math.max(0, entries.size() - MOST_HISTORY), entries.size());
    }

    private static Map<String, @Nullable Object> more(Map<String, @Nullable Object> own) {
        Map<String, @Nullable Object> more = new TreeMap<>();
        own.forEach((name, value) -> {
            if (name.startsWith(DeadLetter.PREFIX)) {
                more.put(name.substring(DeadLetter.PREFIX.length()), value);
            }
        });
        return Collections.unmodifiableMap(more);
    }

    /** What lay in an envelope, or null: it cannot be read. */
    private static @Nullable Original unpacked(AMQP.BasicProperties outer, byte[] body) {
        try {
            if (Json.read(body) instanceof Map<?, ?> envelope
                    && envelope.get("headers") instanceof String headersText
                    && Json.read(headersText) instanceof Map<?, ?> inner
                    && envelope.get("body") instanceof String base64) {
                Map<String, Object> headers = new HashMap<>();
                inner.forEach((name, value) -> headers.put(String.valueOf(name), value));
                var properties = new AMQP.BasicProperties.Builder()
                        .contentType(text(envelope.get("content_type")))
                        .contentEncoding(text(envelope.get("content_encoding")))
                        .replyTo(text(envelope.get("reply_to")))
                        .correlationId(outer.getCorrelationId())
                        .deliveryMode(2)
                        .headers(headers)
                        .build();
                return new Original(
                        properties, Base64.getDecoder().decode(base64), Boolean.TRUE.equals(envelope.get("truncated")));
            }
            return null;
        } catch (DecodeException | IllegalArgumentException e) {
            return null; // a stranger's, who knows our header: it is shown as it came
        }
    }

    private static String id(Map<String, @Nullable Object> headers, Original original, String seed) {
        var id = text(headers.get(Headers.ID));
        if (id == null || !canBeTyped(id)) {
            id = original.properties().getCorrelationId();
        }
        if (id != null && canBeTyped(id)) {
            return id;
        }
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(seed.getBytes(StandardCharsets.UTF_8));
            return "letter-"
                    + HexFormat.of().formatHex(digest.digest(original.body())).substring(0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static boolean canBeTyped(String id) {
        return !id.isBlank() && Headers.isShort(id) && id.chars().noneMatch(Character::isISOControl);
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text ? text : null;
    }

    private static int count(Map<String, @Nullable Object> headers, String name) {
        try {
            return Math.min(Headers.count(headers, name), Integer.MAX_VALUE - 1);
        } catch (DecodeException e) {
            return 0; // that may be why it is here
        }
    }
}
